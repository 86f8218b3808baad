"""What an auditor may have made on a page: a replay in a child process, a bundle as one file. Both bounded.

One of each at a time: they cost the machine more than any page, and an auditor can wait his turn.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select
from temporalio.client import Client
from temporalio.service import RPCError

from audit.children import Children
from audit.replay import audit_case
from audit.verdicts import RunAudit
from ledger.notes import parse_policy
from ledger.tables import ledger_case
from schemas.errors import ConflictError, UnavailableError, UsageError
from starter.desk import Desk
from starter.seen_bundle import write_extract
from starter.sight import Eyes

SECONDS = 30.0
"""For one history; a child that takes longer is killed."""

PATIENCE = timedelta(seconds=3)
"""For the engine to say that it is there."""

ALL_SECONDS = 120.0
"""For all runs of a matter."""

MOST_ENTRIES = 20_000
"""Entries of a matter that a page still packs; more are for the command line."""

_replaying, _packing = asyncio.Semaphore(1), asyncio.Semaphore(1)


async def replayed(desk: Desk, number: str) -> list[RunAudit]:
    """Audit every run of a matter, in a child process with a hard limit of time.

    Raises ConflictError (`busy`) while another is under way, UnavailableError for a history that is neither
    kept nor with the engine in time, NotFoundError for a number nobody knows.
    """
    if _replaying.locked():
        raise _busy()

    async def reach() -> Client:
        """The engine has what the archive does not; one that is away is told as such."""
        client = desk.client.temporal
        try:
            await client.service_client.check_health(timeout=PATIENCE)
        except (RPCError, RuntimeError) as error:
            raise UnavailableError(
                "历史尚未存档，引擎又联系不上 / the history is not kept yet, and the engine is out of reach"
            ) from error
        return client

    async with _replaying:
        with Children(1, SECONDS) as children:
            try:
                return await asyncio.wait_for(
                    audit_case(desk.ledger.engine, number, reach, children), ALL_SECONDS
                )
            except TimeoutError:
                raise UnavailableError(
                    f"重放超过 {ALL_SECONDS:.0f} 秒，已停止；请用命令行 / the replay took longer than "
                    f"{ALL_SECONDS:.0f} s and was stopped: use `yangguang audit replay {number}`",
                    code="too_slow",
                ) from None


async def packed(desk: Desk, eyes: Eyes, number: str) -> tuple[Path, Path]:
    """(folder to be thrown away, zip file in it) with the evidence of a matter. Raises like `write_extract`.

    Raises ConflictError (`busy`), UsageError (`too_many`, `no_policy`).
    """
    if _packing.locked():
        raise _busy()
    async with _packing:
        return await asyncio.to_thread(_pack, desk, eyes, number)


def _pack(desk: Desk, eyes: Eyes, number: str) -> tuple[Path, Path]:
    if not desk.home.policy.exists():
        raise UsageError(
            "缺验证策略 / no policy file yet: run `yangguang ledger seal` first", code="no_policy"
        )
    policy = parse_policy(desk.home.policy.read_bytes())
    roots = [path.read_bytes() for path in sorted((desk.home.keys / "tsa").glob("*.pem"))]
    folder = Path(tempfile.mkdtemp(prefix="yangguang-bundle-"))
    try:
        with desk.reading() as connection:
            _bounded(connection, number)
            write_extract(connection, folder / "bundle", policy, eyes, number, roots=roots)
        packed_file = shutil.make_archive(str(folder / "evidence"), "zip", folder / "bundle")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder, Path(packed_file)


def _bounded(connection: Connection, number: str) -> None:
    count = connection.scalar(select(func.max(ledger_case.c.seq)).where(ledger_case.c.case_id == number)) or 0
    if count > MOST_ENTRIES:
        raise UsageError(
            f"{number} 有 {count} 条记录，请用 `yangguang audit bundle {number}` 导出 / "
            f"{number} has {count} entries: use `yangguang audit bundle {number}`",
            code="too_many",
        )


def _busy() -> ConflictError:
    return ConflictError("另一项正在进行，请稍后 / another one is under way: wait a little", code="busy")

"""How the installation is: database, ledger, signing, engine and worker, each asked with little patience.

A health page that hangs with what it looks at helps nobody: every question has a limit of its own, and what
does not answer is told as such.
"""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from ledger.sealing.stored import newest_note
from ledger.tables import (
    ledger_checkpoint,
    ledger_cosignature,
    ledger_entry,
    ledger_log,
    ledger_token,
    ledger_watermark,
)
from schemas.base import Instant, Model
from schemas.errors import YangguangError
from schemas.upkeep import Chore
from starter.desk import Desk
from starter.schedules import schedule_id
from workflows import TASK_QUEUE

PATIENCE = timedelta(seconds=2)
"""For each question to engine or database."""


class LedgerHealth(Model):
    """The ledger as the database tells of it."""

    entries: int
    sealed: int
    lag: int
    """Entries that are recorded and not sealed yet."""
    signed: int
    """Entries under the newest checkpoint."""
    signed_at: str
    witnessed_at: str
    """When a witness last cosigned; empty where none did."""
    stamped_at: str
    duties: dict[str, str]
    """When each recurring duty (archive, reconciliation) last ended a turn."""
    last_recorded: str


class EngineHealth(Model):
    """The engine as it tells of itself."""

    reachable: bool
    problem: str = ""
    workers: int = 0
    """Workers that ask for work."""
    waiting: int = 0
    """Tasks that no worker has taken yet."""
    last_poll: Instant | None = None
    reconciled_at: Instant | None = None
    """When ledger and histories were last begun to be reconciled, as the engine's schedule tells."""


class Health(Model):
    """Everything together."""

    now: Instant
    database: bool
    database_problem: str = ""
    ledger: LedgerHealth | None = None
    engine: EngineHealth
    free_bytes: int
    """Room on the disk that holds the home."""

    @property
    def ready(self) -> bool:
        """Whether pages can be read; acts wait for the engine."""
        return self.database

    @property
    def well(self) -> bool:
        """Whether acts can be done as well."""
        return self.database and self.engine.reachable and self.engine.workers > 0


async def health(desk: Desk) -> Health:
    """Ask everybody at the same time."""
    (ledger, problem), engine = await asyncio.gather(_ledger(desk), _engine(desk))
    return Health(
        now=desk.now(),
        database=not problem,
        database_problem=problem,
        ledger=ledger,
        engine=engine,
        free_bytes=shutil.disk_usage(desk.home.path).free,
    )


async def _ledger(desk: Desk) -> tuple[LedgerHealth | None, str]:
    def read() -> LedgerHealth:
        with desk.reading() as connection:
            return _read(connection)

    try:
        return await asyncio.wait_for(asyncio.to_thread(read), PATIENCE.total_seconds()), ""
    except TimeoutError:
        return None, "数据库没有及时回应 / the database does not answer in time"
    except (SQLAlchemyError, YangguangError, OSError) as error:
        return None, f"数据库不可用 / the database is out of reach: {type(error).__name__}"


def _read(connection: Connection) -> LedgerHealth:
    entries = connection.scalar(select(func.count()).select_from(ledger_entry)) or 0
    sealed = connection.scalar(select(ledger_log.c.size)) or 0
    newest = select(ledger_checkpoint.c.size, ledger_checkpoint.c.signed)
    checkpoint = connection.execute(newest.order_by(ledger_checkpoint.c.size.desc()).limit(1)).first()
    newest_note(connection)  # what cannot be read is no checkpoint
    return LedgerHealth(
        entries=entries,
        sealed=sealed,
        lag=entries - sealed,
        signed=checkpoint.size if checkpoint else 0,
        signed_at=checkpoint.signed if checkpoint else "",
        witnessed_at=connection.scalar(select(func.max(ledger_cosignature.c.received))) or "",
        stamped_at=connection.scalar(select(func.max(ledger_token.c.stamped))) or "",
        duties={row.duty: row.done for row in connection.execute(select(ledger_watermark))},
        last_recorded=connection.scalar(select(func.max(ledger_entry.c.recorded))) or "",
    )


async def _engine(desk: Desk) -> EngineHealth:
    client = desk.client.temporal
    question = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=TASK_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        report_stats=True,
    )
    try:
        asked = client.workflow_service.describe_task_queue(question, timeout=PATIENCE)
        answer = await asyncio.wait_for(asked, PATIENCE.total_seconds() + 0.5)
    except TimeoutError:
        return EngineHealth(reachable=False, problem="引擎没有及时回应 / the engine does not answer in time")
    except (RPCError, RuntimeError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return EngineHealth(reachable=False, problem=f"引擎不可用 / the engine is out of reach: {reason}")
    polled = [each.last_access_time.ToDatetime(tzinfo=UTC) for each in answer.pollers]
    return EngineHealth(
        reachable=True,
        workers=len(answer.pollers),
        waiting=answer.stats.approximate_backlog_count,
        last_poll=max(polled, default=None),
        reconciled_at=await _last_turn(client, Chore.RECONCILE),
    )


async def _last_turn(client: Client, chore: Chore) -> datetime | None:
    """When a recurring duty last began; None before its first turn, or where the engine does not say."""
    try:
        asked = client.get_schedule_handle(schedule_id(chore)).describe(rpc_timeout=PATIENCE)
        found = await asyncio.wait_for(asked, PATIENCE.total_seconds() + 0.5)
    except (TimeoutError, RPCError, RuntimeError):
        return None
    return max((each.started_at for each in found.info.recent_actions), default=None)

"""What tests do with matters that point each other to entries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.testing import WorkflowEnvironment

from ledger.entry import Entry
from schemas.entries import Receipts
from schemas.intake import IntakeReceipt, IntakeRequest
from schemas.kin import EntryRef
from tests.conftest import bureau, sqlite_ledger
from tests.workflows.house import POSTS, File, House, at, new_key
from tests.workflows.kin_pair import PairInput, known

CLERK = POSTS["window-clerk"]


@asynccontextmanager
async def kin_bureau(environment: WorkflowEnvironment, namespace: str, folder: Path) -> AsyncIterator[House]:
    """A bureau that knows the pair as well, with a ledger of its own."""
    ledger = sqlite_ledger(folder)
    with known():
        async with bureau(environment, namespace, ledger) as opened:
            yield opened
    ledger.close()


async def sender(pair: House, **start: Any) -> File:
    """A matter that points others to its entries."""
    desk = pair.desk(start=start)
    said = {"business_key": new_key(), "officer": CLERK.a, "post": CLERK.code, "channel": "internal"}
    request = IntakeRequest.model_validate({**said, "received_at": at("06-15 09:00")})
    return File(pair, desk, "sender", await desk.start_matter("sender", request, PairInput, {}), None)


def new_pupil(pair: House, kind: str = "pupil") -> File:
    """A matter that is not there yet; its number has a slash in it, as a card's."""
    known_of_it: dict[str, Any] = {"number": f"SH-{new_key()}/Y1-1"}
    return File(pair, pair.desk(), kind, IntakeReceipt.model_construct(**known_of_it), None)


def name_of(file: File) -> str:
    """Workflow id."""
    return f"{file.kind}/{file.number}"


async def point(file: File, **said: Any) -> Entry:
    """An entry that points others to itself."""
    receipt = await file.act("point", "window-clerk", **said)
    return file.entries()[receipt.caseseq - 1]


def ref(file: File, entry: Entry, **changes: Any) -> EntryRef:
    """What a message about an entry says."""
    said = {"kind": file.kind, "number": file.number, "seq": entry.seq, "leaf_hash": entry.leaf_hash}
    return EntryRef.model_validate({**said, **changes})


async def eventually(file: File, *types: str) -> list[Entry]:
    """The entries, once they are of these types."""
    for _ in range(3000):
        if file.types() == list(types):
            return file.entries()
        await asyncio.sleep(0.02)
    raise AssertionError(f"{name_of(file)}: {file.types()}, not {list(types)}")


async def at_rest(file: File) -> None:
    """Wait until the matter owes nobody anything."""
    for _ in range(3000):
        described = (await file.handle.describe()).raw_description
        if not described.pending_activities and not described.HasField("pending_workflow_task"):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{name_of(file)} does not come to rest")


async def told(file: File, entry: EntryRef) -> Receipts:
    """As anybody can tell a matter something."""
    answer: Receipts = await file.handle.execute_update("told", entry, result_type=Receipts)
    return answer

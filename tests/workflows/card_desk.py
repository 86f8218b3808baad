"""Cards in the hands of a test: the people's side of what a matter has issued or proposed."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from ledger.entry import Entry
from schemas.entries import Receipt
from schemas.intake import IntakeReceipt
from tests.workflows.house import PROFILE, File

HANDLER, CHIEF, DEPUTY = "1301", "1303", "1002"
"""Handler and chief of the section that examines temporary land use, and their deputy head."""

JUDGE = "supervisor"
"""Post that answers for cards."""

EVIDENCE: dict[str, Any] = {
    "attachments": [{"name": "说明材料", "sha256": hashlib.sha256(b"paper").hexdigest(), "pages": 2}]
}
WHY: dict[str, Any] = {"reason": "经核实"}


async def card_of(matter: File, code: str, when: str = "") -> File:
    """The card of this code that the matter has issued or proposed; its time runs on to `when`."""
    found = [entry for entry in matter.entries("card.issued", "card.proposed") if _code(entry) == code]
    return await card_at(matter, str(found[-1].data["card"]["id"]), when)


async def card_at(matter: File, number: str, when: str = "") -> File:
    """The card with this number, once the matter that is to begin it has done so."""
    await rest(matter)
    handle = matter.desk.handle("card", number)
    registration = await handle.query("get_registration")
    receipt = IntakeReceipt(
        number=number,
        lookup_code="",
        received_at=registration["received_at"],
        received_day=registration["received_day"],
        promised_day=None,
        provisional=False,
        receipt=Receipt.model_validate(registration["receipt"]),
    )
    card = File(matter.house, matter.desk, "card", receipt, None)
    if when:
        await card.until(when)
    return card


def _code(entry: Entry) -> str:
    return str(entry.data["card"]["code"])


def row(card: File) -> dict[str, Any]:
    """The card as its latest entry that tells of it says."""
    told = [entry.data["card"] for entry in card.entries() if "card" in entry.data]
    return dict([each for each in told if each["id"] == card.number][-1])


async def rest(*files: File) -> None:
    """Wait until each has done what it owes others, and recorded what it was told."""
    for file in (*files, *files):  # what one tells may make the other tell something
        while await _busy(file):
            await asyncio.sleep(0.02)


async def _busy(file: File) -> bool:
    described = (await file.handle.describe()).raw_description
    return bool(described.pending_activities) or described.HasField("pending_workflow_task")


async def explain(card: File, *officers: str) -> None:
    """Addressees explain themselves in writing, with evidence."""
    for officer in officers:
        post = next(each for each in PROFILE.posts if officer in (each.a, each.b))
        await card.act("reply", post.code, who=officer, opinion="材料核对延误，现已办理", **EVIDENCE)
    await rest(card)

"""The register of complaints, as the tests of its procedure meet it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ledger.entry import Entry
from schemas.complaint import ComplaintRequest
from schemas.profile import Rules
from starter.complaints import start_complaint
from tests.workflows.house import File, House, at, new_key

COMPLAINANT = {"name": "钱三直", "phone": "13900001111"}
CLERK: dict[str, Any] = {"officer": "1101", "post": "window-clerk", "channel": "phone"}
DESK = "supervisor"
OWNER = "registry-handler"


async def complaint(
    house: House,
    kind: str = "hotline",
    begin: str = "06-15 09:00",
    *,
    rules: Callable[[Rules], Rules] = lambda rules: rules,
    start: dict[str, Any] | None = None,
    **said: Any,
) -> File:
    """A complaint of one type, taken in by the window clerk by telephone."""
    desk = house.desk(rules, start)
    about = {**CLERK, "type": kind, "topic": "窗口拒收材料", "applicant": COMPLAINANT}
    about |= {"received_at": at(begin), "business_key": new_key(), **said}
    receipt = await start_complaint(desk, ComplaintRequest.model_validate(about))
    return File(house, desk, "complaint", receipt, None)


async def assigned(house: House, kind: str = "hotline", begin: str = "06-15 09:00", **said: Any) -> File:
    """One that is accepted and in the hands of a section."""
    file = await complaint(house, kind, begin, **said)
    await file.act("accept", DESK, notified="sms")
    await file.act("assign", DESK, to_post=OWNER)
    return file


async def replied(house: House, kind: str = "hotline", begin: str = "06-15 09:00", **said: Any) -> File:
    """One that is handled and answered."""
    file = await assigned(house, kind, begin, **said)
    await file.act("handle", OWNER, merit="unjustified", opinion="材料不齐，窗口已一次性告知")
    await file.act("reply", OWNER, opinion="已查明，答复如下", document="莱国土信〔2037〕1号", notified="sms")
    return file


def told(file: File) -> set[str]:
    """Everybody whom any entry of the matter tells of it."""
    return {who for entry in file.entries() for who in entry.data.get("notify", ())}


def happened(entry: Entry) -> datetime:
    """When it happened, as the entry says."""
    return datetime.fromisoformat(entry.event["time"])

"""The supervision office's matters, as the tests of their procedure meet them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rules.procedures import PROCEDURES
from schemas.profile import Rules
from schemas.supervision import SupervisionRequest
from starter.complaints import start_supervision
from starter.rulebook import rules_for
from tests.workflows.house import CALENDAR, PROFILE, File, House, at, day, new_key

HEAD: dict[str, Any] = {"officer": "1001", "post": "head", "channel": "internal"}
OFFICE = "supervisor"
OWNER = "registry-handler"
EVIDENCE: dict[str, Any] = {"attachments": [{"name": "整改照片", "sha256": "a1" * 32}]}


def rules_of(kind: str) -> Rules:
    """The rules that a matter of no service item carries."""
    rules = rules_for(PROFILE, None, day("06-15"), sections=PROCEDURES[kind].sections)
    return rules.model_copy(update={"calendar": CALENDAR})


async def supervision(
    house: House,
    kind: str = "instruction",
    begin: str = "06-15 09:00",
    *,
    rules: Callable[[Rules], Rules] = lambda rules: rules,
    start: dict[str, Any] | None = None,
    **said: Any,
) -> File:
    """A matter of one type, proposed by the head."""
    desk = house.desk(rules, start)
    about = {**HEAD, "type": kind, "instruction": "限期清理积压登记件", "document": "局长批示第3号"}
    about |= {"received_at": at(begin), "business_key": new_key(), **said}
    receipt = await start_supervision(desk, SupervisionRequest.model_validate(about))
    return File(house, desk, "supervision", receipt, None)


async def taken(house: House, kind: str = "instruction", begin: str = "06-15 09:00", **said: Any) -> File:
    """One that its owner has taken."""
    helping = said.pop("co_owners", ())
    file = await supervision(house, kind, begin, **said)
    await file.act("enter", OFFICE)
    await file.act("assign", OFFICE, to_post=OWNER, co_owners=helping)
    await file.act("take_over", OWNER)
    return file


async def reported(house: House, kind: str = "instruction", begin: str = "06-15 09:00", **said: Any) -> File:
    """One whose owner says that it is done."""
    evidence = said.pop("evidence", EVIDENCE)
    file = await taken(house, kind, begin, **said)
    await file.act("report", OWNER, opinion="积压件已清零", **evidence)
    return file

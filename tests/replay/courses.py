"""Courses whose histories are kept: between them they use every kind of step a procedure takes.

Recorded by `tools/record_histories.py`; the names are those of the files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from starter.importing import prepare
from starter.logs.runner import LogClient, import_cases
from tests.starter.desk import RECEIPT, T02, T04, T05, T06, event, write_csv
from tests.workflows.house import House

Handle = WorkflowHandle[Any, Any]
Course = Callable[[House], Awaitable[Handle]]
ELSEWHERE = {"reason": "不属我科职责"}


async def delivered(house: House) -> Handle:
    """From receipt to delivery, with a refusal, a note and a signal on the way."""
    case = await house.case("LX-DJ-01", "06-15 09:00")
    await case.act("accept", "window-clerk")
    await case.refused("opinion_required", "sign_stage", "window-clerk")
    await case.act("note", "window-clerk", opinion="申请人来电")
    await case.sign_through("W", "H", "R")
    await case.handle.signal("signal_decision", "no envelope")
    await case.until("06-16 10:00")
    await case.finish()
    return case.handle


async def untouched(house: House) -> Handle:
    """Nobody does anything: accepted by silence, yellow card, red card."""
    case = await house.case("LX-DJ-01", "06-15 16:00")
    await case.until("07-10 12:00")
    assert "card.not_rectified" in case.types()
    return case.handle


async def paused(house: House) -> Handle:
    """Correction, suspension, extension, return to an earlier stage, hand-over to another section."""
    case = await house.case("LX-LS-01", "06-08 09:00")
    await case.act("notify_correction", "window-clerk", points={"map": "图不清"})
    await case.until("06-09 10:00")
    await case.act("resubmit", "window-clerk", materials=[{"code": "map"}], satisfied=["map"])
    await case.sign_through("W")
    await case.act("take_over", "land-use-handler")
    review: dict[str, Any] = {
        "ground": "expert_review",
        "expected_days": 5,
        "reason": "须专家评审",
        "notice": "停告1号",
    }
    await case.act("request_suspension", "land-use-handler", **review)
    await case.act("suspend", "land-use-chief", opinion="同意停表")
    await case.until("06-15 10:00")
    await case.act("resume", "land-use-handler", document="评审意见1号")
    await case.act("request_extension", "land-use-handler", days=10, reason="情况复杂")
    await case.act("extend", "head", opinion="同意", notice="延告1号")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.act("take_over", "land-use-chief")
    await case.act("return_stage", "land-use-chief", to="H", reason="缺踏勘记录")
    await case.act("take_over", "land-use-handler")
    await case.act("hand_over", "land-use-handler", to_post="planning-handler", **ELSEWHERE)
    await case.act("return_item", "planning-handler", proposed_post="land-use-handler", **ELSEWHERE)
    await case.act("hand_over", "land-use-handler", to_post="planning-handler", **ELSEWHERE)
    await case.act("take_over", "planning-handler")
    await case.act("sign_stage", "planning-handler", opinion="同意")
    await case.sign_through("R")
    await case.finish()
    return case.handle


async def asked(house: House) -> Handle:
    """An inquiry handed over, answered by the receiver, rated and closed."""
    inquiry = await house.inquiry("06-15 09:00")
    await inquiry.act("hand_over", "window-clerk", to_post="registry-handler", **ELSEWHERE)
    await inquiry.act("take_over", "registry-handler")
    await inquiry.act("answer", "registry-handler", opinion="带好材料来窗口")
    await inquiry.act("rate", "window-lead", score=5)
    await inquiry.act("close", "registry-handler")
    return inquiry.handle


async def resumed(house: House) -> Handle:
    """Gone on in a new run: its history begins with the state of the one before."""
    case = await house.case("LX-LS-01", "06-08 09:00", start={"history_limit": 40})
    await case.act("accept", "window-clerk")
    await case.sign_through("W", "H", "R")
    await case.until("06-09 10:00")
    await case.finish()
    begun = (await case.handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    assert begun.continued_execution_run_id, "it never went on in a new run"
    return case.handle


async def imported(house: House) -> Handle:
    """A case of a recorded log: several acts in one call, irregularities, the end of the log."""
    told = [(RECEIPT, "Resource01"), (T02, "Resource10"), (T04, "Resource10"), (T06, "Resource02")]
    rows = [
        event("case-2011", what, who, 10 * n) for n, (what, who) in enumerate([*told, (T05, "Resource03")])
    ]
    client = LogClient(house.client, house.ledger, patience=house.patience)
    with tempfile.TemporaryDirectory() as folder:
        log = prepare(write_csv(Path(folder) / "log.csv", rows), "wabo")
    await import_cases(client, log.submissions, lambda n: None)
    return client.handle("case", log.submissions[0].start.id)


COURSES: dict[str, Course] = {
    "delivered": delivered,
    "untouched": untouched,
    "paused": paused,
    "asked": asked,
    "resumed": resumed,
    "imported": imported,
}

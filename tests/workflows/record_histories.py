"""Records the histories that the replay test keeps: `python -m tests.workflows.record_histories`.

Run it when a change of the procedures is meant to break replay of running matters, and say so in the
commit; without such a change the stored histories stay as they are, because they stand for matters that
are still open in somebody's engine.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from tests.conftest import bureau, simulation, sqlite_ledger
from tests.workflows.house import File, House
from tests.workflows.replaying import FOLDER

Course = Callable[[House], Awaitable[File]]


async def granted(house: House) -> File:
    """From the window to the archive, with a refused act and a suspension on the way."""
    case = await house.case("LX-LS-01", "06-08 09:00")
    await case.act("accept", "window-clerk")
    await case.refused("opinion_required", "sign_stage", "window-clerk")
    await case.sign_through("W")
    await case.act("take_over", "land-use-handler")
    ask = {"ground": "expert_review", "expected_days": 3, "reason": "须评审", "notice": "停告〔2037〕1号"}
    await case.act("request_suspension", "land-use-handler", **ask)
    await case.act("suspend", "land-use-chief", opinion="同意")
    await case.until("06-11 10:00")
    await case.act("resume", "land-use-handler", document="评审意见")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.sign_through("R")
    await case.finish()
    return case


async def overdue(house: House) -> File:
    """Yellow, red, statute passed; a calendar adopted; then granted after all, late by signal."""
    case = await house.case("LX-LS-01", "06-08 09:00")
    await case.act("accept", "window-clerk")
    await case.sign_through("W")
    await case.until("07-08 12:00")
    await case.act("take_over", "land-use-handler")
    say = {"officer": "1301", "post": "land-use-handler", "opinion": "同意", "act": "sign_stage"}
    await case.handle.signal("signal_decision", {**say, "decision_id": "late"})
    await case.handle.signal("signal_decision", "unreadable")
    await case.sign_through("R")
    await case.finish()
    return case


async def lapsed(house: House) -> File:
    """A correction that nobody makes, over two runs; the second is kept."""
    case = await house.case("LX-LS-01", "06-15 09:00", start={"history_limit": 25})
    await case.act("notify_correction", "window-clerk", points={"map": "图不清"})
    await case.until("07-22 01:00")
    return case


async def deemed(house: House) -> File:
    """Silence accepts a registration, and it is returned once."""
    case = await house.case("LX-DJ-01", "06-15 16:00")
    await case.until("06-16 09:00")
    await case.sign_through("W", "H")
    await case.act("take_over", "registry-chief")
    await case.act("return_stage", "registry-chief", to="H", reason="缺附图")
    await case.sign_through("H", "R")
    await case.finish()
    return case


async def inquired(house: House) -> File:
    """Handed over, returned, designated, answered, rated."""
    inquiry = await house.inquiry("06-15 09:00")
    await inquiry.act("hand_over", "window-clerk", to_post="planning-handler", reason="属规划")
    await inquiry.act("return_item", "planning-handler", reason="不属", proposed_post="registry-handler")
    await inquiry.act("escalate", "window-clerk", reason="职责不清")
    await inquiry.act("designate", "office-chief", to_post="registry-handler", reason="定")
    await inquiry.until("06-17 10:00")
    await inquiry.act("take_over", "registry-handler")
    await inquiry.act("answer", "registry-handler", opinion="带齐材料即可")
    await inquiry.act("rate", "window-clerk", score=4)
    await inquiry.act("close", "registry-handler")
    return inquiry


COURSES: tuple[Course, ...] = (granted, overdue, lapsed, deemed, inquired)


async def recorded(course: Course, house: House) -> str:
    """One course's history, the latest run of it, as stock JSON."""
    matter = await course(house)
    await matter.handle.result()
    history: WorkflowHistory = await matter.handle.fetch_history()
    events = (_anonymous(event) for event in json.loads(history.to_json())["events"])
    lines = (json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in events)
    return '{"events":[\n' + ",\n".join(lines) + "\n]}\n"


def _anonymous(part: Any) -> Any:
    """Without the names of machine, process and folders it was recorded with."""
    if isinstance(part, list):
        return [_anonymous(each) for each in part]
    if isinstance(part, dict):
        return {name: _anonymous(value) for name, value in part.items() if name != "stackTrace"}
    named = isinstance(part, str) and part.startswith("yangguang@")
    return "yangguang@recording" if named else part


@asynccontextmanager
async def temporary_house() -> AsyncIterator[House]:
    """A bureau for the time of a recording."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = sqlite_ledger(Path(folder))
        async with simulation() as environment, bureau(environment, "default", ledger) as house:
            yield house


async def main() -> None:
    """Record every course anew."""
    FOLDER.mkdir(exist_ok=True)
    async with temporary_house() as house:
        histories = await asyncio.gather(*(recorded(course, house) for course in COURSES))
    for course, text in zip(COURSES, histories, strict=True):
        (FOLDER / f"{course.__name__}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())

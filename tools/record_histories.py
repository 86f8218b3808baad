"""Writes tests/replay/histories: histories of real runs, which every later version must be able to replay.

Run as `python -m tools.record_histories` to write all of them anew, or with names of courses
(`python -m tools.record_histories paused`) for those only. Recorded anew means that matters under way may
not go on: once there are any, the procedure changes behind `workflow.patched`, the old files stay and
replay, and the new way gets a course of its own in `tests/replay/courses.py`.

The files are Temporal's own JSON, as `temporal workflow show --output json` gives it, without what it says
of the machine they were recorded on.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHistory

from ledger.db import OriginKind, open_database
from starter.connect import connect
from starter.engine import engine
from starter.home import open_home
from tests.replay.courses import COURSES
from tests.workflows.house import House
from worker import run, run_worker

HISTORIES = Path(__file__).parents[1] / "tests" / "replay" / "histories"
OF_THE_MACHINE = frozenset({"identity", "stackTrace"})
"""Fields that tell where something ran; no replay looks at them."""


async def record(names: Iterable[str]) -> None:
    """Run these courses on a new engine, side by side, and write their histories."""
    with tempfile.TemporaryDirectory() as folder:
        async with simulated(Path(folder)) as house, asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(_record(name, house))


@asynccontextmanager
async def simulated(folder: Path) -> AsyncIterator[House]:
    """A bureau in a home of its own, whose time can be skipped."""
    home, stop = open_home(folder, OriginKind.SIMULATION), asyncio.Event()
    async with engine(home, time_skipping=True) as reached:
        client = await connect(reached)
        ledger = open_database(home.database_url, home.origin)
        working = asyncio.create_task(run_worker(client, open_database(home.database_url, home.origin), stop))
        try:
            yield House(client, ledger)
        finally:
            stop.set()
            await working
            ledger.close()


async def _record(name: str, house: House) -> None:
    handle = await COURSES[name](house)
    runs = [history async for history in _runs(house.client, handle.id)][::-1]
    for old in (*HISTORIES.glob(f"{name}.json"), *HISTORIES.glob(f"{name}-*.json")):
        old.unlink()
    for n, history in enumerate(runs, 1):
        target = HISTORIES / (f"{name}-{n}.json" if len(runs) > 1 else f"{name}.json")
        kept = _anonymous(json.loads(history.to_json()))
        target.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"{target.name}: {len(history.events)} events")


async def _runs(client: Client, matter: str) -> AsyncIterator[WorkflowHistory]:
    """Histories of all runs of a matter, the latest first."""
    run_id = None
    while True:
        history = await client.get_workflow_handle(matter, run_id=run_id).fetch_history()
        yield history
        begun = history.events[0].workflow_execution_started_event_attributes
        if not (run_id := begun.continued_execution_run_id):
            return


def _anonymous(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("kind") == "TASK_QUEUE_KIND_STICKY":
            value = {**value, "name": "sticky"}  # the name has host and process in it
        return {key: _anonymous(each) for key, each in value.items() if key not in OF_THE_MACHINE}
    return [_anonymous(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    HISTORIES.mkdir(exist_ok=True)
    run(record(sys.argv[1:] or COURSES))

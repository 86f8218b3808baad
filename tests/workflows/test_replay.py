"""Stored histories replay with today's code, in any process; and a history that does not fit must fail."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.record_histories import COURSES
from tests.workflows.replaying import replayed, stored

REPOSITORY = Path(__file__).parents[2]


def events(path: Path) -> dict[str, Any]:
    """A stored history, parsed."""
    history: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return history


def test_all_courses_are_stored() -> None:
    """`python -m tests.workflows.record_histories` makes them."""
    assert {path.stem for path in stored()} == {course.__name__ for course in COURSES}


@pytest.mark.parametrize("seed", ["0", "20260615"])
def test_stored_histories_replay_whatever_the_order_of_sets(seed: str) -> None:
    """No step depends on hashes, which differ from process to process."""
    command = [sys.executable, "-m", "tests.workflows.replaying"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    ended = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("path", stored(), ids=lambda path: path.stem)
async def test_a_history_of_other_steps_does_not_replay(path: Path) -> None:
    """Negative control: another activity type, a step more, and the replay says so."""
    renamed, longer = events(path), events(path)
    for event in renamed["events"]:
        if "activityTaskScheduledEventAttributes" in event:
            event["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "forget"
    ended = longer["events"].pop()
    spare = {"eventId": ended["eventId"], "eventTime": ended["eventTime"], "eventType": "EVENT_TYPE_TIMER_STARTED"}
    spare["timerStartedEventAttributes"] = {
        "timerId": "999",
        "startToFireTimeout": "5s",
        "workflowTaskCompletedEventId": str(int(ended["eventId"]) - 1),
    }
    longer["events"] += [spare, {**ended, "eventId": str(int(ended["eventId"]) + 1)}]
    for wrong in (renamed, longer):
        failure = await asyncio.wait_for(replayed(path.stem, json.dumps(wrong)), 60)
        assert failure is not None
        assert "Nondeterminism" in str(failure) or "nondeterminis" in str(failure).lower()

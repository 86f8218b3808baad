"""Replaying children: stored histories pass, and what hangs or crashes costs only itself."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit.children import Children
from audit.job import Job
from audit.verdicts import Check, Kind, Verdict
from tests.audit.forgery import golden, verdicts
from tests.replay.replaying import HISTORIES

NAMES = sorted(path.stem for path in HISTORIES.glob("*.json"))
GREEN = {Kind.REPLAY: Verdict.PASS, Kind.STRICT: Verdict.PASS}
ENDED = {Kind.REPLAY: Verdict.FAIL, Kind.STRICT: Verdict.NOT_APPLICABLE}


def job(name: str) -> Job:
    return Job(golden(name).SerializeToString(), None)


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_stored_histories_pass_plain_and_strict(seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    with Children(1) as children:
        told = {name: children.judge(job(name)) for name in NAMES}
    assert {name: verdicts(checks) for name, checks in told.items()} == dict.fromkeys(NAMES, GREEN), told


def test_several_processes_answer_several_threads() -> None:
    """More threads than processes: each gets the verdict on its own history."""
    with Children(2) as children, ThreadPoolExecutor(4) as threads:
        broken = golden("asked")
        broken.events[0].workflow_execution_started_event_attributes.input.payloads[0].data = b"{}"
        jobs = [job("asked"), Job(broken.SerializeToString(), None)] * 6
        told = [verdicts(checks) for checks in threads.map(children.judge, jobs)]
    assert [each[Kind.REPLAY] for each in told] == [Verdict.PASS, Verdict.FAIL] * 6


def test_a_hanging_replay_is_killed_and_reported() -> None:
    """Within its time; the next history is judged by a new process."""
    with Children(1, seconds=5, module="tests.audit.hanging") as children:
        assert verdicts(children.judge(job("asked"))) == GREEN
        hung = children.judge(job("delivered"))
        assert verdicts(children.judge(job("asked"))) == GREEN
    assert verdicts(hung) == ENDED
    assert "timeout (5 s)" in hung[0].findings[0].said


def test_a_crash_costs_its_history_only() -> None:
    with Children(1, seconds=60, module="tests.audit.crashing") as children:
        crashed = children.judge(job("delivered"))
        assert verdicts(children.judge(job("asked"))) == GREEN
    assert verdicts(crashed) == ENDED
    assert "crash (-11)" in crashed[0].findings[0].said


def test_procedures_that_cannot_be_loaded_fail_every_history() -> None:
    with Children(1, module="tests.audit.nowhere") as children:
        told = children.judge(job("asked"))
    assert verdicts(told) == ENDED


def test_no_process_is_left_behind() -> None:
    """Children end with the pool, and so do their alarms."""
    before = threading.active_count()
    with Children(1) as children:
        told: list[Check] = children.judge(job("asked"))
    assert told
    assert threading.active_count() == before

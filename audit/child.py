"""A child process that replays: `python -m audit.child MODULE SECONDS`.

A replay that hangs cannot be cancelled, and an extension module can take its process with it, so neither
happens in the auditor's own process. The child reads jobs from standard input and answers each with one line
of JSON; whoever waits too long for it kills it, and a child nobody waits for any more ends by itself.
One replayer serves all jobs of a child, because setting one up costs as much as a replay.
"""

from __future__ import annotations

import asyncio
import faulthandler
import importlib
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import IO

from temporalio.api.history.v1 import History

from audit.calls import Call, calls_of
from audit.job import READY, Job, answer, read_job
from audit.leaves import unlike_the_ledger
from audit.regenerate import Replayed, regenerate
from audit.steps import own_of
from audit.strict import differences, scheduled_activities, tasks_of
from audit.verdicts import Check, Finding, Kind, judged, skipped

_EVENT = re.compile(r"HistoryEvent\(id: (\d+)")
_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"')


async def serve(procedures: Sequence[type], jobs: IO[bytes], answers: IO[bytes], seconds: float) -> None:
    """Answer jobs until there are no more."""
    waiting: list[Job] = []

    async def histories() -> AsyncIterator[History]:
        while job := await asyncio.to_thread(read_job, jobs):
            # Outlives the parent's own patience: for a parent that is no longer there.
            faulthandler.dump_traceback_later(2 * seconds, exit=True)
            waiting.append(job)
            yield History.FromString(job.history)

    answer(answers, READY)
    async for replayed in regenerate(procedures, histories()):
        answer(answers, judge(replayed, waiting.pop()))
        faulthandler.cancel_dump_traceback_later()


def judge(replayed: Replayed, job: Job) -> list[Check]:
    """Verdicts of plain and of strict replay."""
    found = [*differences(replayed), *_beside(replayed, job)]
    if replayed.failure is None:
        said = "" if job.beside else "未与总账比对 / not compared with a ledger"
        return [judged(Kind.REPLAY, ()), judged(Kind.STRICT, sorted(found, key=_place), said)]
    failure = _failure(replayed, found)
    earlier = [each for each in found if _place(each) < _place(failure)]
    stopped = "重放中断 / the replay did not come through"
    strict = judged(Kind.STRICT, earlier, stopped) if earlier else skipped(Kind.STRICT, stopped)
    return [judged(Kind.REPLAY, [failure]), strict]


def _beside(replayed: Replayed, job: Job) -> Iterator[Finding]:
    """What the replay would have had recorded, against the ledger."""
    if job.beside is None:
        return
    calls: dict[int, Call] = {call.scheduled.event_id: call for call in calls_of(replayed.history)}
    for event, command in scheduled_activities(replayed):
        call = calls.get(event.event_id)
        if call is not None and len(command.arguments) == 1:
            yield from unlike_the_ledger(replayed.history, call, command.arguments[0], job.beside)


def _failure(replayed: Replayed, found: Sequence[Finding]) -> Finding:
    """The replayer's reason in one line, and the event where it stopped."""
    text = str(replayed.failure)
    reason, at = _MESSAGE.search(text), _EVENT.search(text)
    said = " ".join((reason[1] if reason else text).split())[:300]
    event = int(at[1]) if at else _stopped_at(replayed, found)
    return Finding(said=f"不能重放 / does not replay: {said}", event=event)


def _stopped_at(replayed: Replayed, found: Sequence[Finding]) -> int:
    """Where the last task that was replayed parts from the record; else the start of the next one."""
    last = max(replayed.commands, default=0)
    tasks = tasks_of(replayed.history, own_of(replayed.history))
    parted = [_place(each) for each in found if last and _place(each) > last]
    return min(parted, default=next((started for started in tasks if started > last), last))


def _place(finding: Finding) -> int:
    return finding.event or 0


def main(module: str, seconds: float) -> None:
    """Serve on standard input and output with the procedures of a module."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not be taken for an answer
    procedures: Sequence[type] = importlib.import_module(module).ALL
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(procedures, sys.stdin.buffer, answers, seconds))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The worker's own kind of event loop; replays are a tenth faster on it."""
    try:
        import uvloop  # noqa: PLC0415 - absent where the platform has none
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
    os._exit(0)  # finalising with live engine threads crashes now and then (temporalio/sdk-python#300)

"""Forged histories: each change is caught by the check that is for it, at the event where it shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History

from audit.children import Children
from audit.replay import audit_file
from audit.verdicts import Kind, Verdict
from tests.audit.forgery import (
    Forge,
    content,
    failures,
    forged,
    golden,
    held,
    nth,
    renumbered,
    swap,
    verdicts,
)

DELIVERED = golden("delivered")
SCHEDULED, ACCEPTED, ANSWERED = (
    "ActivityTaskScheduled",
    "WorkflowExecutionUpdateAccepted",
    "WorkflowExecutionUpdateCompleted",
)


def start_input(history: History) -> None:
    given = content(history, "WorkflowExecutionStarted").input.payloads
    swap(given, '"channel":"window"', '"channel":"online"')


def update_payload(history: History) -> None:
    swap(content(history, ACCEPTED, 3).accepted_request.input.args.payloads, "申请人来电", "申请人去电")


def signal_payload(history: History) -> None:
    swap(content(history, "WorkflowExecutionSignaled").input.payloads, "no envelope", "an envelope")


def receipt(history: History) -> None:
    result = content(history, "ActivityTaskCompleted", 1).result.payloads
    swap(result, '"leaf_hash":"', '"leaf_hash":"0')


def answer(history: History) -> None:
    swap(content(history, ANSWERED, 1).outcome.success.payloads, '"caseseq":2', '"caseseq":3')


def refusal(history: History) -> None:
    content(history, ANSWERED, 2).outcome.failure.message = "同意 / agreed"


def argument(history: History) -> None:
    swap(content(history, SCHEDULED, 3).input.payloads, "申请人来电", "申请人去电")


def result(history: History) -> None:
    swap(content(history, "WorkflowExecutionCompleted").result.payloads, '"state":"closed"', '"state":"open"')


def time_of_task(history: History) -> None:
    """Of the task that set the first timer, whose length is reckoned from it."""
    before = history.events[: nth(history, "TimerStarted").event_id]
    started = [each for each in before if each.HasField("workflow_task_started_event_attributes")][-1]
    started.event_time.FromNanoseconds(started.event_time.ToNanoseconds() + 1_000_000)


def duration(history: History) -> None:
    content(history, "TimerStarted").start_to_fire_timeout.FromTimedelta(timedelta(days=30))


def timer_id(history: History) -> None:
    content(history, "TimerStarted").timer_id = "9"


def timeout(history: History) -> None:
    content(history, SCHEDULED, 2).start_to_close_timeout.FromTimedelta(timedelta(hours=1))


def retry(history: History) -> None:
    content(history, SCHEDULED, 2).retry_policy.maximum_attempts = 1


def queue(history: History) -> None:
    content(history, SCHEDULED, 2).task_queue.name = "elsewhere"


def summary(history: History) -> None:
    nth(history, SCHEDULED, 2).user_metadata.summary.data = b'"nothing"'


def attribute(history: History) -> None:
    fields = content(history, "UpsertWorkflowSearchAttributes").search_attributes.indexed_fields
    fields["CaseStage"].data = b'"closed"'


def activity_type(history: History) -> None:
    content(history, SCHEDULED, 2).activity_type.name = "record_elsewhere"


def workflow_type(history: History) -> None:
    content(history, "WorkflowExecutionStarted").workflow_type.name = "OtherWorkflow"


def unreadable_input(history: History) -> None:
    content(history, "WorkflowExecutionStarted").input.payloads[0].data = b"{}"


def unknown_update(history: History) -> None:
    content(history, ACCEPTED, 1).accepted_request.input.name = "no_such_act"


def without_activity(history: History) -> None:
    """The whole of one call, and nothing points to it any more."""
    first = nth(history, SCHEDULED, 2).event_id
    del history.events[first - 1 : first + 2]
    renumbered(history)


def label(history: History) -> None:
    nth(history, "TimerFired").event_type = EventType.EVENT_TYPE_TIMER_CANCELED


def dropped(history: History) -> None:
    del history.events[20]


def dropped_and_renumbered(history: History) -> None:
    del history.events[nth(history, SCHEDULED, 2).event_id - 1]
    renumbered(history)


def doubled(history: History) -> None:
    history.events.insert(20, history.events[20])


def doubled_and_renumbered(history: History) -> None:
    there = nth(history, "ActivityTaskCompleted", 2).event_id
    history.events.insert(there, history.events[there - 1])
    for place, event in enumerate(history.events, 1):
        event.event_id = place


def reordered(history: History) -> None:
    events = [*history.events[:20], history.events[21], history.events[20], *history.events[22:]]
    del history.events[:]
    history.events.extend(events)


def started_twice(history: History) -> None:
    history.events[1].CopyFrom(history.events[0])
    history.events[1].event_id = 2


def after_the_end(history: History) -> None:
    history.events.add().CopyFrom(nth(history, "WorkflowTaskScheduled"))
    history.events[-1].event_id = len(history.events)


def at(name: str, n: int = 0) -> int:
    return nth(DELIVERED, name, n).event_id


FORGERIES: list[tuple[Forge, dict[Kind, int]]] = [
    (start_input, {Kind.STRICT: at(SCHEDULED)}),
    (update_payload, {Kind.STRICT: at(SCHEDULED, 3)}),
    (signal_payload, {Kind.STRICT: at("WorkflowExecutionSignaled") + 4}),
    (receipt, {Kind.STRICT: at(ANSWERED, 1)}),
    (answer, {Kind.STRICT: at(ANSWERED, 1)}),
    (refusal, {Kind.STRICT: at(ANSWERED, 2)}),
    (argument, {Kind.STRICT: at(SCHEDULED, 3)}),
    (result, {Kind.STRICT: at("WorkflowExecutionCompleted")}),
    (time_of_task, {Kind.STRICT: at("TimerStarted")}),
    (duration, {Kind.STRICT: at("TimerStarted")}),
    (timer_id, {Kind.STRICT: at("TimerStarted")}),
    (timeout, {Kind.STRICT: at(SCHEDULED, 2)}),
    (retry, {Kind.STRICT: at(SCHEDULED, 2)}),
    (queue, {Kind.STRICT: at(SCHEDULED, 2)}),
    (summary, {Kind.STRICT: at(SCHEDULED, 2)}),
    (attribute, {Kind.STRICT: at("UpsertWorkflowSearchAttributes")}),
    (workflow_type, {Kind.REPLAY: at("WorkflowTaskStarted")}),
    (unreadable_input, {Kind.REPLAY: at("WorkflowTaskStarted")}),
    (unknown_update, {Kind.REPLAY: at(ACCEPTED, 1)}),
    # A call less: its place in the chain is missing as well.
    (activity_type, {Kind.COMPLETENESS: at("ActivityTaskCompleted", 3), Kind.REPLAY: at(SCHEDULED, 2)}),
    (
        without_activity,
        {
            Kind.COMPLETENESS: at("ActivityTaskCompleted", 3) - 3,
            Kind.REPLAY: at(ANSWERED, 2) - 3,
            Kind.STRICT: at(ACCEPTED, 2),
        },
    ),
    (label, {Kind.STRUCTURE: at("TimerFired")}),
    (dropped, {Kind.STRUCTURE: 21}),
    (dropped_and_renumbered, {Kind.STRUCTURE: at(SCHEDULED, 2)}),
    (doubled, {Kind.STRUCTURE: 22}),
    (doubled_and_renumbered, {Kind.STRUCTURE: at("ActivityTaskCompleted", 2) + 1}),
    (reordered, {Kind.STRUCTURE: 21}),
    (started_twice, {Kind.STRUCTURE: 2}),
    (after_the_end, {Kind.STRUCTURE: at("WorkflowExecutionCompleted")}),
]


@pytest.mark.parametrize(("change", "places"), FORGERIES, ids=[row[0].__name__ for row in FORGERIES])
def test_each_forgery_is_caught_where_it_shows(
    change: Forge, places: dict[Kind, int], children: Children
) -> None:
    audit = audit_file(held(forged(DELIVERED, change)), None, children)
    assert {kind: events[0] for kind, events in failures(audit).items()} == places, audit


def test_what_is_not_whole_is_not_replayed(children: Children) -> None:
    audit = audit_file(held(forged(DELIVERED, dropped)), None, children)
    assert verdicts(audit.checks) == {
        Kind.INTEGRITY: Verdict.NOT_APPLICABLE,
        Kind.STRUCTURE: Verdict.FAIL,
        Kind.COMPLETENESS: Verdict.NOT_APPLICABLE,
        Kind.REPLAY: Verdict.NOT_APPLICABLE,
        Kind.STRICT: Verdict.NOT_APPLICABLE,
    }


def test_cut_off_anywhere_it_is_no_whole_history(children: Children) -> None:
    """The replayer itself would take each of these, and hang over the shortest."""
    for length in range(1, len(DELIVERED.events)):
        cut = History(events=DELIVERED.events[:length])
        assert failures(audit_file(held(cut), None, children)) == {Kind.STRUCTURE: (length,)}


def test_called_open_it_must_still_have_every_step_of_its_last_task(children: Children) -> None:
    """Cut within the steps of a task, or behind it, whichever way it is labelled."""
    task = at("UpsertWorkflowSearchAttributes", 1) - 1
    assert at(ANSWERED, 1) == task + 2
    for length in (task, task + 1):
        cut = History(events=DELIVERED.events[:length])
        found = failures(audit_file(held(cut, open_run=True), None, children))
        assert found == {Kind.STRICT: (length,) * (task + 2 - length)}
    whole = History(events=DELIVERED.events[: task + 2])
    assert not failures(audit_file(held(whole, open_run=True), None, children))


def test_every_difference_of_a_history_is_counted(children: Children) -> None:
    def everywhere(history: History) -> None:
        for event in history.events:
            if event.HasField("activity_task_scheduled_event_attributes"):
                event.activity_task_scheduled_event_attributes.heartbeat_timeout.seconds = 1

    strict = audit_file(held(forged(golden("paused"), everywhere)), None, children).checks[-1]
    assert (strict.verdict, strict.count, len(strict.findings)) == (Verdict.FAIL, 26, 20)


def test_names_of_machines_are_for_the_archive_to_hold(children: Children) -> None:
    """What nobody reads again no replay can judge: names, and times of most events."""

    def names(history: History) -> None:
        for event in history.events:
            if event.HasField("workflow_task_completed_event_attributes"):
                event.workflow_task_completed_event_attributes.identity = "somebody else"
                event.event_time.nanos = 1

    assert not failures(audit_file(held(forged(DELIVERED, names)), None, children))

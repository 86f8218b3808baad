"""Who has to do what: told from a matter as it stands, and named by the act that does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rules.procedures import PROCEDURES
from rules.recollection import remembered
from rules.standing import POST, Standing, Task
from rules.task_table import OWNER, STEPS, UNANSWERED
from rules.tasks import parts_of, tasks_of

Told = tuple[str, str, dict[str, Any]]
"""Type, actor and data of an entry."""


def clock(kind: str, ref: str = "", due: str | None = "2026-06-17", **fields: Any) -> dict[str, Any]:
    """A running clock as an entry holds it."""
    days = {"due": due, "yellow_from": due and "2026-06-16", "red_from": due and "2026-06-18"}
    return {"clock": kind, "ref": ref, **days, "stopped": False, "breached": False, "owner": "S009"} | fields


def matter(kind: str, state: str, **fields: Any) -> Standing:
    """A matter that S001 answers for."""
    given = {"owner": "S001", "owner_post": "window"} | fields
    return Standing(kind=kind, state=state, **given)


def whose(standing: Standing) -> set[tuple[str, str]]:
    """(act, assignee) of the open tasks."""
    return {(task.what, task.assignee) for task in tasks_of(standing)}


def history(number: str, *entries: Told) -> dict[str, Any]:
    """What is remembered after these (type, actor, data)."""
    told: dict[str, Any] = {}
    for kind, actor, data in entries:
        told = remembered(told, number, kind, actor, data)
    return told


def named_acts() -> Iterator[tuple[str, str, str]]:
    """(kind, state, act) of the table."""
    for kind, states in OWNER.items():
        for state, act in states.items():
            yield kind, state, act


@pytest.mark.parametrize(("kind", "state", "act"), list(named_acts()))
def test_the_owners_task_is_an_act_that_his_state_allows(kind: str, state: str, act: str) -> None:
    assert state in PROCEDURES[kind].table[act].states
    assert PROCEDURES[kind].table[act].zh


def test_every_other_task_is_an_act_too() -> None:
    assert all(act in PROCEDURES["fault"].table for act in STEPS.values())
    assert all(act in PROCEDURES[kind].table for kind, act in UNANSWERED.items())


@pytest.mark.parametrize("kind", PROCEDURES)
def test_what_has_ended_leaves_nothing_to_do(kind: str) -> None:
    for state in PROCEDURES[kind].ended:
        assert tasks_of(matter(kind, state, people=(("offered", "S002"),))) == ()
    assert tasks_of(matter(kind, "received", closed=True)) == ()


def test_a_stranger_to_the_procedures_has_no_tasks() -> None:
    assert tasks_of(matter("something_newer", "open")) == ()
    assert tasks_of(matter("case", "something_newer")) == ()


def test_whoever_has_the_duty_has_the_work_by_its_nearest_day() -> None:
    far = clock("statutory", due="2026-07-20", yellow_from="2026-06-10", red_from="2026-07-21")
    done = clock("acceptance", due="2026-06-01", stopped=True)
    (task,) = tasks_of(matter("case", "in_stage", clocks=[far, clock("promise"), done]))
    assert task == Task(
        "sign_stage", "person", "S001", "window", "2026-06-17", "2026-06-10", "2026-06-18", stopped=False
    )


def test_a_suspended_case_waits_unless_its_special_limit_runs_out() -> None:
    still = [clock("promise", due=None), clock("statutory", due=None)]
    (task,) = tasks_of(matter("case", "suspended", clocks=still))
    assert (task.what, task.stopped, task.due) == ("resume", True, None)
    (task,) = tasks_of(matter("case", "suspended", clocks=[*still, clock("special", "expert_review")]))
    assert (task.stopped, task.due) == (True, "2026-06-17")


def test_what_is_offered_is_the_receivers_until_he_takes_it() -> None:
    told = history("LX-1", ("duty.offered", "S001", {"to": "registry"}))
    people = (("offered", "S002"), ("offered", "S003"), ("owner", "S001"))
    offered = matter("case", "in_stage", people=people, told=told, clocks=[clock("handover", "offer")])
    (task,) = tasks_of(offered)
    assert (task.what, task.kind, task.assignee, task.due) == ("take_over", POST, "registry", "2026-06-17")
    late = matter(
        "case", "in_stage", people=people, told=told, clocks=[clock("handover", "offer", breached=True)]
    )
    assert whose(late) == {("take_over", "registry"), ("escalate", "S001")}
    taken = matter("case", "in_stage", told=told, clocks=[clock("handover", "offer", stopped=True)])
    assert whose(taken) == {("sign_stage", "S001")}


def test_a_stage_is_offered_to_the_people_of_its_post() -> None:
    told = history("LX-1", ("duty.offered", "S001", {"to": "registry"}))
    people = (("offered", "S002"), ("offered", "S003"))
    standing = matter(
        "case", "in_stage", people=people, told=told, clocks=[clock("handover", "stage:review")]
    )
    assert whose(standing) == {("take_over", "S002"), ("take_over", "S003")}


def test_a_received_case_waits_for_nobody_to_take_its_first_stage() -> None:
    assert whose(matter("case", "received", people=(("offered", "S002"),))) == {("accept", "S001")}


def test_a_dispute_is_for_the_office_to_settle() -> None:
    standing = matter("inquiry", "open", clocks=[clock("handover", "designation", owner="S070")])
    assert whose(standing) == {("designate", "S070"), ("answer", "S001")}


def card(**fields: Any) -> dict[str, Any]:
    """Memory of a card served on two."""
    row = {"id": "K-1", "status": "open", "addressees": ["S002", "S003"], "clock": "stage"}
    return history(
        "K-1", ("card.registered", "system", {"card": row | {"rectify_due": "2026-06-22"} | fields})
    )


def test_a_card_is_explained_by_those_it_is_served_on() -> None:
    standing = matter("card", "served", told=card(explained=["S003"]))
    (task,) = tasks_of(standing)
    assert (task.what, task.assignee, task.due, task.red_from) == (
        "reply",
        "S002",
        "2026-06-22",
        "2026-06-23",
    )


def test_a_card_is_ruled_on_by_whoever_answers_for_it() -> None:
    told = card(explained=["S002", "S003"])
    standing = matter("card", "objected", told=told, clocks=[clock("step", "ruling")])
    assert whose(standing) == {("rule", "S001")}
    assert whose(matter("card", "proposed", told=card())) == {("confirm", "S001")}
    corrected = card(explained=["S002"], corrected=True)
    assert whose(matter("card", "served", told=corrected)) == {
        ("reply", "S003"),
        ("accept_correction", "S001"),
    }
    assert whose(matter("card", "served", told=card(status="rectified"))) == set()


CALLED: Told = (
    "review.convened",
    "S001",
    {"members": [{"officer": "S011", "chair": True}, {"officer": "S012"}, {"officer": "S013"}]},
)
SEATED: tuple[Told, ...] = (CALLED, ("review.attended", "S012", {}), ("review.attended", "S013", {}))
OPENED: tuple[Told, ...] = (*SEATED, ("review.opened", "S011", {}))


def review(state: str, *entries: Told) -> set[tuple[str, str]]:
    """Who has to do what after these entries."""
    return whose(matter("review", state, told=history("HS-1", *entries), clocks=[clock("step", "meeting")]))


def test_members_attend_then_vote_and_the_chair_comes_last() -> None:
    assert review("requested") == {("convene", "S001")}
    assert review("scheduled", CALLED) == {("attend", who) for who in ("S011", "S012", "S013")}
    away: Told = ("review.attended", "S013", {"leave": True, "chair": "S011"})
    assert review("scheduled", CALLED, away, SEATED[1]) == {("attend", "S011")}
    assert review("in_session", *OPENED) == {("vote", "S012"), ("vote", "S013")}
    voted: list[Told] = [("review.voted", who, {}) for who in ("S012", "S013")]
    assert review("in_session", *OPENED, voted[0]) == {("vote", "S013")}
    assert review("in_session", *OPENED, *voted) == {("vote", "S011")}
    whole: tuple[Told, ...] = (*OPENED, *voted, ("review.voted", "S011", {}))
    assert review("in_session", *whole) == {("close_session", "S011")}


def test_minutes_are_signed_by_those_present_the_chair_last() -> None:
    closed: tuple[Told, ...] = (*OPENED, ("review.closed", "S011", {}))
    assert review("resolved", *closed) == {("sign_minutes", "S012"), ("sign_minutes", "S013")}
    signed: list[Told] = [("review.minutes_countersigned", who, {}) for who in ("S012", "S013")]
    assert review("resolved", *closed, *signed) == {("sign_minutes", "S011")}
    over: Told = ("review.overridden", "S011", {})
    assert review("resolved", *closed, *signed, over) == {("sign_minutes", "S012"), ("sign_minutes", "S013")}
    last: Told = ("review.minutes_signed", "S011", {})
    assert review("minutes_signed", *closed, *signed, last) == {("execute", "S001")}


def test_who_withdraws_has_no_task_and_void_meetings_are_called_again() -> None:
    left: Told = ("review.recused", "S013", {"member": "S013", "chair": "S011", "void": False})
    assert review("in_session", *OPENED, left) == {("vote", "S012")}
    void: Told = ("review.recused", "S012", {"member": "S012", "chair": "S011", "void": True})
    assert review("requested", *OPENED, left, void) == {("convene", "S001")}
    assert review("scheduled", *OPENED, left, void, CALLED) == {("attend", "S011")}


TEAM = (("investigator", "S021"), ("investigator", "S022"), ("accused", "S002"))


def fault(state: str, *entries: Told, **fields: Any) -> set[tuple[str, str]]:
    """Who has to do what in a fault case."""
    return whose(matter("fault", state, told=history("GC-1", *entries), **fields))


def test_a_fault_case_is_investigated_heard_and_decided() -> None:
    assert fault("investigating") == {("appoint", "S001")}
    assert fault("investigating", people=TEAM) == {("report", "S021"), ("report", "S022")}
    reported: Told = ("fault.reported", "S021", {})
    assert fault("reported", reported, people=TEAM) == {("countersign", "S022"), ("notify_facts", "S001")}
    window = clock("window", "defence/S002", owner="S002")
    assert fault("noticed", people=TEAM, clocks=[window]) == {("defend", "S002")}
    ended = window | {"stopped": True}
    assert fault("noticed", people=TEAM, clocks=[ended]) == {("verify", "S021"), ("verify", "S022")}
    assert fault("verified") == {("convene", "S001")}
    called: Told = ("fault.convened", "S001", CALLED[2])
    assert ("attend", "S012") in fault("verified", called)
    assert ("convene", "S001") not in fault("verified", called)


def test_nobody_is_accused_in_his_own_inbox_before_he_is_told() -> None:
    for state in ("lead", "screening", "investigating", "reported"):
        assert "S002" not in {who for _, who in fault(state, people=TEAM)}
    assert "S002" not in parts_of(matter("fault", "investigating", people=TEAM))


def test_steps_beside_the_states_are_tasks_of_those_they_run_against() -> None:
    recusal = clock("step", "recusal/S021", owner="S080", due="2026-06-20")
    other = clock("step", "recusal/S022", owner="S080", due="2026-06-19")
    ruling = clock("step", "transfer/T-1/ruling", owner="S080")
    found = tasks_of(matter("fault", "decided", clocks=[recusal, other, ruling]))
    shown = {(task.what, task.assignee): task.due for task in found}
    assert shown == {
        ("serve", "S001"): None,
        ("rule_recusal", "S080"): "2026-06-19",
        ("rule_transfer", "S080"): "2026-06-17",
    }
    reversed_clocks = tasks_of(matter("fault", "decided", clocks=[ruling, other, recusal]))
    assert set(reversed_clocks) == set(found)


def test_co_owners_contribute_until_they_have() -> None:
    people = (("owner", "S001"), ("co_owner", "S005"), ("co_owner", "S006"))
    told = history("DC-1", ("supervision.contributed", "S005", {}))
    standing = matter("supervision", "in_progress", people=people, told=told)
    assert whose(standing) == {("report", "S001"), ("contribute", "S006")}
    again = remembered(told, "DC-1", "supervision.assigned", "S090", {"to": "registry"})
    assert "contributed" not in again


def test_a_report_is_work_of_the_post_because_two_of_it_sign() -> None:
    (task,) = tasks_of(matter("report", "reviewed", owner_post="supervisor"))
    assert (task.what, task.kind, task.assignee) == ("sign", POST, "supervisor")
    assert tasks_of(matter("report", "distributed")) == ()


def test_a_complaint_is_nobodys_task_but_its_owners() -> None:
    people = (("accused", "S002"), ("colleague", "S003"), ("owner", "S001"), ("handler", "S004"))
    standing = matter("complaint", "assigned", people=people)
    assert whose(standing) == {("handle", "S001")}
    assert parts_of(standing) == {"S001", "S004"}


def test_a_card_that_is_only_proposed_is_unknown_to_those_it_is_about() -> None:
    people = (("addressee", "S002"), ("judge", "S001"))
    assert parts_of(matter("card", "proposed", people=people)) == {"S001"}
    assert parts_of(matter("card", "served", people=people)) == {"S001", "S002"}

"""Lateness (LT1, LT2): owner of the clock on the due day, those above him, and those who kept him waiting."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.liability import NOT_IN_LOG, Grade
from tests.rules.calendars import china
from tests.rules.liability_events import HANDLER, HOUSE, Chain, asked, degrees, found, proposal

CHIEF, DEPUTY = "1303", "1002"
POST = "land-use-handler"


def late(clock: str = "promise", day: str = "06-12") -> Chain:
    """The handler has worked on it, and a limit of his passed."""
    return Chain().add("duty.accepted", HANDLER, "handler", "06-02").breached(clock, HANDLER, day, post=POST)


def test_the_owner_on_the_due_day_is_direct() -> None:
    """Nobody above him answers while no card failed and the statute is kept."""
    given = proposal(late(), [], "F04")
    assert (given.rule, given.incomplete, degrees(given)) == ("LT1", False, {HANDLER: "D"})
    row = given.rows[0]
    assert (row.grade, row.entries, row.post, row.role) == (Grade.GENERAL, (3,), POST, "clock_owner")


def test_the_chief_answers_for_a_card_that_was_not_rectified() -> None:
    """M only once a yellow card of this delay was served and its rectify limit passed as well."""
    chain = late().carded("c1", "Y2", "promise", HANDLER, "06-12")
    assert degrees(proposal(chain, [], "F04")) == {HANDLER: "D"}
    chain.add("card.not_rectified", "system", "system", "06-17", of=HANDLER, card_id="c1")
    given = proposal(chain, [], "F04")
    assert degrees(given) == {HANDLER: "D", CHIEF: "M"}
    assert {row.officer: row.entries for row in given.rows}[CHIEF] == (3, 5)
    chain.add("card.revoked", "system", "system", "06-18", of=HANDLER, card={"id": "c1"})
    assert degrees(proposal(chain, [], "F04")) == {HANDLER: "D"}


def test_a_card_of_another_delay_is_not_the_chiefs_here() -> None:
    """The stage's card says nothing of the promise."""
    chain = late().carded("c1", "Y1", "stage", HANDLER, "06-12")
    chain.add("card.not_rectified", "system", "system", "06-17", of=HANDLER, card_id="c1")
    assert degrees(proposal(chain, [], "F04")) == {HANDLER: "D"}


def test_the_deputy_answers_once_the_statute_passed() -> None:
    """And the fault is a serious one."""
    given = proposal(late("statutory"), [], "F04")
    assert degrees(given) == {HANDLER: "D", DEPUTY: "I"}
    assert {row.grade for row in given.rows} == {Grade.SERIOUS}


def test_a_withdrawn_breach_is_none() -> None:
    """Then no rule fits, and nobody is blamed."""
    chain = late().add("clock.breach_withdrawn", "system", "system", "06-13", clock="promise", ref="")
    given = proposal(chain, [], "F04")
    assert (given.rule, given.rows, given.incomplete) == ("", (), True)


def test_the_fault_names_its_clocks() -> None:
    """A passed stage is F06 and not F04."""
    assert proposal(late("stage"), [], "F06").rule == "LT1"
    assert proposal(late("stage"), [], "F04").rule == ""


def test_an_excuse_counts_once_somebody_found_it() -> None:
    """L14 is not asked for where entries stand by themselves."""
    given = proposal(late(), found("cause=force_majeure"), "F04")
    assert (given.rule, degrees(given)) == ("L14", {HANDLER: "none"})


def test_of_a_hand_over_on_the_last_day_the_sender_answers() -> None:
    """LT2: offered on the due day to somebody in whose hands it ran out; a day before, the owner answers."""
    for day, expected in (("06-11", {"1401": "D", HANDLER: "none"}), ("06-10", {HANDLER: "D"})):
        chain = Chain().add("duty.offered", "1401", "handler", day, to=POST, post="planning-handler")
        chain.add("duty.accepted", HANDLER, "handler", f"2026-{day}T10:00:00+08:00")
        given = proposal(chain.breached("promise", HANDLER, "06-12", post=POST), [], "F04")
        assert degrees(given) == expected, day


def test_of_a_hand_over_after_his_own_limit_the_sender_answers() -> None:
    """His own stage's limit had passed before he sent it on."""
    chain = Chain().add("case.noted", "1401", "handler", "06-02").breached("stage", "1401", "06-05", ref="H")
    chain.add("duty.offered", "1401", "handler", "06-08", to=POST, post="planning-handler")
    given = proposal(chain, [], "F06")
    assert (given.rule, degrees(given)) == ("LT2", {"1401": "D"})


def test_a_hand_over_that_nobody_took_is_the_receiving_chiefs() -> None:
    """LT2 while the offer lies there; once it was taken over, the limit is its owner's."""
    untaken = Chain().add("duty.offered", "1401", "handler", "06-08", to=POST, post="planning-handler")
    untaken.breached("handover", HANDLER, "06-10", ref="offer", post=POST)
    assert degrees(proposal(untaken, [], "F05")) == {HANDLER: "none", CHIEF: "D"}
    while_it_lay = [*untaken.events]
    untaken.breached("promise", "1401", "06-12", post="planning-handler")
    given = proposal(untaken, [], "F04")
    assert (given.rule, degrees(given)) == ("LT2", {"1401": "none", CHIEF: "D"})

    taken = Chain()
    taken.events = while_it_lay
    taken.add("duty.accepted", HANDLER, "handler", "06-11").breached("promise", HANDLER, "06-16", post=POST)
    assert (proposal(taken, [], "F04").rule, degrees(proposal(taken, [], "F04"))) == ("LT1", {HANDLER: "D"})


def test_whether_an_idle_owner_was_absent_is_asked() -> None:
    """LT2: he did nothing although his post has a B officer; only people can tell whether he was there."""
    chain = Chain().breached("promise", HANDLER, "06-12", post=POST)
    assert asked(proposal(chain, [], "F04")) == {f"absence@{HANDLER}"}
    gone = proposal(chain, found(f"absence=yes@{HANDLER}"), "F04")
    assert (gone.rule, degrees(gone), gone.rows[0].role) == ("LT2", {HANDLER: "D"}, "absent_a")
    there = proposal(chain, found(f"absence=no@{HANDLER}"), "F04")
    assert (there.rule, degrees(there)) == ("LT1", {HANDLER: "D"})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("wrong", ("LT2", {"1303": "D", HANDLER: "none"})), ("right", ("LT1", {HANDLER: "D"}))],
)
def test_a_wrong_suspension_is_its_requesters(answer: str, expected: tuple[str, dict[str, str]]) -> None:
    """LT2; whether it was wrong is asked where there was one."""
    chain = Chain().add("duty.accepted", HANDLER, "handler", "06-02")
    chain.add("case.suspension_requested", "1303", "reviewer", "06-03", post="land-use-chief")
    chain.add("case.suspended", DEPUTY, "approver", "06-03").breached("promise", HANDLER, "06-12", post=POST)
    assert asked(proposal(chain, [], "F04")) == {"suspension"}
    given = proposal(chain, found(f"suspension={answer}"), "F04")
    told = {who: degree for who, degree in degrees(given).items() if who in expected[1]}
    assert (given.rule, told) == expected


def test_whom_the_record_does_not_name_is_not_in_it() -> None:
    """Posts unknown to the rules: chief and deputy of the owner are not in the log."""
    house = HOUSE.model_copy(update={"posts": (), "sections": ()})
    chain = Chain().breached("statutory", "Resource04", "06-12", post="Group 5")
    given = proposal(chain, [], "F04", house)
    assert [(row.officer, row.role, row.degree.value) for row in given.rows] == [
        ("Resource04", "clock_owner", "D"),
        (NOT_IN_LOG, "deputy_in_charge", "I"),
    ]


def test_who_held_it_for_how_many_working_days() -> None:
    """Across a weekend, a public holiday and a make-up day: 19 to 21 June are off, 14 February is worked."""
    chain = Chain()
    chain.events[0]["time"] = "2026-06-17T09:00:00+08:00"
    chain.add(
        "duty.accepted", "1401", "handler", "06-23", view={"owner": "1401", "owner_post": "planning-handler"}
    )
    chain.add(
        "case.noted", "1401", "handler", "06-24", view={"owner": "1401", "owner_post": "planning-handler"}
    )
    held = [(each.officer, each.since, each.until, each.days) for each in proposal(chain, [], "F07").held]
    assert held == [
        (HANDLER, date(2026, 6, 17), date(2026, 6, 23), 3),
        ("1401", date(2026, 6, 23), date(2026, 6, 24), 1),
    ]


def test_spring_festival_and_its_make_up_days_in_what_was_held() -> None:
    """From Friday 13 February: Saturday 14 is worked, 15 to 23 is off, Saturday 28 is worked."""
    chain = Chain()
    chain.events[0]["time"] = "2026-02-13T09:00:00+08:00"
    chain.add("case.noted", HANDLER, "handler", "2026-03-02T09:00:00+08:00")
    house = HOUSE.model_copy(update={"calendar": china(2026, 2027)})
    assert [each.days for each in proposal(chain, [], "F07", house).held] == [7]

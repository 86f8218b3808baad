"""Cards without an engine: which verdict on whom, and what absorbs what (domain 2.9)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from rules import cards
from rules.moments import Moment, expiry_of, issue_day
from schemas.card_rules import Escalation, Recipient
from schemas.clocks import Clock, ClockKind, Limit, Suspension
from schemas.matters import Card, CardStatus
from schemas.profile import Rules
from starter.rulebook import rules_for
from tests.workflows.house import CALENDAR, PROFILE, at, day

RULES: Rules = rules_for(PROFILE, "LX-LS-01", date(2026, 6, 1), sections=("cards",)).model_copy(
    update={"calendar": CALENDAR}
)
ESCALATION = Escalation(card="R1", to=(Recipient.DEPUTY,), cause="not_rectified", basis="示例")
OWNER = ("1301", "land-use-handler")
BREACH = at("06-11 00:00")


def clock(kind: ClockKind, ref: str = "", start: str = "06-08", n: int = 2, **more: object) -> Clock:
    """A clock of the examiner's."""
    return Clock.model_validate({"kind": kind, "ref": ref, "start": day(start), "limit": Limit(n=n), **more})


def card(code: str, kind: ClockKind = ClockKind.STAGE, **more: object) -> Card:
    """An open card."""
    about = {"id": f"x/{code}", "code": code, "clock": kind, "cause": "overdue", "status": CardStatus.OPEN}
    return Card.model_validate({**about, "breached_at": BREACH, "issue_day": day("06-11"), **more})


def breach(broken: Clock, owner: tuple[str, str], n: int) -> Card:
    """The card of a clock of a case."""
    row = cards.rule_of(RULES.cards, "case", broken)
    assert row is not None
    return cards.for_breach("LX-1", row, broken, BREACH, owner, RULES, n)


@pytest.mark.parametrize(
    ("kind", "code", "addressees", "copies"),
    [
        (ClockKind.STAGE, "Y1", ("1301",), ("1303",)),
        (ClockKind.ACCEPTANCE, "Y1", ("1301",), ("1303",)),
        (ClockKind.DELIVERY, "Y1", ("1301",), ("1303",)),
        (ClockKind.SPECIAL, "Y1", ("1301",), ("1303",)),
        (ClockKind.PROMISE, "Y2", ("1301", "1303"), ()),
        (ClockKind.HANDOVER, "Y3", ("1303",), ()),
        (ClockKind.STATUTORY, "R2", ("1301", "1303", "1002"), ()),
    ],
)
def test_whose_card_it_is(
    kind: ClockKind, code: str, addressees: tuple[str, ...], copies: tuple[str, ...]
) -> None:
    """Owner, section chief, deputy head in charge."""
    found = breach(clock(kind), OWNER, 0)
    assert (found.code, found.addressees, found.copies) == (code, addressees, copies)
    assert (found.id, found.status) == (f"LX-1/{code}-1", CardStatus.DUE)


def test_a_card_is_addressed_where_the_chief_is_unknown() -> None:
    """A hand-over to a post the rules do not hold is still somebody's card."""
    found = breach(clock(ClockKind.HANDOVER), ("1301", "nowhere"), 3)
    assert (found.id, found.addressees) == ("LX-1/Y3-4", ("1301",))


@pytest.mark.parametrize(
    ("breached_at", "issued"),
    [
        ("06-11 00:00", "06-11"),  # due on Wednesday: Thursday
        ("06-13 00:00", "06-15"),  # due on Friday: Monday
        ("02-15 00:00", "02-24"),  # due on a worked Saturday before Spring Festival
        ("02-28 00:00", "02-28"),  # due on Friday before a worked Saturday
        ("06-10 17:00", "06-11"),  # ended at closing time: the day after the due day
        ("2038-01-01 00:00", "2038-01-04"),  # due on 31 December
    ],
)
def test_a_card_is_issued_on_the_first_working_day_after_the_due_day(breached_at: str, issued: str) -> None:
    """Make-up days count, holidays do not."""
    assert issue_day(at(breached_at), RULES) == day(issued)


def test_a_card_not_corrected_turns_red_for_all_who_knew_and_the_deputy_head() -> None:
    """R1 to the same and to the deputy head in charge; it names the card it grew from."""
    yellow = card("Y1", addressees=("1301",), copies=("1303",))
    red = cards.escalated("LX-1", yellow, at("06-16 00:00"), ESCALATION, RULES, 1)
    assert (red.code, red.follows, red.addressees) == ("R1", yellow.id, ("1301", "1303", "1002"))
    assert (red.clock, red.issue_day) == (ClockKind.STAGE, day("06-16"))


@pytest.mark.parametrize(
    ("new", "kind", "taken"),
    [
        ("Y2", ClockKind.PROMISE, ["Y1"]),
        ("R2", ClockKind.STATUTORY, ["Y1", "Y2", "R1"]),
        ("Y1", ClockKind.STAGE, []),
        ("Y3", ClockKind.HANDOVER, []),
    ],
)
def test_the_stronger_takes_the_weaker_of_the_same_delay(new: str, kind: ClockKind, taken: list[str]) -> None:
    """Not cards of other delays, not corrected ones, not those that are over."""
    there = (
        card("Y1"),
        card("Y2", ClockKind.PROMISE),
        card("R1"),
        card("Y3", ClockKind.HANDOVER),
        card("Y1", id="acceptance", clock=ClockKind.ACCEPTANCE),
        card("Y1", id="corrected", corrected=True),
        card("Y1", id="revoked", status=CardStatus.REVOKED),
    )
    assert [each.code for each in cards.absorbed(there, card(new, kind))] == taken


@pytest.mark.parametrize(
    ("open_card", "kind", "code", "covered"),
    [
        ("R1", ClockKind.PROMISE, "Y2", True),
        ("Y1", ClockKind.PROMISE, "Y2", False),
        ("Y2", ClockKind.STAGE, "Y1", True),
        ("R2", ClockKind.STAGE, "Y1", True),
        ("R1", ClockKind.STATUTORY, "R2", False),
        ("R2", ClockKind.PROMISE, "Y2", True),
        ("R2", ClockKind.HANDOVER, "Y3", False),
    ],
)
def test_one_delay_never_has_two_cards(open_card: str, kind: ClockKind, code: str, covered: bool) -> None:
    """While a stronger card of it is open, a further limit is an entry in that one."""
    found = cards.stronger((card(open_card, ClockKind.STAGE),), kind, code)
    assert (found is not None) == covered


def test_absorption_frees_no_addressee() -> None:
    """Persons of the absorbed cards move along; nobody is both addressed and copied."""
    new = card("Y2", ClockKind.PROMISE, addressees=("1302", "1303"))
    old = card("Y1", addressees=("1301",), copies=("1303",))
    merged = cards.merged(new, (old,))
    assert (merged.addressees, merged.copies, merged.follows) == (("1302", "1303", "1301"), (), old.id)


def test_a_red_card_comes_of_the_rectify_limit_of_its_yellow_one() -> None:
    """And only of that one: it falls when that limit turns out not to have passed."""
    red = card("R1", follows="x/Y1")
    rectify = clock(ClockKind.RECTIFY, "x/Y1")
    assert cards.comes_of(red, rectify)
    assert not cards.comes_of(red, clock(ClockKind.RECTIFY, "x/Y2"))
    assert not cards.comes_of(card("Y2", follows="x/Y1"), rectify)
    assert cards.comes_of(card("Y1", ref="H"), clock(ClockKind.STAGE, "H"))
    assert not cards.comes_of(card("Y1", ref="H"), clock(ClockKind.STAGE, "R"))


def test_what_falls_on_one_instant_goes_in_its_order() -> None:
    """An escalation before a new breach, the statute before the promise, the stronger card first."""
    instant = at("06-16 00:00")
    moments = [
        Moment(instant, "issue", card=card("Y1")),
        Moment(instant, "expired"),
        Moment(instant, "issue", card=card("R2", ClockKind.STATUTORY)),
        Moment(instant, "rectify_expired"),
        Moment(instant, "statutory_expired"),
        Moment(at("06-15 23:00"), "deputy"),
    ]
    ordered = sorted(moments, key=lambda moment: moment.rank)
    told = [moment.card.code if moment.card else moment.what for moment in ordered]
    assert told == ["deputy", "rectify_expired", "statutory_expired", "expired", "R2", "Y1"]


def span(start: str, end: str, ground: str = "expert_review") -> Suspension:
    """A closed suspension."""
    return Suspension(start=day(start), end=day(end), ground=ground)


@pytest.mark.parametrize(
    ("spans", "expires"),
    [
        ((), "06-11 00:00"),
        ((span("06-09", "06-12"),), "06-16 00:00"),  # a day was left: it is the Monday after
        ((span("06-10", "06-12"),), "06-13 00:00"),  # stopped on its due day: with the day it goes on
        ((span("06-12", "06-17"),), "06-11 00:00"),  # stopped when it was over: over it stays
        ((span("06-10", "06-12", "elsewhere"),), "06-13 00:00"),  # sent back with no day left
        ((span("06-11", "06-12", "elsewhere"),), "06-13 00:00"),  # sent back when it was over
    ],
)
def test_no_limit_ends_while_its_clock_stands_still(spans: tuple[Suspension, ...], expires: str) -> None:
    """A verdict never dates from a day on which nothing could be done."""
    found = expiry_of(clock(ClockKind.STAGE, suspensions=spans), RULES)
    assert isinstance(found, datetime)
    assert found == at(expires)

"""Irregularities besides lateness, without an engine: which entry meets which trigger (domain 3.1 A)."""

from __future__ import annotations

from typing import Any

import pytest

from rules.triggers import YEAR, concerned, late_days, lead_about, matching, proposed
from schemas.entries import EntryDraft
from schemas.matters import CardStatus
from tests.rules.test_cards import RULES
from tests.workflows.house import CALENDAR, PROFILE, at, day

CARDS = PROFILE.cards
TRIGGERS = {trigger.code: trigger for trigger in CARDS.triggers}


def refused(act: str, code: str) -> tuple[str, dict[str, Any]]:
    """A refusal as an entry tells of it."""
    return "act.refused", {"act": act, "refused": code}


MET: list[tuple[tuple[str, dict[str, Any]], list[str]]] = [
    (refused("charge", "zero_fee"), ["zero-fee"]),
    (refused("charge", "over_fee"), ["over-fee"]),
    (refused("charge", "receipt_no_required"), []),
    (refused("notify_correction", "second_notice"), ["second-notice"]),
    (refused("refuse", "reason_required"), ["no-reasons"]),
    (refused("decide", "remedy_required"), ["no-reasons"]),
    (refused("hand_over", "reason_required"), []),
    (refused("sign_stage", "resolution_required"), ["no-resolution"]),
    (refused("sign_stage", "out_of_order"), ["stage-skipped"]),
    (refused("result_ready", "stages_open"), ["stage-skipped"]),
    (refused("sign_stage", "four_eyes"), ["same-person"]),
    (refused("accept", "blocked"), ["blocked"]),
    (refused("accept", "wrong_state"), []),
    (("duty.offered", {"pingpong": True}), ["ping-pong"]),
    (("duty.offered", {"pingpong": False}), []),
    (("case.deemed_accepted", {}), ["deemed-accepted"]),
    (("case.noted", {"latedays": 2}), ["back-entry"]),
    (("case.noted", {"latedays": 1}), []),
    (("case.noted", {}), []),
    # A late stage is a card of its clock already: here it would be the second one for one delay.
    (("clock.breached", {"clock": "stage", "ref": "H"}), []),
]


@pytest.mark.parametrize(("entry", "met"), MET)
def test_what_an_entry_shows(entry: tuple[str, dict[str, Any]], met: list[str]) -> None:
    """Type and data decide, and nothing else does."""
    kind, data = entry
    assert [trigger.code for trigger in matching(CARDS, kind, data)] == met


def test_every_trigger_is_met_by_something_and_names_a_card_or_a_lead() -> None:
    """No dead rows: each irregularity of the published list has an entry that shows it."""
    assert {code for _, met in MET for code in met} == set(TRIGGERS)
    assert {trigger.card for trigger in CARDS.triggers} == {"Y4", "R3", None}
    red = {code for code, trigger in TRIGGERS.items() if trigger.card == "R3"}
    assert red == {"zero-fee", "over-fee", "no-resolution", "stage-skipped", "blocked"}


def test_without_rules_of_cards_nothing_is_met() -> None:
    """A matter begun before there were any."""
    assert list(matching(None, *refused("charge", "zero_fee"))) == []


def draft(actor: str, **more: Any) -> EntryDraft:
    """An entry by somebody."""
    return EntryDraft(type="act.refused", time=at("06-15 09:00"), actor=actor, role="unverified", **more)


@pytest.mark.parametrize(
    ("code", "entry", "person"),
    [
        ("zero-fee", draft("1101"), "1101"),
        ("zero-fee", draft("1102"), "1102"),
        ("zero-fee", draft("nobody"), ""),
        ("deemed-accepted", draft("system", on_behalf_of="1101"), "1101"),
        ("deemed-accepted", draft("system"), ""),
    ],
)
def test_whose_card_it_would_be(code: str, entry: EntryDraft, person: str) -> None:
    """Who did it, or on whose account the engine did; strangers are nobody's card."""
    assert concerned(TRIGGERS[code], entry, RULES) == person


def test_what_is_proposed_is_no_card_yet() -> None:
    """It names trigger, fault and basis, and waits."""
    trigger = TRIGGERS["second-notice"]
    card = proposed("LX-1/Y4-1", trigger, "1101", draft("1101"), day("06-15"))
    assert (card.code, card.status, card.addressees) == ("Y4", CardStatus.PROPOSED, ("1101",))
    assert (card.cause, card.fault, card.basis) == ("second-notice", "F03", "行政许可法 第72条")
    assert (card.clock, card.rectify_due) == (None, None)


def test_a_lead_cites_the_entry_that_shows_it() -> None:
    """A lead says where to look; it finds nothing."""
    lead = lead_about(TRIGGERS["deemed-accepted"], "1101", ("case", "LX-1"), 7)
    assert lead["codes"] == ["F01"]
    assert lead["evidence"] == [{"kind": "case", "number": "LX-1", "seq": 7}]
    assert lead["accused"] == ["1101"]


@pytest.mark.parametrize(
    ("happened", "told", "days"),
    [
        ("06-15", "06-15", 0),
        ("06-15", "06-16", 1),
        ("06-12", "06-15", 1),  # over a weekend
        ("06-12", "06-16", 2),
        ("02-14", "02-24", 1),  # a worked Saturday, then Spring Festival
        ("02-13", "02-24", 2),
        ("12-31", "2038-01-04", 1),  # over the year's end
        ("06-15", "06-12", 0),
        ("01-04", "2038-12-01", YEAR),
    ],
)
def test_how_many_working_days_late_an_entry_was_made(happened: str, told: str, days: int) -> None:
    """Working days; the day of the fact does not count."""
    assert late_days(CALENDAR, day(happened), day(told)) == days

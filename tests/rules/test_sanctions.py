"""Measures: four ladders, their weight, their periods, their part in the appraisal (domain 3.6, 3.9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from rules.appraisal import CardFact, FindingFact, dismissal_due, effects, section_hundredths, year_of
from rules.refusals import Refusal
from rules.sanctions import (
    check_criminal,
    check_measure,
    check_party,
    check_sanction,
    criminal_of,
    handling_of,
    heavier,
    party_of,
    path_of,
    period_end,
    sanction_of,
    sanctioned_until,
    weight,
)
from schemas.fault_measures import CriminalRecord, Measure, PartyRecord, SanctionRecord
from starter.rulebook import load_profile
from tests.workflows.house import PROFILE

RULES, OLD = PROFILE.faults, load_profile("laixi2008").faults
LADDERS: dict[str, Callable[..., Any]] = {
    "handling": handling_of,
    "sanctions": sanction_of,
    "party": party_of,
    "criminal": criminal_of,
}


@pytest.mark.parametrize("entered", LADDERS)
@pytest.mark.parametrize("belongs", LADDERS)
def test_no_measure_of_one_ladder_is_entered_as_one_of_another(entered: str, belongs: str) -> None:
    """By code: all of them, in both directions."""
    for step in getattr(RULES, belongs):
        if entered == belongs:
            assert LADDERS[entered](step.code, RULES) == step
            assert LADDERS[entered](step.name, RULES) == step
            continue
        with pytest.raises(Refusal) as refusal:
            LADDERS[entered](step.code, RULES)
        assert refusal.value.code == "wrong_ladder"


@pytest.mark.parametrize("name", ["党内严重警告", "留党察看", "开除党籍", "取保候审", "逮捕", "通报批评"])
def test_party_and_criminal_measures_are_no_administrative_sanctions(name: str) -> None:
    """Said in words as well: the refusal names the ladder it belongs to."""
    with pytest.raises(Refusal) as refusal:
        sanction_of(name, RULES)
    assert refusal.value.code == "wrong_ladder"
    with pytest.raises(Refusal) as unknown:
        sanction_of("罚站", RULES)
    assert unknown.value.code == "unknown_measure"


def test_the_bureau_proposes_sanctions_and_never_decides_them_as_handling() -> None:
    """A measure of the bureau is of its own ladder alone."""
    check_measure(Measure(officer="1201", handling=("org-admonition",), sanction="adm-demerit"), RULES)
    for wrong in (
        Measure(officer="1201", handling=("adm-warning",)),
        Measure(officer="1201", sanction="org-move"),
        Measure(officer="1201", sanction="party-warning"),
        Measure(officer="1201", handling=("crim-bail",)),
    ):
        with pytest.raises(Refusal) as refusal:
            check_measure(wrong, RULES)
        assert refusal.value.code == "wrong_ladder"


ORDER = [
    Measure(officer="1201"),
    Measure(officer="1201", handling=("org-education",)),
    Measure(officer="1201", handling=("org-admonition",)),
    Measure(officer="1201", handling=("org-admonition", "org-education")),
    Measure(officer="1201", handling=("org-circulated",)),
    Measure(officer="1201", handling=("org-move", "org-education")),
    Measure(officer="1201", sanction="adm-warning"),
    Measure(officer="1201", sanction="adm-warning", handling=("org-education",)),
    Measure(officer="1201", sanction="adm-demerit"),
    Measure(officer="1201", sanction="adm-dismissal"),
]
"""From the lightest to the heaviest."""


def test_weight_is_a_total_order() -> None:
    """Each is heavier than the one before, so that 'never heavier' has one meaning."""
    for lighter, worse in pairwise(ORDER):
        assert weight(worse, RULES) > weight(lighter, RULES)
        assert list(heavier([worse], [lighter], RULES)) == ["1201"]
        assert list(heavier([lighter], [worse], RULES)) == []
        assert list(heavier([lighter], [lighter], RULES)) == []
    assert list(heavier([ORDER[1]], [], RULES)) == ["1201"]


# -- what other organs decided ------------------------------------------------------------


def record(**said: object) -> SanctionRecord:
    """A demerit by the supervisory commission."""
    about = {"officer": "1201", "sanction": "adm-demerit", "organ": "supervisory_commission", "number": "1"}
    days = {"decided_on": "2037-06-15", "effective_on": "2037-06-15"}
    return SanctionRecord.model_validate({**about, **days, **said})


def test_organs_are_those_of_the_ladder() -> None:
    """Who may sanction sanctions; the Party disciplines; the judicial organs measure."""
    check_sanction(record(), (), RULES)
    check_sanction(record(organ="city_government"), (), RULES)
    party = {"officer": "1201", "discipline": "party-warning", "number": "1", "decided_on": "2037-06-15"}
    crime = {"officer": "1201", "measure": "crim-bail", "number": "1", "since": "2037-06-15"}
    check_party(PartyRecord.model_validate({**party, "organ": "discipline_committee"}), RULES)
    check_criminal(CriminalRecord.model_validate({**crime, "organ": "public_security"}), RULES)
    attempts: list[Callable[[], None]] = [
        lambda: check_sanction(record(organ="discipline_committee"), (), RULES),
        lambda: check_sanction(record(organ="public_security"), (), RULES),
        lambda: check_party(PartyRecord.model_validate({**party, "organ": "city_government"}), RULES),
        lambda: check_criminal(CriminalRecord.model_validate({**crime, "organ": "city_government"}), RULES),
    ]
    for attempt in attempts:
        with pytest.raises(Refusal) as refusal:
            attempt()
        assert refusal.value.code == "wrong_organ"


def test_never_two_sanctions_for_one_act() -> None:
    """Neither by the same organ nor by the other; a revoked one is none (政务处分法 第16条)."""
    for organ in ("supervisory_commission", "city_government"):
        with pytest.raises(Refusal) as refusal:
            check_sanction(record(organ=organ), (record(),), RULES)
        assert refusal.value.code == "sanctioned_before"
    check_sanction(record(), (record(revoked=True),), RULES)
    check_sanction(record(officer="1205"), (record(),), RULES)


def test_the_remedy_follows_from_the_organ() -> None:
    """公务员法 Art.95 against the employer, 政务处分法 Art.56 against the supervisory organ."""
    assert path_of(record(organ="city_government"), RULES) == "employer"
    assert path_of(record(), RULES) == "supervisory"
    check_sanction(record(organ="supervision_bureau"), (), OLD)
    with pytest.raises(Refusal):
        check_sanction(record(organ="supervision_bureau"), (), RULES)


# -- periods ------------------------------------------------------------------------------

PERIODS = [
    ("2037-06-15", 6, "2037-12-14"),
    ("2037-08-31", 6, "2038-02-28"),  # no such day in February: the month's last
    ("2037-08-28", 6, "2038-02-27"),
    ("2037-08-29", 6, "2038-02-28"),
    ("2035-08-31", 6, "2036-02-29"),
    ("2036-02-29", 12, "2037-02-28"),
    ("2037-01-01", 12, "2037-12-31"),  # over the year end
    ("2036-08-20", 6, "2037-02-19"),  # a day of Spring Festival: nothing moves
    ("2037-04-03", 6, "2037-10-02"),  # a day of the National Day holiday
    ("2037-03-15", 24, "2039-03-14"),
]


@pytest.mark.parametrize(("start", "months", "last"), PERIODS)
def test_a_period_ends_before_its_corresponding_day(start: str, months: int, last: str) -> None:
    """At 24:00 of the day before, on a rest day too."""
    assert period_end(date.fromisoformat(start), months) == date.fromisoformat(last)


def test_the_lengths_are_those_of_the_law() -> None:
    """警告 6, 记过 12, 记大过 18, 降级 and 撤职 24 months, 开除 none (政务处分法 第8条)."""
    months = {step.code: step.months for step in RULES.sanctions}
    assert months == {
        "adm-warning": 6,
        "adm-demerit": 12,
        "adm-major-demerit": 18,
        "adm-demotion": 24,
        "adm-removal": 24,
        "adm-dismissal": None,
    }
    assert sanctioned_until("adm-dismissal", date(2037, 6, 15), (), RULES) is None
    assert not next(step for step in RULES.sanctions if step.code == "adm-warning").holds_pay


def test_a_new_sanction_during_a_period() -> None:
    """2008: what remains and the new one together, at most 48 months; today each runs for itself."""
    start, running = date(2037, 6, 15), (date(2037, 12, 14),)
    assert sanctioned_until("adm-demerit", start, running, OLD) == date(2038, 12, 14)
    assert sanctioned_until("adm-demerit", start, running, RULES) == date(2038, 6, 14)
    long = (date(2040, 6, 14),)  # 36 months left, and 24 new ones
    assert sanctioned_until("adm-removal", start, long, OLD) == date(2041, 6, 14)
    over = (date(2037, 6, 14),)
    assert sanctioned_until("adm-demerit", start, over, OLD) == date(2038, 6, 14)


# -- appraisal ----------------------------------------------------------------------------


def card(colour: str, status: str, on: str = "2037-06-15", officer: str = "1201") -> CardFact:
    """A card on somebody of the registry."""
    return CardFact(
        officer=officer, section="registry", colour=colour, status=status, issued_on=date.fromisoformat(on)
    )


def finding(grade: str = "general", effective: str = "2037-07-28", **said: object) -> FindingFact:
    """A finding about something of March 2037, decided in June."""
    about = {"officer": "1201", "section": "registry", "grade": grade, "happened_on": "2037-03-02"}
    return FindingFact.model_validate(
        {**about, "decided_on": "2037-06-25", "effective_on": effective, **said}
    )


def test_what_cards_and_findings_cost() -> None:
    """Yellow 1 or 2, red 5, a finding 5 or 20; a revoked or absorbed card nothing."""
    rules = RULES.appraisal
    cards = [
        card("yellow", "rectified"),
        card("yellow", "open"),
        card("red", "open"),
        card("red", "revoked"),
        card("yellow", "absorbed"),
        card("yellow", "due"),
        card("red", "open", on="2036-12-31"),
    ]
    (found,) = effects(2037, cards, [], {}, rules)
    assert (found.points, found.no_honours) == (1 + 2 + 5, False)
    assert section_hundredths([found], "registry", rules) == 400
    (judged,) = effects(2037, cards, [finding()], {}, rules)
    assert (judged.points, judged.no_honours, judged.to_personnel) == (13, True, False)
    (serious,) = effects(2037, [], [finding("serious", sanction="adm-major-demerit")], {}, rules)
    assert (serious.points, serious.to_personnel, serious.leader_review) == (20, True, True)
    assert effects(2037, [], [finding(revoked=True)], {}, rules) == ()


def test_a_finding_after_its_cycle_was_closed_goes_to_the_year_of_the_decision() -> None:
    """With a note; before the closing it counts where it belongs."""
    closed = {2037: date(2038, 1, 20)}
    late = finding(effective="2038-02-22", decided_on="2038-01-22")
    assert year_of(late, closed) == 2038
    assert year_of(finding(effective="2038-01-20"), closed) == 2037
    assert year_of(late, {}) == 2037
    (found,) = effects(2038, [], [late], closed, RULES.appraisal)
    assert found.notes == ("2037-03-02",)
    assert effects(2037, [], [late], closed, RULES.appraisal) == ()


def test_each_person_stands_for_himself() -> None:
    """By staff number, and a section bears half of what its people lose."""
    cards = [card("yellow", "rectified"), card("yellow", "rectified", officer="1205")]
    found = effects(2037, cards, [finding()], {}, RULES.appraisal)
    assert [(each.officer, each.points) for each in found] == [("1201", 6), ("1205", 1)]
    assert section_hundredths(found, "registry", RULES.appraisal) == 350
    assert section_hundredths(found, "planning", RULES.appraisal) == 0


@pytest.mark.parametrize(
    ("grades", "due"),
    [
        (["incompetent", "incompetent"], True),
        (["competent", "incompetent", "incompetent"], True),
        (["incompetent", "competent", "incompetent"], False),
        (["incompetent", "incompetent", "competent"], False),
        (["incompetent"], False),
        ([], False),
    ],
)
def test_two_years_running_without_a_pass(grades: list[str], due: bool) -> None:
    """Then dismissal is considered, by people (公务员法 第88条)."""
    assert dismissal_due(grades, RULES.appraisal) is due

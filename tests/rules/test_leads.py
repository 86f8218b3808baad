"""Leads: who handles one, who may look into it, what is never dropped, what is too old (domain 3.2, 3.3)."""

from __future__ import annotations

from datetime import date

import pytest

from rules.leads import (
    chain_of,
    check_lead,
    check_not_accepted,
    check_team,
    code_of,
    route,
    source_of,
    time_barred,
)
from rules.refusals import Refusal
from schemas.fault import Lead
from schemas.fault_acts import NotAcceptedGround, NotAcceptLead
from schemas.fault_rules import FaultRules
from tests.workflows.house import PROFILE

RULES = PROFILE.faults

ROUTES = [
    # whom it is about -> route, post, who handles it, only sent up
    ((), "ordinary", "supervisor", "1901", False),
    (("1201",), "ordinary", "supervisor", "1901", False),
    (("1002",), "ordinary", "supervisor", "1901", False),  # stands in for the head, but is a deputy head
    (("1901",), "about_supervision", "discipline", "1005", False),
    (("1902",), "about_supervision", "discipline", "1005", False),
    (("1201", "1902"), "about_supervision", "discipline", "1005", False),
    (("1005",), "about_discipline", "head", "1001", True),
    (("1006",), "about_discipline", "head", "1001", True),
    (("1901", "1005"), "about_discipline", "head", "1001", True),
    (("1001",), "about_head", "discipline", "1005", True),
    (("1001", "1901"), "about_head", "discipline", "1005", True),
    (("1001", "1005"), "about_head", "discipline", "1006", True),
    (("1001", "1005", "1006"), "about_head", "office-chief", "1801", True),
]


@pytest.mark.parametrize(("accused", "code", "post", "officer", "outside"), ROUTES)
def test_nobody_handles_a_lead_about_himself(
    accused: tuple[str, ...], code: str, post: str, officer: str, outside: bool
) -> None:
    """The whole table of routes."""
    found = route(accused, PROFILE.posts, RULES)
    assert (found.route, found.post.code, found.officer, found.outside) == (code, post, officer, outside)
    assert found.officer not in accused


def test_a_lead_about_everybody_who_could_handle_it_has_no_way() -> None:
    """It is refused instead of being given to somebody it is about."""
    everybody = ("1001", "1002", "1005", "1006", "1801", "1802", "1901", "1902")
    with pytest.raises(Refusal, match="没有可以处理") as refusal:
        route(everybody, PROFILE.posts, RULES)
    assert refusal.value.code == "no_route"


def test_a_profile_without_routes_handles_nothing() -> None:
    """Rules that say nothing of leads give nobody any power over one."""
    with pytest.raises(Refusal):
        route(("1201",), PROFILE.posts, FaultRules())


MUST = "complaint red_card reconsideration court state_compensation upper_level congress reconciliation"
MAY = "audit media self_report supervision_check detector"


@pytest.mark.parametrize("source", MUST.split())
@pytest.mark.parametrize("ground", ["no_fault", "not_ours"])
def test_what_must_be_screened_is_never_dropped(source: str, ground: str) -> None:
    """Whatever the reason, whoever was told."""
    act = not_accepted(ground, notified="电话")
    with pytest.raises(Refusal) as refusal:
        check_not_accepted(Lead(source=source), act, date(2037, 6, 15), RULES)
    assert refusal.value.code == "must_screen"


@pytest.mark.parametrize("source", MAY.split())
def test_the_others_may_be_not_accepted(source: str) -> None:
    """With the reason; a reporter who gave his name is told."""
    act = not_accepted("no_fault")
    check_not_accepted(Lead(source=source), act, date(2037, 6, 15), RULES)
    with pytest.raises(Refusal) as refusal:
        check_not_accepted(Lead(source=source, named=True), act, date(2037, 6, 15), RULES)
    assert refusal.value.code == "reporter_untold"
    told = not_accepted("no_fault", notified="书面答复")
    check_not_accepted(Lead(source=source, named=True), told, date(2037, 6, 15), RULES)


def not_accepted(ground: str, **said: object) -> NotAcceptLead:
    """The act of not accepting a lead."""
    about = {"id": "1", "officer": "1901", "post": "supervisor", "reason": "查无实据"}
    return NotAcceptLead.model_validate({**about, "ground": NotAcceptedGround(ground), **said})


BARRED = [
    # happened on, found on, codes, goes on still -> too old
    ("2035-06-15", "2037-06-15", ("F04",), False, False),
    ("2035-06-14", "2037-06-15", ("F04",), False, True),
    ("2036-02-29", "2038-02-28", ("F04",), False, False),  # no 29 February then: its last day
    ("2036-02-29", "2038-03-01", ("F04",), False, True),
    ("2035-12-31", "2037-12-31", ("F04",), False, False),
    ("2035-12-31", "2038-01-01", ("F04",), False, True),  # the year end moves nothing
    ("2035-02-14", "2037-02-16", ("F04",), False, True),  # nor does Spring Festival
    ("2020-01-01", "2037-06-15", ("F04",), True, False),
    ("2020-01-01", "2037-06-15", ("F16",), False, False),
    ("2020-01-01", "2037-06-15", ("F04", "F17"), False, False),
    ("2020-01-01", "2037-06-15", ("F18",), False, False),
    ("2020-01-01", "2037-06-15", ("F04", "F07"), False, True),
    ("2020-01-01", "2037-06-15", (), False, False),  # nobody knows yet what it is
    (None, "2037-06-15", ("F04",), False, False),
]


@pytest.mark.parametrize(("happened", "found", "codes", "ongoing", "barred"), BARRED)
def test_what_lies_two_years_back_is_not_pursued(
    happened: str | None, found: str, codes: tuple[str, ...], ongoing: bool, barred: bool
) -> None:
    """Not for what goes on still, nor for forgery, leaks and bribes."""
    on = date.fromisoformat(happened) if happened else None
    lead = Lead(source="audit", codes=codes, occurred_on=on, ongoing=ongoing)
    assert time_barred(lead, date.fromisoformat(found), RULES) is barred


def test_the_time_bar_ends_even_what_must_be_screened() -> None:
    """And it is no excuse where it has not passed."""
    old = Lead(source="complaint", codes=("F04",), occurred_on=date(2034, 1, 1))
    check_not_accepted(old, not_accepted("time_barred"), date(2037, 6, 15), RULES)
    fresh = old.model_copy(update={"occurred_on": date(2037, 1, 1)})
    with pytest.raises(Refusal) as refusal:
        check_not_accepted(fresh, not_accepted("time_barred"), date(2037, 6, 15), RULES)
    assert refusal.value.code == "not_barred"
    dated = not_accepted("time_barred", occurred_on="2034-01-01")
    check_not_accepted(fresh, dated, date(2037, 6, 15), RULES)


def test_channels_and_faults_are_those_of_the_profile() -> None:
    """A lead by an unknown channel, or of an unknown fault, is no lead."""
    for code, lead in (
        ("unknown_source", Lead(source="rumour")),
        ("unknown_fault", Lead(source="audit", codes=("F99",))),
    ):
        with pytest.raises(Refusal) as refusal:
            check_lead(lead, RULES)
        assert refusal.value.code == code
    assert {f"F{n:02d}" for n in range(1, 24)} == {each.code for each in RULES.codes}
    assert code_of("F16", RULES).grade == "especially_serious"
    assert source_of(Lead(source="red_card"), RULES).must_screen


PEOPLE = (
    ("accused", "1201"),
    ("chain", "1205"),
    ("related", "1301"),
    ("witness", "1303"),
    ("member", "1002"),
    ("desk", "1901"),
)
STAFF = {"1201", "1205", "1301", "1303", "1501", "1503", "1002", "1901"}

TEAMS = [
    (("1501", "1503"), ""),
    (("1501", "1503", "1901"), ""),
    (("1501",), "team_too_small"),
    (("1501", "1501"), "team_too_small"),
    ((), "team_too_small"),
    (("1501", "1201"), "too_near"),
    (("1501", "1205"), "too_near"),
    (("1501", "1301"), "too_near"),
    (("1501", "1303"), "too_near"),
    (("1501", "7777"), "no_officer"),
]


@pytest.mark.parametrize(("team", "code"), TEAMS)
def test_who_investigates(team: tuple[str, ...], code: str) -> None:
    """At least two, nobody of the chain, related, accused or a witness (政务处分法 第42条)."""
    if not code:
        check_team(team, PEOPLE, STAFF, RULES)
        return
    with pytest.raises(Refusal) as refusal:
        check_team(team, PEOPLE, STAFF, RULES)
    assert refusal.value.code == code


def test_the_chain_is_who_decided_not_who_supervised() -> None:
    """Whoever noted, chased or designated for the offices belongs to no decision chain."""
    acted = [
        ("window", "1101"),
        ("handler", "1201"),
        ("supervision_office", "1901"),
        ("approver", "1003"),
        ("handler", "1201"),
        ("office", "1801"),
        ("system", "system"),
        ("discipline_secretary", "1005"),
    ]
    assert chain_of(acted) == ("1101", "1201", "1003")

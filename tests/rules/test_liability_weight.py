"""Grade, range and circumstances (domain 3.5), the table as data, and the bytes of a proposal."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.facts import digest_of
from rules.liability import propose
from schemas.errors import UsageError
from schemas.liability import Degree, Evidence, Finding, Grade, Ladder, Proposal
from schemas.liability_rules import Condition, LiabilityRules
from starter.rulebook import load_profile, rules_for
from tests.rules.liability_events import (
    APPROVER,
    HANDLER,
    HOUSE,
    PROFILE,
    REVIEWER,
    STAFF,
    Chain,
    asked,
    decided_chain,
    degrees,
    found,
    opinions,
    proposal,
)

WRONG = [*STAFF, *opinions("wrong", "wrong", "wrong"), *found(f"concealment=no@{HANDLER}")]


def measures(made: Proposal) -> dict[str, tuple[str, ...]]:
    """Staff number to the measures of his range."""
    return {row.officer: tuple(m for each in row.ranges for m in each.measures) for row in made.rows}


def test_ranges_by_grade_and_degree() -> None:
    """General faults stay with the bureau's own handling; serious ones are the sanction's ladder (S53)."""
    chain = Chain().signed(HANDLER, "handler").signed(REVIEWER, "reviewer").decided()
    general = proposal(chain, WRONG, "F12")
    assert {row.grade for row in general.rows} == {Grade.GENERAL}
    assert {each.ladder for row in general.rows for each in row.ranges} == {Ladder.ORGANISATION}
    assert measures(general)[APPROVER] == ("org-self-criticism", "org-admonition")
    serious = proposal(chain, WRONG, "F08")
    assert measures(serious) == {
        HANDLER: ("adm-warning", "adm-demerit", "adm-major-demerit", "adm-demotion"),
        REVIEWER: ("adm-warning", "adm-demerit", "adm-major-demerit"),
        APPROVER: ("adm-warning", "adm-demerit"),
    }
    graver = proposal(chain, found("cause=staff", f"part=main@{HANDLER}"), "F16")
    assert measures(graver)[HANDLER] == ("adm-removal", "adm-dismissal")


def test_the_range_of_land_approval_is_its_own() -> None:
    """F07 on an item of land: warning or demerit; heavier with an aggravating finding (S60)."""
    assert measures(proposal(decided_chain(), WRONG))[HANDLER] == ("adm-warning", "adm-demerit")
    worse = proposal(decided_chain(), [*WRONG, *found(f"intent=yes@{HANDLER}", f"intent=no@{REVIEWER}")])
    assert measures(worse)[HANDLER] == ("adm-major-demerit", "adm-demotion")
    assert measures(worse)[REVIEWER] == ("adm-warning", "adm-demerit")
    assert {row.officer: row.heavier for row in worse.rows}[HANDLER] == ("intent",)
    elsewhere = decided_chain()
    for event in elsewhere.events:
        event["data"]["view"]["item"] = "LX-KC-01"
    assert "adm-demotion" in measures(proposal(elsewhere, WRONG))[HANDLER]


def test_every_measure_is_a_step_of_its_ladder() -> None:
    """The ladders are those of the profile's rules on faults, and they are not mixed."""
    steps = {
        Ladder.ORGANISATION: {each.code for each in PROFILE.faults.handling},
        Ladder.ADMINISTRATIVE: {each.code for each in PROFILE.faults.sanctions},
    }
    table = PROFILE.liability
    assert table.land is not None
    used = [each for row in table.ranges for each in row.ranges]
    used += [table.land.ordinary, table.land.heavier, table.land.grave]
    assert all(set(each.measures) <= steps[each.ladder] for each in used)
    assert {each.code for each in table.grades} == {each.code for each in PROFILE.faults.codes}
    grades = {each.code: each.grade for each in table.grades}
    assert grades == {each.code: each.grade for each in PROFILE.faults.codes}


def test_lighter_and_free() -> None:
    """Reporting it himself is told; a general fault corrected at once frees him, a serious one does not."""
    said = found(f"self_report=yes@{HANDLER}", f"minor_corrected=yes@{HANDLER}")
    general = proposal(decided_chain(), [*WRONG, *said], "F12")
    assert degrees(general)[HANDLER] == "none"
    assert "免予处理" in general.rows[0].because_zh
    serious = proposal(decided_chain(), [*WRONG, *said], "F08")
    assert (serious.rows[0].degree, serious.rows[0].lighter) == (Degree.DIRECT, ("self_report",))


def test_a_grade_that_depends_on_a_finding_is_asked() -> None:
    """F20: serious if the result was affected."""
    parts = found("cause=staff", f"part=main@{HANDLER}")
    open_one = proposal(decided_chain(), parts, "F20")
    assert (asked(open_one), open_one.rows[0].grade, open_one.rows[0].ranges) == (
        {"result_affected"},
        None,
        (),
    )
    settled = proposal(decided_chain(), [*parts, *found("result_affected=yes")], "F20")
    assert settled.rows[0].grade is Grade.SERIOUS


def test_the_older_local_rule_turns_the_degrees_round() -> None:
    """Another table, the same entries and findings: degrees are data, not code."""
    older = rules_for(
        load_profile("laixi2008-reversed"), "LX-LS-01", date(2009, 6, 1), sections=("liability",)
    )
    now, then = proposal(decided_chain(), WRONG), proposal(decided_chain(), WRONG, house=older)
    assert (now.rule, degrees(now)) == ("L04", {HANDLER: "D", REVIEWER: "M", APPROVER: "I"})
    assert (then.rule, degrees(then)) == ("L04", {HANDLER: "M", REVIEWER: "D", APPROVER: "D"})
    assert (now.profile, then.profile) == ("current", "laixi2008-reversed")
    assert now.digest != then.digest


MANY = [*WRONG, *found(f"intent=yes@{HANDLER}", f"cooperated=yes@{REVIEWER}", f"corrected=yes@{APPROVER}")]


@settings(max_examples=60, deadline=None)
@given(st.permutations(MANY), st.sets(st.integers(0, len(MANY) - 1)))
def test_the_order_of_findings_makes_no_difference(mixed: list[Finding], twice: set[int]) -> None:
    """The same entries, findings and rules give the same bytes, however often and in what order."""
    once = proposal(decided_chain(), MANY)
    again = proposal(decided_chain(), [*mixed, *(MANY[n] for n in twice)])
    assert again.model_dump_json() == once.model_dump_json()
    assert digest_of(once.model_copy(update={"digest": ""}).model_dump(mode="json")) == once.digest


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(MANY), unique_by=lambda each: each.model_dump_json()))
def test_whatever_is_found_everybody_has_a_row(some: list[Finding]) -> None:
    """Open exactly while a question is: nobody who signed is left out, and nothing is told twice."""
    made = proposal(decided_chain(), some)
    assert [row.officer for row in made.rows] == [HANDLER, REVIEWER, APPROVER]
    assert made.incomplete == bool(made.open_questions)
    assert all(row.entries and row.because_zh and row.because_en for row in made.rows)
    if made.rule == "":
        assert {row.degree for row in made.rows} == {Degree.OPEN}


def test_answering_what_is_asked_completes_a_proposal() -> None:
    """Whatever the answers: the questions lead to an end."""
    choose = random.Random(20260601)
    for _ in range(100):
        findings: list[Finding] = []
        made = proposal(decided_chain(), findings)
        while asked(made) - {"no_rule"}:
            first = made.open_questions[0]
            answer = choose.choice(first.answers)
            who = "1001" if (first.question, answer) == ("order", "given") else first.who
            findings.append(Finding(question=first.question, answer=answer, who=who))
            made = proposal(decided_chain(), findings)
        assert (made.rule != "") != made.incomplete


def test_evidence_is_missed() -> None:
    """A finding without evidence is used, and named as unproven."""
    proven = Finding(question="cause", answer="staff", evidence=(Evidence(text="询问笔录"),))
    assert proposal(decided_chain(), [proven, *found("order=none")]).unproven == ("order",)


@pytest.mark.parametrize(
    ("fault", "said", "code"),
    [
        ("F99", (), "unknown_fault"),
        ("F07", ("weather=bad",), "unknown_finding"),
        ("F07", ("cause=luck",), "unknown_finding"),
    ],
)
def test_what_the_table_does_not_know_is_refused(fault: str, said: tuple[str, ...], code: str) -> None:
    """With the words it does know."""
    with pytest.raises(UsageError) as caught:
        proposal(decided_chain(), found(*said), fault)
    assert caught.value.code == code


def test_a_matter_without_entries_has_no_proposal() -> None:
    """There is nothing to rest it on."""
    with pytest.raises(UsageError, match="no entries"):
        propose([], [], "F07", PROFILE.liability, HOUSE)


@pytest.mark.parametrize(
    "condition",
    [
        {"point": "late"},
        {"point": "late", "value": ["yes"], "all": [{"point": "late", "value": ["yes"]}]},
        {"value": ["yes"]},
        {"of": "handler", "any": [{"point": "late", "value": ["yes"]}]},
    ],
)
def test_a_condition_is_one_thing(condition: dict[str, object]) -> None:
    """A slip of the pen in a table is refused when it is read."""
    with pytest.raises(ValidationError, match="条件须为其一"):
        Condition.model_validate(condition)


@pytest.mark.parametrize(
    ("when", "who"),
    [
        ({"point": "weather", "value": ["bad"]}, "handler"),
        ({"point": "late", "value": ["perhaps"]}, "handler"),
        ({"point": "present", "of": "gardener", "value": ["yes"]}, "handler"),
        ({"point": "late", "value": ["yes"]}, "gardener"),
    ],
)
def test_a_table_speaks_the_closed_language(when: dict[str, object], who: str) -> None:
    """No point, value or capacity that the code would not understand."""
    rule = {"code": "L01", "zh": "甲", "en": "a", "basis": "b", "when": when}
    with pytest.raises(ValidationError, match="没有这"):
        LiabilityRules.model_validate({"rules": [rule | {"answers": [{"who": who, "degree": "D"}]}]})

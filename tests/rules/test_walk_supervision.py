"""Who may do what in a supervision matter, without an engine; its limits and sheets; what is watched."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from rules.policy import Position
from rules.procedures import PROCEDURES, SUPERVISION, SupervisionStage
from rules.refusals import Refusal
from rules.supervision import carer, limit_of, next_level, type_of
from rules.watch import watched
from schemas.entries import EntryDraft
from schemas.matters import Duty
from schemas.profile import Role
from schemas.supervision_rules import Level
from starter.rulebook import load_profile
from tests.rules.test_policy import EVERYBODY, outcome, said
from tests.workflows.house import at
from tests.workflows.supervision_desk import rules_of

OPEN = "proposed registered assigned in_progress reported verified reopened"
OFFICE = "supervision_office discipline_secretary"
VERIFIERS = f"{OFFICE} deputy_head head"
WORKED = "owner co_owner"
TABLE = {
    "note": (OPEN, "anyone", ""),
    "adopt_calendar": (OPEN, "office supervision_office", ""),
    "adopt_profile": (OPEN, "office supervision_office", ""),
    "enter": ("proposed", OFFICE, ""),
    "assign": ("registered reopened", OFFICE, ""),
    "take_over": ("assigned", "offered", ""),
    "contribute": ("in_progress", "co_owner", ""),
    "report_progress": ("in_progress", "duty", ""),
    "chase": ("assigned in_progress", OFFICE, ""),
    "report": ("in_progress", "duty", ""),
    "verify": ("reported", VERIFIERS, WORKED),
    "reopen": ("verified", VERIFIERS, WORKED),
    "close": ("verified", OFFICE, WORKED),
}
CAPACITIES = ("", "owner", "co_owner")
ON_DUTY, OFFERED = Role.REGISTRAR, Role.REVIEWER
WALK = list(product(TABLE, [*SupervisionStage], Role, CAPACITIES))


def expected(name: str, state: str, role: Role, capacity: str) -> str:
    """What the bureau's rules say."""
    states, who, barred = TABLE[name]
    if state == "closed":
        return "ended"
    if state not in states.split():
        return "wrong_state"
    match who:
        case "duty" if role is not ON_DUTY:
            return "not_on_duty"
        case "offered" if role is not OFFERED:
            return "not_offered"
        case "co_owner" if capacity != "co_owner":
            return "not_party"
    if who not in ("anyone", "duty", "offered", "co_owner") and role.value not in who.split():
        return "wrong_role"
    return "barred" if capacity in barred.split() else "allowed"


def where(state: str, role: Role, capacity: str) -> Position:
    """In the registrar's hands, offered to the reviewer; the acting person has one capacity."""
    duty = Duty(officer=f"a-{ON_DUTY.value}", post=ON_DUTY.value, since=at("06-15 09:00"))
    people = ((capacity, f"a-{role.value}"),) if capacity else ()
    return Position(rules=EVERYBODY, state=state, duty=duty, offered_post=OFFERED.value, people=people)


def test_the_table_names_the_same_acts() -> None:
    """No act without a line here, no line without an act."""
    assert set(TABLE) == set(PROCEDURES["supervision"].table)


def test_every_act_in_every_state_by_every_role_in_every_capacity() -> None:
    """The whole walk; the differences are listed together."""
    wrong = []
    for name, state, role, capacity in WALK:
        found = outcome(SUPERVISION.table[name], said(role), where(state, role, capacity), SUPERVISION)
        right = expected(name, state, role, capacity)
        if found != right:
            wrong.append((name, state.value, role.value, capacity, found, right))
    assert wrong == []
    assert len(WALK) > 4500


RULES = rules_of("supervision")


@pytest.mark.parametrize(
    ("kind", "stated", "days"),
    [
        ("document", None, 30),
        ("minutes", None, 20),
        ("instruction_urgent", None, 5),
        ("instruction_urgent", 1, 1),
        ("instruction_urgent", 6, None),
        ("instruction", None, 15),
        ("instruction", 40, 40),
        ("instruction_hard", None, 30),
        ("general", None, 15),
    ],
)
def test_the_limit_as_stated_else_of_the_type(kind: str, stated: int | None, days: int | None) -> None:
    """M08: 30, 20, 1-5, 15, 30, and 15 where nothing is said; all in calendar days, with their basis."""
    if days is None:
        with pytest.raises(Refusal) as refused:
            limit_of(type_of(RULES, kind), stated)
        assert refused.value.code == "stated_limit"
        return
    limit = limit_of(type_of(RULES, kind), stated)
    assert (limit.n, limit.unit.value) == (days, "calendar_day")
    assert limit.basis


def test_sheets_follow_each_other() -> None:
    """Blue, orange, red, and then no more; an urgent matter begins at orange."""
    plain, urgent = type_of(RULES, "instruction"), type_of(RULES, "instruction_urgent")
    assert next_level(RULES, plain, None) is Level.BLUE
    assert next_level(RULES, urgent, None) is Level.ORANGE
    steps = [next_level(RULES, plain, level) for level in Level]
    assert steps == [Level.ORANGE, Level.RED, None]


def test_the_supervision_office_does_not_care_for_its_own_work() -> None:
    """Then the discipline secretary does, to whom it answers."""
    assert carer(RULES).code == "supervisor"
    assert carer(RULES, ("1902",)).code == "discipline"


def entry(kind: str, actor: str = "system", account: str | None = None, **data: Any) -> EntryDraft:
    """An entry of some matter."""
    when = at("06-15 09:00")
    return EntryDraft(type=kind, time=when, actor=actor, role="x", on_behalf_of=account, data=data)


@pytest.mark.parametrize(
    ("draft", "accused"),
    [
        (entry("clock.breached", account="1901", clock="step"), "1901"),
        (entry("clock.breached", account="1902", clock="step"), "1902"),
        (entry("clock.breached", account="1005", clock="step"), "1005"),
        (entry("clock.breached", account="1201", clock="step"), None),
        (entry("clock.breached", account="1901", clock="promise"), None),
        (entry("clock.breached", clock="step"), None),
        (entry("lamp.yellow", account="1901", clock="step"), None),
    ],
)
def test_what_the_supervisors_leave_undone_is_watched(draft: EntryDraft, accused: str | None) -> None:
    """Their own limits, and nobody else's: those have cards."""
    found = watched(draft, RULES, "complaint", "TS-2037-000001", 7)
    if accused is None:
        assert found is None
        return
    assert found is not None
    assert found["accused"] == [accused]
    assert found["about"] == {"kind": "complaint", "number": "TS-2037-000001"}
    assert found["evidence"] == [{"kind": "complaint", "number": "TS-2037-000001", "seq": 7}]


def test_a_matter_without_the_section_is_not_watched() -> None:
    """What its rules do not hold cannot be judged by them."""
    draft = entry("clock.breached", account="1901", clock="step")
    assert watched(draft, RULES.model_copy(update={"supervision": None}), "case", "LX-1", 1) is None


def test_what_a_lead_is_about_is_known_to_the_fault_cases() -> None:
    """Every source and fault code that these rules name is one of the profile's own."""
    faults = rules_of("fault").faults
    rules = RULES.supervision
    assert faults is not None
    assert rules is not None
    sources, codes = {each.code for each in faults.sources}, {each.code for each in faults.codes}
    assert {each.source for each in rules.watched} | {"complaint", "supervision_check"} <= sources
    assert {code for each in rules.watched for code in each.faults} | {*rules.red_missed_faults} <= codes
    complaints = rules_of("complaint").complaints
    assert complaints is not None
    assert {code for each in complaints.types for code in each.faults} <= codes


def test_in_2008_there_was_one_sheet() -> None:
    """The three colours came later: a missed sheet is followed by none, whatever the matter."""
    then = load_profile("laixi2008").supervision
    rules = RULES.model_copy(update={"supervision": then})
    urgent = type_of(rules, "instruction_urgent")
    assert next_level(rules, urgent, None) is Level.BLUE
    assert next_level(rules, urgent, Level.BLUE) is None
    assert (then.red_missed_faults, urgent.longest) == ((), 5)

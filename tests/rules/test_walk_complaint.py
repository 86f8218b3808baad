"""Who may do what in a complaint: every act, in every state, by every role and capacity, without an engine.

The table is written from the bureau's rules (domain M09, M30), not from the code.
"""

from __future__ import annotations

from itertools import product

import pytest

from rules.complaints import check_owner, colleagues, desk_post, goes_up, ground_of, type_of
from rules.policy import Position, post_of
from rules.procedures import COMPLAINT, PROCEDURES, ComplaintStage
from rules.refusals import Refusal
from schemas.clocks import Limit
from schemas.complaint_rules import ComplaintType
from schemas.matters import Duty
from schemas.profile import Role
from starter.rulebook import load_profile
from tests.rules.test_policy import EVERYBODY, outcome, said
from tests.workflows.house import at
from tests.workflows.supervision_desk import rules_of

OPEN = (
    "registered accepted assigned disputed handled replied called_back reopened review reviewed recheck final"
)
IN_TIME = "accepted assigned disputed handled reopened"
DESK = "supervision_office discipline_secretary office"
WATCH = "supervision_office discipline_secretary"
OWN = "accused colleague"
TABLE = {
    "note": (OPEN, "anyone", OWN),
    "adopt_calendar": (OPEN, "office supervision_office", ""),
    "adopt_profile": (OPEN, "office supervision_office", ""),
    "accept": ("registered", DESK, OWN),
    "refuse": ("registered", DESK, OWN),
    "assign": ("accepted reopened", DESK, OWN),
    "dispute": ("assigned", "duty", OWN),
    "designate": ("disputed", WATCH, OWN),
    "handle": ("assigned", "duty", OWN),
    "extend": (IN_TIME, "head", "accused"),
    "explain_delay": (IN_TIME, "duty", OWN),
    "reply": ("handled", "duty", OWN),
    "call_back": ("replied reviewed final", DESK, f"{OWN} handler"),
    "reopen": ("called_back", DESK, f"{OWN} handler"),
    "request_review": ("replied called_back", f"{DESK} window", OWN),
    "answer_review": ("review", DESK, OWN),
    "request_recheck": ("reviewed called_back", f"{DESK} window", OWN),
    "answer_recheck": ("recheck", DESK, OWN),
    "read_identity": (OPEN, WATCH, OWN),
    "read_content": (OPEN, "duty", OWN),
    "close": ("called_back final", DESK, f"{OWN} handler"),
}
CAPACITIES = ("", "accused", "colleague", "handler")
ON_DUTY = Role.REGISTRAR
WALK = list(product(TABLE, [*ComplaintStage], Role, CAPACITIES))


def expected(name: str, state: str, role: Role, capacity: str) -> str:
    """What the bureau's rules say."""
    states, who, barred = TABLE[name]
    if state in ("not_accepted", "closed"):
        return "ended"
    if state not in states.split():
        return "wrong_state"
    if who == "duty" and role is not ON_DUTY:
        return "not_on_duty"
    if who not in ("anyone", "duty") and role.value not in who.split():
        return "wrong_role"
    return "barred" if capacity in barred.split() else "allowed"


def where(state: str, role: Role, capacity: str) -> Position:
    """A complaint in the registrar's hands that names the acting person in one capacity."""
    duty = Duty(officer=f"a-{ON_DUTY.value}", post=ON_DUTY.value, since=at("06-15 09:00"))
    people = ((capacity, f"a-{role.value}"),) if capacity else ()
    return Position(rules=EVERYBODY, state=state, duty=duty, people=people)


def test_the_table_names_the_same_acts() -> None:
    """No act without a line here, no line without an act."""
    assert set(TABLE) == set(PROCEDURES["complaint"].table)


def test_every_act_in_every_state_by_every_role_in_every_capacity() -> None:
    """The whole walk; the differences are listed together."""
    wrong = []
    for name, state, role, capacity in WALK:
        found = outcome(COMPLAINT.table[name], said(role), where(state, role, capacity), COMPLAINT)
        right = expected(name, state, role, capacity)
        if found != right:
            wrong.append((name, state.value, role.value, capacity, found, right))
    assert wrong == []
    assert len(WALK) > 15000


RULES = rules_of("complaint")


@pytest.mark.parametrize(
    ("accused", "sections", "post", "right"),
    [
        ((), (), "registry-handler", "fits"),
        (("1201",), (), "registry-handler", "accused_post"),
        (("1202",), (), "registry-handler", "accused_post"),
        (("1202",), (), "registry-clerk", "accused_section"),
        (("1205",), (), "registry-handler", "accused_section"),
        (("1201",), (), "planning-handler", "fits"),
        ((), ("planning",), "planning-chief", "accused_section"),
        (("1002",), (), "land-use-handler", "accused_superior"),
        (("1003",), (), "land-use-handler", "fits"),
        (("1003",), (), "mining-handler", "accused_superior"),
        (("1002",), (), "head", "accused_post"),
        (("1003",), (), "head", "accused_section"),
        (("1003",), (), "discipline", "fits"),
        (("1005",), (), "supervisor", "accused_superior"),
        (("1901",), (), "supervisor", "accused_post"),
        (("1902",), (), "discipline", "fits"),
    ],
)
def test_never_the_accused_nor_his_section_nor_who_is_under_him(
    accused: tuple[str, ...], sections: tuple[str, ...], post: str, right: str
) -> None:
    """Held against the A and B officer of every post, the chief and the deputy head in charge."""
    found = post_of(RULES, post)
    assert found is not None
    if right == "fits":
        check_owner(RULES, found, accused, sections)
        return
    with pytest.raises(Refusal) as refused:
        check_owner(RULES, found, accused, sections)
    assert refused.value.code == right


def test_no_post_with_a_connection_to_the_accused_ever_fits() -> None:
    """For every single member of staff and every post: whoever fits has nothing to do with him."""
    for accused in {who for post in RULES.posts for who in (post.a, post.b) if who}:
        theirs = {post.section for post in RULES.posts if accused in (post.a, post.b)}
        for post in RULES.posts:
            try:
                check_owner(RULES, post, (accused,), ())
            except Refusal:
                continue
            assert accused not in (post.a, post.b)
            assert post.section not in theirs or post.code == "discipline"


@pytest.mark.parametrize(
    ("accused", "sections", "handlers", "desk"),
    [
        ((), (), (), "supervisor"),
        (("1201",), (), (), "supervisor"),
        (("1901",), (), (), "discipline"),
        (("1902",), (), (), "discipline"),
        ((), ("supervision",), (), "discipline"),
        ((), (), ("1901", "1902"), "discipline"),
        (("1901", "1005"), (), (), "office-chief"),
        (("1005",), (), (), "supervisor"),
    ],
)
def test_who_takes_care_of_it(
    accused: tuple[str, ...], sections: tuple[str, ...], handlers: tuple[str, ...], desk: str
) -> None:
    """The supervision office, unless it is about that office or was its own work."""
    assert desk_post(RULES, accused, sections, handlers).code == desk


def test_a_complaint_about_the_head_or_the_discipline_secretary_goes_up() -> None:
    """About their A officer; a B officer has a superior here."""
    assert [who for who in ("1001", "1005", "1002", "1006", "1901") if goes_up(RULES, (who,))] == [
        "1001",
        "1005",
    ]


def test_the_discipline_secretary_is_nobodys_colleague() -> None:
    """He sits with the leaders and still looks into a deputy head."""
    assert set(colleagues(RULES, ("1003",), ())) == {"1001", "1002", "1003", "1004"}


def test_types_and_grounds_are_data() -> None:
    """Every ground leads somewhere; a report of a fault knows one ground only; 2008 knows no objection."""
    report = type_of(RULES, "fault_report")
    known = load_profile("current").complaints.grounds
    assert [ground.code for ground in known if _allowed(report, ground.code)] == ["upper_level"]
    for name in ("current", "laixi2008"):
        rules = load_profile(name).complaints
        assert all(ground.route for ground in rules.grounds)
        limits = (value for each in rules.types for _, value in each if hasattr(value, "basis"))
        assert all(limit.basis for limit in limits)
    then = {each.code: each for each in load_profile("laixi2008").complaints.types}
    assert then["petition"].objection is None
    assert then["petition"].review is not None
    with pytest.raises(Refusal):
        type_of(RULES, "grumble")


def _allowed(type_: ComplaintType, ground: str) -> bool:
    try:
        ground_of(RULES, type_, ground)
    except Refusal:
        return False
    return True


def test_2008_had_the_same_numbers_and_other_laws() -> None:
    """信访条例 2005: 15, 60 and 30, 30 and 30 days; only bases differ, and the objection (domain 2.12)."""
    now, then = (load_profile(name).complaints for name in ("current", "laixi2008"))
    for one, other in zip(now.types, then.types, strict=True):
        for name, value in one:
            before = getattr(other, name)
            if isinstance(value, Limit) and (one.code, name) != ("petition", "objection"):
                assert (before.n, before.unit) == (value.n, value.unit), (one.code, name)
            elif not isinstance(value, Limit) and not name.endswith("basis"):
                assert before == value, (one.code, name)
    assert now.model_copy(update={"types": ()}) == then.model_copy(update={"types": ()})

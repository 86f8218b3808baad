"""Who may do what: every act of both procedures, in every state, by every role, without an engine.

The tables below are written from the bureau's rules, not from the code; `rules.policy` has to agree with
each of their thousands of combinations, down to the code of the refusal.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from rules.policy import Position, check_state, check_stated, standing
from rules.procedures import CASE, PROCEDURES, ActRule, CaseStage, InquiryStage, Procedure, has_ended
from rules.refusals import WORDING, Refusal
from schemas.acts import Act
from schemas.matters import Duty
from schemas.profile import Post, Role, Rules, Section
from tests.workflows.house import CALENDAR, PROFILE, at

ALIVE = "received correction_pending in_stage suspended reported_up granted refused result_ready"
UNDECIDED = "received correction_pending in_stage suspended"

CASE_TABLE = {
    "note": (ALIVE, "anyone"),
    "accept": ("received correction_pending", "window"),
    "refuse": ("received", "window"),
    "notify_correction": ("received correction_pending", "window"),
    "resubmit": ("correction_pending in_stage suspended", "window"),
    "take_over": (ALIVE, "offered"),
    "sign_stage": ("in_stage granted", "stage"),
    "return_stage": ("in_stage", "stage"),
    "decide": ("in_stage", "stage"),
    "upper_result": ("reported_up", "window handler registrar"),
    "hand_over": ("in_stage", "duty"),
    "return_item": (ALIVE, "offered"),
    "escalate": (ALIVE, "duty"),
    "designate": (ALIVE, "office supervision_office"),
    "request_suspension": ("in_stage", "stage"),
    "suspend": ("in_stage", "reviewer approver deputy_head head"),
    "resume": ("suspended", "duty"),
    "request_extension": ("in_stage", "stage"),
    "extend": ("in_stage", "head"),
    "result_ready": ("granted refused", "window handler registrar"),
    "deliver": ("result_ready", "window handler registrar"),
    "withdraw": (UNDECIDED, "window"),
    "raise_flag": (
        UNDECIDED,
        "window handler registrar reviewer approver deputy_head head office supervision_office",
    ),
    "clear_flag": (UNDECIDED, "reviewer approver deputy_head head office supervision_office"),
    "charge": (ALIVE, "window"),
    "adopt_calendar": (ALIVE, "office supervision_office"),
    "adopt_profile": (ALIVE, "office supervision_office"),
    "end_of_log": (ALIVE, "importer"),
}

ASKED = "open handed_over accepted"
INQUIRY_TABLE = {
    "note": (f"{ASKED} answered", "anyone"),
    "answer": (ASKED, "duty"),
    "guide": (ASKED, "duty"),
    "hand_over": ("open accepted", "duty"),
    "take_over": ("handed_over", "offered"),
    "return_item": ("handed_over", "offered"),
    "escalate": (ASKED, "duty"),
    "designate": (ASKED, "office supervision_office"),
    "close": ("accepted answered", "duty"),
    "rate": (f"{ASKED} answered", "anyone"),
    "adopt_calendar": (f"{ASKED} answered", "office supervision_office"),
    "adopt_profile": (f"{ASKED} answered", "office supervision_office"),
}

STATES = {"case": [*CaseStage], "inquiry": [*InquiryStage]}
TABLES = {"case": CASE_TABLE, "inquiry": INQUIRY_TABLE}
WALK = [
    (kind, name, state, role)
    for kind, table in TABLES.items()
    for name, state, role in product(table, STATES[kind], Role)
]
STAGE, ON_DUTY, OFFERED = Role.HANDLER, Role.REGISTRAR, Role.REVIEWER
"""In the walk these roles' posts own the stage, have the duty, and are offered the matter."""


def post(role: Role, a: str = "", b: str | None = None, **more: object) -> Post:
    """A post that bears one role and its name."""
    about = {"code": role.value, "name": role.value, "name_en": role.value, "section": "s", "roles": (role,)}
    return Post.model_validate({**about, "a": a or f"a-{role.value}", "b": b or f"b-{role.value}", **more})


def rules(*posts: Post) -> Rules:
    """Rules that hold these posts, all of one section with chief and deputy head."""
    section = Section(code="s", name="s", name_en="s", chief_post="chief", deputy_post="deputy_head")
    return Rules(
        profile="p",
        profile_version="1",
        profile_sha256="0" * 64,
        thresholds=PROFILE.thresholds,
        sections=(section,),
        posts=posts,
        calendar=CALENDAR,
    )


EVERYBODY = rules(*(post(role) for role in Role))


def position(state: str, known: Rules = EVERYBODY, *played: tuple[Role, str]) -> Position:
    """A matter in the examiner's stage, in the registrar's hands, offered to the reviewer."""
    duty = Duty(officer=f"a-{ON_DUTY.value}", post=ON_DUTY.value, since=at("06-15 09:00"))
    return Position(
        rules=known,
        state=state,
        duty=duty,
        stage_post=STAGE.value,
        stage_role=STAGE,
        offered_post=OFFERED.value,
        roles_played=played,
    )


def said(role: Role, officer: str = "", **more: str) -> Act:
    """An act by the A officer of a role's post, with nothing left unsaid."""
    about = {
        "id": "1",
        "officer": officer or f"a-{role.value}",
        "post": role.value,
        "opinion": "o",
        "reason": "r",
    }
    return Act.model_validate({**about, **more})


def outcome(rule: ActRule, act: Act, where: Position, procedure: Procedure = CASE) -> str:
    """`allowed`, or the code of the refusal, in the order in which the kernel asks."""
    try:
        check_state(rule, where.state, procedure)
        standing(rule, act, where)
    except Refusal as refusal:
        return refusal.code
    return "allowed"


def expected(kind: str, states: str, who: str, state: str, role: Role) -> str:
    """What the bureau's rules say."""
    if has_ended(kind, state):
        return "ended"
    if state not in states.split():
        return "wrong_state"
    match who:
        case "anyone":
            return "allowed"
        case "importer":
            return "not_imported"
        case "stage":
            return "allowed" if role is STAGE else "not_stage_owner"
        case "duty":
            return "allowed" if role is ON_DUTY else "not_on_duty"
        case "offered":
            return "allowed" if role is OFFERED else "not_offered"
    return "allowed" if role.value in who.split() else "wrong_role"


def test_the_tables_name_the_same_acts() -> None:
    """No act without a line here, no line without an act."""
    assert {kind: set(table) for kind, table in TABLES.items()} == {
        kind: set(PROCEDURES[kind].table) for kind in TABLES
    }


@pytest.mark.parametrize("kind", sorted(set(PROCEDURES) - set(TABLES)))
def test_every_other_procedure_is_walked_too(kind: str) -> None:
    """In a file of its own, like the ones here."""
    assert Path(__file__).with_name(f"test_walk_{kind}.py").exists()


def test_every_act_in_every_state_by_every_role() -> None:
    """The whole walk; the differences are listed together."""
    wrong = []
    for kind, name, state, role in WALK:
        found = outcome(PROCEDURES[kind].table[name], said(role), position(state), PROCEDURES[kind])
        right = expected(kind, *TABLES[kind][name], state, role)
        if found != right:
            wrong.append((kind, name, state.value, role.value, found, right))
    assert wrong == []
    assert len(WALK) > 6000


def test_a_stranger_is_refused_everywhere() -> None:
    """Neither A nor B of the post: refused in every act that the state would allow."""
    for kind, name, state, role in WALK:
        rule = PROCEDURES[kind].table[name]
        if state in rule.states:
            assert outcome(rule, said(role, officer="stranger"), position(state)) == "not_in_post"
            assert outcome(rule, said(role, post="nowhere"), position(state)) == "unknown_post"


def test_b_acts_on_behalf_of_a() -> None:
    """AB 岗: same powers, own answer, and the entry says for whom."""
    found = standing(CASE.table["accept"], said(Role.WINDOW, officer="b-window"), position("received"))
    assert (found.officer, found.on_behalf_of, found.auth_ref) == ("b-window", "a-window", "AB")
    itself = standing(CASE.table["accept"], said(Role.WINDOW), position("received"))
    assert (itself.on_behalf_of, itself.auth_ref) == (None, None)


@pytest.mark.parametrize("played", [Role.HANDLER, Role.REVIEWER, Role.APPROVER])
@pytest.mark.parametrize("now", [Role.HANDLER, Role.REVIEWER, Role.APPROVER])
def test_nobody_is_two_of_handler_reviewer_and_approver(played: Role, now: Role) -> None:
    """Again in the same role he may act; the other two are closed to him, also for taking over."""
    here = post(now, "same")
    where = Position(
        rules=rules(here),
        state="in_stage",
        duty=None,
        stage_post=now.value,
        stage_role=now,
        offered_post=now.value,
        roles_played=((played, "same"),),
    )
    right = "allowed" if played is now else "four_eyes"
    assert outcome(CASE.table["sign_stage"], said(now, officer="same"), where) == right
    assert outcome(CASE.table["take_over"], said(now, officer="same"), where) == right


def test_other_roles_are_not_kept_apart() -> None:
    """Window and registrar may be one person; only the three that decide are separated."""
    where = position(
        "in_stage", rules(post(Role.HANDLER, "same")), (Role.WINDOW, "same"), (Role.REGISTRAR, "same")
    )
    assert outcome(CASE.table["sign_stage"], said(Role.HANDLER, officer="same"), where) == "allowed"


@pytest.mark.parametrize(
    ("excluded", "acting", "right"),
    [
        (("a-handler", "b-handler"), "a-deputy_head", "allowed"),
        (("a-handler", "b-handler"), "b-deputy_head", "allowed"),
        (("a-handler",), "a-deputy_head", "not_stage_owner"),
        ((), "a-deputy_head", "not_stage_owner"),
        (("a-handler", "b-handler", "a-deputy_head"), "a-deputy_head", "four_eyes"),
    ],
)
def test_the_deputy_head_stands_in_where_a_and_b_are_excluded(
    excluded: tuple[str, ...], acting: str, right: str
) -> None:
    """2.8: and he himself must not have acted in another role."""
    played = tuple((Role.REVIEWER, who) for who in excluded)
    known = rules(post(Role.HANDLER), post(Role.DEPUTY_HEAD), post(Role.HEAD))
    where = position("in_stage", known, *played)
    assert outcome(CASE.table["sign_stage"], said(Role.DEPUTY_HEAD, officer=acting), where) == right


def test_another_sections_deputy_head_does_not_stand_in() -> None:
    """Only the one in charge of the stage's section."""
    other = post(Role.DEPUTY_HEAD, "o1", "o2", code="other-deputy")
    known = rules(post(Role.HANDLER), post(Role.DEPUTY_HEAD), other)
    where = position("in_stage", known, (Role.REVIEWER, "a-handler"), (Role.REVIEWER, "b-handler"))
    act = said(Role.DEPUTY_HEAD, officer="o1", post="other-deputy")
    assert outcome(CASE.table["sign_stage"], act, where) == "not_stage_owner"


@pytest.mark.parametrize("kind", PROCEDURES)
def test_what_must_be_said_is_demanded(kind: str) -> None:
    """Blank is unsaid; every demanded field has its own refusal."""
    for rule in PROCEDURES[kind].table.values():
        for need in rule.needs:
            whole: dict[str, Any] = {field: "x" for field in rule.needs}
            act = rule.payload.model_construct(**{**whole, need: "  "})
            with pytest.raises(Refusal) as refused:
                check_stated(rule, act)
            assert refused.value.code == f"{need}_required"
            assert f"{need}_required" in WORDING

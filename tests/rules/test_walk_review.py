"""Who may do what in a joint review: every act, in every state, by every role and capacity.

The table is written from the bureau's rules (domain M19), not from the code.
"""

from __future__ import annotations

from itertools import product

import pytest

from rules.checks import check
from rules.minutes import absent_of, base_now, counted, digest_of_minutes, dissent, minutes_of, present_now
from rules.policy import Position
from rules.procedures import REVIEW, ReviewStage
from rules.quorum import ABSTAIN
from rules.wording.review import WORDING
from schemas.matters import Duty
from schemas.profile import Profile, Role
from schemas.review import Session
from schemas.review_rules import SessionRules
from tests.rules.test_policy import EVERYBODY, outcome, said
from tests.workflows.house import PROFILE, at

ALIVE = "requested scheduled in_session resolved minutes_signed"
KEEPERS = "handler reviewer joint_review city_government office"
TABLE = {
    "note": (ALIVE, "anyone"),
    "adopt_calendar": (ALIVE, "office supervision_office"),
    "adopt_profile": (ALIVE, "office supervision_office"),
    "convene": ("requested scheduled", "joint_review city_government office"),
    "attend": ("scheduled in_session", "=member"),
    "recuse": ("scheduled in_session", "=member"),
    "vote": ("in_session", "=member"),
    "close_session": ("in_session", "=chair"),
    "sign_minutes": ("resolved", "=member"),
    "override": ("resolved", "=chair"),
    "seal": ("requested scheduled in_session", "=chair =convener"),
    "end_sale": ("minutes_signed", KEEPERS),
    "unseal": (ALIVE, "=custodian"),
    "execute": ("minutes_signed", KEEPERS),
    "withdraw": ("requested scheduled", "joint_review city_government office"),
}
"""Act: states, and roles; with `=` capacities in the matter."""

CAPACITIES = ("", "member", "chair", "convener", "custodian")
WALK = list(product(TABLE, [*ReviewStage], Role, CAPACITIES))


def expected(name: str, state: str, role: Role, capacity: str) -> str:
    """What the bureau's rules say."""
    states, who = TABLE[name]
    if state in ("executed", "withdrawn"):
        return "ended"
    if state not in states.split():
        return "wrong_state"
    if who.startswith("="):
        return "allowed" if f"={capacity}" in who.split() else "not_party"
    return "allowed" if who == "anyone" or role.value in who.split() else "wrong_role"


def where(state: str, role: Role, capacity: str) -> Position:
    """A review that names the acting person in one capacity."""
    duty = Duty(officer="a-office", post="office", since=at("06-15 09:00"))
    people = ((capacity, f"a-{role.value}"),) if capacity else ()
    return Position(rules=EVERYBODY, state=state, duty=duty, people=people)


def test_the_table_names_the_same_acts() -> None:
    """No act without a line here, no line without an act."""
    assert set(TABLE) == set(REVIEW.table)


def test_every_act_in_every_state_by_every_role_in_every_capacity() -> None:
    """The whole walk; the differences are listed together."""
    wrong = []
    for name, state, role, capacity in WALK:
        found = outcome(REVIEW.table[name], said(role), where(state, role, capacity), REVIEW)
        right = expected(name, state, role, capacity)
        if found != right:
            wrong.append((name, state.value, role.value, capacity, found, right))
    assert wrong == []
    assert len(WALK) > 7000


def test_every_joint_review_stage_waits_for_a_type_of_matter() -> None:
    """No stage that nobody could sign, and no type that blocks a stage there is not."""
    stages = {(i.code, s.code) for i in PROFILE.items for s in i.stages if s.role is Role.JOINT_REVIEW}
    blocked = {(b.item, b.stage) for each in PROFILE.reviews.matters for b in each.blocks}
    assert blocked == stages
    assert {"key_project", "reserve_price", "compensation_price", "major_case"} < {
        each.code for each in PROFILE.reviews.matters
    }


def test_a_block_that_names_no_stage_is_a_problem_of_the_profile() -> None:
    """So are a limit without a basis and a code given twice."""
    data = PROFILE.model_dump(mode="json")
    first = data["reviews"]["matters"][0]
    first["blocks"] = [{"item": "LX-BP-01", "stage": "K"}, {"item": "LX-XX-01", "stage": "J"}]
    data["reviews"]["matters"].append(dict(data["reviews"]["matters"][1]))
    data["reviews"]["schedule"]["basis"] = " "
    assert [(each.file, each.key, each.reason) for each in check(Profile.model_validate(data))] == [
        ("reviews.yaml", "schedule", "没有依据 / has no basis"),
        ("reviews.yaml", "matters.reserve_price", "代码重复 / the code is given twice"),
        ("reviews.yaml", "matters.key_project.blocks", "没有环节 LX-BP-01 K / there is no stage LX-BP-01 K"),
        ("reviews.yaml", "matters.key_project.blocks", "没有环节 LX-XX-01 J / there is no stage LX-XX-01 J"),
    ]


def test_an_application_carries_what_blocks_its_item() -> None:
    """And an item that waits for no review carries nothing of it."""
    kept = PROFILE.reviews.of_item("LX-BP-01")
    assert kept.required("LX-BP-01", "J") == ("key_project", "compensation_price")
    assert PROFILE.reviews.of_item("LX-LS-01").matters == ()


def session(**changes: object) -> Session:
    """Four called, the second recused, the third on leave, the fourth not there; the first presides."""
    when = at("06-18 09:00").isoformat()
    members = [{"officer": f"m{n}", "post": "head", "chair": n == 0} for n in range(5)]
    about: dict[str, object] = {
        "rules": SessionRules(),
        "members": members,
        "chair": "m0",
        "meets_at": when,
        "called_at": when,
        "opened_at": when,
        "present": ["m0", "m1", "m4"],
        "leave": [{"member": "m2", "reason": "出差", "at": when}],
        "recused": [{"member": "m1", "reason": "亲属", "at": when}],
        "ballots": [
            {"member": "m1", "choice": "oppose", "opinion": "不妥", "reason": "贵", "at": when},
            {"member": "m4", "choice": "abstain", "opinion": "不明", "reason": "不熟", "at": when},
            {"member": "m0", "choice": "agree", "opinion": "同意", "at": when},
        ],
    }
    return Session.model_validate({**about, **changes})


def test_the_minutes_follow_from_the_votes() -> None:
    """Who withdrew is in no count; who abstained is named; the same session is the same text."""
    now = session(outcome="failed")
    assert base_now(now) == ("m0", "m2", "m3", "m4")
    assert (present_now(now), absent_of(now)) == (("m0", "m4"), ("m3",))
    assert (dissent(now), dissent(now, ABSTAIN)) == ((), ("m4",))
    assert (counted(now).agree, counted(now).needed, counted(now).outcome) == (1, 2, "failed")
    text = minutes_of(now, ("会审 / review: HS-1",), {"m0": "于正清"})
    for line in (
        "会审 / review: HS-1",
        "应到 / base 4, 法定 / quorum 3, 实到 / present 2",
        "主持 / chair: 于正清 (m0)",
        "请假 / on leave: m2（出差）",
        "缺席 / absent without leave: m3",
        "回避 / recused: m1（亲属）",
        "m4: 弃权 / abstain — 不明；理由 / reason: 不熟",
        "弃权 / abstained: m4",
        "结果 / result: 未通过 / not passed",
    ):
        assert line in text.splitlines()
    assert "贵" not in text  # the words of who withdrew are in his vote's entry, not among the votes
    again = minutes_of(now, ("会审 / review: HS-1",), {"m0": "于正清"})
    assert digest_of_minutes(text) == digest_of_minutes(again)


@pytest.mark.parametrize("code", sorted(WORDING))
def test_every_refusal_is_worded_twice_with_the_same_facts(code: str) -> None:
    """Chinese first, English beside it."""
    zh, en = WORDING[code]
    assert zh.strip()
    assert en.strip()

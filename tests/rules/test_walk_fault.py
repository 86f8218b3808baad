"""Who may do what in a fault case: every act, in every state, by every role and in every capacity, no engine.

The table is written from the bureau's rules (domain 3.3, 3.7, 3.8; 政务处分法 Art.42-47), not from the code.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from rules.policy import Position, check_state, standing
from rules.procedures.fault import FAULT, FaultStage
from rules.refusals import Refusal
from schemas.matters import Duty
from schemas.profile import Role
from tests.rules.test_policy import EVERYBODY, said
from tests.workflows.house import at

ENDED = "not_accepted filed transferred merged withdrawn"
BEFORE = "lead screening investigating"
INQUIRING = "investigating reported noticed verified"
RUNNING = f"{INQUIRING} discussed suspended_for_court"
REMEDIES = "decided served review complaint"
CARRIED = "served review complaint effective"
ACCEPTED = f"{RUNNING} {REMEDIES} effective"
ALIVE = f"lead screening {ACCEPTED}"

JUDGED = "accused"
NEAR = "accused chain related witness"
UNFIT = f"{NEAR} investigator"

TABLE = {
    # act: (states, who, barred capacities)
    "note": (ALIVE, "anyone", ""),
    "adopt_calendar": (ALIVE, "office supervision_office", ""),
    "adopt_profile": (ALIVE, "office supervision_office", ""),
    "screen": ("lead", "duty", JUDGED),
    "accept": ("screening", "duty", JUDGED),
    "not_accept": ("screening", "duty", JUDGED),
    "merge": ("screening investigating", "duty", JUDGED),
    "send_up": (f"{BEFORE} reported", "duty", JUDGED),
    "appoint": ("investigating", "duty", JUDGED),
    "request_recusal": (INQUIRING, "party: accused desk", ""),
    "rule_recusal": (INQUIRING, "head", JUDGED),
    "extend": (ACCEPTED, "head", JUDGED),
    "report": ("investigating", "party: investigator", NEAR),
    "countersign": ("reported", "party: investigator", NEAR),
    "suspend_for_court": ("investigating reported verified discussed", "duty", JUDGED),
    "resume": ("suspended_for_court", "duty", JUDGED),
    "notify_facts": ("reported", "duty", JUDGED),
    "defend": ("noticed", "party: notified investigator", ""),
    "waive": ("noticed", "party: notified", ""),
    "verify": ("noticed verified", "party: investigator", NEAR),
    "convene": ("verified", "head office discipline_secretary", UNFIT),
    "attend": ("verified", "party: member", UNFIT),
    "recuse": ("verified", "party: member", UNFIT),
    "vote": ("verified", "party: member", UNFIT),
    "close_session": ("verified", "party: chair", UNFIT),
    "sign_minutes": ("verified discussed", "party: member", ""),
    "decide": ("discussed", "head", UNFIT),
    "serve": ("decided", "duty", JUDGED),
    "execute_measure": (CARRIED, "duty", JUDGED),
    "register_sanction": (CARRIED, "duty", JUDGED),
    "register_party": (ACCEPTED, "duty", JUDGED),
    "register_criminal": (ACCEPTED, "duty", JUDGED),
    "apply_remedy": (REMEDIES, "party: notified", ""),
    "answer_remedy": (REMEDIES, "duty", JUDGED),
    "file": ("effective", "duty", JUDGED),
    "propose_transfer": (ACCEPTED, "party: investigator desk", NEAR),
    "rule_transfer": (ACCEPTED, "head", JUDGED),
    "send_transfer": (ACCEPTED, "duty", JUDGED),
    "receipt_transfer": (f"lead screening {ACCEPTED}", "duty", JUDGED),
    "transfer_result": (ACCEPTED, "duty", JUDGED),
    "reconsider_transfer": (ACCEPTED, "duty", JUDGED),
    "hand_items": (ACCEPTED, "duty", JUDGED),
    "conclude_transfer": (ACCEPTED, "duty", JUDGED),
}

CAPACITIES = (
    "",
    "accused",
    "chain",
    "related",
    "witness",
    "investigator",
    "notified",
    "desk",
    "member",
    "chair",
)
"""What a case may name a person as; "" is nobody to it."""

DESK = Role.SUPERVISION
"""In the walk this role's post has the duty."""


def position(state: str, officer: str, *capacities: str) -> Position:
    """A case in the supervision office's hands that names one person in these capacities."""
    duty = Duty(officer=f"a-{DESK.value}", post=DESK.value, since=at("06-15 09:00"))
    people = tuple((capacity, officer) for capacity in capacities if capacity)
    return replace(Position(rules=EVERYBODY, state=state, duty=duty), people=people)


def outcome(name: str, state: str, role: Role, *capacities: str) -> str:
    """`allowed`, or the code of the refusal, in the order in which the kernel asks."""
    act = said(role)
    rule = FAULT.table[name]
    try:
        check_state(rule, state, FAULT)
        standing(rule, act, position(state, act.officer, *capacities))
    except Refusal as refusal:
        return refusal.code
    return "allowed"


def expected(name: str, state: str, role: Role, *capacities: str) -> str:
    """What the bureau's rules say."""
    states, who, barred = TABLE[name]
    if state in ENDED.split():
        return "ended"
    if state not in states.split():
        return "wrong_state"
    if told := _who_may(who, role, capacities):
        return told
    return "barred" if set(capacities) & set(barred.split()) else "allowed"


def _who_may(who: str, role: Role, capacities: tuple[str, ...]) -> str:
    """The refusal of whoever is not the one; empty for whoever is."""
    kind, _, parties = who.partition(": ")
    if kind == "anyone":
        return ""
    if kind == "duty":
        return "" if role is DESK else "not_on_duty"
    if kind == "party":
        return "" if set(parties.split()) & set(capacities) else "not_party"
    return "" if role.value in who.split() else "wrong_role"


def test_the_table_names_the_same_acts() -> None:
    """No act without a line here, no line without an act."""
    assert set(TABLE) == set(FAULT.table)
    assert {state for state in FaultStage if state in ENDED.split()} == FAULT.ended & set(FaultStage)


def test_every_act_in_every_state_by_every_role_in_every_capacity() -> None:
    """The whole walk; the differences are listed together."""
    walk = list(product(TABLE, FaultStage, Role, CAPACITIES))
    wrong = [
        (*step, found, right) for step in walk if (found := outcome(*step)) != (right := expected(*step))
    ]
    assert wrong == []
    assert len(walk) > 100_000


@pytest.mark.parametrize("near", NEAR.split())
def test_nobody_is_a_party_and_concerned_at_once(near: str) -> None:
    """Two capacities in one person: what bars is stronger than what permits (回避)."""
    for name, (states, who, barred) in TABLE.items():
        kind, _, parties = who.partition(": ")
        if kind != "party" or near not in barred.split():
            continue
        for state, capacity in product(states.split(), parties.split()):
            assert outcome(name, state, Role.HANDLER, capacity, near) == "barred", (name, state)
            assert outcome(name, state, Role.HANDLER, capacity) == (
                "barred" if capacity in barred.split() else "allowed"
            )


def test_who_investigated_does_not_decide_and_who_decides_did_not_investigate() -> None:
    """One person is never two of investigator and approver in one case (domain 3.10)."""
    for name in ("decide", "vote", "convene", "close_session", "attend"):
        assert "investigator" in FAULT.table[name].barred

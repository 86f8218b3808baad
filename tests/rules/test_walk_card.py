"""Who may do what with a card: every act in every state by everybody, without an engine."""

from __future__ import annotations

from itertools import product

import pytest

from rules.policy import Position
from rules.procedures import CARD, CardStage
from schemas.profile import Role
from tests.rules.test_policy import EVERYBODY, outcome, said

ON = "served objected"
ALIVE = f"proposed {ON}"

TABLE = {
    "note": (ALIVE, "anyone"),
    "adopt_calendar": (ALIVE, "office supervision_office"),
    "adopt_profile": (ALIVE, "office supervision_office"),
    "confirm": ("proposed", "judge"),
    "dismiss": ("proposed", "judge"),
    "reply": (ON, "addressee"),
    "object_to": ("served", "addressee"),
    "rule": ("objected", "judge"),
    "accept_correction": (ON, "judge"),
    "reject_correction": (ON, "judge"),
    "readdress": (ON, "judge"),
}

ADDRESSEE, COPY, JUDGE, BOTH = Role.HANDLER, Role.REVIEWER, Role.SUPERVISION, Role.DISCIPLINE_SECRETARY
"""In the walk: on whom it is served, who has it in copy, who answers for it, who is wrongly both."""

PEOPLE = (
    ("addressee", f"a-{ADDRESSEE.value}"),
    ("copy", f"a-{COPY.value}"),
    ("judge", f"a-{JUDGE.value}"),
    ("addressee", f"a-{BOTH.value}"),
    ("judge", f"a-{BOTH.value}"),
)


def expected(states: str, who: str, state: CardStage, role: Role) -> str:
    """What the bureau's rules say."""
    if state in CARD.ended:
        return "ended"
    if state.value not in states.split():
        return "wrong_state"
    if who == "anyone":
        return "allowed"
    if who == "addressee":
        return "allowed" if role in (ADDRESSEE, BOTH) else "not_party"
    if who == "judge":
        return {JUDGE: "allowed", BOTH: "barred"}.get(role, "not_party")
    return "allowed" if role.value in who.split() else "wrong_role"


def test_the_table_names_the_same_acts() -> None:
    """No act without a line here, no line without an act."""
    assert set(TABLE) == set(CARD.table)


@pytest.mark.parametrize("name", TABLE)
def test_every_act_in_every_state_by_everybody(name: str) -> None:
    """The whole walk of an act; the differences are listed together."""
    wrong = []
    for state, role in product(CardStage, Role):
        where = Position(rules=EVERYBODY, state=state.value, duty=None, people=PEOPLE)
        found = outcome(CARD.table[name], said(role), where, CARD)
        right = expected(*TABLE[name], state, role)
        if found != right:
            wrong.append((state.value, role.value, found, right))
    assert wrong == []


def test_a_deputy_may_not_speak_for_the_addressee() -> None:
    """A card is served on a person, not on a post: the B officer has nothing to explain."""
    where = Position(rules=EVERYBODY, state="served", duty=None, people=PEOPLE)
    assert outcome(CARD.table["reply"], said(ADDRESSEE, officer="b-handler"), where, CARD) == "not_party"

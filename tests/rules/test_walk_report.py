"""Who may do what with a report: every act, in every state, by every role, without an engine.

The table is written from the bureau's rules (domain M07), not from the code.
"""

from __future__ import annotations

from itertools import product

from rules.procedures import PROCEDURES, REPORT, ReportStage
from schemas.profile import Role
from tests.rules.test_policy import outcome, position, said

OPEN = "scheduled generated reviewed signed distributed"
DESK = "supervision_office"
TABLE = {
    "note": (OPEN, "anyone"),
    "adopt_calendar": (OPEN, "office supervision_office"),
    "adopt_profile": (OPEN, "office supervision_office"),
    "generate": ("scheduled generated reviewed", DESK),
    "review": ("generated", DESK),
    "sign": ("reviewed", DESK),
    "distribute": ("signed", "supervision_office office"),
    "supersede": ("signed distributed", DESK),
}
WALK = list(product(TABLE, [*ReportStage], Role))


def expected(name: str, state: str, role: Role) -> str:
    """What the bureau's rules say."""
    states, who = TABLE[name]
    if state == "superseded":
        return "ended"
    if state not in states.split():
        return "wrong_state"
    return "allowed" if who == "anyone" or role.value in who.split() else "wrong_role"


def test_the_table_names_every_act() -> None:
    """And no other."""
    assert set(TABLE) == set(REPORT.table) == set(PROCEDURES["report"].table)


def test_every_act_in_every_state_by_every_role() -> None:
    """The whole walk; the differences are listed together."""
    wrong = []
    for name, state, role in WALK:
        found = outcome(REPORT.table[name], said(role), position(state), REPORT)
        if found != (right := expected(name, state.value, role)):
            wrong.append((name, state.value, role.value, found, right))
    assert wrong == []
    assert len(WALK) > 700


def test_what_is_signed_is_never_computed_again_and_never_signed_twice() -> None:
    """It can only be superseded: a period has one signed report."""
    signed = ReportStage.SIGNED
    for name in ("generate", "review", "sign"):
        assert outcome(REPORT.table[name], said(Role.SUPERVISION), position(signed), REPORT) == "wrong_state"
    assert REPORT.leads_to["supersede"] == (ReportStage.SUPERSEDED,)
    assert ReportStage.SUPERSEDED in REPORT.ended


def test_a_signature_needs_an_opinion_and_another_computation_a_reason() -> None:
    """A signature without an opinion is no signature (S30)."""
    needs = {name: REPORT.table[name].needs for name in TABLE}
    assert needs["review"] == needs["sign"] == ("opinion",)
    assert needs["generate"] == needs["supersede"] == ("reason",)

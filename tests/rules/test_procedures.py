"""The tables hang together, and the page that shows them says what they say."""

from __future__ import annotations

from string import Formatter

import pytest

from rules.procedures import PROCEDURES, TURNED_AWAY
from rules.refusals import WORDING, Refusal
from tools.write_procedures import PAGE, page

MORE_BEGINNINGS = {"case": {"in_stage"}}
"""Work the bureau begins by itself is taken in at its first stage."""


def arrows(kind: str) -> set[tuple[str, str]]:
    """Every step from one state to another, by act or by silence."""
    procedure = PROCEDURES[kind]
    acts = {
        (state, to)
        for name, rule in procedure.table.items()
        for state in rule.states
        for to in procedure.leads_to.get(name, ())
    }
    silent = procedure.silences.values()
    return acts | {(state, to) for found in silent for state in found.states for to in found.to}


def reach(starts: frozenset[str], steps: set[tuple[str, str]]) -> set[str]:
    """States that can be reached."""
    known, new = set[str](), set(starts)
    while new:
        known |= new
        new = {to for state, to in steps if state in new} - known
    return known


def test_the_page_says_what_the_tables_say() -> None:
    """After a change: `python -m tools.write_procedures`."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("kind", PROCEDURES)
def test_every_state_can_be_reached_and_every_open_one_can_be_left(kind: str) -> None:
    """全程闭合: no stage without entrance, none without exit (M22)."""
    procedure, steps = PROCEDURES[kind], arrows(kind)
    first = procedure.intake.states | MORE_BEGINNINGS.get(kind, set())
    assert reach(first, steps) | {TURNED_AWAY} == set(procedure.states)
    for state in set(procedure.states) - procedure.ended:
        assert reach(frozenset({state}), steps) & procedure.ended, state
    assert {state for state, _ in steps} & procedure.ended == set()


@pytest.mark.parametrize("kind", PROCEDURES)
def test_the_tables_name_known_states_only(kind: str) -> None:
    """And every state has a Chinese name."""
    procedure = PROCEDURES[kind]
    for name, rule in procedure.table.items():
        assert rule.states <= set(procedure.states) - procedure.ended, name
        assert rule.zh
        assert rule.en
    assert set(procedure.leads_to) <= set(procedure.table)
    assert procedure.ended <= set(procedure.states)
    assert all(procedure.states.values())


def test_every_refusal_is_worded_in_both_languages() -> None:
    """Same facts on both sides, each in its words (`changed_en`): no refusal fails while it is told."""
    for code, (zh, en) in WORDING.items():
        assert zh, code
        assert en, code
        facts = dict.fromkeys(_fields(zh) | _fields(en), "x")
        assert " / " in Refusal(code, **facts).message
        assert {name.removesuffix("_en") for name in _fields(en)} <= _fields(zh), code


def _fields(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name}

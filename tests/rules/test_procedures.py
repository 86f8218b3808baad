"""The tables hang together, and the page that shows them says what they say."""

from __future__ import annotations

from string import Formatter

import pytest

from rules.procedures import ENDED, INTAKE, PROCEDURES, STATE_NAMES, CaseStage, InquiryStage
from rules.refusals import WORDING, Refusal
from rules.transitions import LEADS_TO, SILENCES
from tools.write_procedures import PAGE, page

STATES: dict[str, set[str]] = {"case": {*CaseStage}, "inquiry": {*InquiryStage}}
FIRST = {"case": (CaseStage.RECEIVED, CaseStage.IN_STAGE), "inquiry": (InquiryStage.OPEN,)}


def arrows(kind: str) -> set[tuple[str, str]]:
    """Every step from one state to another, by act or by silence."""
    acts = {
        (state, to)
        for name, rule in PROCEDURES[kind].items()
        for state in rule.states
        for to in LEADS_TO[kind].get(name, ())
    }
    silent = (found for entry, found in SILENCES.items() if entry.startswith(f"{kind}."))
    return acts | {(state, to) for found in silent for state in found.states for to in found.to}


def reach(starts: tuple[str, ...], steps: set[tuple[str, str]]) -> set[str]:
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
    steps = arrows(kind)
    assert reach(FIRST[kind], steps) == STATES[kind]
    for state in STATES[kind] - ENDED:
        assert reach((state,), steps) & ENDED, state
    assert {state for state, _ in steps} & ENDED == set()


@pytest.mark.parametrize("kind", PROCEDURES)
def test_the_tables_name_known_states_only(kind: str) -> None:
    """And every state has a Chinese name."""
    for name, rule in PROCEDURES[kind].items():
        assert rule.states <= STATES[kind] - ENDED, name
        assert rule.zh
        assert rule.en
    assert set(LEADS_TO[kind]) <= set(PROCEDURES[kind])
    assert INTAKE[kind].states <= set(FIRST[kind])
    assert STATES[kind] <= set(STATE_NAMES)


def test_every_refusal_is_worded_in_both_languages() -> None:
    """Same facts on both sides, so that no refusal fails while it is being told."""
    for code, (zh, en) in WORDING.items():
        assert zh, code
        assert en, code
        facts = dict.fromkeys(_fields(zh) | _fields(en), "x")
        assert " / " in Refusal(code, **facts).message
        assert _fields(en) <= _fields(zh), code


def _fields(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name}

"""Facts taken apart: what is compared, what is kept as it is, and what only as a digest."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from rules.facts import (
    DECISIONS,
    LONGEST,
    PARTS,
    SECRET,
    difference,
    digest_of,
    is_decision,
    named,
    outcome_in,
    parts_of,
    rivals,
)
from rules.procedures import PROCEDURES
from schemas.acts import Decide, Outcome, SignStage, Suspend

WHO: dict[str, Any] = {"id": "a", "officer": "1301", "post": "land-use-handler"}


def test_of_each_part_that_differs_both_values_are_told() -> None:
    """A part that is new or gone differs as well; equal parts are not told."""
    before = parts_of("case", {"stage": "H", "flags": (), "points": ["map"]})
    after = parts_of("case", {"stage": "R", "flags": [], "outcome": None, "extra": 1})
    assert list(difference(before, after)) == [
        {"part": "stage", "before": "H", "after": "R"},
        {"part": "points", "before": ["map"], "after": None},
        {"part": "extra", "before": None, "after": 1},
    ]


def test_what_is_long_or_secret_is_a_digest() -> None:
    """An entry has to stay small, and of a complaint it says no more than that something changed."""
    long = ["x" * LONGEST]
    assert parts_of("case", {"materials": long}) == {"materials": digest_of(long)}
    for kind in SECRET:
        assert parts_of(kind, {"accused": ["1301"]}) == {"accused": digest_of(["1301"])}


@pytest.mark.parametrize("kind", sorted(PROCEDURES))
def test_decisions_and_their_rivals_are_acts_of_their_kind(kind: str) -> None:
    """Whoever adds a kind says which of its acts are decisions."""
    table = PROCEDURES[kind].table
    for name, others in DECISIONS[kind].items():
        assert {name, *others} <= table.keys()
        assert is_decision(kind, name)
        assert rivals(kind, name) == others


def test_an_outcome_is_what_the_act_says_of_its_own() -> None:
    """Of an act that is its own outcome nothing is told."""
    assert outcome_in(Decide(**WHO, outcome=Outcome.GRANTED)) == "granted"
    assert outcome_in(SignStage(**WHO, agrees=False)) == "no"
    assert outcome_in(Suspend(**WHO, opinion="同意")) == ""


def test_parts_have_names_in_both_languages() -> None:
    """A part that nobody named is called by its key."""
    assert named(("materials", "flags", "other")) == ("材料、限制、other", "materials, flags, other")
    assert all(zh and en for zh, en in PARTS.values())


def test_a_part_is_json_that_an_entry_can_hold() -> None:
    """Tuples and enumerations become what they are written as; what JSON does not know is refused."""
    kept = parts_of("case", {"outcome": Outcome.REFUSED, "stages": (("H", "1301", True, 1),)})
    assert kept == {"outcome": "refused", "stages": [["H", "1301", True, 1]]}
    assert json.dumps(kept)
    with pytest.raises(TypeError):
        parts_of("case", {"day": date(2026, 6, 15)})

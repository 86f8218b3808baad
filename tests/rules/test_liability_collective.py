"""A wrong collective decision (L11): chair, voters by what they voted, the absent, and who prepared it."""

from __future__ import annotations

import pytest

from schemas.liability import Proposal
from tests.rules.liability_events import (
    HANDLER,
    REVIEW,
    REVIEWER,
    STAFF,
    Chain,
    asked,
    decided_chain,
    degrees,
    found,
    meeting,
    opinions,
    proposal,
)

VOTES = (("1002", "agree"), ("1003", "oppose"), ("1004", "abstain"), ("1001", "agree"))


def given(*more: str, review: Chain | None = None) -> Proposal:
    """The proposal where the meeting's decision was wrong."""
    held = review or meeting(*VOTES, leave=["1005"], absent=["1801"], recused=["1303"])
    findings = [*STAFF, *found("collective_decision=wrong", *more)]
    return proposal([*decided_chain().events, *held.events], findings)


def test_everybody_at_the_table() -> None:
    """Chair and decision-maker M, for it I, abstained I and lighter; against it or on leave: free."""
    made = given(f"concealment=no@{HANDLER}", *(f"opinion=wrong@{who}" for who in (HANDLER, REVIEWER)))
    assert (made.rule, made.incomplete) == ("L11", False)
    assert degrees(made) == {
        HANDLER: "I",
        REVIEWER: "none",
        "1002": "M",
        "1001": "M",
        "1003": "none",
        "1004": "I",
        "1005": "none",
        "1801": "none",
    }
    rows = {row.officer: row for row in made.rows}
    assert rows["1004"].lighter == ("abstained",)
    assert rows["1003"].role == "member_against"
    assert rows["1003"].elsewhere == (f"{REVIEW}#6",)
    assert (rows["1005"].role, rows["1801"].role) == ("absent_with_leave", "absent")


@pytest.mark.parametrize(
    ("said", "degree"),
    [
        (("concealment=yes@1301",), "D"),
        (("concealment=no@1301", "opinion=wrong@1301"), "I"),
        (("concealment=no@1301", "opinion=right@1301"), "none"),
    ],
)
def test_who_prepared_it(said: tuple[str, ...], degree: str) -> None:
    """Reported falsely D, proposed wrongly I, rightly free."""
    assert degrees(given(*said, f"opinion=right@{REVIEWER}"))[HANDLER] == degree


def test_a_chair_who_held_the_right_opinion_is_free() -> None:
    """He voted against and was outvoted."""
    votes = (("1003", "agree"), ("1004", "agree"), ("1001", "oppose"))
    made = given(f"concealment=no@{HANDLER}", f"opinion=right@{HANDLER}", review=meeting(*votes))
    assert (degrees(made)["1001"], degrees(made)["1003"]) == ("none", "I")


def test_refusing_was_the_wrong_decision() -> None:
    """Where the majority was against, those who agreed held the right opinion."""
    votes = (("1003", "oppose"), ("1004", "agree"), ("1001", "oppose"))
    made = given(
        f"concealment=no@{HANDLER}", f"opinion=right@{HANDLER}", review=meeting(*votes, outcome="failed")
    )
    assert (degrees(made)["1003"], degrees(made)["1004"], degrees(made)["1001"]) == ("I", "none", "M")


def test_a_majority_that_the_chair_overruled_held_the_right_opinion() -> None:
    """The decision is his: he answers, whoever voted for what he turned down does not."""
    votes = (("1003", "oppose"), ("1004", "agree"), ("1001", "oppose"))
    review = meeting(*votes, outcome="failed")
    review.add("review.overridden", "1001", "approver", "06-04", outcome="passed")
    made = given(f"concealment=no@{HANDLER}", f"opinion=right@{HANDLER}", review=review)
    assert (degrees(made)["1003"], degrees(made)["1004"], degrees(made)["1001"]) == ("none", "I", "M")


def test_whether_the_meeting_was_wrong_is_asked() -> None:
    """And where it was right, the chain answers by itself (L07: the approver overruled it)."""
    events = [*decided_chain().events, *meeting(*VOTES).events]
    assert "collective_decision" in asked(proposal(events, STAFF))
    made = proposal(
        events, [*STAFF, *found("collective_decision=right"), *opinions("right", "right", "wrong")]
    )
    assert (made.rule, degrees(made)["1002"], degrees(made)["1003"]) == ("L07", "D", "none")


def test_without_a_meeting_nothing_collective_is_asked() -> None:
    """A meeting that was void decided nothing."""
    void = meeting(*VOTES, outcome="void")
    events = [*decided_chain().events, *void.events]
    assert "collective_decision" not in asked(proposal(events, STAFF))
    assert "1003" not in degrees(proposal(events, STAFF))

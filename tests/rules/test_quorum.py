"""Quorum and majority: worked examples, and what must hold for any meeting (domain M19)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.quorum import AGREE, FAILED, OPEN, PASSED, VOID, base_of, quorum, tally
from schemas.review_rules import QuorumRule

TWO_THIRDS = QuorumRule()
PEOPLE = [f"m{n}" for n in range(12)]

shares = st.tuples(st.integers(0, 6), st.integers(1, 7)).filter(lambda share: share[0] < share[1])
rules = st.builds(
    lambda there, agree: QuorumRule(
        quorum_n=there[0], quorum_d=there[1], majority_n=agree[0], majority_d=agree[1]
    ),
    shares,
    shares,
)
groups = st.lists(st.sampled_from(PEOPLE), unique=True)
votes = st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(["agree", "oppose", "abstain"]))


@pytest.mark.parametrize(
    ("listed", "recused", "present", "needed", "met"),
    [
        (9, 0, 6, 6, True),  # two thirds of nine, exactly
        (9, 0, 5, 6, False),
        (10, 0, 7, 7, True),  # 6.67 heads are seven
        (10, 1, 6, 6, True),  # the recused one lowers the base
        (1, 0, 1, 1, True),
        (3, 3, 0, 1, False),  # nobody is left to decide
    ],
)
def test_two_thirds_of_the_base(listed: int, recused: int, present: int, needed: int, met: bool) -> None:
    """The quorum is a share of those listed and not recused, rounded up."""
    base = base_of(PEOPLE[:listed], PEOPLE[listed - recused : listed])
    found = quorum(base, base[:present], TWO_THIRDS)
    assert (found.base, found.needed, found.met) == (listed - recused, needed, met)


@pytest.mark.parametrize(
    ("agree", "oppose", "abstain", "outcome"),
    [
        (4, 3, 0, PASSED),
        (3, 3, 0, FAILED),  # half is no majority
        (3, 2, 1, FAILED),  # an abstention counts as present and not as agreeing
        (4, 1, 1, PASSED),
        (0, 0, 1, FAILED),
        (0, 0, 0, VOID),
    ],
)
def test_more_than_half_of_those_present(agree: int, oppose: int, abstain: int, outcome: str) -> None:
    """Agreeing must be more than half of the heads in the room."""
    cast = ["agree"] * agree + ["oppose"] * oppose + ["abstain"] * abstain
    ballots = dict(zip(PEOPLE, cast, strict=False))
    assert tally(ballots, ballots, TWO_THIRDS).outcome == outcome


def test_it_is_open_until_everybody_present_has_voted() -> None:
    """Even where the outcome could not change any more: everybody speaks."""
    ballots = dict.fromkeys(PEOPLE[:5], AGREE)
    assert tally(ballots, PEOPLE[:6], TWO_THIRDS).outcome == OPEN


@pytest.mark.parametrize("wrong", [{"quorum_n": 4}, {"majority_n": 2}, {"quorum_d": 0}, {"majority_n": -1}])
def test_shares_that_nobody_could_reach_are_refused(wrong: dict[str, int]) -> None:
    """More than all present, or all of them outvoted."""
    with pytest.raises(ValidationError):
        QuorumRule(**wrong)


@given(groups, groups, groups, rules)
def test_a_recusal_leaves_both_denominators(
    listed: list[str], recused: list[str], present: list[str], rule: QuorumRule
) -> None:
    """Whoever withdraws is in neither number, and it makes no difference whether he is in the room."""
    base = base_of(listed, recused)
    assert set(base) == set(listed) - set(recused)
    assert quorum(base, present, rule) == quorum(base, [p for p in present if p not in recused], rule)


@given(groups, groups, rules)
def test_the_quorum_is_the_smallest_number_that_reaches_the_share(
    base: list[str], present: list[str], rule: QuorumRule
) -> None:
    """One head less would be below the share; strangers in the room do not help."""
    found = quorum(base, present, rule)
    share = Fraction(rule.quorum_n * len(base), rule.quorum_d)
    assert found.needed >= share
    assert found.needed >= 1
    assert found.needed == 1 or found.needed - 1 < share
    assert found.present == len(set(base) & set(present))
    assert found.met == (found.present >= share and found.present > 0)


@given(groups, groups, st.sampled_from(PEOPLE), rules)
def test_one_more_who_comes_never_breaks_the_quorum(
    base: list[str], present: list[str], who: str, rule: QuorumRule
) -> None:
    """Presence is monotone."""
    if quorum(base, present, rule).met:
        assert quorum(base, [*present, who], rule).met


@given(votes, groups, rules)
def test_the_count_is_of_those_present_and_the_majority_is_strict(
    ballots: dict[str, str], present: list[str], rule: QuorumRule
) -> None:
    """No vote is lost, none of a stranger counts, and passing means more than the share."""
    found = tally(ballots, present, rule)
    cast = {who: vote for who, vote in ballots.items() if who in present}
    assert found.agree + found.oppose + found.abstain == len(cast)
    assert found == tally(cast, present, rule)
    if not present:
        assert found.outcome == VOID
    elif len(cast) < len(present):
        assert found.outcome == OPEN
    else:
        more = Fraction(found.agree, len(present)) > Fraction(rule.majority_n, rule.majority_d)
        assert found.outcome == (PASSED if more else FAILED)


@given(votes, rules, st.sampled_from(PEOPLE))
def test_no_vote_turned_to_agreement_makes_a_passed_motion_fail(
    ballots: dict[str, str], rule: QuorumRule, who: str
) -> None:
    """Agreement is monotone: nobody harms a motion by agreeing with it."""
    present = list(ballots)
    if tally(ballots, present, rule).outcome == PASSED and who in ballots:
        assert tally({**ballots, who: AGREE}, present, rule).outcome == PASSED


@given(votes, rules)
def test_the_order_of_the_votes_says_nothing(ballots: dict[str, str], rule: QuorumRule) -> None:
    """The same votes in any order are the same result."""
    turned = dict(reversed(ballots.items()))
    assert tally(ballots, list(ballots), rule) == tally(turned, list(turned), rule)

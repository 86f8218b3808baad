"""Quorum and majority: two questions with two denominators (domain M19).

The quorum asks how many of the base are there, the base being everybody listed less those who are recused.
The majority asks how many of those present agree; an abstention counts as present and not as agreeing. Who
is recused leaves both, whenever it happens, and his ballot, if he had cast one, counts no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.review_rules import QuorumRule

PASSED, FAILED, VOID, OPEN = "passed", "failed", "void", "open"
AGREE, OPPOSE, ABSTAIN = "agree", "oppose", "abstain"


@dataclass(frozen=True)
class Quorum:
    """Whether a meeting can decide: heads in the base, needed, present."""

    base: int
    needed: int
    present: int

    @property
    def met(self) -> bool:
        """Whether enough are there; nobody at all is never enough."""
        return self.present >= self.needed


@dataclass(frozen=True)
class Tally:
    """Votes of those present, how many must agree, and what comes of it."""

    agree: int
    oppose: int
    abstain: int
    needed: int
    outcome: str
    """`open` while somebody present has not voted, `void` where nobody is there to decide."""


def base_of(listed: Iterable[str], recused: Iterable[str]) -> tuple[str, ...]:
    """Those whose presence counts: listed, each once, and not recused; in the order of the list."""
    away = set(recused)
    return tuple(who for who in dict.fromkeys(listed) if who not in away)


def quorum(base: Iterable[str], present: Iterable[str], rule: QuorumRule) -> Quorum:
    """Whether enough of the base are present; presence of anybody else counts for nothing."""
    members = set(base)
    needed = -(-len(members) * rule.quorum_n // rule.quorum_d)
    return Quorum(base=len(members), needed=max(needed, 1), present=len(members & set(present)))


def tally(ballots: Mapping[str, str], present: Iterable[str], rule: QuorumRule) -> Tally:
    """The votes of those present (staff number to vote); ballots of anybody else count for nothing."""
    there = set(present)
    cast = [choice for who, choice in ballots.items() if who in there]
    agree, needed = cast.count(AGREE), len(there) * rule.majority_n // rule.majority_d + 1
    outcome = PASSED if agree >= needed else FAILED
    if len(cast) < len(there):
        outcome = OPEN
    if not there:
        outcome = VOID
    return Tally(agree, cast.count(OPPOSE), cast.count(ABSTAIN), needed, outcome)

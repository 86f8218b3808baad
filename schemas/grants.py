"""Delegation grants: who may act for whom, in what, until when (委托授权).

The B officer needs none: he has his post's powers. A grant lets somebody else act in the giver's post; it
travels in the act, with both names, so that a replay sees what was checked.
"""

from __future__ import annotations

from pydantic import Field

from .base import Code, Instant, Model


class Scope(Model):
    """What a grant is for; an empty list means all of it."""

    kinds: tuple[Code, ...] = ()
    """Kinds of matters (`case`, `inquiry`)."""
    items: tuple[Code, ...] = ()
    """Service items; matters of no item are then outside."""
    acts: tuple[Code, ...] = ()
    """Names of acts (`sign_stage`)."""

    def covers(self, kind: str, item: str, act: str) -> bool:
        """Whether an act in a matter of this kind and item is within."""
        wanted = ((self.kinds, kind), (self.items, item), (self.acts, act))
        return all(not listed or word in listed for listed, word in wanted)


class Grant(Model):
    """One grant as it was when the act was made."""

    id: Code
    giver: Code
    """Staff number of who would act himself, and goes on answering for it."""
    taker: Code
    """Staff number of who acts instead, and answers for what he does."""
    scope: Scope = Field(default_factory=Scope)
    starts: Instant
    ends: Instant

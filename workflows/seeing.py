"""Signed = seen: a decision counts on the facts its signer saw, and of two who decide at once one wins.

What was shown of late is remembered, so that a refusal says what has changed; the decisions of late are
remembered, so that whoever comes second is told who was first. Both live in the state and outlast a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from rules.facts import (
    SETTLED,
    difference,
    digest_of,
    is_decision,
    named,
    outcome_in,
    parts_of,
    rivals,
)
from rules.procedures import TURNED_AWAY, ActRule, Procedure
from rules.refusals import Refusal
from schemas.acts import Act
from schemas.matters import ShownFacts, TakenDecision
from workflows.recording import Recording
from workflows.timed import S

REMEMBERED = 16
"""How many of the latest facts, and of the latest decisions, can be told apart."""


class Seeing(Recording[S]):
    """What signers have seen of a matter, and who decided in it."""

    procedure: ClassVar[Procedure]
    imported: bool

    @property
    def table(self) -> Mapping[str, ActRule]:
        """The procedure's acts."""
        return self.procedure.table

    def facts(self) -> dict[str, Any]:
        """What a signer has to have seen; its digest binds his decision."""
        return {}

    def adopt(self) -> None:
        """What is recorded may be shown from now on."""
        if not self.imported and self.state.state != TURNED_AWAY:
            self._remember_facts()
        super().adopt()

    def _remember_facts(self) -> None:
        facts, shown = self.facts(), self.state.shown
        digest = digest_of(facts)
        if not shown or shown[-1].digest != digest:
            fresh = ShownFacts(digest=digest, seq=self.state.entries, parts=parts_of(self.kind, facts))
            self.set(shown=(*shown, fresh)[-REMEMBERED:])

    def remember_decision(self, place: int) -> None:
        """Keep the act just applied, if it is a decision; `place` is that of its draft."""
        acting = self.acting
        if self.imported or not is_decision(self.kind, acting.name):
            return
        taken = TakenDecision(
            act=acting.name,
            officer=acting.who.officer,
            post=acting.who.post,
            at=acting.at,
            outcome=outcome_in(acting.act),
            seq=self.state.entries + place + 1,
        )
        self.set(decisions=(*self.state.decisions, taken)[-REMEMBERED:])

    # -- refusals ------------------------------------------------------------------------

    def check_seen(self, name: str, message: Act) -> None:
        """Refuse an act on facts that are others now: somebody decided before, or the file has changed."""
        facts = self.facts()
        if message.facts in ("", digest_of(facts)):
            return
        seen = self._shown_as(message.facts)
        changed = self._changed(seen, parts_of(self.kind, facts)) if seen else ()
        parts = tuple(str(each["part"]) for each in changed)
        first = "stage" in parts
        taken = self._taken(name, seen, first=first)
        if taken and (first or self.state.state not in self.table[name].states):
            raise _already_decided(self.table, taken, changed, self._local(taken))
        zh, en = named(parts) if parts else ("变化之前的内容已不可考", "what it was then is no longer known")
        raise Refusal("stale", changed=zh, changed_en=en).showing(changed=list(changed))

    @contextmanager
    def settled_by_others(self, name: str, message: Act) -> Iterator[None]:
        """Where a decision is refused because its question is settled, tell who settled it."""
        try:
            yield
        except Refusal as refusal:
            seen = self._shown_as(message.facts) if message.facts else None
            taken = self._taken(name, seen) if seen and refusal.code in SETTLED else None
            if taken is None:
                raise
            raise _already_decided(self.table, taken, (), self._local(taken)) from refusal

    def _shown_as(self, digest: str) -> ShownFacts | None:
        return next((each for each in reversed(self.state.shown) if each.digest == digest), None)

    def _taken(self, name: str, seen: ShownFacts | None, *, first: bool = False) -> TakenDecision | None:
        """The decision that settled the question of this act after `seen`: the first, or the last."""
        since = seen.seq if seen else 0
        wanted = rivals(self.kind, name)
        found = [each for each in self.state.decisions if each.act in wanted and each.seq > since]
        return found[0 if first else -1] if found else None

    def _changed(self, seen: ShownFacts, now: Mapping[str, JsonValue]) -> tuple[dict[str, JsonValue], ...]:
        """What differs from what he saw, and the entry as of which it first did."""
        later = [each for each in self.state.shown if each.seq > seen.seq]
        return tuple(
            {**each, "seq": next((v.seq for v in later if v.parts.get(part) != each["before"]), None)}
            for each in difference(seen.parts, now)
            for part in [str(each["part"])]
        )

    def _local(self, taken: TakenDecision) -> str:
        return taken.at.astimezone(ZoneInfo(self.rules.calendar.timezone)).strftime("%Y-%m-%d %H:%M")


def _already_decided(
    table: Mapping[str, ActRule],
    taken: TakenDecision,
    changed: tuple[dict[str, JsonValue], ...],
    at: str,
) -> Refusal:
    rule = table[taken.act]
    told = {"officer": taken.officer, "post": taken.post, "seq": taken.seq, "at": at}
    refusal = Refusal("already_decided", act=rule.zh, act_en=rule.en, **told)
    return refusal.showing(winner=taken.model_dump(mode="json"), changed=list(changed))

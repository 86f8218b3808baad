"""What matters owe one another: to begin a matter, to tell one what was recorded, to look up what was told.

No matter believes another's word. A message only points to an entry of the ledger; whoever is told reads the
entry there himself, and so does a matter that was begun because of one.
"""

from __future__ import annotations

from pydantic import Field, JsonValue

from .base import Code, Instant, Model


class EntryRef(Model):
    """Points to one entry of a matter's chain."""

    kind: Code
    """Kind of the matter, as in the workflow id `<kind>/<number>`."""
    number: Code
    seq: int
    leaf_hash: str


class Errand(Model):
    """Something this matter still has to do for another, because of an entry of its own."""

    kind: Code
    number: Code
    begins: bool
    """Begin that matter; otherwise tell it."""
    at: Instant
    """When what is told of happened; a matter begun because of it begins then."""
    draft: int = -1
    """Place of the entry among those being recorded; -1 once it is on record."""
    entry: EntryRef | None = None

    @property
    def id(self) -> str:
        """Unique among the errands of a matter."""
        return f"{self.kind}/{self.number}/{self.entry.seq if self.entry else self.draft}"


class Testimony(Model):
    """An entry as the ledger holds it."""

    entry: EntryRef
    id: str
    type: Code
    time: Instant
    actor: Code
    role: str = ""
    on_behalf_of: str | None = None
    data: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def account(self) -> str:
        """On whose account it happened: the person behind an entry of the engine, else who acted."""
        return self.on_behalf_of or self.actor

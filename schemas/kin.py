"""What matters owe one another: to begin a matter, to tell one what was recorded, to look up what was told.

No matter believes another's word. A message only points to an entry of the ledger; whoever is told reads the
entry there himself, and so does a matter that was begun because of one. The entry in turn names the
matters it begins and those it tells, so that nobody can be told of what was not meant for him, and what was
to be begun is known from the ledger alone.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from .base import Code, Instant, Model

BEGINS, TELLS = "begins", "tells"
"""Fields of an entry's data: the matters (`<kind>/<number>`) that it begins, and those that it tells."""

Named = Annotated[Code, StringConstraints(pattern=r"^[^\x00]*$")]
"""A code that any database can be asked for."""


class EntryRef(Model):
    """Points to one entry of a matter's chain."""

    kind: Named
    """Kind of the matter, as in the workflow id `<kind>/<number>`."""
    number: Named
    seq: int = Field(ge=1, lt=1 << 53)
    leaf_hash: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def id(self) -> str:
        """Short and unique: the matter and the place in its chain."""
        return f"{self.kind}/{self.number}/{self.seq}"


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
    def to(self) -> str:
        """Workflow id of the matter it is owed to."""
        return f"{self.kind}/{self.number}"


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

    def begins(self, matter: str) -> bool:
        """Whether it says that it begins the matter of this workflow id."""
        return matter in named_in(self.data, BEGINS)

    def tells(self, matter: str) -> bool:
        """Whether it says that it tells the matter of this workflow id."""
        return matter in named_in(self.data, TELLS)


def named_in(data: dict[str, JsonValue], field: str) -> tuple[str, ...]:
    """The matters that an entry's data names in `BEGINS` or `TELLS`; none where there is no such list."""
    named = data.get(field)
    return tuple(each for each in named if isinstance(each, str)) if isinstance(named, list) else ()

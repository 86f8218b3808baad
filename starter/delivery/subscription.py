"""A subscription: which system is told of what, and where.

What outsiders may see is asked of the rules of sight. A system looks with the eyes of somebody who reads by
grant, and only at the kinds it was granted. Kinds that the table hides from anybody concerned (cards,
complaints, fault cases, supervision matters) are granted by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from pydantic import AwareDatetime, Json
from sqlalchemy import Connection

from ledger.entry import Entry
from readmodel.query import get_matters
from rules.sight import told_of
from rules.sight_table import SIGHT
from schemas.base import Model
from schemas.errors import UsageError
from schemas.profile import Profile
from schemas.sight import Viewer
from starter.delivery.names import is_told, known_types, type_of
from starter.sight import Eyes

ORDINARY = tuple(sorted(kind for kind, rule in SIGHT.items() if not rule.never | rule.until_told))
"""Kinds that no tie hides: what a subscription is told of where nothing is said."""


class State(StrEnum):
    """Whether events go to it."""

    ACTIVE = "active"
    GONE = "gone"
    """The receiver said that it is there no longer (410)."""


class Subscription(Model):
    """A row of `delivery_subscription`."""

    id: str
    url: str
    kinds: Json[tuple[str, ...]]
    types: Json[tuple[str, ...]]
    """Patterns such as `card.*`; none means every type."""
    allowed: Json[tuple[str, ...]]
    """Networks of this house into which it may point."""
    state: State
    reached: int
    hold: AwareDatetime
    created: AwareDatetime
    created_by: str

    def wants(self, entry_type: str) -> bool:
        """Whether it asked for events of this entry's type."""
        return not self.types or any(fnmatchcase(type_of(entry_type), each) for each in self.types)


@dataclass(frozen=True)
class Listener:
    """Somebody who is told of events: his eyes, and the kinds of matters he is told of."""

    eyes: Eyes
    kinds: frozenset[str]

    def told(self, connection: Connection, entries: Sequence[Entry]) -> list[bool]:
        """For each entry whether it is told."""
        rows = {row.case_id: row for row in get_matters(connection, sorted(_cases(entries)))}
        known = [rows[case] for case in sorted(rows) if rows[case].kind in self.kinds]
        seen = {row.case_id for row, yes in zip(known, self.eyes.seen(connection, known), strict=True) if yes}
        return [is_told(entry) and entry.case_id in seen and self._all(entry, seen) for entry in entries]

    def _all(self, entry: Entry, seen: set[str]) -> bool:
        return all(
            kind in self.kinds and number in seen for kind, number in told_of(entry.case_id, entry.data)
        )


def outside(profile: Profile, name: str, kinds: Sequence[str]) -> Listener:
    """A system of this name, for these kinds."""
    return Listener(Eyes(Viewer(officer=f"system:{name}", auditor=True), profile), frozenset(kinds))


def insider(eyes: Eyes) -> Listener:
    """Somebody of the house: he is told what he may see, of every kind."""
    return Listener(eyes, frozenset(SIGHT))


def checked_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    """Kinds to be granted; the ordinary ones where none is named. Raises UsageError."""
    if strange := sorted(set(kinds) - set(SIGHT)):
        raise UsageError(
            f"没有这种事项 / no such kind of matter: {', '.join(strange)}; {', '.join(sorted(SIGHT))}",
            code="unknown_kind",
        )
    return tuple(dict.fromkeys(kinds)) or ORDINARY


def checked_types(types: Sequence[str]) -> tuple[str, ...]:
    """Patterns each of which fits some event. Raises UsageError."""
    known = known_types()
    if strange := [each for each in types if not any(fnmatchcase(name, each) for name in known)]:
        raise UsageError(f"没有这类事件 / no event is called {', '.join(strange)}", code="unknown_type")
    return tuple(dict.fromkeys(types))


def _cases(entries: Sequence[Entry]) -> set[str]:
    told = {number for entry in entries for _, number in told_of(entry.case_id, entry.data)}
    return told | {entry.case_id for entry in entries}

"""Names of events: what happens to a matter is told, under its own type or one that it shares with others."""

from __future__ import annotations

from ledger.entry import Entry
from schemas.entry_types import MATTER_TYPES

_TYPES = {
    "lamp.yellow": "lamp.changed",
    "clock.breached": "lamp.changed",
    "clock.breach_withdrawn": "lamp.changed",
    "case.decided": "decision.made",
    "fault.decided": "decision.made",
    "review.closed": "decision.made",
    "review.voted": "vote.cast",
    "fault.voted": "vote.cast",
}
"""Names under which entries are told; all others are told under their own."""


def is_told(entry: Entry) -> bool:
    """Whether an entry is an event at all: what happens to a matter is, the house's own records are not."""
    return entry.type in MATTER_TYPES


def type_of(entry_type: str) -> str:
    """The event type of an entry's type."""
    return _TYPES.get(entry_type, entry_type)


def known_types() -> frozenset[str]:
    """All event types there are."""
    return frozenset(map(type_of, MATTER_TYPES))

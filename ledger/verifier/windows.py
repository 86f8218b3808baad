"""Between which times an entry may have been recorded, by its place in the log.

What a checkpoint does not hold was recorded after it was signed, and what it holds was recorded before:
an entry put in afterwards under an old date contradicts one or the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledger.entry import instant
from ledger.verifier.trust import Bound

_NEVER = "~"
"""Sorts behind every time."""


@dataclass(frozen=True, slots=True)
class Window:
    """Recorded times (as text) of the entries before place `until`, which is None for the last window."""

    until: int | None
    floor: str
    ceiling: str


def windows(bounds: Iterable[Bound], tolerance: timedelta) -> list[Window]:
    """The windows that bounds make, in the order of the log."""
    ordered = sorted(bounds, key=lambda bound: bound.size)
    ceilings = _ceilings(ordered, tolerance)
    found, floor = [], ""
    for n, bound in enumerate(ordered):
        if n == 0 or bound.size != ordered[n - 1].size:
            found.append(Window(bound.size, floor, ceilings[n]))
        if bound.floor:
            floor = max(floor, _text(bound.time, -tolerance))
    return [*found, Window(None, floor, _NEVER)]


def _ceilings(ordered: Sequence[Bound], tolerance: timedelta) -> list[str]:
    """For each bound the earliest time of it and those behind it."""
    earliest, found = _NEVER, []
    for bound in reversed(ordered):
        earliest = min(earliest, _text(bound.time, tolerance))
        found.append(earliest)
    return found[::-1]


def _text(time: datetime, shift: timedelta) -> str:
    try:
        return instant(time.astimezone(UTC) + shift)
    except OverflowError:  # the ends of the calendar bound nothing
        return "" if shift < timedelta() else _NEVER

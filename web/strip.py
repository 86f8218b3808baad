"""The time strip: one horizontal bar a matter, who held it how long, where it stood still, where it must end.

Geometry only, in thousandths of the bar; the template draws it as SVG and says the same in a table beneath.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ledger.entry import Entry
from web.clocks import ShownClock, pauses
from web.names import Names, Words
from web.timeline import ZONE, local

WIDTH = 1000
"""Units of the bar's length."""

ROOM = 90
"""A segment at least this long has room for a name."""


@dataclass(frozen=True)
class Span:
    """Somebody's time with the matter."""

    who: str
    post: Words
    since: datetime
    until: datetime | None
    """None while he still has it."""


@dataclass(frozen=True)
class Piece:
    """A part of the bar."""

    x: int
    width: int
    label: str


@dataclass(frozen=True)
class Tick:
    """A day that is marked: when it turns yellow, when the limit ends."""

    x: int
    day: date
    kind: str
    """`warn` or `limit`."""


@dataclass(frozen=True)
class Strip:
    """The bar."""

    holders: tuple[Piece, ...]
    hatched: tuple[Piece, ...]
    ticks: tuple[Tick, ...]
    now: int | None
    """Where today is; None once the matter has ended."""


def duty_chain(timeline: Sequence[Entry], names: Names, *, closed: bool) -> tuple[Span, ...]:
    """Who answered for the matter, from when to when, as the entries say; the spans join without a gap."""
    spans: list[Span] = []
    holder: tuple[str, str] | None = None
    for entry in timeline:
        view = entry.data.get("view", {})
        found = (str(view.get("owner", "")), str(view.get("owner_post", "")))
        if not found[0] or found == holder:
            continue
        since = local(entry.event["time"])
        if spans:
            spans[-1] = _ended(spans[-1], max(since, spans[-1].since))
        spans.append(Span(names.person(found[0]), names.post(found[1]), since, None))
        holder = found
    if closed and spans:
        spans[-1] = _ended(spans[-1], local(timeline[-1].event["time"]))
    return tuple(spans)


def strip(
    spans: Sequence[Span], timeline: Sequence[Entry], clock: ShownClock | None, now: datetime, *, closed: bool
) -> Strip | None:
    """The bar of a matter; None where nobody has held it yet."""
    if not spans:
        return None
    first, end = spans[0].since, spans[-1].until or now
    last = max(end, _end_of(clock.due) if clock and clock.due else end, first + timedelta(hours=1))
    at = _Scale(first, last)
    hatched = tuple(
        at.piece(local(begun.event["time"]), local(ended.event["time"]) if ended else end, "")
        for begun, ended in pauses(timeline)
    )
    return Strip(
        holders=tuple(at.piece(span.since, span.until or end, span.who.partition(" ")[0]) for span in spans),
        hatched=hatched,
        ticks=_ticks(clock, at),
        now=None if closed else at.x(now),
    )


@dataclass(frozen=True)
class _Scale:
    first: datetime
    last: datetime

    def x(self, moment: datetime) -> int:
        part = (moment - self.first) / (self.last - self.first)
        return round(WIDTH * min(max(part, 0.0), 1.0))

    def piece(self, since: datetime, until: datetime, label: str) -> Piece:
        x, end = self.x(since), self.x(until)
        width = max(end - x, 2)
        return Piece(min(x, WIDTH - width), width, label if width >= ROOM else "")


def _ticks(clock: ShownClock | None, at: _Scale) -> tuple[Tick, ...]:
    if clock is None or clock.due is None:
        return ()
    limit = Tick(at.x(_end_of(clock.due)), clock.due, "limit")
    if clock.yellow_from is None:
        return (limit,)
    return Tick(at.x(_start_of(clock.yellow_from)), clock.yellow_from, "warn"), limit


def _ended(span: Span, until: datetime) -> Span:
    return Span(span.who, span.post, span.since, until)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZONE)


def _end_of(day: date) -> datetime:
    return _start_of(day + timedelta(days=1))

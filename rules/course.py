"""The course of a clock: where on the calendar its N days end, and which days did not count.

Every kind of limit is brought to one form: a scale on which days are ranked, a length `n` on that
scale, and the spans in which the clock stood still. Working-day limits are ranked on the working
days, all others on plain days (a month is as many days as it takes to its corresponding day), so
that suspension, extension and lateness are counted the same way everywhere.

Days are proleptic ordinals here. Source: bureau's rules of time, 2.3; 民法典 Art.201-203.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from rules.calendar import local_day, working_days
from schemas.clocks import SUSPENDABLE, Calendar, Clock, Suspension, Unit
from schemas.errors import UsageError

FOREVER = date.max.toordinal()
"""End of a span that is still open."""

Span = tuple[int, int]
"""(s, r]: the day `s` counts, the days after it up to and including `r` do not."""


class Scale(Protocol):
    """Days by rank: `rank(d)` never falls, and `at(rank)` is the earliest day of that rank."""

    def rank(self, day: int) -> int:
        """Rank of a day."""

    def at(self, rank: int) -> int:
        """Day of a rank."""


class _PlainDays:
    """Every day counts: the rank of a day is the day."""

    def rank(self, day: int) -> int:
        return day

    def at(self, rank: int) -> int:
        return rank


PLAIN_DAYS: Scale = _PlainDays()


@dataclass(frozen=True, slots=True)
class Course:
    """A clock laid out on the calendar."""

    scale: Scale
    start: int
    n: int
    """Length of the limit on the scale."""
    spans: tuple[Span, ...]
    """United suspensions, ascending, none before the start."""
    last: int
    """The day the n-th day falls on, as far as the closed spans tell."""
    due: int | None
    """`last`, moved off a rest day where the limit rolls; None while it depends on an open span."""

    def elapsed(self, first: int, day: int) -> int:
        """Days of the scale in `(first, day]` that are not suspended; 0 if there are none."""
        if day <= first:
            return 0
        rank = self.scale.rank
        still = sum(rank(min(r, day)) - rank(max(s, first)) for s, r in self.spans if s < day and r > first)
        return rank(day) - rank(first) - still

    def counted(self, day: int) -> int:
        """Days used up to and including `day`; days a due date rolled over do not count."""
        used = self.elapsed(self.start, day)
        if self.due is None or day <= self.due:
            return min(used, self.n)
        return self.n + self.elapsed(max(self.due, self.start), day)

    def reached(self, n: int) -> int:
        """The earliest day, never before the start, on which `n` days are counted."""
        return _reach(self.scale, self.start, self.spans, n)

    def suspended(self, day: int) -> bool:
        """Whether the clock stands still on `day`; a clock that had run out before does not."""
        return any(s < day <= r and (self.due is None or s <= self.due) for s, r in self.spans)


def course(clock: Clock, calendar: Calendar) -> Course:
    """Lays a clock out. Raises `UsageError` (`clock.no_minute`) for hours without a starting minute."""
    start, scale = clock.start.toordinal(), _scale(clock, calendar)
    if clock.fixed_at is not None:
        return _fixed(start, local_day(calendar, clock.fixed_at - timedelta(microseconds=1)), scale)
    spans = _spans(clock, start)
    n = _length(clock, calendar)
    last = _reach(scale, start, spans, n)
    due = _rolled(last, working_days(calendar), spans) if n and _rolls(clock) else last
    return Course(scale, start, n, spans, last, None if _waits(clock, spans, due) else due)


def _scale(clock: Clock, calendar: Calendar) -> Scale:
    return working_days(calendar) if clock.limit.unit is Unit.WORKING_DAY else PLAIN_DAYS


def _fixed(start: int, day: date, scale: Scale) -> Course:
    """A limit given as an instant: its day is the due day, and nothing shifts it.

    An instant at 00:00 ends the day before, as every limit ends at 24:00.
    """
    due = day.toordinal()
    return Course(scale, start, max(0, scale.rank(due) - scale.rank(start)), (), due, due)


def _length(clock: Clock, calendar: Calendar) -> int:
    """N: the limit and its extension, in days of the clock's scale."""
    n = clock.limit.n + clock.extension
    match clock.limit.unit:
        case Unit.WORKING_DAY | Unit.CALENDAR_DAY:
            return n
        case Unit.MONTH:
            return (corresponding_day(clock.start, n) - clock.start).days
        case Unit.YEAR:
            return (corresponding_day(clock.start, 12 * n) - clock.start).days
        case Unit.HOUR:
            if clock.started_at is None:
                raise UsageError("a limit in hours needs the minute it started", code="clock.no_minute")
            return (local_day(calendar, clock.started_at + timedelta(hours=n)) - clock.start).days


def corresponding_day(start: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day (民法典 Art.202)."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month0 + 1, min(start.day, monthrange(year, month0 + 1)[1]))


def _rolls(clock: Clock) -> bool:
    return clock.limit.rolls and clock.limit.unit in (Unit.CALENDAR_DAY, Unit.MONTH, Unit.YEAR)


def _spans(clock: Clock, start: int) -> tuple[Span, ...]:
    """The clock's suspensions as one ascending series without overlaps, cut at its start."""
    if clock.kind not in SUSPENDABLE or not clock.suspensions:
        return ()
    united: list[Span] = []
    for s, r in sorted(_span(suspension, start) for suspension in clock.suspensions):
        if r <= s:
            continue
        if united and s <= united[-1][1]:
            united[-1] = (united[-1][0], max(r, united[-1][1]))
        else:
            united.append((s, r))
    return tuple(united)


def _span(suspension: Suspension, start: int) -> Span:
    end = suspension.end.toordinal() if suspension.end else FOREVER
    return max(suspension.start.toordinal(), start), end


def _waits(clock: Clock, spans: tuple[Span, ...], due: int) -> bool:
    """Whether `due` is not known yet: a span opened on that day or earlier has not ended (2.3.3).

    A span opened later finds the limit already passed and takes nothing back.
    """
    if not spans or spans[-1][1] != FOREVER:
        return False
    opened = (_span(span, clock.start.toordinal())[0] for span in clock.suspensions if span.end is None)
    return spans[-1][0] < due or due in opened


def _reach(scale: Scale, start: int, spans: tuple[Span, ...], n: int) -> int:
    """The earliest day with `n` days counted; open spans are left to the caller."""
    if n == 0:
        return start
    rank = scale.rank(start) + n
    for s, r in spans:
        if r == FOREVER or scale.at(rank) <= s:
            break
        rank += scale.rank(r) - scale.rank(s)
    return scale.at(rank)


def _rolled(last: int, days: Scale, spans: tuple[Span, ...]) -> int:
    """The first working day on or after `last` on which the clock does not stand still."""
    due = days.at(days.rank(last - 1) + 1)
    for s, r in spans:
        if r != FOREVER and s < due <= r:
            due = days.at(days.rank(r) + 1)
    return due

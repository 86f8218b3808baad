"""Working days (工作日): which days count, and the first one after a given day.

A day is a working day if it is a weekday that is not off, or a weekend day that is worked
instead (调休补班日, which counts in full). Source: the yearly notice of the State Council General
Office, carried in a `schemas.clocks.Calendar`; nothing is looked up here. Days outside the
calendar's window are plain Monday to Friday and provisional (暂定), never an error.

Limits are counted on the *rank* of a day, the number of working days up to it. Ranks turn counting
into a subtraction and a due date into a look-up, which matters because every act of every replay
computes several due dates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from rules.calendar_data import exceptions
from schemas.clocks import Calendar, ReceiptRoll, WindowHours

SATURDAY = 5


def build_calendar(files: Mapping[str, object], first_day: date, last_day: date) -> Calendar:
    """The calendar of a jurisdiction for `first_day..last_day` (both included).

    `files` maps the names of the calendar folder's files, without ending, to their parsed content:
    `2026`, `provisional`, `lunar`. A year without a file is provisional.
    Raises `UsageError` (`calendar.invalid`, `calendar.window`) for data that contradict themselves.
    """
    found = exceptions(files, first_day, last_day)
    return Calendar(
        jurisdiction=found.jurisdiction,
        timezone=found.timezone,
        first_day=first_day,
        last_day=last_day,
        version=found.version,
        sha256=found.sha256(),
        source=found.source,
        days_off=tuple(found.days_off),
        makeup_workdays=found.makeup_workdays,
        provisional_years=found.provisional_years,
    )


def holiday_names(files: Mapping[str, object], first_day: date, last_day: date) -> dict[date, str]:
    """Name code (`spring_festival`) of each weekday that is off; words for it in `rules.explain`."""
    return exceptions(files, first_day, last_day).days_off


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Ranks of working days; days are proleptic ordinals (`date.toordinal`)."""

    first: int
    last: int
    listed: tuple[int, ...]
    """The working days of the window, ascending."""

    def rank(self, day: int) -> int:
        """Working days up to and including `day`, counted from the window's first day."""
        if day < self.first:
            return _weekdays(day) - _weekdays(self.first - 1)
        if day > self.last:
            return len(self.listed) + _weekdays(day) - _weekdays(self.last)
        return bisect_right(self.listed, day)

    def at(self, rank: int) -> int:
        """The working day with this rank: the earliest day whose `rank()` is `rank`."""
        if rank < 1:
            return _weekday_at(_weekdays(self.first - 1) + rank)
        if rank > len(self.listed):
            return _weekday_at(_weekdays(self.last) + rank - len(self.listed))
        return self.listed[rank - 1]

    def has(self, day: int) -> bool:
        """Whether `day` is a working day."""
        return self.rank(day) != self.rank(day - 1)


def _weekdays(day: int) -> int:
    """Mondays to Fridays up to and including ordinal `day`; ordinal 1 is a Monday."""
    weeks, rest = divmod(day, 7)
    return 5 * weeks + min(rest, 5)


def _weekday_at(count: int) -> int:
    """Inverse of `_weekdays`: the ordinal of the `count`-th weekday."""
    weeks, rest = divmod(count - 1, 5)
    return 7 * weeks + rest + 1


def working_days(calendar: Calendar) -> WorkingDays:
    """The ranks of this calendar, built once for all calendars of the same content."""
    return _working_days(calendar.first_day, calendar.last_day, calendar.days_off, calendar.makeup_workdays)


@lru_cache(maxsize=256)
def _working_days(
    first_day: date, last_day: date, days_off: tuple[date, ...], makeup: tuple[date, ...]
) -> WorkingDays:
    off = {day.toordinal() for day in days_off}
    worked = {day.toordinal() for day in makeup}
    first, last = first_day.toordinal(), last_day.toordinal()
    plain = (day for day in range(first, last + 1) if (day - 1) % 7 < SATURDAY and day not in off)
    return WorkingDays(first, last, tuple(sorted({*plain, *worked})))


def is_workday(calendar: Calendar, day: date) -> bool:
    """Whether `day` is a working day; a make-up Saturday or Sunday is one."""
    return working_days(calendar).has(day.toordinal())


def is_provisional(calendar: Calendar, day: date) -> bool:
    """Whether `day` rests on no published notice: a provisional year, or outside the window."""
    inside = calendar.first_day <= day <= calendar.last_day
    return not inside or day.year in calendar.provisional_years


def spans_provisional(calendar: Calendar, first_day: date, last_day: date) -> bool:
    """Whether any day of `first_day..last_day` is provisional; False if there is no such day."""
    if last_day < first_day:
        return False
    years = range(first_day.year, last_day.year + 1)
    ends = is_provisional(calendar, first_day) or is_provisional(calendar, last_day)
    return ends or any(year in calendar.provisional_years for year in years)


def next_workday(calendar: Calendar, day: date) -> date:
    """The first working day strictly after `day`."""
    days = working_days(calendar)
    return date.fromordinal(days.at(days.rank(day.toordinal()) + 1))


def workdays_before(calendar: Calendar, day: date, n: int) -> date:
    """The working day `n` working days before `day`."""
    days = working_days(calendar)
    return date.fromordinal(days.at(days.rank(day.toordinal() - 1) - n + 1))


def workday_on_or_after(calendar: Calendar, day: date) -> date:
    """`day` itself if it is a working day, else the next one."""
    days = working_days(calendar)
    return date.fromordinal(days.at(days.rank(day.toordinal() - 1) + 1))


def local_day(calendar: Calendar, instant: datetime) -> date:
    """The calendar's local day at `instant` (aware)."""
    return instant.astimezone(ZoneInfo(calendar.timezone)).date()


def at_local(calendar: Calendar, day: date, clock: time) -> datetime:
    """The instant of a local wall-clock time on `day`, with its UTC offset."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(calendar.timezone))


def start_of_day(calendar: Calendar, day: date) -> datetime:
    """00:00 local on `day`, which is also 24:00 of the day before."""
    return at_local(calendar, day, time.min)


def received_day(
    calendar: Calendar, instant: datetime, hours: WindowHours, roll: ReceiptRoll, *, online: bool
) -> date:
    """The day an application counts as received (收件日), from which its limits run.

    Paper and on-site receipts count on the day of signing. Online, an arrival after closing time or
    on a rest day counts on the next working day (民法典 Art.203), unless `roll` is NONE.
    """
    arrived = instant.astimezone(ZoneInfo(calendar.timezone))
    day = arrived.date()
    if not online or roll is ReceiptRoll.NONE:
        return day
    late = arrived.time() > hours.closes
    return next_workday(calendar, day) if late else workday_on_or_after(calendar, day)

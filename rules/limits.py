"""The clock algebra (时限运算): due dates, days left, expiry, extension, promise against fact.

The day of the triggering event does not count; days of a suspension do not count; an extension
lengthens the limit and never starts it anew. Everything is computed from the clock and the
calendar it is given, so that any date can be recomputed from a matter's history alone.

Source: bureau's rules of time, 2.3-2.5; 行政许可法 Art.42, 45, 82; 民法典 Art.201-203.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from rules.calendar import at_local, is_workday, spans_provisional, start_of_day
from rules.course import PLAIN_DAYS, Course, course
from schemas.base import Model
from schemas.clocks import Calendar, Clock, ClockKind, DayNote, Deadline, Expiry, Limit, Suspension, Unit
from schemas.errors import UsageError
from schemas.profile import Thresholds

SATURDAY = 5


def warn(n: int, divisor: int) -> int:
    """With this many days left or fewer, a limit of `n` days shows yellow (2.3.5)."""
    return 0 if n <= 1 else max(1, n // divisor)


def deadline(clock: Clock, calendar: Calendar, *, warn_divisor: int, derivation: bool = False) -> Deadline:
    """Due day, first yellow and first red day; all None while the due day waits for a suspension.

    With `derivation`, every day from the start to the due day with the reason why it counts or
    does not. Raises `UsageError` (`clock.no_minute`) for a limit in hours without a starting minute.
    """
    laid = course(clock, calendar)
    days = tuple(_derivation(laid, calendar)) if derivation else ()
    if laid.due is None:
        return Deadline(due=None, yellow_from=None, red_from=None, provisional=False, days=days)
    due = date.fromordinal(laid.due)
    return Deadline(
        due=due,
        yellow_from=date.fromordinal(laid.reached(laid.n - warn(laid.n, warn_divisor))),
        red_from=due + timedelta(days=1),
        provisional=spans_provisional(calendar, clock.start + timedelta(days=1), due),
        days=days,
    )


def _derivation(laid: Course, calendar: Calendar) -> Iterator[DayNote]:
    """One note a day up to the due day, or up to the first day of a standstill that is still open."""
    end = laid.due if laid.due is not None else laid.spans[-1][0] + 1
    n = 0
    for day in range(laid.start, max(laid.start, end) + 1):
        why = _why(laid, calendar, day)
        counted = why in COUNTED
        n += counted
        yield DayNote(day=date.fromordinal(day), counted=counted, n=n, why=why)


COUNTED = frozenset({"working_day", "makeup_workday", "calendar_day"})
"""The reasons for which a day counts; all others are reasons why it does not."""


def _why(laid: Course, calendar: Calendar, ordinal: int) -> str:
    """Reason code of one day; `rules.explain` has the words."""
    if ordinal == laid.start:
        return "start_day_excluded"
    if laid.suspended(ordinal):
        return "suspended"
    if ordinal > laid.last:
        return "rolled"
    if laid.scale is PLAIN_DAYS:
        return "calendar_day"
    day = date.fromordinal(ordinal)
    weekend = day.weekday() >= SATURDAY
    if is_workday(calendar, day):
        return "makeup_workday" if weekend else "working_day"
    return "weekend" if weekend else "holiday"


def counted(clock: Clock, calendar: Calendar, day: date) -> int:
    """Days of the limit used up to and including `day`; more than the limit once it is overdue."""
    return course(clock, calendar).counted(day.toordinal())


def left(clock: Clock, calendar: Calendar, day: date) -> int:
    """Days still left at the end of `day`: 0 on the due day, negative by the days of lateness.

    Working days for a limit in working days, calendar days for all others.
    """
    laid = course(clock, calendar)
    return laid.n - laid.counted(day.toordinal())


def expires_at(clock: Clock, calendar: Calendar, thresholds: Thresholds) -> datetime | None:
    """The instant the limit ends, with UTC offset: whatever happens before it is in time.

    24:00 of the due day, or closing time under `CLOSE_OF_BUSINESS` (民法典 Art.203). A limit in hours
    ends on the exact minute. None while the due day waits for a suspension to end.
    """
    if clock.fixed_at is not None:
        return clock.fixed_at
    laid = course(clock, calendar)
    if laid.due is None:
        return None
    if clock.limit.unit is Unit.HOUR and clock.started_at is not None:
        standstill = timedelta(days=laid.due - laid.start - laid.n)
        return clock.started_at + timedelta(hours=clock.limit.n + clock.extension) + standstill
    due = date.fromordinal(laid.due)
    if thresholds.expiry is Expiry.CLOSE_OF_BUSINESS:
        return at_local(calendar, due, thresholds.window_hours.closes)
    return start_of_day(calendar, due + timedelta(days=1))


def extension_allowed(clock: Clock, calendar: Calendar, *, applied: date, approved: date) -> str | None:
    """None if the clock may be extended, else the code of the refusal (2.5; 行政许可法 Art.42).

    Once only, applied for and approved not later than 24:00 of the current due day (local days).
    How long an extension may be, and who approves it, is the item's affair.
    """
    if clock.extension:
        return "extended_before"
    due = course(clock, calendar).due
    late = due is not None and max(applied, approved).toordinal() > due
    return "extension_late" if late or clock.breached else None


class PromiseOutcome(Model):
    """A promise against what was done (承诺与实际对比, M35). Days are those of the promise."""

    promised_days: int
    actual_days: int
    saved_days: int
    """Negative where the promise was overrun."""
    speed_up_percent: int | None
    """Saved days in hundredths of the promise, rounded down; None for a promise on the spot."""
    promise_kept: bool
    """Against the originally promised day: an extension does not redeem a promise."""
    same_day: bool
    """Done on the day of acceptance (当日办结)."""


def actual_days(
    calendar: Calendar, accepted: date, completed: date, suspensions: Iterable[Suspension] = ()
) -> int:
    """Working days after `accepted` up to and including `completed`, suspended days left out."""
    clock = Clock(kind=ClockKind.PROMISE, start=accepted, limit=Limit(n=0), suspensions=tuple(suspensions))
    laid = course(clock, calendar)
    return laid.elapsed(laid.start, completed.toordinal())


def promise_outcome(promise: Clock, calendar: Calendar, completed: date) -> PromiseOutcome:
    """What became of a promise whose result was ready on `completed`.

    Raises `UsageError` (`result_before_acceptance`) for a result older than the acceptance.
    """
    if completed < promise.start:
        raise UsageError(
            f"the result ({completed}) cannot be older than the acceptance ({promise.start})",
            code="result_before_acceptance",
        )
    laid = course(promise.model_copy(update={"extension": 0}), calendar)
    used = laid.elapsed(laid.start, completed.toordinal())
    return PromiseOutcome(
        promised_days=laid.n,
        actual_days=used,
        saved_days=laid.n - used,
        speed_up_percent=100 * (laid.n - used) // laid.n if laid.n else None,
        promise_kept=laid.due is None or completed.toordinal() <= laid.due,
        same_day=completed == promise.start,
    )

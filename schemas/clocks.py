"""Limits, clocks, calendars and lamps: the vocabulary of time-limited completion (限时办结制).

All days are local days of the calendar's time zone. Source: rules of time, part 2 of the
bureau's domain specification (行政许可法 Art.32, 42, 44, 45, 82; 民法典 Art.201-203).
"""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum

from pydantic import Field

from .base import Instant, Model, StrictModel, Text


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"
    YEAR = "year"
    HOUR = "hour"


class ClockKind(StrEnum):
    """The clocks a matter may carry, several at the same time."""

    ACCEPTANCE = "acceptance"
    STATUTORY = "statutory"
    PROMISE = "promise"
    STAGE = "stage"
    HANDOVER = "handover"
    DELIVERY = "delivery"
    SPECIAL = "special"
    RECTIFY = "rectify"
    STEP = "step"
    """程序时限: a step of a procedure other than an approval; `ref` says which."""
    WINDOW = "window"
    """A person's right runs (objection, defence, remedy); its end is no breach but a silence."""


SUSPENDABLE = frozenset({ClockKind.STATUTORY, ClockKind.PROMISE, ClockKind.STAGE})
"""A suspension stops these together and never the others."""


class Lamp(StrEnum):
    """Live time status (灯); never to be confused with a card (牌)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"
    DONE = "done"


class Expiry(StrEnum):
    """When, on its due day, a limit ends."""

    END_OF_DAY = "END_OF_DAY"
    CLOSE_OF_BUSINESS = "CLOSE_OF_BUSINESS"


class ReceiptRoll(StrEnum):
    """What becomes of an application that arrives outside window hours."""

    NEXT_WORKING_DAY = "NEXT_WORKING_DAY"
    NONE = "NONE"


class Limit(StrictModel):
    """A length of time with its legal basis."""

    n: int = Field(ge=0, le=3660)
    unit: Unit = Unit.WORKING_DAY
    basis: str = ""
    """Article the limit rests on; required of every limit in a profile."""
    rolls: bool = True
    """Calendar limits ending on a rest day move to the next working day (民法典 Art.203);
    False for strict limits such as criminal transfer."""


class WindowHours(StrictModel):
    """Opening hours of the window, local time."""

    opens: time = time(9, 0)
    closes: time = time(17, 0)


class Calendar(Model):
    """Working days of a jurisdiction over a stretch of years: only what differs from Mon-Fri.

    Travels in the workflow's input, so that every date can be recomputed from the history.
    """

    jurisdiction: str
    timezone: str
    first_day: date
    last_day: date
    """Days outside first_day..last_day are treated as plain Mon-Fri and provisional."""
    version: str
    sha256: str
    source: str = ""
    days_off: tuple[date, ...] = ()
    """Weekdays that are holidays."""
    makeup_workdays: tuple[date, ...] = ()
    """Saturdays and Sundays that are worked (调休补班日)."""
    provisional_years: tuple[int, ...] = ()


class Suspension(Model):
    """A half-open span (start, end]: the day it starts counts, the day it ends does not."""

    start: date
    end: date | None = None
    """None while the clock stands still: then there is no due date."""
    ground: str = ""


class Clock(Model):
    """One running or stopped limit of a matter."""

    kind: ClockKind
    ref: str = ""
    """Which of several: the stage code, the card id, the ground of a special procedure."""
    start: date
    """Day of the triggering event; it is not counted (民法典 Art.201)."""
    limit: Limit
    extension: int = 0
    """Added to the limit, in its own unit."""
    suspensions: tuple[Suspension, ...] = ()
    owner: str = ""
    """Staff number of the person the clock runs against."""
    post: str = ""
    stopped_on: date | None = None
    stopped_at: Instant | None = None
    breached: bool = False
    """The limit expired and the breach has been recorded."""
    started_at: Instant | None = None
    """The exact minute, for limits in hours."""
    fixed_at: Instant | None = None
    """A limit set from outside as an instant (a recorded log's own deadline); overrides the count."""
    marks: tuple[str, ...] = ()
    """Thresholds already told: `yellow`, `deputy`."""


class DayNote(Model):
    """One line of a derivation: a date, whether it counts, and why."""

    day: date
    counted: bool
    n: int
    """Days counted up to and including this day."""
    why: Text
    """A stable reason code, told in words by `rules.explain`."""


class Deadline(Model):
    """What a clock comes to, with the day-by-day derivation."""

    due: date | None
    yellow_from: date | None
    red_from: date | None
    provisional: bool
    days: tuple[DayNote, ...] = ()

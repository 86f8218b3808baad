"""Lamps (灯): the live status of a clock and of a case, derived and never stored as truth.

A lamp is not a card (牌): it blames nobody and goes out by itself. Source: bureau's rules of time, 2.9.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rules.course import course
from rules.limits import warn
from schemas.clocks import SUSPENDABLE, Calendar, Clock, ClockKind, Lamp

SEVERITY = (Lamp.RED, Lamp.YELLOW, Lamp.GREEN)
"""Worst first."""


def lamp(clock: Clock, day: date, calendar: Calendar, warn_divisor: int) -> Lamp:
    """The clock's lamp on the local day `day`, as it stands from 00:00 of that day.

    A clock that ran out before it was suspended stays red: a standstill mends nothing.
    """
    if clock.stopped_on is not None and clock.stopped_on <= day:
        return Lamp.DONE
    laid, ordinal = course(clock, calendar), day.toordinal()
    if laid.suspended(ordinal):
        return Lamp.GREY
    if laid.due is not None and ordinal > laid.due:
        return Lamp.DONE if clock.kind is ClockKind.WINDOW else Lamp.RED  # a right that passed is no delay
    days_left = laid.n - laid.counted(ordinal)
    return Lamp.YELLOW if days_left <= warn(laid.n, warn_divisor) else Lamp.GREEN


def case_lamp(clocks: Iterable[Clock], day: date, calendar: Calendar, warn_divisor: int) -> Lamp:
    """The worst lamp of a case's running clocks; DONE if none runs.

    While the case is suspended it is GREY, unless its special procedure is late or about to be.
    """
    lamps = [(clock.kind, lamp(clock, day, calendar, warn_divisor)) for clock in clocks]
    if any(kind in SUSPENDABLE and shown is Lamp.GREY for kind, shown in lamps):
        special = worst(shown for kind, shown in lamps if kind is ClockKind.SPECIAL)
        return special if special in (Lamp.RED, Lamp.YELLOW) else Lamp.GREY
    return worst(shown for _, shown in lamps)


def worst(lamps: Iterable[Lamp]) -> Lamp:
    """RED before YELLOW before GREEN; DONE if nothing runs."""
    shown = set(lamps)
    return next((lamp for lamp in SEVERITY if lamp in shown), Lamp.DONE)

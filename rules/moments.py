"""Moments: the instants at which a clock changes something, in the order they fall.

Timeliness is decided by instants, not by which timer woke up: the kernel applies every moment
that lies before an act before it applies the act.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import JsonValue

from rules.calendar import local_day, next_workday, start_of_day
from rules.lamps import lamp
from rules.limits import deadline, expires_at, left
from schemas.clocks import SUSPENDABLE, Clock, ClockKind, Deadline
from schemas.matters import Card, CardStatus, ClockView
from schemas.profile import Rules

ORDER = (
    "rectify_expired",
    "statutory_expired",
    "expired",
    "window",
    "issue",
    "yellow",
    "deputy",
    "due",
    "renewal",
)
"""What goes first of moments that fall on one instant: an escalation before a new breach, so
that a promise passing while the red card is already due is an entry in it, not a second card."""

AWAY = "elsewhere"
"""Ground of the spans in which a stage's clock stood still because the case was in later hands."""

STRENGTH = ("R2", "R1", "Y2", "Y3", "Y1")
"""Of cards due on one day the stronger is issued first, and takes the weaker into itself."""


@dataclass(frozen=True)
class Moment:
    """Something that happens at an instant, to a clock, a card or the matter itself."""

    at: datetime
    what: str
    clock: Clock | None = None
    card: Card | None = None

    @property
    def rank(self) -> tuple[datetime, int, int]:
        """Sort key: time first, then the order of `ORDER`, then the stronger card."""
        return self.at, ORDER.index(self.what), STRENGTH.index(self.card.code) if self.card else 0


def deadline_of(clock: Clock, rules: Rules) -> Deadline:
    """The clock's due date, under the matter's calendar and warning threshold."""
    return deadline(clock, rules.calendar, warn_divisor=rules.thresholds.warn_divisor)


def expiry_of(clock: Clock, rules: Rules) -> datetime | None:
    """The instant the limit ends: the clock is kept by whatever stops it before.

    No limit ends while its clock stands still: with no day left when it was stopped, it ends with the
    day on which it goes on, which itself is not counted.
    """
    end = expires_at(clock, rules.calendar, rules.thresholds)
    if end is None or not clock.suspensions:
        return end
    due = deadline_of(clock, rules).due
    spans = (span for span in clock.suspensions if span.ground == AWAY or span.start == due)
    back = max((span.end for span in spans if span.end), default=None)
    return max(end, start_of_day(rules.calendar, back + timedelta(days=1))) if back else end


def is_paused(clock: Clock) -> bool:
    """Whether a suspension of this clock is open."""
    return clock.kind in SUSPENDABLE and any(s.end is None for s in clock.suspensions)


def clock_moments(clock: Clock, rules: Rules, *, reminders: bool) -> Iterator[Moment]:
    """What is still to come of one clock."""
    if clock.stopped_on is not None or clock.breached or is_paused(clock):
        return
    expiry = expiry_of(clock, rules)
    if expiry is None:
        return
    what = {"rectify": "rectify_expired", "statutory": "statutory_expired", "window": "window"}.get(
        clock.kind, "expired"
    )
    yield Moment(expiry, what, clock)
    if reminders:
        yield from _reminders(clock, rules)


def _reminders(clock: Clock, rules: Rules) -> Iterator[Moment]:
    if clock.kind in (ClockKind.RECTIFY, ClockKind.WINDOW) or clock.limit.n + clock.extension == 0:
        return
    dates = deadline_of(clock, rules)
    if dates.yellow_from and "yellow" not in clock.marks:
        yield Moment(start_of_day(rules.calendar, dates.yellow_from), "yellow", clock)
    whole_case = clock.kind in (ClockKind.PROMISE, ClockKind.STATUTORY)
    if whole_case and dates.due and "deputy" not in clock.marks:
        nine = start_of_day(rules.calendar, dates.due) + timedelta(hours=rules.thresholds.deputy_notice_hour)
        yield Moment(nine, "deputy", clock)


def card_moments(cards: Iterable[Card], rules: Rules) -> Iterator[Moment]:
    """Cards that wait for their issue day."""
    for card in cards:
        if card.status is CardStatus.DUE:
            yield Moment(start_of_day(rules.calendar, card.issue_day), "issue", card=card)


def issue_day(breached_at: datetime, rules: Rules) -> date:
    """First working day after the due day (the limit ends at 24:00 of that day)."""
    due = local_day(rules.calendar, breached_at - timedelta(microseconds=1))
    return next_workday(rules.calendar, due)


def view_of(clock: Clock, rules: Rules, at: datetime) -> ClockView:
    """The clock as people see it at an instant."""
    dates = deadline_of(clock, rules)
    day = local_day(rules.calendar, at)
    return ClockView(
        kind=clock.kind,
        ref=clock.ref,
        due=dates.due,
        yellow_from=dates.yellow_from,
        red_from=dates.red_from,
        provisional=dates.provisional,
        lamp=lamp(clock, day, rules.calendar, rules.thresholds.warn_divisor),
        left=left(clock, rules.calendar, clock.stopped_on or day) if dates.due else None,
        owner=clock.owner,
        stopped_on=clock.stopped_on,
        breached=clock.breached,
    )


def row_of(clock: Clock, rules: Rules) -> dict[str, JsonValue]:
    """The clock as an entry holds it: its dates, not its lamp, which depends on when one looks."""
    dates = deadline_of(clock, rules)
    return {
        "clock": clock.kind.value,
        "ref": clock.ref,
        "start": clock.start.isoformat(),
        "due": _iso(dates.due),
        "yellow_from": _iso(dates.yellow_from),
        "red_from": _iso(dates.red_from),
        "provisional": dates.provisional,
        "suspended": is_paused(clock),
        "stopped": clock.stopped_on is not None,
        "stopped_on": _iso(clock.stopped_on),
        "breached": clock.breached,
        "owner": clock.owner,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

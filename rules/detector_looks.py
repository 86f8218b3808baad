"""What each detector looks for in one act, with what went before in its matter.

One function a pattern; each says whether, of whom and in which week it has seen something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rules.calendar import at_local, local_day, start_of_day, working_days
from schemas.clocks import Calendar, Expiry
from schemas.detector_rules import Detector, DetectorRules, Pattern
from schemas.fault import EvidenceRef
from schemas.profile import Thresholds


@dataclass(frozen=True)
class Setting:
    """What the detectors need to know of the bureau."""

    rules: DetectorRules
    calendar: Calendar
    thresholds: Thresholds
    weeks: frozenset[str] | None = None
    """ISO weeks to look at; None: all."""


@dataclass(frozen=True)
class Seen:
    """One thing a person did, as a detector looks at it."""

    type: str
    officer: str
    at: datetime
    week: str
    ref: EvidenceRef
    data: Mapping[str, Any]
    recorded: datetime
    imported: bool


@dataclass
class Matter:
    """What has to be remembered of a matter while its entries go by."""

    dues: tuple[date, ...] = ()
    """Due days of its running clocks."""
    closed: Seen | None = None


@dataclass(frozen=True)
class Sighting:
    """A detector has seen something of somebody, once."""

    detector: Pattern
    seen: Seen
    officer: str
    week: str


def week_of(calendar: Calendar, at: datetime) -> str:
    """ISO week of an instant, `2026-W24`, in the bureau's own days."""
    year, week, _ = local_day(calendar, at).isocalendar()
    return f"{year}-W{week:02d}"


def sighting(detector: Detector, seen: Seen) -> Sighting:
    return Sighting(detector.code, seen, seen.officer, seen.week)


def _paused(seen: Seen, matter: Matter, detector: Detector, setting: Setting) -> Sighting | None:
    """Clocks to be stopped when hardly a day was left: none, or so many working days at most."""
    if seen.type not in setting.rules.pausing:
        return None
    day = local_day(setting.calendar, seen.at)
    left = [_workdays(setting.calendar, day, due) for due in matter.dues if due >= day]
    return sighting(detector, seen) if left and min(left) <= detector.within else None


def _signed_late(seen: Seen, matter: Matter, detector: Detector, setting: Setting) -> Sighting | None:
    """Signed in the last minutes before a running limit ended, or in the first after."""
    if seen.type not in setting.rules.signing:
        return None
    near = timedelta(minutes=detector.within)
    close = any(abs(seen.at - _end(due, setting)) <= near for due in matter.dues)
    return sighting(detector, seen) if close else None


def _reopened(seen: Seen, matter: Matter, detector: Detector, setting: Setting) -> Sighting | None:
    """Closed, which stops the clock, and open again soon: of whoever closed it."""
    closed = matter.closed
    if closed is None or seen.type not in setting.rules.reopening:
        return None
    matter.closed = None
    soon = seen.at - closed.at <= timedelta(days=detector.within)
    return Sighting(detector.code, seen, closed.officer, seen.week) if soon else None


def _signed_unread(seen: Seen, matter: Matter, detector: Detector, setting: Setting) -> Sighting | None:
    """Signed seconds after the file was shown to whoever signs."""
    if seen.type not in setting.rules.signing or "seenat" not in seen.data:
        return None
    passed = seen.at - datetime.fromisoformat(seen.data["seenat"])
    return sighting(detector, seen) if timedelta() <= passed <= timedelta(seconds=detector.within) else None


def _keyed_later(seen: Seen, matter: Matter, detector: Detector, setting: Setting) -> Sighting | None:
    """Entered working days after it was done; it belongs to the week in which it was entered."""
    if not seen.data.get("lateentry"):
        return None
    done, entered = (local_day(setting.calendar, each) for each in (seen.at, seen.recorded))
    if _workdays(setting.calendar, done, entered) <= detector.within:
        return None
    return Sighting(detector.code, seen, seen.officer, week_of(setting.calendar, seen.recorded))


def _workdays(calendar: Calendar, first: date, last: date) -> int:
    """Working days after `first` up to and including `last`."""
    days = working_days(calendar)
    return days.rank(last.toordinal()) - days.rank(first.toordinal())


def _end(due: date, setting: Setting) -> datetime:
    """The instant at which a limit of that day ends."""
    if setting.thresholds.expiry is Expiry.CLOSE_OF_BUSINESS:
        return at_local(setting.calendar, due, setting.thresholds.window_hours.closes)
    return start_of_day(setting.calendar, due + timedelta(days=1))


LOOKS: dict[Pattern, Callable[[Seen, Matter, Detector, Setting], Sighting | None]] = {
    Pattern.PAUSE_BEFORE_EXPIRY: _paused,
    Pattern.SIGN_LATE: _signed_late,
    Pattern.CLOSE_AND_REOPEN: _reopened,
    Pattern.SEEN_TO_SIGNED: _signed_unread,
    Pattern.KEYED_IN_LATER: _keyed_later,
}
"""Those that one entry decides, with what went before in its matter."""

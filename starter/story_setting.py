"""Where and when the demonstration plays: any day can be its first, so every date is counted, none is fixed.

The story's own days are counted here one by one on the calendar, and not by the clock algebra of
`rules.limits`: what the engine computed is checked against a second way of counting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rules.calendar import at_local, local_day, next_workday, workday_on_or_after
from schemas.clocks import Calendar
from schemas.errors import UsageError
from schemas.profile import Officer, Post, Profile, Section
from starter.rulebook import calendar_for, load_profile

PROFILE = "current"
OPENING = time(9, 30)
"""When the first applicant is served, local time."""

_MARGIN = timedelta(minutes=1)
"""A story cannot begin in the past, and setting up takes a moment."""

_LOOK_AHEAD = timedelta(days=400)
_YEARS_AT_MOST = 5
"""Further ahead than this no calendar says anything."""


@dataclass(frozen=True)
class Setting:
    """The bureau, its calendar, and the instant the story starts; day 0 is its first working day."""

    profile: Profile
    calendar: Calendar
    start: datetime
    """Day 0 at opening time, with UTC offset."""

    def day(self, n: int) -> date:
        """The n-th working day of the story."""
        day = local_day(self.calendar, self.start)
        for _ in range(n):
            day = next_workday(self.calendar, day)
        return day

    def at(self, n: int, clock: str) -> datetime:
        """Local time `clock` (`HH:MM`) on the n-th working day."""
        return at_local(self.calendar, self.day(n), time.fromisoformat(clock))

    def end_of(self, n: int) -> datetime:
        """24:00 of the n-th working day."""
        return at_local(self.calendar, self.day(n) + timedelta(days=1), time.min)

    def after_month(self) -> datetime:
        """Opening time of the first working day after the month in which the story starts."""
        first = local_day(self.calendar, self.start).replace(day=28) + timedelta(days=4)
        return at_local(self.calendar, workday_on_or_after(self.calendar, first.replace(day=1)), OPENING)

    def local(self, instant: datetime) -> datetime:
        """An instant in the bureau's local time."""
        return instant.astimezone(self.start.tzinfo)

    def post(self, code: str) -> Post:
        """A post of the bureau."""
        return next(post for post in self.profile.posts if post.code == code)

    def section_of(self, post: str) -> Section:
        """The section a post belongs to."""
        code = self.post(post).section
        return next(section for section in self.profile.sections if section.code == code)

    def officer(self, staff_no: str) -> Officer | None:
        """The person with this staff number; None for `system` and the like."""
        return next((each for each in self.profile.officers if each.staff_no == staff_no), None)

    def person(self, staff_no: str) -> str:
        """Name and staff number, as `王迎春 1101`; a number without a person as it is."""
        found = self.officer(staff_no)
        return f"{found.name} {staff_no}" if found else staff_no


def setting_from(wanted: date | None, now: datetime) -> Setting:
    """The story's setting: the first working day on or after `wanted` (default: today) at opening time.

    If that is over already, or less than a minute away, it is the next working day. `now` is aware.
    Raises UsageError (`bad_day`) for a day before today or more than five years ahead.
    """
    profile = load_profile(PROFILE)
    today = local_day(calendar_for(profile, now.date(), now.date()), now)
    wanted = wanted or today
    if not today <= wanted <= today + timedelta(days=366 * _YEARS_AT_MOST):
        raise UsageError(
            f"起始日须在今天（{today}）起五年内，不能是 {wanted} / "
            f"the story starts today, {today}, or within five years, not on {wanted}",
            code="bad_day",
        )
    calendar = calendar_for(profile, wanted, wanted + _LOOK_AHEAD)
    day = workday_on_or_after(calendar, wanted)
    if at_local(calendar, day, OPENING) < now + _MARGIN:
        day = next_workday(calendar, day)
    return Setting(profile, calendar, at_local(calendar, day, OPENING))

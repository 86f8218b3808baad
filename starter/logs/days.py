"""Working days of the place a log comes from.

The calendar a case carries depends on the case alone and never on what else is in the file, so
that a case imported with part of a log is the same submission as with the whole of it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from rules.facts import digest_of
from schemas.clocks import Calendar
from schemas.errors import UsageError
from starter.logs.mapping import HOUSE_CALENDAR, Mapping
from starter.rulebook import calendar_for, load_profile

_SATURDAY = 5
_FEWEST_WORKING_DAYS = 200
"""A year has more working days than this anywhere: years of calendar that a promise needs."""


def calendar_of(mapping: Mapping, received: date, promise: int) -> Calendar:
    """The calendar of a case received on a local day, with a promise of so many working days.

    Raises UsageError (`unknown_calendar`) for a country whose holidays are not known, or a profile
    whose calendar is of another time zone.
    """
    first = date(received.year - 1, 1, 1)
    last = date(received.year + 2 + promise // _FEWEST_WORKING_DAYS, 12, 31)
    if mapping.calendar != HOUSE_CALENDAR:
        return _country(mapping.calendar, mapping.timezone, first, last)
    calendar = calendar_for(load_profile(mapping.profile), first, last)
    if calendar.timezone != mapping.timezone:
        raise UsageError(
            f"{mapping.name}: timezone 与日历的时区 {calendar.timezone} 不同 / "
            f"timezone {mapping.timezone} is not that of the profile's calendar, {calendar.timezone}",
            code="unknown_calendar",
        )
    return calendar


@lru_cache(maxsize=512)
def _country(place: str, timezone: str, first: date, last: date) -> Calendar:
    import holidays  # noqa: PLC0415 - a fifth of a second that no other command should wait for

    country, _, part = place.partition("-")
    try:
        found = holidays.country_holidays(
            country, subdiv=part or None, years=range(first.year, last.year + 1)
        )
    except NotImplementedError as error:
        raise UsageError(
            f"不知道 {place} 的节假日 / the holidays of {place} are not known: {error}",
            code="unknown_calendar",
        ) from error
    days_off = tuple(sorted(day for day in found if day.weekday() < _SATURDAY))
    return Calendar(
        jurisdiction=place,
        timezone=timezone,
        first_day=first,
        last_day=last,
        version=f"holidays-{holidays.__version__}",
        sha256=digest_of([place, timezone, str(first), str(last), [str(day) for day in days_off]]),
        source=f"public holidays of {place}, package holidays {holidays.__version__}",
        days_off=days_off,
    )

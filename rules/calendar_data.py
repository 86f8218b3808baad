"""What a calendar folder says, checked: typing errors in a holiday list must not become due dates.

    2026.yaml         one year as published: weekdays off (with the holiday's name), weekends worked
    provisional.yaml  jurisdiction, time zone, and the holidays fixed by regulation
    lunar.yaml        dates of the festivals that follow the moon, where the folder has them

The files reach this module parsed; reading them is the starter's business.
Source: 全国年节及纪念日放假办法 and the yearly notice of the State Council General Office.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from schemas.base import Code, StrictModel
from schemas.errors import UsageError

SATURDAY = 5

M = TypeVar("M", bound=StrictModel)


class DayOff(StrictModel):
    """A weekday that is off, and for which holiday."""

    day: date
    name: Code


class PublishedYear(StrictModel):
    """One year as its notice fixed it."""

    year: int
    version: Code
    source: str
    published_on: date | None = None
    days_off: tuple[DayOff, ...] = ()
    makeup_workdays: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        off = [entry.day for entry in self.days_off]
        listed = [*off, *self.makeup_workdays]
        if len(set(listed)) != len(listed):
            raise ValueError("a day is listed twice")
        if any(day.year != self.year for day in listed):
            raise ValueError(f"a day lies outside {self.year}")
        if any(day.weekday() >= SATURDAY for day in off):
            raise ValueError("days_off lists weekdays only; weekends are off anyway")
        if any(day.weekday() < SATURDAY for day in self.makeup_workdays):
            raise ValueError("makeup_workdays lists Saturdays and Sundays only")
        return self


class FixedHoliday(StrictModel):
    """A holiday of the regulation: from a date of the solar year, or from a lunar festival."""

    name: Code
    days: int = Field(ge=1)
    month: int | None = None
    day: int | None = None
    lunar: Code | None = None
    offset: int = 0
    """Days from the lunar festival to the first day off; -1 is its eve."""

    @model_validator(mode="after")
    def _anchored(self) -> Self:
        solar = self.month is not None and self.day is not None
        if solar == (self.lunar is not None):
            raise ValueError("a holiday has either month and day, or lunar")
        return self


class Regulation(StrictModel):
    """What holds in any year, published or not."""

    jurisdiction: Code
    timezone: Code
    source: str
    holidays: tuple[FixedHoliday, ...]


class LunarTable(StrictModel):
    """Dates of the lunar festivals by year; years beyond it have their solar holidays only."""

    source: str = ""
    years: dict[int, dict[str, date]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Everything in a window of days that differs from Monday to Friday, and where it comes from."""

    jurisdiction: str
    timezone: str
    window: tuple[date, date]
    version: str
    source: str
    days_off: dict[date, str]
    makeup_workdays: tuple[date, ...]
    provisional_years: tuple[int, ...]

    def sha256(self) -> str:
        """Digest of what decides about working days: compact JSON with sorted keys."""
        content = {
            "jurisdiction": self.jurisdiction,
            "timezone": self.timezone,
            "window": [day.isoformat() for day in self.window],
            "days_off": [day.isoformat() for day in self.days_off],
            "makeup_workdays": [day.isoformat() for day in self.makeup_workdays],
            "provisional_years": list(self.provisional_years),
        }
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def exceptions(files: Mapping[str, object], first_day: date, last_day: date) -> Exceptions:
    """The exceptions inside `first_day..last_day`. Raises `UsageError` for faulty data."""
    if last_day < first_day:
        raise UsageError(
            f"a calendar cannot end ({last_day}) before it begins ({first_day})", code="calendar.window"
        )
    regulation = _parse(Regulation, files, "provisional")
    years = [_year(files, regulation, year) for year in range(first_day.year, last_day.year + 1)]
    off = {entry.day: entry.name for year in years for entry in year.days_off}
    makeup = sorted(day for year in years for day in year.makeup_workdays)
    return Exceptions(
        jurisdiction=regulation.jurisdiction,
        timezone=regulation.timezone,
        window=(first_day, last_day),
        version="+".join(year.version for year in years),
        source="; ".join(dict.fromkeys(year.source for year in years)),
        days_off={day: off[day] for day in sorted(off) if first_day <= day <= last_day},
        makeup_workdays=tuple(day for day in makeup if first_day <= day <= last_day),
        provisional_years=tuple(year.year for year in years if str(year.year) not in files),
    )


def _year(files: Mapping[str, object], regulation: Regulation, year: int) -> PublishedYear:
    """The year as published, else as the regulation alone would have it."""
    if str(year) in files:
        published = _parse(PublishedYear, files, str(year))
        if published.year != year:
            raise _invalid(str(year), f"it speaks of {published.year}")
        return published
    lunar = _parse(LunarTable, files, "lunar") if "lunar" in files else LunarTable()
    return PublishedYear(
        year=year,
        version=f"{year}.provisional",
        source=regulation.source,
        days_off=tuple(_fixed_days_off(regulation, lunar, year)),
    )


def _fixed_days_off(regulation: Regulation, lunar: LunarTable, year: int) -> Iterator[DayOff]:
    """Weekdays off by regulation. One day may belong to two festivals: the first listed keeps it."""
    taken: set[date] = set()
    for holiday in regulation.holidays:
        first = _first_day(holiday, lunar, year)
        days = [first + timedelta(n) for n in range(holiday.days)] if first else []
        for day in days:
            if day.weekday() < SATURDAY and day not in taken:
                taken.add(day)
                yield DayOff(day=day, name=holiday.name)


def _first_day(holiday: FixedHoliday, lunar: LunarTable, year: int) -> date | None:
    """First day of the holiday in this year; None where the lunar table does not reach."""
    if holiday.month is not None and holiday.day is not None:
        return date(year, holiday.month, holiday.day)
    festival = lunar.years.get(year, {}).get(holiday.lunar or "")
    return festival + timedelta(holiday.offset) if festival else None


def _parse(model: type[M], files: Mapping[str, object], name: str) -> M:
    try:
        return model.model_validate(files[name])
    except KeyError:
        raise _invalid(name, "it is missing") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _invalid(name, f"{where + ': ' if where else ''}{first['msg']}") from error


def _invalid(name: str, why: str) -> UsageError:
    return UsageError(f"calendar file {name!r}: {why}", code="calendar.invalid")

"""The shipped calendar of China and clocks on it, as the tests of the clock algebra use them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import settings

from rules.calendar import build_calendar
from schemas.clocks import Calendar, Clock, ClockKind, Limit, Suspension, Unit

# How long an example takes says more about the machine's other work than about the rules.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

FOLDER = Path(__file__).parents[2] / "rules" / "profiles" / "calendars" / "CN"


@cache
def files() -> dict[str, object]:
    """The folder's files, parsed, by name without ending."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.yaml")}


@cache
def china(first: int = 2026, last: int = 2027) -> Calendar:
    """The calendar of the years `first..last`."""
    return build_calendar(files(), date(first, 1, 1), date(last, 12, 31))


def day(text: str) -> date:
    """`2026-06-15` as a date."""
    return date.fromisoformat(text)


def clock(start: str, n: int, unit: Unit = Unit.WORKING_DAY, *spans: str, **more: Any) -> Clock:
    """A promise clock; spans as `S..R` or `S..`, dates as in `start`."""
    limit = Limit(n=n, unit=unit, rolls=more.pop("rolls", True))
    suspensions = tuple(
        Suspension(start=day(s), end=day(r) if r else None)
        for s, _, r in (span.partition("..") for span in spans)
    )
    kind = more.pop("kind", ClockKind.PROMISE)
    return Clock(kind=kind, start=day(start), limit=limit, suspensions=suspensions, **more)

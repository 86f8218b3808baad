"""The shipped calendar of China, as the tests of the clock algebra read it."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import yaml
from hypothesis import settings

from rules.calendar import build_calendar
from schemas.clocks import Calendar

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

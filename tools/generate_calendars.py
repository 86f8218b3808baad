"""Writes the Chinese working-day calendars that ship as data, so that no library is asked at run time.

A library that changes its mind between two releases would change dates already promised; a file in
the repository cannot. Run it when the yearly notice of the State Council General Office is out and
the packages below know it: `python tools/generate_calendars.py`. The same packages give the same
bytes. `provisional.yaml` is written by hand: it is the holiday regulation, not a calendar.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

from chinese_calendar import get_holiday_detail, is_workday
from holidays.calendars.chinese import _ChineseLunisolar

FOLDER = Path(__file__).resolve().parent.parent / "rules" / "profiles" / "calendars" / "CN"
YEARS = range(2004, 2027)
LUNAR_YEARS = range(1990, 2100)
SATURDAY = 5

NAMES = {
    "New Year's Day": "new_years_day",
    "Spring Festival": "spring_festival",
    "Tomb-sweeping Day": "qingming",
    "Labour Day": "labour_day",
    "Dragon Boat Festival": "dragon_boat",
    "Mid-autumn Festival": "mid_autumn",
    "National Day": "national_day",
    "Anti-Fascist 70th Day": "victory_day",
}

NOTICES = {2026: ("国务院办公厅关于2026年部分节假日安排的通知", date(2025, 11, 4))}
"""Title and date of the notices that have been compared with the package day by day."""


def days_of(year: int) -> list[date]:
    """Every day of the year, in order."""
    first = date(year, 1, 1)
    return [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]


def render_year(year: int) -> str:
    """The YAML text of one year: what differs from Monday to Friday."""
    package = f"chinesecalendar {version('chinesecalendar')}"
    title, published = NOTICES.get(year, ("", None))
    lines = [
        f"year: {year}",
        f'version: "{year}.1"',
        f'source: "{title + "; " if title else ""}{package}"',
        *([f"published_on: {published}"] if published else []),
        "days_off:",
    ]
    for day in days_of(year):
        if day.weekday() < SATURDAY and not is_workday(day):
            lines.append(f"  - {{day: {day}, name: {_name(day)}}}")
    lines.append("makeup_workdays:")
    lines += [f"  - {day}" for day in days_of(year) if day.weekday() >= SATURDAY and is_workday(day)]
    return "\n".join(lines) + "\n"


def _name(day: date) -> str:
    _, name = get_holiday_detail(day)
    return NAMES[str(name)]


def render_lunar() -> str:
    """The YAML text of the lunar table: dates of the festivals that move, year by year."""
    table = _ChineseLunisolar()
    lines = [f'source: "holidays {version("holidays")}"', "years:"]
    for year in LUNAR_YEARS:
        dates = {
            "spring_festival": table.lunar_new_year_date(year)[0],
            "qingming": table.qingming_date(year)[0],
            "dragon_boat": table.dragon_boat_date(year)[0],
            "mid_autumn": table.mid_autumn_date(year)[0],
        }
        lines.append(f"  {year}: {{{', '.join(f'{name}: {day}' for name, day in dates.items())}}}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write every generated file."""
    for year in YEARS:
        (FOLDER / f"{year}.yaml").write_text(render_year(year), encoding="utf-8")
    (FOLDER / "lunar.yaml").write_text(render_lunar(), encoding="utf-8")
    sys.stderr.write(f"{len(YEARS) + 1} files written\n")


if __name__ == "__main__":
    main()

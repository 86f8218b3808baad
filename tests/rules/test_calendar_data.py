"""The shipped calendars against the published notice and the package they were made from."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import chinese_calendar
import pytest

from rules.calendar import build_calendar, holiday_names, is_provisional, is_workday
from rules.calendar_data import LunarTable
from schemas.errors import UsageError
from tests.rules.calendars import FOLDER, china, day, files
from tools.generate_calendars import YEARS, days_of, render_lunar, render_year

OFF_2026 = (
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
)
WORKED_2026 = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")


def _notice_2026() -> set[date]:
    """Working days of 2026 as the notice of 2025-11-04 has them."""
    working = {d for d in days_of(2026) if d.weekday() < 5} | {day(f"2026-{d}") for d in WORKED_2026}
    for first, last in OFF_2026:
        working -= {d for d in days_of(2026) if day(f"2026-{first}") <= d <= day(f"2026-{last}")}
    return working


def test_2026_is_the_notice_day_by_day() -> None:
    ours = {d for d in days_of(2026) if is_workday(china(), d)}
    assert ours == _notice_2026()
    assert len(ours) == 248


@pytest.mark.parametrize("year", YEARS)
def test_every_published_year_is_the_packages(year: int) -> None:
    calendar = china(year, year)
    differing = [d for d in days_of(year) if is_workday(calendar, d) != chinese_calendar.is_workday(d)]
    assert differing == []
    assert calendar.provisional_years == ()


@pytest.mark.parametrize("year", YEARS)
def test_the_files_are_what_the_tool_writes(year: int) -> None:
    assert (FOLDER / f"{year}.yaml").read_text(encoding="utf-8") == render_year(year)


def test_the_lunar_file_is_what_the_tool_writes() -> None:
    assert (FOLDER / "lunar.yaml").read_text(encoding="utf-8") == render_lunar()


@pytest.mark.parametrize("year", YEARS)
def test_lunar_festivals_fall_on_days_off_since_they_are_holidays(year: int) -> None:
    festivals = LunarTable.model_validate(files()["lunar"]).years[year]
    since_2008 = {} if year < 2008 else festivals
    for festival in {"spring_festival": festivals["spring_festival"], **since_2008}.values():
        assert not is_workday(china(year, year), festival)


@pytest.mark.parametrize("year", YEARS)
def test_published_festival_names_stand_on_or_beside_their_lunar_dates(year: int) -> None:
    festivals = LunarTable.model_validate(files()["lunar"]).years[year]
    for off, name in holiday_names(files(), date(year, 1, 1), date(year, 12, 31)).items():
        if name in festivals:
            assert abs((off - festivals[name]).days) <= 9


def test_a_year_without_a_notice_is_provisional_with_its_fixed_holidays() -> None:
    """2027: Spring Festival Sat 6 Feb, Qingming Mon 5 Apr, Dragon Boat Wed 9 Jun, Mid-Autumn Wed 15 Sep."""
    calendar = china(2027, 2027)
    assert calendar.provisional_years == (2027,)
    assert calendar.makeup_workdays == ()
    expected = ("01-01", "02-05", "02-08", "04-05", "06-09", "09-15", "10-01")
    assert calendar.days_off == tuple(day(f"2027-{d}") for d in expected)


def test_beyond_the_lunar_table_only_solar_holidays_are_known() -> None:
    calendar = china(2100, 2100)
    assert calendar.provisional_years == (2100,)
    assert calendar.days_off == (date(2100, 1, 1), date(2100, 10, 1))


def test_only_what_lies_in_the_window_is_carried() -> None:
    calendar = build_calendar(files(), day("2026-02-14"), day("2026-02-18"))
    assert calendar.makeup_workdays == (day("2026-02-14"),)
    assert calendar.days_off == (day("2026-02-16"), day("2026-02-17"), day("2026-02-18"))
    assert is_provisional(calendar, day("2026-02-13"))
    assert not is_provisional(calendar, day("2026-02-14"))
    assert is_provisional(calendar, day("2026-02-19"))


def test_version_and_digest_follow_the_content() -> None:
    calendar = china()
    assert calendar.version == "2026.1+2027.provisional"
    assert calendar.sha256 == build_calendar(deepcopy(files()), day("2026-01-01"), day("2027-12-31")).sha256
    corrected: Any = deepcopy(files())
    corrected["2026"]["makeup_workdays"].remove(day("2026-02-14"))
    other = build_calendar(corrected, day("2026-01-01"), day("2027-12-31"))
    assert other.sha256 != calendar.sha256


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"days_off": [{"day": "2026-06-20", "name": "dragon_boat"}]}, "weekdays only"),
        ({"makeup_workdays": ["2026-06-22"]}, "Saturdays and Sundays only"),
        ({"makeup_workdays": ["2026-06-20", "2026-06-20"]}, "listed twice"),
        ({"makeup_workdays": ["2025-06-21"]}, "outside 2026"),
        ({"year": 2025}, "outside 2025"),
        ({"holidays": []}, "holidays"),
    ],
)
def test_faulty_files_are_refused_by_name(change: dict[str, object], sentence: str) -> None:
    faulty: Any = deepcopy(files())
    faulty["2026"].update(change)
    with pytest.raises(UsageError, match=sentence) as error:
        build_calendar(faulty, day("2026-01-01"), day("2026-12-31"))
    assert error.value.code == "calendar.invalid"
    assert "'2026'" in error.value.message


def test_a_file_of_another_year_is_refused() -> None:
    swapped: Any = {**files(), "2027": files()["2025"]}
    with pytest.raises(UsageError, match="it speaks of 2025"):
        build_calendar(swapped, day("2027-01-01"), day("2027-12-31"))


def test_a_folder_needs_its_regulation() -> None:
    with pytest.raises(UsageError, match="'provisional': it is missing"):
        build_calendar({}, day("2026-01-01"), day("2026-12-31"))


def test_a_window_runs_forward() -> None:
    with pytest.raises(UsageError) as error:
        build_calendar(files(), day("2026-01-02"), day("2026-01-01"))
    assert error.value.code == "calendar.window"


@pytest.mark.parametrize("anchor", [{}, {"lunar": "qingming", "month": 4, "day": 5}, {"month": 4}])
def test_a_fixed_holiday_has_one_anchor(anchor: dict[str, object]) -> None:
    faulty: Any = deepcopy(files())
    faulty["provisional"]["holidays"] = [{"name": "qingming", "days": 1, **anchor}]
    with pytest.raises(UsageError, match="either month and day, or lunar"):
        build_calendar(faulty, day("2027-01-01"), day("2027-12-31"))

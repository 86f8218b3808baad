"""Working days: neighbours, ranks inside and outside the window, local days, days of receipt."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import (
    at_local,
    is_workday,
    local_day,
    next_workday,
    received_day,
    spans_provisional,
    start_of_day,
    workday_on_or_after,
    working_days,
)
from schemas.clocks import ReceiptRoll, WindowHours
from tests.rules.calendars import china, day

CHINA = china()
HOURS = WindowHours()
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-06-18", "2026-06-22"),  # Dragon Boat
        ("2026-02-13", "2026-02-14"),  # a make-up Saturday counts
        ("2026-02-14", "2026-02-24"),  # Spring Festival, nine days
        ("2026-02-27", "2026-02-28"),
        ("2026-02-28", "2026-03-02"),
        ("2026-09-19", "2026-09-20"),  # a make-up Sunday counts
        ("2026-12-31", "2027-01-04"),  # into the provisional year
        ("2027-12-31", "2028-01-03"),  # out of the window: plain Monday to Friday
        ("2025-12-31", "2026-01-04"),  # into it
    ],
)
def test_next_workday(today: str, expected: str) -> None:
    assert next_workday(CHINA, day(today)) == day(expected)


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2026-06-18", "2026-06-18"), ("2026-06-19", "2026-06-22"), ("2026-10-10", "2026-10-10")],
)
def test_workday_on_or_after(today: str, expected: str) -> None:
    assert workday_on_or_after(CHINA, day(today)) == day(expected)


@given(DAYS)
def test_a_day_is_the_first_of_its_rank_exactly_if_it_is_worked(when: date) -> None:
    days, ordinal = working_days(CHINA), when.toordinal()
    assert (days.at(days.rank(ordinal)) == ordinal) is is_workday(CHINA, when)


@given(DAYS, st.integers(-900, 900))
def test_ranks_and_days_invert_each_other_across_the_edges_of_the_window(when: date, steps: int) -> None:
    days = working_days(CHINA)
    rank = days.rank(when.toordinal()) + steps
    assert days.rank(days.at(rank)) == rank
    assert days.rank(days.at(rank) - 1) == rank - 1


@given(DAYS)
def test_the_next_workday_is_the_nearest_one(when: date) -> None:
    following = next_workday(CHINA, when)
    between = ((following - when).days - 1) if following > when else -1
    assert between >= 0
    assert is_workday(CHINA, following)
    assert not any(is_workday(CHINA, when + timedelta(n)) for n in range(1, between + 1))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-01", "2026-12-31", False),
        ("2026-12-31", "2027-01-01", True),
        ("2025-12-31", "2026-01-05", True),
        ("2027-01-01", "2026-12-31", False),
        ("2028-01-01", "2028-01-02", True),
    ],
)
def test_a_stretch_is_provisional_if_one_of_its_days_is(first: str, last: str, expected: bool) -> None:
    assert spans_provisional(CHINA, day(first), day(last)) is expected


def test_a_provisional_year_between_published_ones_is_seen() -> None:
    calendar = CHINA.model_copy(update={"provisional_years": (2026,), "first_day": day("2025-01-01")})
    assert spans_provisional(calendar, day("2025-12-01"), day("2027-01-31"))


def test_days_are_local_days() -> None:
    assert local_day(CHINA, datetime.fromisoformat("2026-06-15T15:59:59+00:00")) == day("2026-06-15")
    assert local_day(CHINA, datetime.fromisoformat("2026-06-15T16:00:00+00:00")) == day("2026-06-16")
    assert start_of_day(CHINA, day("2026-06-16")).isoformat() == "2026-06-16T00:00:00+08:00"
    assert at_local(CHINA, day("2026-06-16"), time(17)).isoformat() == "2026-06-16T17:00:00+08:00"


@pytest.mark.parametrize(
    ("instant", "online", "roll", "expected"),
    [
        ("2026-06-15T08:00:00+08:00", True, "NEXT_WORKING_DAY", "2026-06-15"),  # before opening: that day
        ("2026-06-15T17:00:00+08:00", True, "NEXT_WORKING_DAY", "2026-06-15"),
        ("2026-06-15T17:00:01+08:00", True, "NEXT_WORKING_DAY", "2026-06-16"),
        ("2026-06-15T09:30:00+00:00", True, "NEXT_WORKING_DAY", "2026-06-16"),  # 17:30 in Laixi
        ("2026-06-18T18:00:00+08:00", True, "NEXT_WORKING_DAY", "2026-06-22"),
        ("2026-06-20T10:00:00+08:00", True, "NEXT_WORKING_DAY", "2026-06-22"),
        ("2026-02-14T10:00:00+08:00", True, "NEXT_WORKING_DAY", "2026-02-14"),  # make-up Saturday
        ("2026-02-13T18:00:00+08:00", True, "NEXT_WORKING_DAY", "2026-02-14"),
        ("2026-06-20T10:00:00+08:00", True, "NONE", "2026-06-20"),
        ("2026-06-15T23:59:59+08:00", True, "NONE", "2026-06-15"),
        ("2026-06-20T10:00:00+08:00", False, "NEXT_WORKING_DAY", "2026-06-20"),  # signed in the village
        ("2026-06-15T18:30:00+08:00", False, "NEXT_WORKING_DAY", "2026-06-15"),
    ],
)
def test_the_day_of_receipt(instant: str, online: bool, roll: str, expected: str) -> None:
    arrived = datetime.fromisoformat(instant)
    assert received_day(CHINA, arrived, HOURS, ReceiptRoll(roll), online=online) == day(expected)

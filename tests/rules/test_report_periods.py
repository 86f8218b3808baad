"""Periods of reports and the days on which they are due: weekends, Spring Festival, year end."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest

from rules.limits import deadline
from rules.report.periods import before, due_limit, ended, number_of, period_holding, period_of, successor
from schemas.clocks import Clock, ClockKind
from schemas.errors import UsageError
from schemas.report import PeriodKind
from schemas.report_rules import ReportRules
from starter.rulebook import load_profile
from tests.rules.calendars import china

WEEK, MONTH, QUARTER = PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER
CALENDAR = china(2025, 2026)


@pytest.mark.parametrize(
    ("kind", "of", "first", "last"),
    [
        (WEEK, "2026-W25", "2026-06-15", "2026-06-21"),
        (WEEK, "2026-W53", "2026-12-28", "2027-01-03"),
        (WEEK, "2026-W01", "2025-12-29", "2026-01-04"),
        (MONTH, "2026-02", "2026-02-01", "2026-02-28"),
        (MONTH, "2028-02", "2028-02-01", "2028-02-29"),
        (MONTH, "2026-12", "2026-12-01", "2026-12-31"),
        (QUARTER, "2026-Q1", "2026-01-01", "2026-03-31"),
        (QUARTER, "2026-Q4", "2026-10-01", "2026-12-31"),
    ],
)
def test_the_days_of_a_period(kind: PeriodKind, of: str, first: str, last: str) -> None:
    period = period_of(kind, of)
    assert (period.first.isoformat(), period.last.isoformat(), period.of) == (first, last, of)
    assert period_holding(kind, period.last) == period == period_of(kind, first)


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        (WEEK, "2026-W54"),
        (WEEK, "2025-W53"),
        (WEEK, "2026-06"),
        (MONTH, "2026-13"),
        (MONTH, "2026-Q2"),
        (MONTH, "2026-6"),
        (QUARTER, "2026-Q5"),
        (QUARTER, "2026-06-31"),
        (QUARTER, ""),
        (WEEK, "上周"),
    ],
)
def test_what_is_no_period_is_said_to_be_none(kind: PeriodKind, of: str) -> None:
    with pytest.raises(UsageError) as error:
        period_of(kind, of)
    assert error.value.code == "period"


@pytest.mark.parametrize(
    ("kind", "of", "due"),
    [
        (WEEK, "2026-W25", "2026-06-22"),  # a Monday
        (WEEK, "2026-W07", "2026-02-24"),  # Spring Festival: 15 to 23 February
        (WEEK, "2026-W19", "2026-05-11"),  # after a Saturday that is worked
        (WEEK, "2025-W52", "2025-12-29"),
        (WEEK, "2026-W01", "2026-01-05"),  # its Sunday, 4 January, is worked and is not "the next"
        (MONTH, "2026-06", "2026-07-06"),  # the 5th is a Sunday
        (MONTH, "2026-01", "2026-02-05"),
        (MONTH, "2026-08", "2026-09-07"),  # the 5th is a Saturday
        (MONTH, "2026-04", "2026-05-06"),  # Labour Day: 1 to 5 May
        (MONTH, "2026-09", "2026-10-08"),  # National Day: 1 to 7 October
        (MONTH, "2025-12", "2026-01-05"),
        (QUARTER, "2026-Q1", "2026-04-10"),
        (QUARTER, "2026-Q3", "2026-10-10"),  # a Saturday that is worked
        (QUARTER, "2025-Q4", "2026-01-12"),  # the 10th is a Saturday
    ],
)
def test_the_day_on_which_a_report_is_due(kind: PeriodKind, of: str, due: str) -> None:
    limit = due_limit(load_profile("current").reports, kind)
    assert limit is not None
    clock = Clock(kind=ClockKind.STEP, start=period_of(kind, of).last, limit=limit)
    assert deadline(clock, CALENDAR, warn_divisor=10).due == date.fromisoformat(due)


def test_without_rules_nothing_is_due() -> None:
    assert [due_limit(ReportRules(), kind) for kind in PeriodKind] == [None, None, None]


@pytest.mark.parametrize("kind", list(PeriodKind))
def test_periods_join_without_gap_or_overlap(kind: PeriodKind) -> None:
    found = list(islice(ended(kind, date(2026, 3, 1)), 60))
    assert found[0].last < date(2026, 3, 1) <= period_holding(kind, date(2026, 3, 1)).last
    for later, earlier in zip(found, found[1:], strict=False):
        assert (later.first - earlier.last).days == 1
        assert before(later) == earlier


def test_the_day_after_a_period_is_the_first_on_which_it_has_ended() -> None:
    assert next(ended(MONTH, date(2026, 6, 30))).of == "2026-05"
    assert next(ended(MONTH, date(2026, 7, 1))).of == "2026-06"
    assert next(ended(WEEK, date(2026, 6, 21))).of == "2026-W24"
    assert next(ended(WEEK, date(2026, 6, 22))).of == "2026-W25"


def test_one_number_a_period_and_one_after_the_other_for_those_that_supersede() -> None:
    number = number_of(period_of(MONTH, "2026-06"))
    assert number == "BB-2026-06"
    assert successor(number) == "BB-2026-06-R2"
    assert successor("BB-2026-06-R2") == "BB-2026-06-R3"
    assert successor("BB-2026-W25-R9") == "BB-2026-W25-R10"
    with pytest.raises(UsageError):
        successor("LX-2026-000001")


def test_numbers_of_different_periods_differ() -> None:
    numbers = {number_of(period_holding(kind, date(2026, 1, 1))) for kind in PeriodKind}
    assert numbers == {"BB-2026-W01", "BB-2026-01", "BB-2026-Q1"}

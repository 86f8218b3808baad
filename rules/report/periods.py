"""Periods of reports: which days they hold, what they are called, and which has ended last.

A week runs from Monday 00:00 to Sunday 24:00, its year is that of ISO 8601; months and quarters are those of
the calendar (M07).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from schemas.clocks import Limit
from schemas.errors import UsageError
from schemas.report import Period, PeriodKind
from schemas.report_rules import ReportRules

PREFIX = "BB"
MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3}
FORMS = {PeriodKind.WEEK: "2026-W25", PeriodKind.MONTH: "2026-06", PeriodKind.QUARTER: "2026-Q2"}
"""How each is written."""

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_NUMBER = re.compile(rf"({PREFIX}-.+?)(?:-R(\d+))?")


def period_holding(kind: PeriodKind, day: date) -> Period:
    """The period of this kind that a local day belongs to."""
    if kind is PeriodKind.WEEK:
        first = day - timedelta(days=day.weekday())
        year, week, _ = first.isocalendar()
        return Period(kind=kind, of=f"{year:04}-W{week:02}", first=first, last=first + timedelta(days=6))
    length = MONTHS[kind]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    of = f"{first:%Y-%m}" if length == 1 else f"{first.year:04}-Q{(first.month - 1) // length + 1}"
    after = first.year * 12 + first.month - 1 + length
    return Period(
        kind=kind, of=of, first=first, last=date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
    )


def period_of(kind: PeriodKind, of: str) -> Period:
    """The period that is written `of`; a day means the period that holds it. Raises UsageError (`period`)."""
    try:
        found = period_holding(kind, _day_in(kind, of))
    except (ValueError, OverflowError):
        found = None
    if found is None or (found.of != of and len(of) != len("2026-06-15")):
        raise UsageError(
            f"{of!r} 不是{kind}的写法，如 {FORMS[kind]} / {of!r} names no {kind}; write {FORMS[kind]}",
            code="period",
        )
    return found


def _day_in(kind: PeriodKind, of: str) -> date:
    if found := _WEEK.fullmatch(of) if kind is PeriodKind.WEEK else None:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    if found := _MONTH.fullmatch(of) if kind is PeriodKind.MONTH else None:
        return date(int(found[1]), int(found[2]), 1)
    if found := _QUARTER.fullmatch(of) if kind is PeriodKind.QUARTER else None:
        return date(int(found[1]), int(found[2]) * 3 - 2, 1)
    return date.fromisoformat(of)


def before(period: Period) -> Period:
    """The period just before this one."""
    return period_holding(period.kind, period.first - timedelta(days=1))


def ended(kind: PeriodKind, today: date) -> Iterator[Period]:
    """The periods that have ended before `today`, the latest first; without end."""
    period = before(period_holding(kind, today))
    while True:
        yield period
        period = before(period)


def due_limit(rules: ReportRules, kind: PeriodKind) -> Limit | None:
    """How long after the last day of the period its report is due; a rest day moves to a working day."""
    limits = {PeriodKind.WEEK: rules.week, PeriodKind.MONTH: rules.month, PeriodKind.QUARTER: rules.quarter}
    return limits[kind]


def number_of(period: Period) -> str:
    """The number of the period's report: one period has one, so that a second cannot be begun beside it."""
    return f"{PREFIX}-{period.of}"


def successor(number: str) -> str:
    """The number of the report that takes the place of this one: `BB-2026-06`, `BB-2026-06-R2`, ..."""
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise UsageError(f"{number} 不是报告编号 / {number} is no report's number", code="number")
    return f"{found[1]}-R{int(found[2] or 1) + 1}"

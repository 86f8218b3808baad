"""Due dates worked out by hand on a wall calendar, before any code was asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.limits import deadline
from schemas.clocks import Clock, ClockKind, Unit
from tests.rules.calendars import china, clock, day

CHINA = china()
WD, CD = Unit.WORKING_DAY, Unit.CALENDAR_DAY

# Each row counted by hand from the notice of 2025-11-04 (off: 1-3 Jan, 15-23 Feb, 4-6 Apr, 1-5 May,
# 19-21 Jun, 25-27 Sep, 1-7 Oct; worked: 4 Jan, 14 and 28 Feb, 9 May, 20 Sep, 10 Oct).
HAND_CHECKED = [
    # worked example of the rules, both parts
    (clock("2026-06-15", 5), "2026-06-23", "2026-06-22"),
    (clock("2026-06-15", 5, WD, "2026-06-17..2026-06-23"), "2026-06-26", "2026-06-25"),
    # 10 by 30 Jun, 13 by 3 Jul, 18, 23, 28 by 24 Jul; warned with 3 left
    (clock("2026-06-15", 30), "2026-07-28", "2026-07-23"),
    # the span takes 18, 22 and 23 June
    (clock("2026-06-15", 30, WD, "2026-06-17..2026-06-23"), "2026-07-31", "2026-07-28"),
    # Spring Festival: 10-13 Feb are four, the make-up Saturday the fifth
    (clock("2026-02-09", 5), "2026-02-14", "2026-02-13"),
    # 13, 14, then nine days off, 24, 25, 26
    (clock("2026-02-12", 5), "2026-02-26", "2026-02-25"),
    # triggered on a holiday: 24-27 and the make-up Saturday
    (clock("2026-02-20", 5), "2026-02-28", "2026-02-27"),
    # May: 7, 8, make-up Saturday
    (clock("2026-05-06", 3), "2026-05-09", "2026-05-08"),
    # a make-up Sunday after a free Saturday: 18, 20
    (clock("2026-09-17", 2), "2026-09-20", "2026-09-18"),
    # National Day: 29, 30, then 8, 9, make-up Saturday
    (clock("2026-09-28", 5), "2026-10-10", "2026-10-09"),
    # the first working day of 2026 is a Sunday; one day is never yellow before its due day
    (clock("2026-01-01", 1), "2026-01-04", "2026-01-04"),
    # on the spot
    (clock("2026-06-15", 0), "2026-06-15", "2026-06-15"),
    (clock("2026-06-20", 0), "2026-06-20", "2026-06-20"),
    # extended from 5 by 10: 10 by 30 Jun, 13 by 3 Jul, 6 and 7 July
    (clock("2026-06-15", 5, extension=10), "2026-07-07", "2026-07-06"),
    # overlapping, touching and empty spans are one: 16, 17; then (17, 24] excludes 18, 22, 23, 24
    (
        clock("2026-06-15", 5, WD, "2026-06-18..2026-06-22", "2026-06-17..2026-06-19",
              "2026-06-22..2026-06-24", "2026-06-16..2026-06-16"),
        "2026-06-29", "2026-06-26",
    ),
    # a span that began before the clock takes only the days after its start
    (clock("2026-06-15", 5, WD, "2026-06-10..2026-06-16"), "2026-06-24", "2026-06-23"),
    # a span after the due day changes nothing, open or closed
    (clock("2026-06-15", 5, WD, "2026-06-24..2026-06-30"), "2026-06-23", "2026-06-22"),
    (clock("2026-06-15", 5, WD, "2026-06-24.."), "2026-06-23", "2026-06-22"),
    # a clock that no suspension can stop
    (clock("2026-06-15", 5, WD, "2026-06-16..", kind=ClockKind.DELIVERY), "2026-06-23", "2026-06-22"),
    # calendar days: 1 May is a holiday, the first working day after it is Wed 6 May
    (clock("2026-04-26", 5, CD), "2026-05-06", "2026-04-30"),
    # the same limit where nothing rolls
    (clock("2026-04-26", 5, CD, rolls=False), "2026-05-01", "2026-04-30"),
    # ending on a worked Sunday: stays
    (clock("2026-09-10", 10, CD), "2026-09-20", "2026-09-19"),
    # ending on a free Saturday: Monday
    (clock("2026-07-22", 10, CD), "2026-08-03", "2026-07-31"),
    # 11 June shifted by 4-8 June, five calendar days
    (clock("2026-06-01", 10, CD, "2026-06-03..2026-06-08"), "2026-06-16", "2026-06-15"),
    # the last day, Sat 1 Aug, is reached; the Monday it rolls to is suspended: Thu 6 Aug
    (clock("2026-07-22", 10, CD, "2026-08-01..2026-08-05"), "2026-08-06", "2026-07-31"),
    # one month from 31 Jan: the month's end, 28 days, a worked Saturday; warned with 2 left
    (clock("2026-01-31", 1, Unit.MONTH), "2026-02-28", "2026-02-26"),
    # one month from 1 Apr: 1 May, a holiday; 30 days, warned with 3 left
    (clock("2026-04-01", 1, Unit.MONTH), "2026-05-06", "2026-04-28"),
    # a month of 30 days (15 Jun to 15 Jul) with 16-20 June suspended
    (clock("2026-06-15", 1, Unit.MONTH, "2026-06-15..2026-06-20"), "2026-07-20", "2026-07-17"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "due", "yellow"), HAND_CHECKED)
def test_hand_checked_dates(subject: Clock, due: str, yellow: str) -> None:
    dates = deadline(subject, CHINA, warn_divisor=10)
    assert (dates.due, dates.yellow_from) == (day(due), day(yellow))
    assert dates.red_from == date.fromordinal(day(due).toordinal() + 1)
    assert not dates.provisional


OTHER_YEARS = [
    # 31 Dec, then 1 Jan and a weekend off, 4-7 Jan
    (china(), clock("2026-12-30", 5), "2027-01-07", "2027-01-06", True),
    # the due day itself is still published
    (china(), clock("2026-12-30", 1), "2026-12-31", "2026-12-31", False),
    # no window at all: plain weeks, provisional
    (china(), clock("2030-09-30", 1), "2030-10-01", "2030-10-01", True),
    # leap day: 31 Jan 2024 + 1 month; 29 Feb 2024 + 1 year, 365 days, warned with 36 left
    (china(2024, 2025), clock("2024-01-31", 1, Unit.MONTH), "2024-02-29", "2024-02-27", False),
    (china(2024, 2025), clock("2024-02-29", 1, Unit.YEAR), "2025-02-28", "2025-01-23", False),
    # 2008: 29 Sep to 5 Oct off, 27 and 28 Sep worked; the mortgage limit of 20 calendar days
    (china(2008, 2008), clock("2008-09-09", 20, CD), "2008-10-06", "2008-09-27", False),
    (china(2008, 2008), clock("2008-09-24", 4), "2008-09-28", "2008-09-27", False),
    # 2008: 1-3 May off, Sunday 4 May worked
    (china(2008, 2008), clock("2008-04-30", 1), "2008-05-04", "2008-05-04", False),
]


@pytest.mark.parametrize(("calendar", "subject", "due", "yellow", "provisional"), OTHER_YEARS)
def test_hand_checked_dates_of_other_years(
    calendar: Any, subject: Clock, due: str, yellow: str, provisional: bool
) -> None:
    dates = deadline(subject, calendar, warn_divisor=10)
    assert (dates.due, dates.yellow_from) == (day(due), day(yellow))
    assert dates.provisional is provisional

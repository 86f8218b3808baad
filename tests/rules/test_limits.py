"""Due dates worked out by hand on a wall calendar, and what follows from them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from rules.limits import (
    actual_days,
    counted,
    deadline,
    expires_at,
    extension_allowed,
    left,
    promise_outcome,
    warn,
)
from schemas.clocks import Clock, ClockKind, Expiry, Limit, Suspension, Unit, WindowHours
from schemas.errors import UsageError
from schemas.profile import Thresholds
from tests.rules.calendars import china, day

CHINA = china()
WD, CD = Unit.WORKING_DAY, Unit.CALENDAR_DAY


def clock(start: str, n: int, unit: Unit = WD, *spans: str, **more: Any) -> Clock:
    """A promise clock; spans as `S..R` or `S..`, years and months as in `start`."""
    limit = Limit(n=n, unit=unit, rolls=more.pop("rolls", True))
    suspensions = tuple(
        Suspension(start=day(s), end=day(r) if r else None) for s, _, r in (span.partition("..") for span in spans)
    )
    kind = more.pop("kind", ClockKind.PROMISE)
    return Clock(kind=kind, start=day(start), limit=limit, suspensions=suspensions, **more)


def thresholds(expiry: Expiry = Expiry.END_OF_DAY) -> Thresholds:
    """Thresholds that differ in nothing but the hour of expiry."""
    limit = Limit(n=1)
    return Thresholds(
        rectify=limit,
        handover=limit,
        correction_reminder=limit,
        correction_lapse=limit,
        inquiry_reply=limit,
        expiry=expiry,
        window_hours=WindowHours(closes=time(17)),
    )


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
    # overlapping, touching and empty spans are one: 16; then (17, 24] excludes 18, 22, 23, 24
    (
        clock("2026-06-15", 5, WD, "2026-06-18..2026-06-22", "2026-06-17..2026-06-19", "2026-06-22..2026-06-24",
              "2026-06-16..2026-06-16"),
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


@pytest.mark.parametrize(
    "subject",
    [
        clock("2026-06-15", 5, WD, "2026-06-17.."),
        clock("2026-06-15", 5, WD, "2026-06-23.."),  # opened on what was to be the due day
        clock("2026-06-15", 5, WD, "2026-06-16..2026-06-18", "2026-06-17.."),
        clock("2026-07-22", 10, CD, "2026-08-02.."),  # before the day the limit would roll to
        clock("2026-06-15", 0, WD, "2026-06-15.."),
    ],
)
def test_an_open_suspension_leaves_no_dates(subject: Clock) -> None:
    dates = deadline(subject, CHINA, warn_divisor=10)
    assert (dates.due, dates.yellow_from, dates.red_from) == (None, None, None)
    assert not dates.provisional
    assert expires_at(subject, CHINA, thresholds()) is None


@pytest.mark.parametrize(
    ("n", "divisor", "expected"), [(0, 10, 0), (1, 10, 0), (2, 10, 1), (5, 10, 1), (19, 10, 1), (30, 10, 3), (9, 3, 3)]
)
def test_the_warning_is_a_tenth_and_at_least_a_day(n: int, divisor: int, expected: int) -> None:
    assert warn(n, divisor) == expected


@pytest.mark.parametrize(
    ("subject", "when", "used", "remaining"),
    [
        (clock("2026-06-15", 5), "2026-06-01", 0, 5),
        (clock("2026-06-15", 5), "2026-06-15", 0, 5),
        (clock("2026-06-15", 5), "2026-06-18", 3, 2),
        (clock("2026-06-15", 5), "2026-06-21", 3, 2),
        (clock("2026-06-15", 5), "2026-06-23", 5, 0),
        (clock("2026-06-15", 5), "2026-06-29", 9, -4),
        (clock("2026-06-15", 5, WD, "2026-06-17.."), "2026-07-31", 2, 3),
        (clock("2026-06-15", 5, WD, "2026-06-24..2026-06-30"), "2026-07-01", 7, -2),  # 24 June, 1 July
        (clock("2026-04-26", 5, CD), "2026-04-30", 4, 1),
        (clock("2026-04-26", 5, CD), "2026-05-03", 5, 0),  # between its last day and the day it rolled to
        (clock("2026-04-26", 5, CD), "2026-05-06", 5, 0),
        (clock("2026-04-26", 5, CD), "2026-05-09", 8, -3),
        (clock("2026-06-19", 0), "2026-06-21", 0, 0),
        (clock("2026-06-19", 0), "2026-06-22", 1, -1),
    ],
)
def test_days_used_and_left(subject: Clock, when: str, used: int, remaining: int) -> None:
    assert counted(subject, CHINA, day(when)) == used
    assert left(subject, CHINA, day(when)) == remaining


@pytest.mark.parametrize(
    ("subject", "expiry", "expected"),
    [
        (clock("2026-06-15", 5), Expiry.END_OF_DAY, "2026-06-24T00:00:00+08:00"),
        (clock("2026-06-15", 5), Expiry.CLOSE_OF_BUSINESS, "2026-06-23T17:00:00+08:00"),
        (clock("2026-06-15", 0), Expiry.END_OF_DAY, "2026-06-16T00:00:00+08:00"),
    ],
)
def test_a_limit_ends_with_its_due_day_or_with_the_windows(subject: Clock, expiry: Expiry, expected: str) -> None:
    ends = expires_at(subject, CHINA, thresholds(expiry))
    assert ends is not None
    assert ends.isoformat() == expected


HOUR_START = datetime.fromisoformat("2026-06-18T10:30:00+08:00")


@pytest.mark.parametrize(
    ("spans", "ends", "due"),
    [
        ((), "2026-06-20T10:30:00+08:00", "2026-06-20"),  # hours run on through a holiday
        (("2026-06-18..2026-06-20",), "2026-06-22T10:30:00+08:00", "2026-06-22"),
    ],
)
def test_hours_run_from_the_exact_minute(spans: tuple[str, ...], ends: str, due: str) -> None:
    subject = clock("2026-06-18", 48, Unit.HOUR, *spans, started_at=HOUR_START)
    assert expires_at(subject, CHINA, thresholds()) == datetime.fromisoformat(ends)
    assert deadline(subject, CHINA, warn_divisor=10).due == day(due)


def test_hours_without_a_minute_are_refused() -> None:
    with pytest.raises(UsageError) as error:
        deadline(clock("2026-06-18", 48, Unit.HOUR), CHINA, warn_divisor=10)
    assert error.value.code == "clock.no_minute"


@pytest.mark.parametrize(
    ("fixed", "due", "yellow"),
    [
        ("2026-06-23T12:00:00+08:00", "2026-06-23", "2026-06-22"),
        ("2026-06-24T00:00:00+08:00", "2026-06-23", "2026-06-22"),  # midnight ends the day before
        ("2026-06-10T12:00:00+08:00", "2026-06-10", "2026-06-15"),  # passed before it was set
    ],
)
def test_a_limit_set_from_outside_is_not_moved(fixed: str, due: str, yellow: str) -> None:
    instant = datetime.fromisoformat(fixed)
    subject = clock("2026-06-15", 99, WD, "2026-06-16..2026-06-17", fixed_at=instant)
    dates = deadline(subject, CHINA, warn_divisor=10)
    assert (dates.due, dates.yellow_from) == (day(due), day(yellow))
    assert expires_at(subject, CHINA, thresholds()) == instant


def test_the_derivation_accounts_for_every_day() -> None:
    notes = deadline(clock("2026-06-15", 5), CHINA, warn_divisor=10, derivation=True).days
    assert [(note.day.day, note.counted, note.n, note.why) for note in notes] == [
        (15, False, 0, "start_day_excluded"),
        (16, True, 1, "working_day"),
        (17, True, 2, "working_day"),
        (18, True, 3, "working_day"),
        (19, False, 3, "holiday"),
        (20, False, 3, "weekend"),
        (21, False, 3, "weekend"),
        (22, True, 4, "working_day"),
        (23, True, 5, "working_day"),
    ]


@pytest.mark.parametrize(
    ("subject", "whys"),
    [
        (clock("2026-02-12", 2), "start_day_excluded working_day makeup_workday"),
        (clock("2026-06-15", 2, WD, "2026-06-16..2026-06-17"),
         "start_day_excluded working_day suspended working_day"),
        (clock("2026-07-30", 2, CD), "start_day_excluded calendar_day calendar_day rolled rolled"),
        (clock("2026-06-15", 5, WD, "2026-06-16.."), "start_day_excluded working_day suspended"),
        (clock("2026-06-15", 0), "start_day_excluded"),
    ],
)  # fmt: skip
def test_reasons_of_a_derivation(subject: Clock, whys: str) -> None:
    notes = deadline(subject, CHINA, warn_divisor=10, derivation=True).days
    assert [note.why for note in notes] == whys.split()


def test_no_derivation_unless_asked_for() -> None:
    assert deadline(clock("2026-06-15", 5), CHINA, warn_divisor=10).days == ()


@pytest.mark.parametrize(
    ("subject", "applied", "approved", "refusal"),
    [
        (clock("2026-06-15", 5), "2026-06-22", "2026-06-23", None),
        (clock("2026-06-15", 5), "2026-06-23", "2026-06-23", None),
        (clock("2026-06-15", 5), "2026-06-23", "2026-06-24", "extension_late"),
        (clock("2026-06-15", 5), "2026-06-24", "2026-06-24", "extension_late"),
        (clock("2026-06-15", 5, extension=5), "2026-06-16", "2026-06-16", "extended_before"),
        (clock("2026-06-15", 5, breached=True), "2026-06-16", "2026-06-16", "extension_late"),
        (clock("2026-06-15", 5, WD, "2026-06-17.."), "2026-08-03", "2026-08-03", None),  # it stands still
    ],
)
def test_an_extension_comes_once_and_in_time(
    subject: Clock, applied: str, approved: str, refusal: str | None
) -> None:
    assert extension_allowed(subject, CHINA, applied=day(applied), approved=day(approved)) == refusal


def test_promised_five_days_done_in_one() -> None:
    outcome = promise_outcome(clock("2026-06-15", 5), CHINA, day("2026-06-16"))
    assert outcome.model_dump() == {
        "promised_days": 5,
        "actual_days": 1,
        "saved_days": 4,
        "speed_up_percent": 80,
        "promise_kept": True,
        "same_day": False,
    }


@pytest.mark.parametrize(
    ("subject", "completed", "actual", "kept", "same_day"),
    [
        (clock("2026-06-15", 5), "2026-06-15", 0, True, True),
        (clock("2026-06-15", 5), "2026-06-23", 5, True, False),
        (clock("2026-06-15", 5), "2026-06-24", 6, False, False),
        (clock("2026-06-15", 5, extension=10), "2026-06-24", 6, False, False),  # an extension redeems nothing
        (clock("2026-06-15", 5, WD, "2026-06-17..2026-06-23"), "2026-06-24", 3, True, False),
        (clock("2026-06-15", 0), "2026-06-15", 0, True, True),
    ],
)
def test_a_promise_against_what_was_done(
    subject: Clock, completed: str, actual: int, kept: bool, same_day: bool
) -> None:
    outcome = promise_outcome(subject, CHINA, day(completed))
    assert (outcome.actual_days, outcome.promise_kept, outcome.same_day) == (actual, kept, same_day)
    assert outcome.saved_days == subject.limit.n - actual
    assert actual_days(CHINA, subject.start, day(completed), subject.suspensions) == actual


def test_a_promise_on_the_spot_has_no_speed_up() -> None:
    assert promise_outcome(clock("2026-06-15", 0), CHINA, day("2026-06-15")).speed_up_percent is None


def test_a_result_is_not_older_than_its_acceptance() -> None:
    with pytest.raises(UsageError) as error:
        promise_outcome(clock("2026-06-15", 5), CHINA, day("2026-06-14"))
    assert error.value.code == "result_before_acceptance"

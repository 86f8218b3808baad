"""What follows from a due date: days left, expiry, derivation, extension, promise against fact."""

from __future__ import annotations

from datetime import datetime, time

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
from schemas.clocks import Clock, Expiry, Limit, Unit, WindowHours
from schemas.errors import UsageError
from schemas.profile import Thresholds
from tests.rules.calendars import china, clock, day

CHINA = china()
WD, CD = Unit.WORKING_DAY, Unit.CALENDAR_DAY


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
    ("n", "divisor", "expected"),
    [(0, 10, 0), (1, 10, 0), (2, 10, 1), (5, 10, 1), (19, 10, 1), (30, 10, 3), (9, 3, 3)],
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
def test_a_limit_ends_with_its_due_day_or_with_the_windows(
    subject: Clock, expiry: Expiry, expected: str
) -> None:
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

"""Lamps by day, for one clock and for a case with several."""

from __future__ import annotations

import itertools

import pytest

from rules.lamps import case_lamp, lamp, worst
from schemas.clocks import Clock, ClockKind, Lamp, Limit, Suspension
from tests.rules.calendars import china, day

CHINA = china()


def clock(
    n: int = 5,
    *spans: tuple[str, str | None],
    kind: ClockKind = ClockKind.PROMISE,
    start: str = "2026-06-15",
    stopped: str | None = None,
) -> Clock:
    """A clock in working days; the promise of five ends on 2026-06-23."""
    return Clock(
        kind=kind,
        start=day(start),
        limit=Limit(n=n),
        suspensions=tuple(Suspension(start=day(s), end=day(r) if r else None) for s, r in spans),
        stopped_on=day(stopped) if stopped else None,
    )


@pytest.mark.parametrize(
    ("subject", "when", "expected"),
    [
        (clock(), "2026-06-15", "green"),
        (clock(), "2026-06-21", "green"),
        (clock(), "2026-06-22", "yellow"),
        (clock(), "2026-06-23", "yellow"),
        (clock(), "2026-06-24", "red"),
        (clock(start="2026-06-23", n=3), "2026-06-27", "red"),  # due on a Friday, red on the Saturday
        (clock(0), "2026-06-15", "yellow"),
        (clock(0), "2026-06-16", "red"),
        (clock(5, ("2026-06-17", "2026-06-23")), "2026-06-17", "green"),  # the day it starts counts
        (clock(5, ("2026-06-17", "2026-06-23")), "2026-06-18", "grey"),
        (clock(5, ("2026-06-17", "2026-06-23")), "2026-06-23", "grey"),
        (clock(5, ("2026-06-17", "2026-06-23")), "2026-06-24", "green"),
        (clock(5, ("2026-06-17", "2026-06-23")), "2026-06-25", "yellow"),
        (clock(5, ("2026-06-17", "2026-06-23")), "2026-06-27", "red"),
        (clock(5, ("2026-06-17", None)), "2026-06-16", "green"),
        (clock(5, ("2026-06-22", None)), "2026-06-22", "yellow"),
        (clock(5, ("2026-06-17", None)), "2027-06-17", "grey"),
        (clock(5, ("2026-06-23", None)), "2026-06-24", "grey"),  # opened on the due day
        (clock(5, ("2026-06-24", None)), "2026-06-25", "red"),  # opened when the limit had passed
        (clock(5, ("2026-06-17", None), kind=ClockKind.HANDOVER), "2026-06-24", "red"),
        (clock(stopped="2026-06-22"), "2026-06-21", "green"),
        (clock(stopped="2026-06-22"), "2026-06-22", "done"),
        (clock(stopped="2026-06-30"), "2026-06-29", "red"),
        (clock(stopped="2026-06-30"), "2026-06-30", "done"),
    ],
)
def test_the_lamp_of_a_clock(subject: Clock, when: str, expected: str) -> None:
    assert lamp(subject, day(when), CHINA, 10) == expected


def test_the_warning_follows_the_divisor() -> None:
    assert lamp(clock(10), day("2026-06-24"), CHINA, 10) is Lamp.GREEN
    assert lamp(clock(10), day("2026-06-22"), CHINA, 2) is Lamp.GREEN  # four counted, six left
    assert lamp(clock(10), day("2026-06-23"), CHINA, 2) is Lamp.YELLOW


PAUSED = ("2026-06-17", None)
PROMISE = clock(5, PAUSED)
STATUTORY = clock(30, PAUSED, kind=ClockKind.STATUTORY)
SPECIAL = clock(5, kind=ClockKind.SPECIAL, start="2026-06-17")  # due 2026-06-25


@pytest.mark.parametrize(
    ("clocks", "when", "expected"),
    [
        ((clock(5), clock(30, kind=ClockKind.STATUTORY)), "2026-06-18", "green"),
        ((clock(5), clock(30, kind=ClockKind.STATUTORY)), "2026-06-23", "yellow"),
        ((clock(5), clock(30, kind=ClockKind.STATUTORY)), "2026-06-24", "red"),
        ((clock(5, stopped="2026-06-22"), clock(30, kind=ClockKind.STATUTORY)), "2026-06-24", "green"),
        ((clock(5, stopped="2026-06-22"),), "2026-06-24", "done"),
        ((), "2026-06-24", "done"),
        ((PROMISE, STATUTORY, SPECIAL), "2026-06-23", "grey"),
        ((PROMISE, STATUTORY, SPECIAL), "2026-06-24", "yellow"),
        ((PROMISE, STATUTORY, SPECIAL), "2026-06-26", "red"),
        ((PROMISE, STATUTORY), "2026-09-01", "grey"),
        # a hand-over that is late does not show through the standstill of its case
        ((PROMISE, clock(1, kind=ClockKind.HANDOVER)), "2026-06-23", "grey"),
    ],
)
def test_the_lamp_of_a_case(clocks: tuple[Clock, ...], when: str, expected: str) -> None:
    assert case_lamp(clocks, day(when), CHINA, 10) == expected


def test_the_worst_lamp_wins_in_any_order() -> None:
    for shown in itertools.permutations([Lamp.DONE, Lamp.GREEN, Lamp.YELLOW, Lamp.RED]):
        assert worst(shown) is Lamp.RED
        assert worst(lamp for lamp in shown if lamp is not Lamp.RED) is Lamp.YELLOW
    assert worst([Lamp.DONE, Lamp.GREEN]) is Lamp.GREEN

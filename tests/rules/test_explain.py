"""The one text: every day accounted for, every code in words, both languages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from rules.calendar import holiday_names
from rules.explain import CLOCKS, HOLIDAYS, LAMPS, REASONS, UNITS, Explanation, explain
from rules.limits import COUNTED
from schemas.clocks import Clock, ClockKind, Lamp, Limit, Suspension, Unit
from tests.rules.calendars import china, day, files

CHINA = china()
NAMES = holiday_names(files(), CHINA.first_day, CHINA.last_day)


def clock(n: int = 5, unit: Unit = Unit.WORKING_DAY, start: str = "2026-06-15", **more: Any) -> Clock:
    """A promise, unless said otherwise."""
    kind = more.pop("kind", ClockKind.PROMISE)
    return Clock(kind=kind, start=day(start), limit=Limit(n=n, unit=unit, basis="行政许可法 第42条"), **more)


def explained(subject: Clock, **more: Any) -> Explanation:
    """Explained on the calendar of 2026 and 2027 with the usual warning."""
    return explain(subject, CHINA, warn_divisor=10, **more)


def test_the_worked_example_as_a_document() -> None:
    document = explained(clock(), holidays=NAMES).model_dump(mode="json")
    assert document["due"] == "2026-06-23"
    assert document["yellow_from"] == "2026-06-22"
    assert document["red_from"] == "2026-06-24"
    assert document["provisional"] is False
    assert document["basis"] == "行政许可法 第42条"
    assert [(d["day"], d["counted"], d["n"], d["why"], d["zh"], d["en"]) for d in document["days"][:5]] == [
        (
            "2026-06-15",
            False,
            0,
            "start_day_excluded",
            "当日不计，自次日起算",
            "the day it starts is not counted",
        ),
        ("2026-06-16", True, 1, "working_day", "工作日", "working day"),
        ("2026-06-17", True, 2, "working_day", "工作日", "working day"),
        ("2026-06-18", True, 3, "working_day", "工作日", "working day"),
        ("2026-06-19", False, 3, "holiday", "端午节", "Dragon Boat Festival"),
    ]
    assert document["days"][-1]["day"] == "2026-06-23"


def test_the_worked_example_in_words() -> None:
    told = explained(clock())
    assert told.text_zh == (
        "承诺时限：5 个工作日，自 2026-06-15 次日起算；应于 2026-06-23 前办结；"
        "2026-06-22 起黄灯，2026-06-24 起红灯。不计：法定节假日 1 日、周末 2 日。"
    )
    assert told.text_en == (
        "promised limit: 5 working days, counted from the day after 2026-06-15; due 2026-06-23; "
        "yellow from 2026-06-22, red from 2026-06-24. Not counted: public holiday 1, weekend 2."
    )


def test_a_holiday_without_a_known_name_is_told_as_a_holiday() -> None:
    assert explained(clock()).days[4].zh == "法定节假日"


def test_the_words_are_the_same_with_and_without_names() -> None:
    assert explained(clock()).text_zh == explained(clock(), holidays=NAMES).text_zh


@pytest.mark.parametrize(
    ("subject", "zh", "en"),
    [
        (
            clock(0),
            "承诺时限：当场；应于 2026-06-15 当日办结；",
            "promised limit: on the spot; due 2026-06-15;",
        ),
        (clock(1), "1 个工作日，自", "promised limit: 1 working day, counted from"),
        (clock(5, extension=10), "5 个工作日（另延期 10 个工作日）", "5 working days and an extension of 10"),
        (
            clock(suspensions=(Suspension(start=date(2026, 6, 17)),)),
            "已于 2026-06-17 停表，恢复前没有到期日。",
            "suspended on 2026-06-17: no due date until it resumes.",
        ),
        (clock(start="2026-12-30"), "应于 2027-01-07 前办结（暂定：", "due 2027-01-07 (provisional:"),
        (
            clock(5, Unit.CALENDAR_DAY, "2026-04-26"),
            "期限末日为休息日，顺延 5 日",
            "limit ended on a rest day 5",
        ),
        (clock(1, Unit.MONTH), "1 个月，自", "1 month, counted"),
        (clock(kind=ClockKind.ACCEPTANCE), "前受理或者一次性告知", "acceptance limit: 5 working days"),
        (clock(kind=ClockKind.RECTIFY), "前整改完毕", "rectification limit"),
        (
            clock(fixed_at=datetime.fromisoformat("2026-06-23T12:00:00+08:00")),
            "期限由外部指定；应于 2026-06-23 前办结",
            "set from outside; due 2026-06-23",
        ),
    ],
)
def test_what_the_sentences_say(subject: Clock, zh: str, en: str) -> None:
    told = explained(subject)
    assert zh in told.text_zh
    assert en in told.text_en


@pytest.mark.parametrize(
    ("subject", "as_of", "lamp", "left"),
    [
        (clock(), "2026-06-18", Lamp.GREEN, 2),
        (clock(), "2026-06-22", Lamp.YELLOW, 1),
        (clock(), "2026-06-24", Lamp.RED, -1),
        (clock(suspensions=(Suspension(start=date(2026, 6, 17)),)), "2026-08-03", Lamp.GREY, 3),
        (clock(stopped_on=date(2026, 6, 16)), "2026-08-03", Lamp.DONE, 4),  # as it was when it stopped
        (clock(stopped_on=date(2026, 6, 16)), "2026-06-15", Lamp.GREEN, 5),
    ],
)
def test_where_the_clock_stands_on_a_day(subject: Clock, as_of: str, lamp: Lamp, left: int) -> None:
    told = explained(subject, as_of=day(as_of))
    assert (told.lamp, told.left) == (lamp, left)


def test_without_a_day_there_is_no_lamp() -> None:
    told = explained(clock())
    assert (told.lamp, told.left) == (None, None)


def test_everything_has_words_in_both_languages() -> None:
    assert set(CLOCKS) == set(ClockKind)
    assert set(UNITS) == set(Unit)
    assert set(LAMPS) == set(Lamp)
    assert set(REASONS) >= COUNTED
    assert set(HOLIDAYS) >= set(holiday_names(files(), date(2004, 1, 1), date(2030, 12, 31)).values())
    for zh, en in (*CLOCKS.values(), *UNITS.values(), *LAMPS.values(), *REASONS.values(), *HOLIDAYS.values()):
        assert zh
        assert en.isascii()

"""How a date was computed, day by day and in words: the one text for command line, API, page, receipt.

People and authorities both miscount limits. A date that comes with the reason for every single day
can be checked on a wall calendar, by the applicant as well as by the bureau.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from rules.lamps import lamp
from rules.limits import deadline, left
from schemas.base import Model
from schemas.clocks import Calendar, Clock, ClockKind, Deadline, Lamp, Unit

REASONS: dict[str, tuple[str, str]] = {
    "start_day_excluded": ("当日不计，自次日起算", "the day it starts is not counted"),
    "working_day": ("工作日", "working day"),
    "makeup_workday": ("调休补班日", "make-up working day"),
    "calendar_day": ("自然日", "calendar day"),
    "weekend": ("周末", "weekend"),
    "holiday": ("法定节假日", "public holiday"),
    "suspended": ("停表", "suspended"),
    "rolled": ("期限末日为休息日，顺延", "moved on because the limit ended on a rest day"),
}
"""Reason codes of a derivation; stable."""

HOLIDAYS: dict[str, tuple[str, str]] = {
    "new_years_day": ("元旦", "New Year's Day"),
    "spring_festival": ("春节", "Spring Festival"),
    "qingming": ("清明节", "Qingming"),
    "labour_day": ("劳动节", "Labour Day"),
    "dragon_boat": ("端午节", "Dragon Boat Festival"),
    "mid_autumn": ("中秋节", "Mid-Autumn Festival"),
    "national_day": ("国庆节", "National Day"),
    "victory_day": ("抗战胜利纪念日", "Victory Day"),
}
"""Holidays by the name code of the calendar files."""

CLOCKS: dict[ClockKind, tuple[str, str]] = {
    ClockKind.ACCEPTANCE: ("受理时限", "acceptance limit"),
    ClockKind.STATUTORY: ("法定时限", "statutory limit"),
    ClockKind.PROMISE: ("承诺时限", "promised limit"),
    ClockKind.STAGE: ("环节时限", "stage limit"),
    ClockKind.HANDOVER: ("移交时限", "hand-over limit"),
    ClockKind.DELIVERY: ("送达时限", "delivery limit"),
    ClockKind.SPECIAL: ("特别程序时限", "special-procedure limit"),
    ClockKind.RECTIFY: ("整改时限", "rectification limit"),
    ClockKind.STEP: ("程序时限", "limit of a step"),
    ClockKind.WINDOW: ("权利期间", "time to use a right"),
}

DUTIES: dict[ClockKind, str] = {
    ClockKind.ACCEPTANCE: "受理或者一次性告知",
    ClockKind.HANDOVER: "接收或者退回",
    ClockKind.DELIVERY: "送达",
    ClockKind.SPECIAL: "取得结果",
    ClockKind.RECTIFY: "整改完毕",
}
"""What is due, where it is not completion (办结)."""

UNITS: dict[Unit, tuple[str, str]] = {
    Unit.WORKING_DAY: ("个工作日", "working days"),
    Unit.CALENDAR_DAY: ("日", "calendar days"),
    Unit.MONTH: ("个月", "months"),
    Unit.YEAR: ("年", "years"),
    Unit.HOUR: ("小时", "hours"),
}

LAMPS: dict[Lamp, tuple[str, str]] = {
    Lamp.GREEN: ("绿灯", "green"),
    Lamp.YELLOW: ("黄灯", "yellow"),
    Lamp.RED: ("红灯", "red"),
    Lamp.GREY: ("停表（灰灯）", "grey: suspended"),
    Lamp.DONE: ("已办", "done"),
}


class ExplainedDay(Model):
    """One day of the derivation, with its reason in words."""

    day: date
    counted: bool
    n: int
    """Days counted up to and including this day."""
    why: str
    """A key of `REASONS`."""
    zh: str
    en: str


class Explanation(Model):
    """A clock's dates, how they came about, and where it stands."""

    kind: ClockKind
    ref: str
    start: date
    n: int
    unit: Unit
    extension: int
    basis: str
    due: date | None
    """None while the clock stands still."""
    yellow_from: date | None
    red_from: date | None
    provisional: bool
    """暂定: a day on the way rests on a year whose notice is not out."""
    days: tuple[ExplainedDay, ...]
    text_zh: str
    text_en: str
    lamp: Lamp | None = None
    """On the day asked for, if one was."""
    left: int | None = None
    """Days left on that day, or on the day the clock stopped; negative when late."""


def explain(
    clock: Clock,
    calendar: Calendar,
    *,
    warn_divisor: int,
    as_of: date | None = None,
    holidays: Mapping[date, str] | None = None,
) -> Explanation:
    """Explains a clock; with `as_of` also its lamp and the days left on that local day.

    `holidays` gives the name code of each weekday off (`rules.calendar.holiday_names`); without it
    a holiday is told as such. Raises `UsageError` (`clock.no_minute`) as `deadline` does.
    """
    dates = deadline(clock, calendar, warn_divisor=warn_divisor, derivation=True)
    return Explanation(
        kind=clock.kind,
        ref=clock.ref,
        start=clock.start,
        n=clock.limit.n,
        unit=clock.limit.unit,
        extension=clock.extension,
        basis=clock.limit.basis,
        due=dates.due,
        yellow_from=dates.yellow_from,
        red_from=dates.red_from,
        provisional=dates.provisional,
        days=tuple(_days(dates, holidays or {})),
        text_zh=_text_zh(clock, dates),
        text_en=_text_en(clock, dates),
        lamp=lamp(clock, as_of, calendar, warn_divisor) if as_of else None,
        left=left(clock, calendar, min(as_of, clock.stopped_on or as_of)) if as_of else None,
    )


def _days(dates: Deadline, holidays: Mapping[date, str]) -> list[ExplainedDay]:
    """The derivation with words; a holiday is called by its name where that is known."""
    explained = []
    for note in dates.days:
        zh, en = REASONS[note.why]
        if note.why == "holiday":
            zh, en = HOLIDAYS.get(holidays.get(note.day, ""), (zh, en))
        explained.append(ExplainedDay(**note.model_dump(), zh=zh, en=en))
    return explained


def _text_zh(clock: Clock, dates: Deadline) -> str:
    return f"{CLOCKS[clock.kind][0]}：{_length_zh(clock)}；{_due_zh(clock, dates)}{_left_out(dates, 0)}"


def _length_zh(clock: Clock) -> str:
    if clock.fixed_at is not None:
        return "期限由外部指定"
    if clock.limit.n + clock.extension == 0:
        return "当场"
    unit = UNITS[clock.limit.unit][0]
    extended = f"（另延期 {clock.extension} {unit}）" if clock.extension else ""
    return f"{clock.limit.n} {unit}{extended}，自 {clock.start} 次日起算"


def _due_zh(clock: Clock, dates: Deadline) -> str:
    if dates.due is None:
        return f"已于 {dates.days[-2].day} 停表，恢复前没有到期日。"
    duty = DUTIES.get(clock.kind, "办结")
    when = "当日" if dates.due == clock.start else "前"
    provisional = "（暂定：有关年度的放假安排尚未公布）" if dates.provisional else ""
    return (
        f"应于 {dates.due} {when}{duty}{provisional}；{dates.yellow_from} 起黄灯，{dates.red_from} 起红灯。"
    )


def _text_en(clock: Clock, dates: Deadline) -> str:
    return f"{CLOCKS[clock.kind][1]}: {_length_en(clock)}; {_due_en(dates)}{_left_out(dates, 1)}"


def _length_en(clock: Clock) -> str:
    if clock.fixed_at is not None:
        return "set from outside"
    if clock.limit.n + clock.extension == 0:
        return "on the spot"
    unit = UNITS[clock.limit.unit][1].removesuffix("s" if clock.limit.n == 1 else "")
    extended = f" and an extension of {clock.extension}" if clock.extension else ""
    return f"{clock.limit.n} {unit}{extended}, counted from the day after {clock.start}"


def _due_en(dates: Deadline) -> str:
    if dates.due is None:
        return f"suspended on {dates.days[-2].day}: no due date until it resumes."
    provisional = " (provisional: the year's holidays are not published yet)" if dates.provisional else ""
    return f"due {dates.due}{provisional}; yellow from {dates.yellow_from}, red from {dates.red_from}."


def _left_out(dates: Deadline, language: int) -> str:
    """How many days did not count, by reason; nothing where every day counted."""
    reasons = Counter(note.why for note in dates.days[1:] if not note.counted)
    if not reasons or dates.due is None:
        return ""
    listed = [(REASONS[why][language], number) for why, number in reasons.items()]
    if language == 0:
        return "不计：" + "、".join(f"{why} {number} 日" for why, number in listed) + "。"
    return " Not counted: " + ", ".join(f"{why} {number}" for why, number in listed) + "."

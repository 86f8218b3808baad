"""Why a matter is due on that day: its clock counted once more from what is recorded, day by day.

Told only where the count comes to the day on record: the ledger is right, and a count that disagrees
(another version of rules or calendar) explains nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from ledger.entry import Entry
from readmodel.query import MatterRow
from rules.calendar import holiday_names
from rules.explain import CLOCKS, ExplainedDay, Explanation, explain
from schemas.clocks import Clock, ClockKind, Limit, Suspension
from schemas.errors import UsageError
from schemas.profile import Profile
from starter.desk import LOCAL
from starter.profile_files import calendar_files
from starter.rulebook import calendar_for, load_profile

YEARS_AHEAD = 2


@dataclass(frozen=True)
class Reason:
    """A due day explained."""

    zh: str
    en: str
    basis: str = ""
    days: tuple[ExplainedDay, ...] = ()


def reason_of(kind: ClockKind, day: date | None, row: MatterRow, course: Sequence[Entry]) -> Reason:
    """The reason for the due day of a matter's clock."""
    clock = _clock(kind, row, course)
    profile = _profile(course)
    if clock is not None and profile is not None:
        told = _counted(profile.id, clock)
        if told is not None and told.due == day:
            return Reason(told.text_zh, told.text_en, told.basis, told.days)
    return _plainly(kind, day)


def _plainly(kind: ClockKind, day: date | None) -> Reason:
    zh, en = CLOCKS[kind]
    if day is None:
        return Reason(f"{zh}：已停表，恢复前没有到期日。", f"{en}: suspended, no due date until it resumes.")
    return Reason(f"{zh}：应于 {day} 前办结。", f"{en}: due {day}.")


def _clock(kind: ClockKind, row: MatterRow, course: Sequence[Entry]) -> Clock | None:
    """The clock as the recorded days make it; None for a kind that is not counted again."""
    start = row.received_day if kind is ClockKind.ACCEPTANCE or row.kind == "inquiry" else row.accepted_day
    limit = _limit(kind, row, course)
    if start is None or limit is None:
        return None
    if kind is ClockKind.ACCEPTANCE or row.kind != "case":
        return Clock(kind=kind, start=start, limit=limit)
    extension = sum(int(e.data.get("days") or 0) for e in course if e.type == "case.extended")
    return Clock(kind=kind, start=start, limit=limit, extension=extension, suspensions=_spans(course))


def _limit(kind: ClockKind, row: MatterRow, course: Sequence[Entry]) -> Limit | None:
    profile = _profile(course)
    if profile is None:
        return None
    if row.kind == "inquiry" and kind is ClockKind.PROMISE:
        return profile.thresholds.inquiry_reply
    item = next((each for each in profile.items if each.code == row.item), None)
    if item is None:
        return None
    limits = {
        ClockKind.PROMISE: item.promise,
        ClockKind.STATUTORY: item.statutory,
        ClockKind.ACCEPTANCE: item.acceptance,
    }
    return limits.get(kind)


def _profile(course: Sequence[Entry]) -> Profile | None:
    """The rules of the matter, if they are the ones that are installed."""
    if not course:
        return None
    data = course[-1].data
    try:
        profile = load_profile(str(data.get("ruleprofile", "")).rpartition("@")[0])
    except UsageError:
        return None
    return profile if profile.sha256 == data.get("rulehash") else None


def _spans(course: Sequence[Entry]) -> tuple[Suspension, ...]:
    spans: list[Suspension] = []
    for entry in course:
        if entry.type == "case.suspended":
            spans.append(Suspension(start=_day(entry), ground=str(entry.data.get("ground", ""))))
        elif entry.type == "case.resumed" and spans:
            spans[-1] = spans[-1].model_copy(update={"end": _day(entry)})
    return tuple(spans)


def _day(entry: Entry) -> date:
    return datetime.fromisoformat(entry.event["time"]).astimezone(LOCAL).date()


@lru_cache(maxsize=4096)
def _counted(profile_id: str, clock: Clock) -> Explanation | None:
    """Counting costs more than all the rest of a look-up, and a day is asked for many times."""
    profile = load_profile(profile_id)
    first, last = date(clock.start.year, 1, 1), date(clock.start.year + YEARS_AHEAD, 12, 31)
    try:
        calendar = calendar_for(profile, first, last)
        names = holiday_names(calendar_files(profile.calendar, None), calendar.first_day, calendar.last_day)
        return explain(clock, calendar, warn_divisor=profile.thresholds.warn_divisor, holidays=names)
    except UsageError:
        return None

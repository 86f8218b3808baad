"""The limits of a matter as its page shows them, with the day-by-day derivation, and no engine asked.

An entry holds a clock's dates, not its course. The course is put together from the rules the entry names and
from the suspensions and extensions on record, and is shown only where it comes to the very dates on record:
a derivation that merely looks right would be worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from ledger.entry import Entry
from rules.calendar import holiday_names, working_days
from rules.explain import CLOCKS, Explanation, explain
from schemas.clocks import SUSPENDABLE, Calendar, Clock, ClockKind, Limit, Suspension
from schemas.errors import UsageError
from schemas.profile import Profile, Rules
from starter.profile_files import calendar_files
from web.names import Names, Words
from web.timeline import local

EXTENDED = (ClockKind.STATUTORY, ClockKind.PROMISE)
"""What an extension lengthens."""

RANK = {"red": 0, "yellow": 1, "green": 2, "grey": 3, "done": 4}
"""Worst first."""

Row = dict[str, Any]
"""A clock as an entry holds it."""


@dataclass(frozen=True)
class ShownClock:
    """One limit: its dates, its lamp on the day of looking, and how the dates came about."""

    kind: ClockKind
    name: Words
    about: Words
    owner: str
    due: date | None
    yellow_from: date | None
    red_from: date | None
    lamp: str
    left: int | None
    """Working days left; negative when late, None while it stands still or is over."""
    provisional: bool
    breached: bool
    stopped_on: date | None
    explanation: Explanation | None

    @property
    def runs(self) -> bool:
        """Whether nothing has stopped it yet."""
        return self.stopped_on is None and self.lamp != "done"


def shown_clocks(
    timeline: Sequence[Entry], rules: Rules | None, profile: Profile, names: Names, today: date
) -> tuple[ShownClock, ...]:
    """The clocks of the latest entry that tells of them, running ones first, worst first."""
    latest = next((entry for entry in reversed(timeline) if "clocks" in entry.data), None)
    if latest is None:
        return ()
    item = str(timeline[0].data.get("view", {}).get("item") or "")
    shown = [_shown(row, item, timeline, rules, profile, names, today) for row in latest.data["clocks"]]
    return tuple(sorted(shown, key=lambda each: (not each.runs, RANK[each.lamp], each.due or date.max)))


def matter_lamp(clocks: Sequence[ShownClock]) -> str:
    """The worst lamp of what runs; grey while it is suspended, unless a special procedure is late."""
    running = [each for each in clocks if each.runs]
    if any(each.lamp == "grey" and each.kind in SUSPENDABLE for each in running):
        special = [each.lamp for each in running if each.kind is ClockKind.SPECIAL]
        return next((lamp for lamp in ("red", "yellow") if lamp in special), "grey")
    return min((each.lamp for each in running), key=RANK.__getitem__, default="done")


def nearest(clocks: Sequence[ShownClock]) -> ShownClock | None:
    """The limit that ends first of those that run."""
    running = [each for each in clocks if each.runs and each.due]
    return min(running, key=lambda each: each.due or date.max, default=None)


def workdays_left(calendar: Calendar, today: date, due: date) -> int:
    """Working days after today up to the due day; negative when it lies behind."""
    days = working_days(calendar)
    return days.rank(due.toordinal()) - days.rank(today.toordinal())


def lamp_of_dates(row: Mapping[str, Any], today: date) -> str:
    """The lamp that a clock's dates give on a day."""
    if row.get("stopped"):
        return "done"
    due, yellow = _day(row.get("due")), _day(row.get("yellow_from"))
    if due is None:
        return "grey"
    if today > due:
        return "done" if row["clock"] == ClockKind.WINDOW else "red"
    return "yellow" if yellow and today >= yellow else "green"


def _shown(
    row: Row,
    item: str,
    timeline: Sequence[Entry],
    rules: Rules | None,
    profile: Profile,
    names: Names,
    today: date,
) -> ShownClock:
    kind, ref, due = ClockKind(row["clock"]), str(row.get("ref") or ""), _day(row.get("due"))
    lamp = lamp_of_dates(row, today)
    told = _explained(row, timeline, rules, profile, today) if rules else None
    left = workdays_left(rules.calendar, today, due) if rules and due and lamp != "done" else None
    return ShownClock(
        kind=kind,
        name=Words(*CLOCKS[kind]),
        about=names.grounds.get(ref) or names.stage(item, ref.removeprefix("stage:")),
        owner=names.person(row.get("owner")),
        due=due,
        yellow_from=_day(row.get("yellow_from")),
        red_from=_day(row.get("red_from")),
        lamp=lamp,
        left=left,
        provisional=bool(row.get("provisional")),
        breached=bool(row.get("breached")),
        stopped_on=_day(row.get("stopped_on")),
        explanation=told,
    )


def _explained(
    row: Row, timeline: Sequence[Entry], rules: Rules, profile: Profile, today: date
) -> Explanation | None:
    """The derivation, where what is on record comes to the dates on record."""
    clock = clock_of(row, timeline, rules)
    if clock is None:
        return None
    holidays, divisor = _holidays(profile.calendar, rules.calendar), rules.thresholds.warn_divisor
    try:
        told = explain(clock, rules.calendar, warn_divisor=divisor, as_of=today, holidays=holidays)
    except UsageError:
        return None
    dates = (told.due, told.yellow_from, told.red_from)
    return (
        told if dates == tuple(_day(row.get(name)) for name in ("due", "yellow_from", "red_from")) else None
    )


def clock_of(row: Row, timeline: Sequence[Entry], rules: Rules) -> Clock | None:
    """The clock behind a row, put together from what is on record; None where its limit is not known."""
    kind, start = ClockKind(row["clock"]), _day(row.get("start"))
    limit = _limit(kind, str(row.get("ref") or ""), timeline, rules)
    if limit is None or start is None:
        return None
    stopped = _day(row.get("stopped_on"))
    return Clock(
        kind=kind,
        ref=str(row.get("ref") or ""),
        start=start,
        limit=limit,
        extension=_extension(timeline, start) if kind in EXTENDED else 0,
        suspensions=_suspensions(timeline, start, stopped) if kind in SUSPENDABLE else (),
        stopped_on=stopped,
    )


def _limit(kind: ClockKind, ref: str, timeline: Sequence[Entry], rules: Rules) -> Limit | None:
    if kind is ClockKind.SPECIAL:
        return _special(ref, timeline)
    if kind is ClockKind.HANDOVER:
        return rules.thresholds.handover
    if kind is ClockKind.RECTIFY:
        return rules.thresholds.rectify
    if rules.item is None:
        return rules.thresholds.inquiry_reply if kind is ClockKind.PROMISE else None
    if kind is ClockKind.STAGE:
        return next((stage.limit for stage in rules.item.stages if stage.code == ref), None)
    limits = {
        ClockKind.ACCEPTANCE: rules.item.acceptance,
        ClockKind.STATUTORY: rules.item.statutory,
        ClockKind.PROMISE: rules.item.promise,
        ClockKind.DELIVERY: rules.item.delivery,
    }
    return limits.get(kind)


def _special(ground: str, timeline: Sequence[Entry]) -> Limit | None:
    """A special procedure lasts as long as was expected when it was approved."""
    begun = [e for e in timeline if e.type == "case.suspended" and e.data.get("ground") == ground]
    return Limit(n=int(begun[-1].data["expected_days"])) if begun else None


def _extension(timeline: Sequence[Entry], start: date) -> int:
    granted = (e for e in timeline if e.type == "case.extended" and _on(e) >= start)
    return sum(int(entry.data["days"]) for entry in granted)


def pauses(timeline: Sequence[Entry]) -> list[tuple[Entry, Entry | None]]:
    """The suspensions of a case: what began each, and what ended it."""
    spans: list[tuple[Entry, Entry | None]] = []
    for entry in timeline:
        if entry.type == "case.suspended":
            spans.append((entry, None))
        elif entry.type == "case.resumed" and spans:
            spans[-1] = (spans[-1][0], entry)
    return spans


def _suspensions(timeline: Sequence[Entry], start: date, stopped: date | None) -> tuple[Suspension, ...]:
    """Those that fell while the clock ran."""
    found = (
        Suspension(start=_on(begun), end=_on(ended) if ended else None, ground=str(begun.data.get("ground")))
        for begun, ended in pauses(timeline)
    )
    return tuple(each for each in found if each.start >= start and (stopped is None or each.start <= stopped))


def _on(entry: Entry) -> date:
    return local(entry.event["time"]).date()


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _holidays(name: str, calendar: Calendar) -> Mapping[date, str]:
    return _holiday_names(name, calendar.first_day, calendar.last_day)


@lru_cache(maxsize=64)
def _holiday_names(name: str, first_day: date, last_day: date) -> dict[date, str]:
    return holiday_names(calendar_files(name, None), first_day, last_day)

"""What a case's entries say of its course in time: when its clocks began, stood still and were stopped.

How long a limit was is not among the facts: that is what a dry-run asks of other rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rules.calendar import local_day
from rules.moments import AWAY
from schemas.base import Instant, Model
from schemas.clocks import Calendar, ClockKind, Lamp, Suspension

Event = Mapping[str, Any]
"""A leaf, parsed."""

GOVERNED = frozenset(
    {
        ClockKind.ACCEPTANCE,
        ClockKind.STATUTORY,
        ClockKind.PROMISE,
        ClockKind.STAGE,
        ClockKind.HANDOVER,
        ClockKind.DELIVERY,
    }
)
"""Clocks of a case whose length the profile sets; the others are set by an act."""

_BEGINS_ANEW = frozenset({ClockKind.HANDOVER, ClockKind.DELIVERY})
"""Of these a second one under the same name is another clock; the others go on."""


class Ran(Model):
    """One clock as it ran, whatever its limit was."""

    kind: ClockKind
    ref: str = ""
    start: date
    started_at: Instant
    stopped_on: date | None = None
    stopped_at: Instant | None = None
    suspensions: tuple[Suspension, ...] = ()
    extension: int = 0


class CaseFacts(Model):
    """What a case's entries say of its course in time."""

    number: str
    item: str
    imported: bool = False
    """From a recorded log: no clock of a stage ran."""
    decided: bool = False
    stages: tuple[str, ...] = ()
    """Codes of the stages that somebody signed, in the order of their first signature."""
    ran: tuple[Ran, ...] = ()
    last_at: Instant
    """Time of the last entry."""
    recorded: Lamp = Lamp.GREEN
    """The worst that the ledger told of these clocks when it happened."""


def facts_of(events: Iterable[Event], calendar: Calendar) -> CaseFacts | None:
    """The facts of one case from its entries, in the order of its chain; None for what is no case."""
    reading = _Reading(calendar)
    for event in events:
        reading.take(event)
    return reading.facts()


@dataclass
class _Reading:
    """A case while its entries are read."""

    calendar: Calendar
    number: str = ""
    item: str = ""
    imported: bool = False
    decided: bool = False
    last_at: datetime | None = None
    stages: dict[str, None] = field(default_factory=dict)
    over: list[Ran] = field(default_factory=list)
    running: dict[tuple[str, str], Ran] = field(default_factory=dict)
    yellow: set[tuple[str, str]] = field(default_factory=set)
    red: set[tuple[str, str]] = field(default_factory=set)

    def take(self, event: Event) -> None:
        data, what = event["data"], str(event["type"])
        if what == "case.registered":
            self.number, self.item = str(event["subject"]), str((data.get("view") or {}).get("item") or "")
            self.imported = data.get("timesource") == "import"
        self.decided = self.decided or what == "case.decided"
        if what == "case.stage_signed" and data.get("stage"):
            self.stages.setdefault(str(data["stage"]))
        self._told(what, (str(data.get("clock")), str(data.get("ref") or "")))
        at = datetime.fromisoformat(event["time"])
        self.last_at = max(at, self.last_at or at)
        for row in data.get("clocks") or ():
            if row["clock"] in GOVERNED:
                self._clock(row, at)
        if what == "case.extended":
            self._extend(int(data.get("days") or 0))

    def _told(self, what: str, clock: tuple[str, str]) -> None:
        if what == "lamp.yellow":
            self.yellow.add(clock)
        elif what == "clock.breached":
            self.red.add(clock)
        elif what == "clock.breach_withdrawn":
            self.red.discard(clock)

    def _clock(self, row: Mapping[str, Any], at: datetime) -> None:
        key, start = (row["clock"], row["ref"] or ""), date.fromisoformat(row["start"])
        known = self.running.get(key)
        if known is not None and _is_another(known, row, start):
            self.over.append(known)
            known = None
        ran = known or Ran(kind=ClockKind(row["clock"]), ref=row["ref"] or "", start=start, started_at=at)
        self.running[key] = self._moved(ran, row, at)

    def _moved(self, ran: Ran, row: Mapping[str, Any], at: datetime) -> Ran:
        day, changes = local_day(self.calendar, at), dict[str, Any]()
        stopped = date.fromisoformat(row["stopped_on"]) if row.get("stopped_on") else None
        spans = ran.suspensions
        if ran.stopped_on is not None and stopped is None and ran.kind is ClockKind.STAGE:
            spans = (*spans, Suspension(start=ran.stopped_on, end=day, ground=AWAY))
        if stopped != ran.stopped_on:
            changes |= {"stopped_on": stopped, "stopped_at": at if stopped else None}
        paused = bool(spans) and spans[-1].end is None
        if row.get("suspended") and not paused:
            spans = (*spans, Suspension(start=day))
        elif paused and not row.get("suspended"):
            spans = (*spans[:-1], spans[-1].model_copy(update={"end": day}))
        return ran.model_copy(update={**changes, "suspensions": spans})

    def _extend(self, days: int) -> None:
        for key, ran in self.running.items():
            if ran.kind in (ClockKind.STATUTORY, ClockKind.PROMISE) and ran.stopped_on is None:
                self.running[key] = ran.model_copy(update={"extension": days})

    def facts(self) -> CaseFacts | None:
        if not self.number or self.last_at is None:
            return None
        red = any(clock in GOVERNED for clock, _ in self.red)
        yellow = any(clock in GOVERNED for clock, _ in self.yellow)
        return CaseFacts(
            number=self.number,
            item=self.item,
            imported=self.imported,
            decided=self.decided,
            last_at=self.last_at,
            stages=tuple(self.stages),
            ran=(*self.over, *self.running.values()),
            recorded=Lamp.RED if red else Lamp.YELLOW if yellow else Lamp.GREEN,
        )


def _is_another(known: Ran, row: Mapping[str, Any], start: date) -> bool:
    """Whether a row of the same name tells of another clock than the one that is known."""
    begun_again = known.stopped_on is not None and not row.get("stopped_on") and known.kind in _BEGINS_ANEW
    return known.start != start or begun_again

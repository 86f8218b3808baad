"""The fold: entries in the order of the log, one after the other, become the figures of a period.

An act belongs to the period of its own time, however late it was recorded; what was recorded after the
period's end is marked late. What states are told of are those at the end of the period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rules.report.cards import Cards
from rules.report.counts import CARDS, COUNTS, KEPT, MEASURES, MISSED, STANDING, at
from rules.report.lamps import matter_lamp
from rules.report.rows import Row, code, figure
from schemas.report import ReportBasis

Event = Mapping[str, Any]
"""A leaf, parsed."""

SYSTEM = "system"
MICROSECONDS = "microseconds"


@dataclass
class Matter:
    """What the log said last of a matter before the period's end."""

    view: Event = field(default_factory=dict)
    clocks: list[Event] = field(default_factory=list)
    seq: int = 0
    measured: bool = False
    ended_now: bool = False
    """It ended within the period."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return bool(self.view.get("closed"))


class Fold:
    """The figures of one period, while entries are taken in."""

    def __init__(self, basis: ReportBasis) -> None:
        """Begin before the first entry."""
        self.basis = basis
        self.rows: defaultdict[str, list[Row]] = defaultdict(list)
        self.matters: defaultdict[str, Matter] = defaultdict(Matter)
        self.cards = Cards()
        self.taken = 0
        self._starts, self._ends = _utc(basis.starts_at), _utc(basis.ends_at)
        self._counts: defaultdict[str, list[str]] = defaultdict(list)
        for name, count in COUNTS.items():
            for kind in count.types:
                self._counts[kind].append(name)

    def take(self, event: Event) -> None:
        """One entry; those of a chain in their order."""
        self.taken += 1
        time = _utc(datetime.fromisoformat(event["time"]))
        if time >= self._ends:
            return
        inside, recorded = time >= self._starts, str(event["recordedtime"])
        late = inside and recorded >= self._ends
        if late:
            self._add("late_records", event, str(event["type"]), late=True)
        elif not inside and self._starts <= recorded < self._ends:
            self._add("late_for_earlier", event, str(event["type"]))
        if inside:
            self._count(event, late)
        self._follow(event, inside=inside, late=late)

    def figures(self) -> list[dict[str, Any]]:
        """All figures, in the order of the tables; those of states by kind of matter come last."""
        for number, matter in self.matters.items():
            self._stand(number, matter)
        for row in self.cards.open_rows():
            self.rows["cards_open"].append(row)
        known = (*COUNTS, *MEASURES, *CARDS, *STANDING)
        more = sorted(set(self.rows) - set(known))
        return [figure(name, self.rows.get(name, ())) for name in (*known, *more)]

    # -- one entry --------------------------------------------------------------------------

    def _count(self, event: Event, late: bool) -> None:
        data = {**event["data"], "event": event["type"]}
        for name in self._counts.get(event["type"], ()):
            count = COUNTS[name]
            if count.holds(data):
                label = at(data, count.label) if count.label else None
                self._add(name, event, code(label), late=late)

    def _follow(self, event: Event, *, inside: bool, late: bool) -> None:
        """What the entry says of its matter, and of cards."""
        data = event["data"]
        for name, row in self.cards.take(event, late):
            if inside:
                self.rows[name].append(row)
        if not isinstance(data.get("view"), dict):
            return
        matter, was = self.matters[event["subject"]], self.matters[event["subject"]].over
        matter.view, matter.seq = {**matter.view, **data["view"]}, event["caseseq"]
        matter.clocks = data.get("clocks", matter.clocks)
        kind = code(matter.view.get("kind"))
        if inside and data.get("before") == "" and data.get("after"):
            self._add("begun", event, kind, late=late)
        if inside and matter.over and not was:
            matter.ended_now = True
            if kind == "case":
                self._add("closed", event, code(matter.view.get("state")), late=late)
        self._measure(event, matter, inside=inside, late=late)

    def _measure(self, event: Event, matter: Matter, *, inside: bool, late: bool) -> None:
        """Promised against actual, once a case: when its result lay ready, or when it was closed without."""
        told = event["data"].get("figures")
        if matter.measured or not isinstance(told, dict) or "promise_kept" not in told:
            return
        matter.measured = True
        if not inside:
            return
        self._add("on_time_promise", event, KEPT if told["promise_kept"] else MISSED, late=late)
        if told.get("statutory_kept") is not None:
            self._add("on_time_statute", event, KEPT if told["statutory_kept"] else MISSED, late=late)
        for name, days in (("actual_days", told.get("actual_days")), ("days_saved", told.get("saved_days"))):
            if isinstance(days, int):
                self._add(name, event, "none", late=late, value=days)

    def _add(
        self, name: str, event: Event, label: str, *, late: bool = False, value: int | None = None
    ) -> None:
        section, officer = _account(event)
        view = {**self.matters[event["subject"]].view, **(event["data"].get("view") or {})}
        self.rows[name].append(
            Row(
                matter=event["subject"],
                seq=event["caseseq"],
                section=code(section),
                item=code(view.get("item")),
                officers=(code(officer),),
                label=code(label),
                late=late,
                value=value,
            )
        )

    # -- at the period's end ----------------------------------------------------------------

    def _stand(self, number: str, matter: Matter) -> None:
        view = matter.view
        if not view or (matter.over and not matter.ended_now):
            return
        about: dict[str, Any] = {
            "matter": number,
            "seq": matter.seq,
            "section": code(view.get("section")),
            "item": code(view.get("item")),
            "officers": (code(view.get("owner")),),
            "late": False,
        }
        self.rows[f"state_{code(view.get('kind'))}"].append(Row(**about, label=code(view.get("state"))))
        if not matter.over:
            lamp = matter_lamp(matter.clocks, self.basis.period.last)
            self.rows["lamps"].append(Row(**about, label=lamp.value))


def _account(event: Event) -> tuple[object, object]:
    """(section, staff number) on whose account an entry stands; a refused caller may be anybody."""
    data = event["data"]
    view = data.get("view") or {}
    if event["type"] == "act.refused":
        return view.get("section"), view.get("owner")
    if event["actor"] != SYSTEM:
        return data.get("section") or view.get("section"), event["actor"]
    return view.get("section"), event.get("onbehalfof") or view.get("owner")


def _utc(moment: datetime) -> str:
    """As the ledger writes times of recording: they sort as text."""
    return moment.astimezone(UTC).isoformat(timespec=MICROSECONDS)

"""Hindsight: which cards (牌) a case of the past would have led to, when and on whom, under these rules.

The limits that passed are the ledger's; what follows from them is worked out by the same code that decides
about live cards, on a copy of the case's clocks. Nothing is recorded, begun or sent. A record of the past
holds acts and no explanations, so a card counts as corrected once the late act was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rules.calendar import local_day
from rules.liability_lateness import Breach
from schemas.clocks import Clock, ClockKind, Limit
from schemas.matters import Card, MatterState
from schemas.profile import Rules
from workflows.timed import Timed

Event = dict[str, Any]
CLOSED = "case.closed"


@dataclass(frozen=True)
class Stop:
    """When the late act was done."""

    kind: ClockKind
    ref: str
    at: datetime


class Hindsight(Timed[MatterState]):
    """The clocks of a case of the past, gone through once more with cards."""

    kind = "case"
    imported = True

    def __init__(self, number: str, rules: Rules, breaches: Sequence[Breach]) -> None:
        """The limits that passed, as they stood before they did."""
        self.id = number
        self.told: list[Event] = []
        """What would have been recorded of cards, under the sequence number of the breach it comes of."""
        self._seq = {(breach.kind, breach.ref): breach.event["caseseq"] for breach in breaches}
        first = min(breach.at for breach in breaches)
        day = local_day(rules.calendar, first)
        clocks = tuple(_clock(breach, day) for breach in breaches)
        self.state = MatterState(state="past", rules=rules, received_day=day, last_at=first, clocks=clocks)

    def replay(self, stops: Sequence[Stop], until: datetime) -> tuple[Card, ...]:
        """The cards at `until`, the late acts having been done at these instants."""
        for stop in sorted(stops, key=lambda each: each.at):
            self.pass_time(stop.at, stop.at)
            self.stop_clocks(stop.kind, stop.at, stop.ref)
        self.pass_time(until, until)
        return self.state.cards

    def write_system(self, kind: str, at: datetime, on_account_of: str, **data: Any) -> None:
        """Keep what would have been recorded of cards; the breaches are on record."""
        if not kind.startswith("card."):
            return
        about = {"type": kind, "time": at.isoformat(), "actor": "system", "actorrole": "system"}
        place = {"subject": self.id, "caseseq": self._place(data), "onbehalfof": on_account_of}
        self.told.append({**about, **place, "data": data})

    def begin(self, kind: str, number: str) -> None:
        """Of the past nothing begins today."""

    def tell(self, kind: str, number: str) -> None:
        """Nor is anybody told."""

    def _place(self, data: dict[str, Any]) -> int:
        card = data.get("card") or next((c for c in self._dumped() if c["id"] == data.get("card_id")), data)
        return int(self._seq.get((card.get("clock", ""), card.get("ref", "")), 0))

    def _dumped(self) -> list[dict[str, Any]]:
        return [card.model_dump(mode="json") for card in self.state.cards]


def _clock(breach: Breach, day: date) -> Clock:
    return Clock(
        kind=ClockKind(breach.kind),
        ref=breach.ref,
        start=day,
        limit=Limit(n=0),
        fixed_at=breach.at,
        owner=breach.owner,
        post=breach.post,
    )


def stops_of(events: Sequence[Event], breaches: Sequence[Breach]) -> list[Stop]:
    """When the clocks that had passed were stopped; those that only the log's end stopped never were."""
    found = []
    for breach in breaches:
        stopped = next((event for event in events if _stops(event, breach)), None)
        if stopped is not None:
            at = datetime.fromisoformat(stopped["time"])
            found.append(Stop(ClockKind(breach.kind), breach.ref, max(at, breach.at)))
    return found


def _stops(event: Event, breach: Breach) -> bool:
    """Whether an entry shows the clock stopped by an act, and not by the end of the log alone."""
    rows = event["data"].get("clocks", ())
    row = next((r for r in rows if (r["clock"], r["ref"]) == (breach.kind, breach.ref)), None)
    if row is None or not row["stopped"]:
        return False
    return event["type"] != CLOSED or bool(row["stopped_on"] == event["time"][:10])

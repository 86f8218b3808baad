"""Clocks of a matter: its state, and the clocks that start, stand still and are shown in it.

Engine-free, like everything up to `workflows.timed`: it changes `self.state` and drafts entries; the kernel
(`workflows.matter`) decides when, and makes both durable.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import JsonValue

from rules.calendar import local_day
from rules.lamps import case_lamp
from rules.moments import row_of
from schemas.clocks import SUSPENDABLE, Clock, ClockKind, Lamp, Limit, Suspension
from schemas.matters import Duty, MatterState
from schemas.profile import Rules

OWN_OWNER = frozenset({ClockKind.HANDOVER, ClockKind.STAGE, ClockKind.STEP, ClockKind.WINDOW})
"""Clocks that run against the person they name; the others against whoever answers for the matter."""

S = TypeVar("S", bound=MatterState)


class Clocks(Generic[S]):
    """State and clocks of one matter."""

    id: str
    kind: ClassVar[str]
    state: S
    imported: bool = False

    # -- the kernel's part ----------------------------------------------------------------

    def write_system(self, kind: str, at: datetime, on_account_of: str, **data: Any) -> None:
        """Record something the engine did on a named person's account."""
        raise NotImplementedError

    def begin(self, kind: str, number: str) -> None:
        """Because of the entry just drafted, another matter is to be begun."""
        raise NotImplementedError

    def tell(self, kind: str, number: str) -> None:
        """Another matter is to learn of the entry just drafted."""
        raise NotImplementedError

    @property
    def next_seq(self) -> int:
        """Place in the matter's chain of the next entry to be drafted."""
        raise NotImplementedError

    # -- state ----------------------------------------------------------------------------

    @property
    def rules(self) -> Rules:
        """The rules in force for this matter."""
        return self.state.rules

    def set(self, **changes: Any) -> None:
        """Replace fields of the state; the old state stays what it was."""
        self.state = self.state.model_copy(update=changes)

    def day(self, at: datetime) -> date:
        """Local day of an instant."""
        return local_day(self.rules.calendar, at)

    @property
    def duty(self) -> Duty | None:
        """Who answers for the matter now."""
        return self.state.duties[-1] if self.state.duties else None

    # -- clocks ---------------------------------------------------------------------------

    def clock(self, kind: ClockKind, ref: str = "") -> Clock | None:
        """The latest clock of a kind."""
        found = [c for c in self.state.clocks if c.kind is kind and (not ref or c.ref == ref)]
        return found[-1] if found else None

    def running(self, kind: ClockKind) -> Iterator[Clock]:
        """Clocks of a kind that nothing has stopped."""
        return (c for c in self.state.clocks if c.kind is kind and c.stopped_on is None)

    def start_clock(self, kind: ClockKind, start: date, limit: Limit | None, **facts: Any) -> None:
        """Start a clock whose triggering event fell on `start`; nothing where there is no limit."""
        if limit is not None:
            clock = Clock(kind=kind, start=start, limit=limit, **facts)
            self.set(clocks=(*self.state.clocks, clock))

    def change_clock(self, clock: Clock, **changes: Any) -> Clock:
        """Replace one clock; returns its new form."""
        new = clock.model_copy(update=changes)
        self.set(clocks=tuple(new if c == clock else c for c in self.state.clocks))
        return new

    def suspend_clocks(self, start: date, ground: str) -> None:
        """Stop statutory, promise and stage clocks together from the end of `start`."""
        pause = Suspension(start=start, ground=ground)
        for clock in self.state.clocks:
            if clock.kind in SUSPENDABLE and clock.stopped_on is None and not clock.fixed_at:
                self.change_clock(clock, suspensions=(*clock.suspensions, pause))

    def resume_clocks(self, end: date) -> None:
        """End the open suspension; the day after `end` counts again."""
        for clock in self.state.clocks:
            if any(s.end is None for s in clock.suspensions):
                spans = tuple(s if s.end else s.model_copy(update={"end": end}) for s in clock.suspensions)
                self.change_clock(clock, suspensions=spans)

    def owner_of(self, clock: Clock) -> tuple[str, str]:
        """(staff number, post) of whoever a clock runs against."""
        if clock.kind in OWN_OWNER or not self.duty:
            return clock.owner, clock.post
        return self.duty.officer, self.duty.post

    # -- views ----------------------------------------------------------------------------

    def clock_rows(self) -> list[JsonValue]:
        """The latest clock of each kind and reference, as ledger and read model hold it."""
        latest = {(clock.kind, clock.ref): clock for clock in self.state.clocks}
        return [row_of(clock, self.rules) for clock in latest.values()]

    def lamp(self, at: datetime) -> Lamp:
        """Worst lamp of the running clocks."""
        divisor = self.rules.thresholds.warn_divisor
        return case_lamp(self.state.clocks, self.day(at), self.rules.calendar, divisor)

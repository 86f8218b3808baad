"""Clocks and cards of a matter: starting, stopping, expiring, and the verdicts that follow.

Engine-free: everything here changes `self.state` and writes entries; the kernel
(`workflows.matter`) decides when, and makes both durable.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import JsonValue

from rules import cards as verdicts
from rules.calendar import local_day, next_workday
from rules.lamps import case_lamp
from rules.moments import Moment, card_moments, clock_moments, deadline_of, expiry_of, row_of
from rules.policy import deputy_of, section_of
from schemas.clocks import SUSPENDABLE, Clock, ClockKind, Lamp, Limit, Suspension
from schemas.matters import Card, CardStatus, Duty, MatterState
from schemas.profile import Rules

OWN_OWNER = frozenset({ClockKind.HANDOVER, ClockKind.STAGE, ClockKind.STEP, ClockKind.WINDOW})
"""Clocks that run against the person they name; the others against whoever answers for the matter."""

S = TypeVar("S", bound=MatterState)


class Timed(Generic[S]):
    """State, clocks and cards of one matter."""

    id: str
    state: S
    imported: bool = False

    @property
    def rules(self) -> Rules:
        """The rules in force for this matter."""
        return self.state.rules

    def write_system(self, kind: str, at: datetime, on_account_of: str, **data: Any) -> None:
        """Record something the engine did on a named person's account (kernel's part)."""
        raise NotImplementedError

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

    def stop_clocks(self, kind: ClockKind, at: datetime, ref: str = "") -> None:
        """Stop the running clocks of a kind: the late act, if it was late, is now done."""
        for clock in tuple(self.running(kind)):
            if not ref or clock.ref == ref:
                self._stop(clock, at)

    def stop_all(self, at: datetime) -> None:
        """The matter ends: nothing runs on but the rectify limits of its cards."""
        for clock in self.state.clocks:
            if clock.stopped_on is None and clock.kind is not ClockKind.RECTIFY:
                self._stop(clock, at)

    def _stop(self, clock: Clock, at: datetime) -> None:
        expiry = expiry_of(clock, self.rules)
        in_time = expiry is not None and at < expiry
        if clock.breached and in_time:
            self.withdraw_breach(clock, at)
        elif clock.breached:
            self.correct_cards(clock, at)
        self.change_clock(
            clock, stopped_on=self.day(at), stopped_at=at, breached=clock.breached and not in_time
        )

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

    # -- moments --------------------------------------------------------------------------

    def moments(self) -> Iterator[Moment]:
        """Everything that time alone will bring; procedures add their own."""
        for clock in self.state.clocks:
            yield from clock_moments(clock, self.rules, reminders=not self.imported)
        yield from card_moments(self.state.cards, self.rules)

    def pass_time(self, until: datetime, detected_at: datetime) -> None:
        """Apply, in order, every limit that expired up to `until`."""
        while True:
            upcoming = min(self.moments(), key=lambda m: m.rank, default=None)
            if upcoming is None or upcoming.at > until:
                return
            self.apply_moment(upcoming, detected_at)

    def apply_moment(self, moment: Moment, detected_at: datetime) -> None:
        """One moment: a reminder, a breach, a card's issue day."""
        match moment.what:
            case "yellow" | "deputy":
                self._remind(moment)
            case "issue" if moment.card:
                self._issue(moment.card, moment.at)
            case "window" if moment.clock:
                self._close_window(moment.clock, moment.at)
            case "rectify_expired" if moment.clock:
                self._escalate(moment.clock, moment.at)
            case _ if moment.clock:
                self._breach(moment.clock, moment.at, detected_at)

    def _remind(self, moment: Moment) -> None:
        assert moment.clock is not None
        clock = self.change_clock(moment.clock, marks=(*moment.clock.marks, moment.what))
        officer, post = self.owner_of(clock)
        told = officer if moment.what == "yellow" else deputy_of(self.rules, section_of(self.rules, post))
        kind = "lamp.yellow" if moment.what == "yellow" else "clock.due_today"
        self.write_system(kind, moment.at, officer, clock=clock.kind.value, ref=clock.ref, notify=(told,))

    def _close_window(self, clock: Clock, at: datetime) -> None:
        self.window_closed(self.change_clock(clock, stopped_on=self.day(at), stopped_at=at), at)

    def window_closed(self, clock: Clock, at: datetime) -> None:
        """What follows when somebody let his right pass; by default it is only told."""
        self.write_system("window.closed", at, clock.owner, clock=clock.kind.value, ref=clock.ref)

    def owner_of(self, clock: Clock) -> tuple[str, str]:
        """(staff number, post) of whoever a clock runs against."""
        if clock.kind in OWN_OWNER or not self.duty:
            return clock.owner, clock.post
        return self.duty.officer, self.duty.post

    def expired(self, clock: Clock, at: datetime) -> None:
        """What else a procedure attaches to the end of a limit; nothing by default."""

    def alerted(self, clock: Clock) -> tuple[str, ...]:
        """Who is told of a breach at once, card or no card; nobody by default."""
        return ()

    def card_for(self, clock: Clock) -> bool:
        """Whether a breach of this clock is anybody's card."""
        return clock.kind in verdicts.CARD_OF

    # -- breaches and cards ---------------------------------------------------------------

    def _breach(self, clock: Clock, at: datetime, detected_at: datetime) -> None:
        officer, _ = self.owner_of(clock)
        clock = self.change_clock(clock, breached=True)
        facts = {"breached_at": at.isoformat(), "detected_at": detected_at.isoformat()}
        about = {"clock": clock.kind.value, "ref": clock.ref, **facts}
        self.write_system("clock.breached", at, officer, notify=self.alerted(clock), **about)
        if self.card_for(clock):
            self._prepare_card(clock, at)
        self.expired(clock, at)

    def _prepare_card(self, clock: Clock, at: datetime) -> None:
        covering = verdicts.stronger(self.state.cards, clock.kind, verdicts.CARD_OF[clock.kind])
        if covering:
            facts = {"card_id": covering.id, "clock": clock.kind.value, "ref": clock.ref}
            self.write_system("card.noted", at, self.owner_of(clock)[0], **facts)
            return
        n = len(self.state.cards)
        card = verdicts.for_breach(self.id, clock, at, self.owner_of(clock), self.rules, n)
        if self.state.recalculated_on:
            earliest = next_workday(self.rules.calendar, self.state.recalculated_on)
            card = card.model_copy(update={"issue_day": max(card.issue_day, earliest)})
        self.set(cards=(*self.state.cards, card))

    def _issue(self, card: Card, at: datetime) -> None:
        taken = verdicts.absorbed(self.state.cards, card)
        day = self.day(at)
        card = verdicts.merged(card, taken)
        yellow = card.code.startswith("Y") and not card.corrected
        rectify = Clock(kind=ClockKind.RECTIFY, ref=card.id, start=day, limit=self.rules.thresholds.rectify)
        due = deadline_of(rectify, self.rules).due if yellow else None
        for old in taken:
            self._change_card(old, at, "card.absorbed", status=CardStatus.ABSORBED)
            self._stop_rectify(old, at)
        if yellow:
            self.set(clocks=(*self.state.clocks, rectify))
        self._replace_card(verdicts.issued(card, due))
        self._write_card(
            "card.issued", verdicts.issued(card, due), at, notify=(*card.addressees, *card.copies)
        )

    def _escalate(self, rectify: Clock, at: datetime) -> None:
        self.change_clock(rectify, breached=True)
        card = next(c for c in self.state.cards if c.id == rectify.ref)
        red = verdicts.escalated(self.id, card, at, self.rules, len(self.state.cards))
        self.set(cards=(*self.state.cards, red))
        self.write_system("card.not_rectified", at, (*card.addressees, "system")[0], card_id=card.id)

    def review_breaches(self, at: datetime) -> None:
        """After a recalculation: a finding that disappears is withdrawn, a new one waits a working day."""
        self.set(recalculated_on=self.day(at))
        for clock in self.state.clocks:
            expiry = expiry_of(clock, self.rules)
            if clock.breached and expiry is not None and (clock.stopped_at or at) < expiry:
                self.withdraw_breach(clock, at)
                self.change_clock(clock, breached=False)

    def correct_cards(self, clock: Clock, at: datetime) -> None:
        """The late act is done: the cards of this clock need no more rectifying."""
        for card in self.state.cards:
            same = (card.clock, card.ref) == (clock.kind, clock.ref)
            if same and card.status in verdicts.LIVE and not card.corrected:
                self._change_card(card, at, "card.corrected", corrected=True)
                self._stop_rectify(card, at)

    def withdraw_breach(self, clock: Clock, at: datetime) -> None:
        """A late-told act was in time after all: the verdict is withdrawn by counter-entry."""
        facts = {"clock": clock.kind.value, "ref": clock.ref}
        self.write_system("clock.breach_withdrawn", at, self.owner_of(clock)[0], **facts)
        for card in self.state.cards:
            if verdicts.comes_of(card, clock) and card.status in verdicts.LIVE:
                self._change_card(card, at, "card.revoked", status=CardStatus.REVOKED)
                self._stop_rectify(card, at)

    def _stop_rectify(self, card: Card, at: datetime) -> None:
        for clock in tuple(self.running(ClockKind.RECTIFY)):
            if clock.ref == card.id:
                self.change_clock(clock, stopped_on=self.day(at), stopped_at=at)

    def _replace_card(self, card: Card) -> None:
        self.set(cards=tuple(card if c.id == card.id else c for c in self.state.cards))

    def _change_card(self, card: Card, at: datetime, kind: str, **changes: Any) -> None:
        new = card.model_copy(update=changes)
        self._replace_card(new)
        self._write_card(kind, new, at)

    def _write_card(self, kind: str, card: Card, at: datetime, notify: tuple[str, ...] = ()) -> None:
        data: dict[str, JsonValue] = card.model_dump(mode="json")
        data["colour"] = verdicts.colour(card.code)
        account = (*card.addressees, "system")[0]
        self.write_system(kind, at, account, card=data, notify=notify)

    # -- views ----------------------------------------------------------------------------

    def clock_rows(self) -> list[JsonValue]:
        """The latest clock of each kind and reference, as ledger and read model hold it."""
        latest = {(clock.kind, clock.ref): clock for clock in self.state.clocks}
        return [row_of(clock, self.rules) for clock in latest.values()]

    def lamp(self, at: datetime) -> Lamp:
        """Worst lamp of the running clocks."""
        divisor = self.rules.thresholds.warn_divisor
        return case_lamp(self.state.clocks, self.day(at), self.rules.calendar, divisor)

    def next_instant(self) -> datetime | None:
        """When time will next bring something."""
        return min((m.at for m in self.moments()), default=None)

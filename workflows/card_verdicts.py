"""Cards of a matter (牌): its clocks stop, and what each of them comes to is a verdict on named people.

All clocks of one delay meet here, so here alone it is decided which card is due, which one absorbs which,
whether one is corrected and whether it turns red (domain 2.9). Each card's life among people is a matter of
its own, `workflows.card`: it is begun on the issue day, is told what follows here, and tells what was said
there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import JsonValue

from rules import cards as verdicts
from rules.calendar import next_workday
from rules.moments import deadline_of, expiry_of
from schemas.clocks import Clock, ClockKind
from schemas.matters import Card, CardStatus
from workflows.clocks import Clocks, S

CARD = "card"
"""Kind of the matters that cards are."""


class Verdicts(Clocks[S]):
    """Stopped clocks and cards of one matter."""

    # -- stopping -------------------------------------------------------------------------

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

    # -- from a breach to a card ----------------------------------------------------------

    def card_for(self, clock: Clock) -> bool:
        """Whether a breach of this clock is anybody's card."""
        return verdicts.rule_of(self.rules.cards, self.kind, clock) is not None

    @property
    def cards_so_far(self) -> int:
        """How many cards there are, proposed ones too: the next one's number follows."""
        return len(self.state.cards) + len(self.state.proposals)

    def prepare_card(self, clock: Clock, at: datetime) -> None:
        """A breach waits for the next working day to be a card, or is an entry in one that is there."""
        row = verdicts.rule_of(self.rules.cards, self.kind, clock)
        if row is None:
            return
        covering = verdicts.stronger(self.state.cards, clock.kind, row.card)
        if covering:
            facts = {"card_id": covering.id, "clock": clock.kind.value, "ref": clock.ref}
            self.write_system("card.noted", at, self.owner_of(clock)[0], **facts)
            self._tell_card(covering)
            return
        owner = self.owner_of(clock)
        card = verdicts.for_breach(self.id, row, clock, at, owner, self.rules, self.cards_so_far)
        if self.state.recalculated_on:
            earliest = next_workday(self.rules.calendar, self.state.recalculated_on)
            card = card.model_copy(update={"issue_day": max(card.issue_day, earliest)})
        self.set(cards=(*self.state.cards, card))

    def issue_card(self, card: Card, at: datetime) -> None:
        """签发: it takes weaker ones of the same delay into itself, and begins its life among people."""
        taken = verdicts.absorbed(self.state.cards, card)
        card = verdicts.merged(card, taken)
        yellow = verdicts.colour(card.code) == "yellow" and not self._settled(card)
        rectify = self.rectify_clock(card, at)
        due = deadline_of(rectify, self.rules).due if yellow else None
        for old in taken:
            self.change_card(old, at, "card.absorbed", status=CardStatus.ABSORBED)
            self.stop_rectify(old, at)
        if yellow:
            self.set(clocks=(*self.state.clocks, rectify))
        card = verdicts.issued(card, due)
        self.replace_card(card)
        self._write_card("card.issued", card, at, notify=(*card.addressees, *card.copies))
        self.begin(CARD, card.id)

    def rectify_clock(self, card: Card, at: datetime) -> Clock:
        """整改时限, from the day of service on."""
        limit = self.rules.thresholds.rectify
        return Clock(kind=ClockKind.RECTIFY, ref=card.id, start=self.day(at), limit=limit)

    def escalate_card(self, rectify: Clock, at: datetime) -> None:
        """Not corrected within the rectify limit: it turns red on the next working day."""
        self.change_clock(rectify, breached=True)
        card = next(c for c in self.state.cards if c.id == rectify.ref)
        row = self.rules.cards.escalation if self.rules.cards else None
        if row is None:
            return
        red = verdicts.escalated(self.id, card, at, row, self.rules, self.cards_so_far)
        self.replace_card(card.model_copy(update={"status": CardStatus.ESCALATED}))
        self.set(cards=(*self.state.cards, red))
        self._write_card("card.not_rectified", self.card_now(card), at, card_id=card.id, red=red.id)
        self._tell_card(card)

    # -- correction -----------------------------------------------------------------------

    def correct_cards(self, clock: Clock, at: datetime) -> None:
        """The late act is done; with the written explanations its cards need no more rectifying."""
        for card in map(self.card_now, self.state.cards):
            same = (card.clock, card.ref) == (clock.kind, clock.ref)
            if same and card.status in verdicts.LIVE and not card.corrected:
                self.correct_card(card, at, "card.late_act_done", corrected=True)

    def correct_card(self, card: Card, at: datetime, kind: str, *, tell: bool = True, **changes: Any) -> None:
        """A step towards correction, which may be the last one."""
        if not self._settled(card.model_copy(update=changes)):
            self.change_card(card, at, kind, tell=tell, **changes)
            return
        status = card.status if card.status is CardStatus.DUE else CardStatus.RECTIFIED
        self.change_card(card, at, "card.corrected", tell=tell, **changes, status=status)
        for clock in tuple(self.running(ClockKind.RECTIFY)):
            if clock.ref == card.id:
                self._stop(clock, max(at, self._act_done_at(card, at)))

    def _settled(self, card: Card) -> bool:
        """Whether a card is corrected. A record of the past holds acts and no explanations."""
        return card.corrected if self.imported else verdicts.corrected(card)

    def _act_done_at(self, card: Card, at: datetime) -> datetime:
        """When the late act of a card was done; `at` where its clock is stopped only now."""
        done = [c.stopped_at for c in self.state.clocks if (c.kind, c.ref) == (card.clock, card.ref)]
        return max((instant for instant in done if instant), default=at)

    # -- withdrawal -----------------------------------------------------------------------

    def review_breaches(self, at: datetime) -> None:
        """After a recalculation: a finding that disappears is withdrawn, a new one waits a working day."""
        self.set(recalculated_on=self.day(at))
        for clock in self.state.clocks:
            expiry = expiry_of(clock, self.rules)
            if clock.breached and expiry is not None and (clock.stopped_at or at) < expiry:
                self.withdraw_breach(clock, at)
                self.change_clock(clock, breached=False)

    def withdraw_breach(self, clock: Clock, at: datetime) -> None:
        """A late-told act was in time after all: the verdict is withdrawn by counter-entry."""
        facts = {"clock": clock.kind.value, "ref": clock.ref}
        self.write_system("clock.breach_withdrawn", at, self.owner_of(clock)[0], **facts)
        for card in map(self.card_now, self.state.cards):
            if verdicts.comes_of(card, clock) and card.status in verdicts.STANDING:
                self.revoke_card(card, at)
        if clock.kind is ClockKind.RECTIFY:
            self._reinstate(clock, at)

    def _reinstate(self, rectify: Clock, at: datetime) -> None:
        """It was not yet to be corrected: the red card has fallen, the yellow one stands."""
        for card in self.state.cards:
            if card.id == rectify.ref and card.status is CardStatus.ESCALATED:
                self.change_card(card, at, "card.reinstated", status=CardStatus.OPEN)

    def revoke_card(self, card: Card, at: datetime, *, tell: bool = True) -> None:
        """撤牌, by counter-entry: it stays visible as revoked."""
        self.change_card(card, at, "card.revoked", tell=tell, status=CardStatus.REVOKED)
        self.stop_rectify(card, at)

    def stop_rectify(self, card: Card, at: datetime) -> None:
        for clock in tuple(self.running(ClockKind.RECTIFY)):
            if clock.ref == card.id:
                self.change_clock(clock, stopped_on=self.day(at), stopped_at=at)

    # -- writing --------------------------------------------------------------------------

    def _tell_card(self, card: Card) -> None:
        """Its people's side learns of the entry just drafted; before the issue day there is none."""
        if card.status is not CardStatus.DUE and card.id != self.id:
            self.tell(CARD, card.id)

    def replace_card(self, card: Card) -> None:
        """Put a card's new form in the place of the old one."""
        self.set(cards=tuple(card if c.id == card.id else c for c in self.state.cards))

    def card_now(self, card: Card) -> Card:
        """A card as it stands, when what is done to one may change others."""
        return next(each for each in self.state.cards if each.id == card.id)

    def change_card(self, card: Card, at: datetime, kind: str, *, tell: bool = True, **changes: Any) -> None:
        """Change one card and write so; its people's side is told, unless it came from there."""
        new = card.model_copy(update=changes)
        self.replace_card(new)
        self._write_card(kind, new, at)
        if tell:
            self._tell_card(card)

    def _write_card(
        self, kind: str, card: Card, at: datetime, notify: tuple[str, ...] = (), **facts: Any
    ) -> None:
        account, facts = (*card.addressees, "system")[0], {**self.card_facts(), **facts}
        self.write_system(kind, at, account, card=self.card_row(card), notify=notify, **facts)

    def card_facts(self) -> dict[str, Any]:
        """What else is said whenever a card is told of."""
        return {}

    def card_row(self, card: Card) -> dict[str, JsonValue]:
        """The card as entries and read model hold it."""
        return {**card.model_dump(mode="json"), "colour": verdicts.colour(card.code)}

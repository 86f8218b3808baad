"""Hand-over between posts (转办/移交): until the receiver accepts, the sender answers.

Rules of domain 2.7: accept or return within a working day; one return a section; the second
return is a dispute, which the office or the supervision office decides; silence is a yellow card
for the receiving chief. No clock of the matter stops for any of it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from rules.policy import post_of, section_of
from rules.refusals import Refusal
from schemas.acts import Designate, Escalate, HandOver, ReturnHandOver, TakeOver
from schemas.clocks import ClockKind
from schemas.matters import Offer
from schemas.profile import Post, Role
from workflows.matter import act
from workflows.messages import Messages
from workflows.timed import S

OFFER = "offer"
DESIGNATION = "designation"


class HandOvers(Messages[S]):
    """The acts by which duty moves from one person to another."""

    def may_receive(self, post: Post) -> None:
        """Refuse a receiver who could not do the work."""

    def offered(self) -> None:
        """What the procedure attaches to an offer."""

    def taken_over(self, post: str) -> None:
        """What the procedure attaches to an accepted hand-over."""

    def given_back(self) -> None:
        """What the procedure attaches to a returned or disputed hand-over."""

    def take_unoffered(self, message: TakeOver) -> None:
        """Taking over what nobody offered by name."""
        raise Refusal("no_offer")

    @act
    def hand_over(self, message: HandOver) -> None:
        """移交: offers the matter to another post, with reason and list of papers."""
        if self.state.offer:
            raise Refusal("disputed" if self.state.offer.disputed else "offer_open")
        if self.duty and message.to_post == self.duty.post:
            raise Refusal("same_post")
        receiver = self._receiver_post(message.to_post)
        before = {section_of(self.rules, duty.post) for duty in self.state.duties[:-1]}
        self._offer(receiver, message.reason)
        self.write(
            "duty.offered",
            to=receiver.code,
            papers=list(message.papers),
            pingpong=receiver.section in before,
            notify=(receiver.a,),
        )

    @act
    def take_over(self, message: TakeOver) -> None:
        """接收: confirms receipt; from this instant the duty is the receiver's."""
        if self.state.offer is None:
            self.take_unoffered(message)
            return
        self.stop_clocks(ClockKind.HANDOVER, self.at, OFFER)
        self.set(offer=None)
        self.take_duty(message.officer, message.post, "accepted")
        self.taken_over(message.post)
        self.write(
            "duty.accepted", notify=(self.state.duties[-2].officer,) if len(self.state.duties) > 1 else ()
        )

    @act
    def return_item(self, message: ReturnHandOver) -> None:
        """退回移交: with a reason and a proposed owner, once a section; the second is a dispute."""
        offer, section = self._open_offer(), self.acting.who.section
        if offer.designated:
            raise Refusal("designation_final")
        if section in self.state.returns:
            raise Refusal("returned_before")
        if post_of(self.rules, message.proposed_post) is None:
            raise Refusal("unknown_post", post=message.proposed_post)
        self.stop_clocks(ClockKind.HANDOVER, self.at, OFFER)
        self.set(offer=None, returns=(*self.state.returns, section))
        disputed = len(self.state.returns) >= self.rules.thresholds.max_returns
        if disputed:
            self._dispute(offer.reason)
        self.given_back()
        self.write(
            "duty.declined", proposed=message.proposed_post, disputed=disputed, notify=(offer.from_officer,)
        )

    @act
    def escalate(self, message: Escalate) -> None:
        """报请协调: an unanswered or unclear hand-over goes to the office, which names the owner."""
        offer = self.state.offer
        if offer and offer.disputed:
            raise Refusal("disputed")
        clock = self.clock(ClockKind.HANDOVER, OFFER)
        if offer and not (clock and clock.breached):
            raise Refusal("not_overdue_offer")
        self.stop_clocks(ClockKind.HANDOVER, self.at, OFFER)
        self._dispute(message.reason)
        self.given_back()
        self.write("duty.escalated", notify=(self._office().a,))

    @act
    def designate(self, message: Designate) -> None:
        """指定承办: the office's word is final and cannot be returned."""
        if not (self.state.offer and self.state.offer.disputed):
            raise Refusal("no_offer")
        receiver = self._receiver_post(message.to_post)
        self.stop_clocks(ClockKind.HANDOVER, self.at, DESIGNATION)
        self._offer(receiver, message.reason, designated=True)
        self.write("duty.designated", to=receiver.code, notify=(receiver.a,))

    def _open_offer(self) -> Offer:
        if self.state.offer is None or self.state.offer.disputed:
            raise Refusal("no_offer")
        return self.state.offer

    def _receiver_post(self, code: str) -> Post:
        post = post_of(self.rules, code)
        if post is None:
            raise Refusal("unknown_post", post=code)
        self.may_receive(post)
        return post

    def _offer(self, receiver: Post, reason: str, *, designated: bool = False) -> None:
        self._set_offer(receiver.code, reason, designated=designated)
        self.start_handover(receiver.a, receiver.code, OFFER, self.told_on)
        self.offered()

    def _dispute(self, reason: str) -> None:
        office = self._office()
        self._set_offer(office.code, reason, disputed=True)
        self.start_handover(office.a, office.code, DESIGNATION, self.told_on)

    def _set_offer(self, to_post: str, reason: str, **kind: Any) -> None:
        sender = self.state.duties[-1]
        self.set(
            offer=Offer(
                from_officer=sender.officer,
                from_post=sender.post,
                to_post=to_post,
                reason=reason,
                sent_at=self.at,
                **kind,
            )
        )

    def start_handover(self, owner: str, post: str, ref: str, day: date) -> None:
        """The receiver has a working day after `day` to accept or return."""
        limit = self.rules.thresholds.handover
        self.start_clock(ClockKind.HANDOVER, day, limit, ref=ref, owner=owner, post=post)

    def _office(self) -> Post:
        for post in self.rules.posts:
            if Role.OFFICE in post.roles:
                return post
        raise Refusal("unknown_post", post=Role.OFFICE.value)

"""Who has a complaint, and who is kept out of it: what all parts of its procedure rest on."""

from __future__ import annotations

from collections.abc import Iterable

from rules.complaints import check_owner, colleagues, complaint_rules, desk_post, type_of
from rules.policy import Position, post_of
from rules.procedures.complaint import ComplaintStage
from rules.refusals import Refusal
from rules.watch import lead
from schemas.clocks import ClockKind, Limit
from schemas.complaint import ComplaintInput, ComplaintState
from schemas.complaint_rules import ComplaintRules, ComplaintType
from schemas.entries import EntryDraft
from schemas.profile import Post
from workflows.watching import Watched

FINISH = "finish"
CONTACT = ("name", "phone", "address")
"""Sealed fields by which somebody can be answered; without them it is anonymous."""


class Concerned(Watched[ComplaintState]):
    """A complaint and the people around it."""

    start: ComplaintInput

    @property
    def complaint_type(self) -> ComplaintType:
        """What kind of complaint it is, as the rules have it."""
        return type_of(self.rules, self.state.type)

    @property
    def limits(self) -> ComplaintRules:
        """Limits that all complaints share."""
        return complaint_rules(self.rules)

    def position(self) -> Position:
        """Who may act: whoever has the duty; never those it is about, nor their section."""
        state = self.state
        people = [("accused", who) for who in state.accused]
        people += [("colleague", who) for who in colleagues(self.rules, state.accused, state.sections)]
        people += [("handler", who) for who in state.handlers]
        return Position(
            rules=self.rules, state=state.state, duty=self.duty, people=tuple(dict.fromkeys(people))
        )

    def _draft(self, draft: EntryDraft) -> None:
        """Nobody whom it is about is told anything, whatever is being told."""
        told = tuple(who for who in draft.notify if who not in self.state.accused)
        super()._draft(draft.model_copy(update={"notify": told}))

    def fits(self, post: Post) -> bool:
        """Whether a post may have it."""
        try:
            check_owner(self.rules, post, self.state.accused, self.state.sections)
        except Refusal:
            return False
        return True

    def fit_post(self, code: str) -> Post:
        """The post of that code, if it may have it."""
        post = self.known_post(code)
        check_owner(self.rules, post, self.state.accused, self.state.sections)
        return post

    def known_post(self, code: str) -> Post:
        """The post of that code."""
        post = post_of(self.rules, code)
        if post is None:
            raise Refusal("unknown_post", post=code)
        return post

    def to_desk(self, ended_by: str) -> None:
        """Back to those who take care of it, who did not handle it."""
        state = self.state
        post = desk_post(self.rules, state.accused, state.sections, state.handlers)
        self._pass_to(post, ended_by)

    def to_owner(self, post: Post, ended_by: str, *, designated: bool) -> None:
        """The section answers from now on."""
        self._pass_to(post, ended_by)
        both = {who for who in (post.a, post.b) if who}
        handlers = tuple(sorted({*self.state.handlers, *both}))
        self.set(state=ComplaintStage.ASSIGNED, designated=designated, handlers=handlers)

    def _pass_to(self, post: Post, ended_by: str) -> None:
        """Duty passes, and with it the running time to finish."""
        self.take_duty(post.a, post.code, ended_by)
        for clock in tuple(self.running(ClockKind.STEP)):
            if clock.ref == FINISH and not clock.breached:
                self.change_clock(clock, owner=post.a, post=post.code)

    def start_step(self, ref: str, limit: Limit | None) -> None:
        """A step of the person on duty begins."""
        duty = self.state.duties[-1]
        self.start_clock(ClockKind.STEP, self.told_on, limit, ref=ref, owner=duty.officer, post=duty.post)

    def open_own_lead(self, faults: Iterable[str], text: str) -> None:
        """What it is about becomes a fault lead because of the entry just drafted."""
        number = f"GC-{self.id}"
        about = ("case", self.start.about) if self.start.about else (self.kind, self.id)
        self.set(lead=number)
        evidence = ((self.kind, self.id, self.next_seq - 1),)
        named = any(field.name in CONTACT for field in self.start.sealed)
        found = lead("complaint", faults, about, self.state.accused, text, evidence, named=named)
        self.open_lead(found, number, self.at, self.acting.who.officer)

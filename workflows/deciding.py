"""Deciding: what becomes of an act, from its arrival to its receipt or recorded refusal.

Timeliness is decided by instants: the limits that expired before an act are applied first, whatever woke the
matter up. Then the rules are asked, the procedure states the effect, and everything is recorded in one call
under one lock, so that two people acting at once are decided one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from rules.facts import said_in
from rules.policy import Position, Standing, check_state, check_stated, post_of, section_of, standing
from rules.refusals import Refusal
from schemas.acts import Act
from schemas.clocks import ClockKind
from schemas.entries import Receipt
from schemas.matters import DoneAct, Irregularity, MatterInput, TimeSource
from workflows.proving import Proving
from workflows.recording import SYSTEM, Acting
from workflows.timed import S

BEGINNING = datetime.min.replace(tzinfo=UTC)

CLOCK_STEP = timedelta(seconds=1)
"""How far an intake's clock may run ahead of the engine's."""


class Deciding(Proving[S]):
    """The side of a matter that people meet."""

    def __init__(self, start: MatterInput) -> None:
        """The state exists before any handler runs; `run` only records the registration."""
        super().__init__()
        self.id = start.id
        self.start = start
        self.imported = start.source is TimeSource.IMPORT
        self.lock = asyncio.Lock()
        self.turned_away: Refusal | None = None
        """Why the registration was refused."""

    def over_in(self, state: str) -> bool:
        """Whether the matter is over in a state."""
        return state in self.procedure.ended

    # -- what a procedure fills in --------------------------------------------------------

    def position(self) -> Position:
        """What decides who may act now."""
        return Position(rules=self.rules, state=self.state.state, duty=self.duty)

    def people(self) -> list[list[str]]:
        """Everybody whom the procedure names, whoever has answered for the matter or signed in it."""
        position = self.position()
        offered = post_of(self.rules, position.offered_post)
        to = (offered.a, offered.b) if offered else ()
        owners = (("owner", duty.officer) for duty in self.state.duties)
        signers = ((role.value, who) for role, who in self.state.roles_played)
        named = {*position.people, *owners, *signers, *(("offered", who) for who in to if who)}
        return [list(each) for each in sorted(named)]

    def past_role(self, name: str, message: Act) -> str:
        """Role of an act in a record of the past."""
        return SYSTEM if message.officer == SYSTEM else "staff"

    def past_order(self, name: str, message: Act) -> None:
        """Object to an act of the past that is out of its order."""

    # -- acts -----------------------------------------------------------------------------

    async def registered(self) -> None:
        """Wait for the record of the registration; raises its refusal where it was turned away."""
        await workflow.wait_condition(lambda: bool(self.state.registration or self.turned_away))
        if self.turned_away:
            raise told(self.turned_away)

    async def perform(self, name: str, message: Act) -> Receipt:
        """Decide an act, have it recorded, return its receipt; a refusal is recorded, then raised."""
        await self.registered()
        said = said_in(name, message)
        async with self.lock:
            done = next((d for d in self.state.acts if d.id == message.id), None)
            if done is None:
                done = await self._handle(name, message)
        if done.said != said:
            refusal = Refusal("act_id_conflict", id=message.id)
            other = message.model_copy(update={"id": f"{message.id[:80]}~{said[:32]}"})
            await self.refuse_message(name, other, refusal)
            raise told(refusal)
        if done.receipt is None or done.refused:
            raise _told_again(done)
        return done.receipt

    async def _handle(self, name: str, message: Act) -> DoneAct:
        await self.handle_all([(name, message)])
        return self.state.acts[-1]

    async def handle_all(self, acts: Sequence[tuple[str, Act]]) -> tuple[Receipt, ...]:
        """Decide new acts one by one, as if each had come alone, and record all of them in one call.

        Gives the receipts of everything that was recorded.
        """
        before, now, places = self.state, workflow.now(), dict[str, int]()
        for name, message in acts:
            refusal, places[message.id] = self._decide(name, message, now)
            self.set(acts=(*self.state.acts, _done(name, message, refusal)))
        receipts = await self.commit_or_restore(before)
        self.set(acts=tuple(_with_receipt(done, places, receipts) for done in self.state.acts))
        self.recorded = self.before = self.state
        return receipts

    async def refuse_message(self, name: str, message: Act, refusal: Refusal) -> None:
        """Record a message that is no act; a repetition is recorded once."""
        await self.registered()
        async with self.lock:
            if any(done.id == message.id for done in self.state.acts):
                return
            before = self.state
            self.write_refusal(name, message, refusal, workflow.now())
            self.set(acts=(*before.acts, _done(name, message, refusal)))
            await self.commit_or_restore(before)

    async def commit_or_restore(self, before: S) -> tuple[Receipt, ...]:
        """Have the drafts recorded; where the ledger refuses for good, nothing has happened."""
        try:
            return await self.commit()
        except ActivityError as problem:
            left = self.state.errands  # what was done for others meanwhile stays done
            owed = tuple(errand for errand in before.errands if errand in left)
            self.state = before.model_copy(update={"errands": owed})
            self.before, self._acting = self.recorded, None
            raise _not_recorded(problem) from problem

    def _decide(self, name: str, message: Act, now: datetime) -> tuple[Refusal | None, int]:
        """Apply the limits that expired first, then the act; the limits stand even if it is refused."""
        try:
            at, source, late = self.trusted_time(message.received_at, message.late_reason)
        except Refusal as refusal:
            self.write_refusal(name, message, refusal, now)
            return refusal, len(self.drafts) - 1
        self.pass_time(at, now)
        before, limits = self.state, len(self.drafts)
        try:
            self._apply(name, message, at, source, late=late)
        except Refusal as refusal:
            self.state = self.before = before
            del self.drafts[limits:]
            self.write_refusal(name, message, refusal, at)
            return refusal, limits
        place = self._own_draft(limits, message)
        self.remember_decision(place)
        return None, place

    def _own_draft(self, first: int, message: Act) -> int:
        """Where the act's own entry stands: what it set right (a card, a breach) is told before it."""
        return next(
            n for n, draft in enumerate(self.drafts) if n >= first and draft.data.get("actid") == message.id
        )

    def _apply(self, name: str, message: Act, at: datetime, source: TimeSource, *, late: bool) -> None:
        if name not in self.table:
            raise Refusal("unknown_act", act=name)
        self.check_seen(name, message)
        with self.settled_by_others(name, message):
            self._effect(name, message, at, source, late=late)

    def _effect(self, name: str, message: Act, at: datetime, source: TimeSource, *, late: bool) -> None:
        if late:
            self.unsay_silence(name, at)
        who = self._past_standing(name, message) if self.imported else self._standing(name, message, at)
        late_at = workflow.now() if late else None
        self._acting = Acting(name, message, who, at, source, late, late_at)
        if self.imported:
            self.past_order(name, message)
        getattr(type(self), name).effect(self, message)
        self.set(last_at=max(at, self.state.last_at))

    def unsay_silence(self, name: str, at: datetime) -> None:
        """A late-told act in time undoes what its seeming absence brought about; the procedure says what."""

    def _standing(self, name: str, message: Act, at: datetime | None = None) -> Standing:
        rule = self.table[name]
        check_state(rule, self.state.state, self.procedure)
        proven = self.check_authenticated(name, message, said_in(name, message))
        grant = self.grant_of(name, message, at or workflow.now(), proven=proven)
        who = standing(rule, message, self.position(), grant)
        check_stated(rule, message)
        return replace(who, authenticated=proven)

    def _past_standing(self, name: str, message: Act) -> Standing:
        """Of the past only order and people are judged: its organisation is not ours."""
        return Standing(message.officer, message.post, message.post, self.past_role(name, message))

    def object(self, code: str, people: tuple[str, ...] = (), **facts: object) -> None:
        """Refuse the act; in a record of the past, note the irregularity and go on."""
        if not self.imported:
            raise Refusal(code, **facts)
        message = self.acting.act
        found = Irregularity(code=code, people=people or (message.officer,), act=message.id)
        self.set(irregularities=(*self.state.irregularities, found))

    def trusted_time(self, stamp: datetime | None, late_reason: str) -> tuple[datetime, TimeSource, bool]:
        """(instant, where it comes from, whether it is a late entry). Nobody backdates."""
        if self.imported:
            return stamp or self.state.last_at, TimeSource.IMPORT, False
        now = workflow.now()
        simulated = self.start.source is TimeSource.SIMULATION
        if stamp is None:
            return now, TimeSource.SIMULATION if simulated else TimeSource.ENGINE, False
        if stamp > now + CLOCK_STEP:
            raise Refusal("future_time", at=stamp.isoformat())
        late = now - stamp > self.grace
        if late and not late_reason.strip():
            raise Refusal("late_entry", minutes=self.rules.thresholds.late_entry_minutes)
        if late and stamp < self._moved_on_at():
            raise Refusal("late_order", at=stamp.isoformat())
        return min(stamp, now), TimeSource.SIMULATION if simulated else TimeSource.INTAKE, late

    def _moved_on_at(self) -> datetime:
        """When the matter last passed from hand to hand or a limit was kept: nobody backdates before that.

        A limit that ended by silence is no such thing; a late entry may prove that nobody was silent.
        """
        silent = ClockKind.ACCEPTANCE
        clocks = (c for c in self.state.clocks if not (c.kind is silent and c.breached))
        kept = [c.stopped_at for c in clocks if c.stopped_at]
        return max([*kept, *(duty.since for duty in self.state.duties)], default=BEGINNING)

    def write_refusal(self, name: str, message: Act, refusal: Refusal, at: datetime) -> None:
        """Draft the entry of a refusal; who is named in it is as unverified as he came."""
        section = section_of(self.rules, message.post)
        officer = message.officer.replace("\0", "\ufffd")  # no ledger column could hold it
        proven = self.is_proven(name, message)
        who = Standing(officer, message.post, section, "unverified", authenticated=proven)
        source = TimeSource.SIMULATION if self.start.source is TimeSource.SIMULATION else TimeSource.ENGINE
        self._acting = Acting(name, message, who, at, source)
        told: dict[str, Any] = {"refused": refusal.code, "told": refusal.message, **refusal.details}
        self.write("act.refused", **told)

    @property
    def grace(self) -> timedelta:
        """How old a stamp may be without being a late entry."""
        return timedelta(minutes=self.rules.thresholds.late_entry_minutes)


def told(refusal: Refusal) -> ApplicationError:
    """A refusal as the caller gets it."""
    return ApplicationError(refusal.message, type=refusal.code, non_retryable=True)


def _done(name: str, message: Act, refusal: Refusal | None) -> DoneAct:
    said = said_in(name, message)
    if refusal is None:
        return DoneAct(id=message.id, said=said)
    return DoneAct(
        id=message.id, said=said, refused=refusal.code, message=refusal.message, details=refusal.details
    )


def _told_again(done: DoneAct) -> ApplicationError:
    """The recorded refusal of an act: its sentence, what the act said, and where and why it was refused."""
    place = {"ledger_seq": done.receipt.caseseq} if done.receipt else {}
    return ApplicationError(
        done.message, done.said, {**place, **done.details}, type=done.refused, non_retryable=True
    )


def _with_receipt(done: DoneAct, places: Mapping[str, int], receipts: Sequence[Receipt]) -> DoneAct:
    if done.id not in places:
        return done
    receipt = receipts[places[done.id]].model_copy(update={"said": done.said})
    return done.model_copy(update={"receipt": receipt})


def _not_recorded(problem: ActivityError) -> ApplicationError:
    cause = problem.cause
    code = cause.type if isinstance(cause, ApplicationError) and cause.type else "not_recorded"
    return ApplicationError(
        f"未能记录，操作无效 / not recorded, without effect: {cause}", type=code, non_retryable=True
    )

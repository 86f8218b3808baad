"""The kernel: what every kind of matter shares.

Handlers decide, the loop acts. An Update handler applies the limits that expired before the act,
asks the rules, lets the procedure state the act's effect, has everything recorded in one call and
returns the receipt. The loop keeps time with one timer. All of it under one lock, so that two
people acting at once are decided one after the other.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, NoReturn, get_type_hints

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from rules.adoption import check_calendar, check_rules, moved_later
from rules.calendar import received_day
from rules.facts import digest_of
from rules.policy import Position, Standing, check_state, check_stated, section_of, standing
from rules.procedures import ENDED, INTAKE, ActRule
from rules.refusals import Refusal
from schemas.acts import Act, AdoptCalendar, AdoptProfile, Note
from schemas.entries import Receipt
from schemas.matters import (
    Channel,
    DoneAct,
    Duty,
    Irregularity,
    MatterInput,
    MatterResult,
    Registration,
    TimeSource,
)
from schemas.profile import Role
from workflows.recording import SYSTEM, Acting, Recording
from workflows.timed import S

SPREAD_SECONDS = 600
"""Limits cluster at midnight: their detection is spread over ten minutes, the breach never moves."""

LEDGER_REFUSED = timedelta(minutes=1)
"""How long to wait before limits are offered again to a ledger that refused them."""

BEGINNING = datetime.min.replace(tzinfo=UTC)

CLOCK_STEP = timedelta(seconds=1)
"""How far an intake's clock may run ahead of the engine's."""


def act(effect: Callable[[Any, Any], None]) -> Any:
    """Makes a Temporal Update of a method that states the effect of an act.

    The Update bears the method's name; everything else about the act (states, who, what must be
    stated) is the row of that name in the procedure's table.
    """
    name = effect.__name__
    payload = next(hint for key, hint in get_type_hints(effect).items() if key != "return")

    async def handler(self: Matter[Any], message: Act) -> Receipt:
        return await self.perform(name, message)

    handler.__name__ = handler.__qualname__ = name
    handler.__doc__ = effect.__doc__
    handler.__annotations__ = {"message": payload, "return": Receipt}
    update: Any = workflow.update(name=name, description=(effect.__doc__ or name).splitlines()[0])(handler)

    def one_message(self: Matter[Any], message: Act) -> None:
        """Rejects a call with more or fewer arguments, which would wedge the workflow in the handler."""

    one_message.__name__ = one_message.__qualname__ = name
    one_message.__annotations__ = {"message": payload, "return": None}
    update.validator(one_message)
    update.effect = effect
    return update


class Matter(Recording[S]):
    """A matter: never ownerless, never timeless, never unrecorded."""

    table: ClassVar[dict[str, ActRule]]

    def __init__(self, start: MatterInput) -> None:
        """The state exists before any handler runs; `run` only records the registration."""
        super().__init__()
        self.id = start.id
        self.start = start
        self.imported = start.source is TimeSource.IMPORT
        self.lock = asyncio.Lock()
        self.turned_away: Refusal | None = None
        """Why the registration was refused."""

    # -- what a procedure fills in --------------------------------------------------------

    def opening(self) -> None:
        """State the effect of the registration and write its entry."""
        raise NotImplementedError

    def position(self) -> Position:
        """What decides who may act now."""
        return Position(rules=self.rules, state=self.state.state, duty=self.duty)

    def facts(self) -> dict[str, Any]:
        """What a signer has to have seen; its digest binds his decision."""
        return {}

    def figures(self) -> dict[str, Any]:
        """What the matter comes to: promise versus actual."""
        return {}

    def past_role(self, name: str, message: Act) -> str:
        """Role of an act in a record of the past."""
        return SYSTEM if message.officer == SYSTEM else "staff"

    def past_order(self, name: str, message: Act) -> None:
        """Object to an act of the past that is out of its order."""

    # -- life of a matter -----------------------------------------------------------------

    async def live(self) -> MatterResult:
        """Record the registration, keep time until the matter has ended, return its figures."""
        if self.state.registration is None:
            await self._register()
        self.adopt()
        while not self.over:
            await self._keep_time()
            await self._sleep()
            if self._history_is_long() and not self.over:
                await self._go_on_in_a_new_run()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return MatterResult(
            id=self.id, state=self.state.state, entries=self.state.entries, figures=self.figures()
        )

    @property
    def ended(self) -> bool:
        """Whether the recorded state is a final one."""
        return self.recorded is not None and self.recorded.state in ENDED

    @property
    def over(self) -> bool:
        """Whether nothing is left to come: a card of an ended matter is still served on its day."""
        return self.ended and self.wake is None

    def _history_is_long(self) -> bool:
        info, limit = workflow.info(), self.start.history_limit
        return info.is_continue_as_new_suggested() or 0 < limit <= info.get_current_history_length()

    async def _go_on_in_a_new_run(self) -> None:
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self.over:
            workflow.continue_as_new(
                self.start.model_copy(update={"rules": self.rules, "resumed": self.state})
            )

    async def _register(self) -> None:
        start = self.start
        message = Note(
            id=f"register/{self.id}",
            officer=start.officer,
            post=start.post,
            assertion=start.assertion,
            late_reason=start.late_reason,
            attachments=start.attachments,
        )
        async with self.lock:
            try:
                at, source, late = self._trusted_time(start.received_at, start.late_reason)
                who = self._receiver(message)
            except Refusal as refusal:
                await self._turn_away(message, refusal)
            self._acting = Acting("register", message, who, at, source, late)
            self.opening()
            receipt = await self.record_opening()
            self.set(registration=self.registration(at, receipt))

    async def _turn_away(self, message: Act, refusal: Refusal) -> NoReturn:
        """A submission that may not become a matter: recorded, told to whoever waits, and over."""
        self._refuse("register", message, refusal, workflow.now())
        await self.commit()
        self.turned_away = refusal
        await workflow.wait_condition(workflow.all_handlers_finished)
        raise _told(refusal)

    async def registered(self) -> None:
        """Wait for the record of the registration; raises its refusal where it was turned away."""
        await workflow.wait_condition(lambda: bool(self.state.registration or self.turned_away))
        if self.turned_away:
            raise _told(self.turned_away)

    async def record_opening(self) -> Receipt:
        """Have the registration recorded."""
        return (await self.commit())[0]

    def _receiver(self, message: Act) -> Standing:
        """In what capacity it was taken in; of the past, as the log says."""
        if self.imported:
            return Standing(
                message.officer, message.post, section_of(self.rules, message.post), Role.WINDOW.value
            )
        self._check_authenticated(message)
        return standing(self.intake(), message, self.position())

    def intake(self) -> ActRule:
        """Who may take this matter in."""
        return INTAKE[self.kind]

    def _check_authenticated(self, message: Act) -> None:
        if not message.assertion and not self.rules.unauthenticated_acts:
            raise Refusal("unauthenticated")

    def registration(self, at: datetime, receipt: Receipt) -> Registration:
        """What the intake gets back."""
        return Registration(
            id=self.id,
            receipt=receipt,
            received_at=at,
            received_day=self.state.received_day,
            promised_day=None,
            digest=self.start.digest,
        )

    async def _keep_time(self) -> None:
        if self.imported:
            return
        if not await self._limits_recorded():
            await workflow.sleep(LEDGER_REFUSED, summary="the ledger refused; try again")

    async def _limits_recorded(self) -> bool:
        """Apply what has expired; False where the ledger refuses it for good (a wrong clock, a conflict).

        Then it is as if nothing had expired yet: a matter does not end because its ledger is out of order.
        """
        async with self.lock:
            before = self.state
            self.pass_time(workflow.now() - self._grace, workflow.now())
            try:
                if self.drafts:
                    await self._commit_or_restore(before)
            except ApplicationError as problem:
                workflow.logger.error("limits not recorded: %s", problem.message)
                return False
        return True

    async def _sleep(self) -> None:
        wake = self.wake
        pause = max(self._look_at(wake) - workflow.now(), timedelta(0)) if wake else None
        try:
            await workflow.wait_condition(
                lambda: self.over or self.wake != wake or self._history_is_long(),
                timeout=pause,
                timeout_summary=f"limit {wake.isoformat()}" if wake else None,
            )
        except TimeoutError:
            return

    def _look_at(self, wake: datetime) -> datetime:
        """When a moment is applied: once no act that was received before it can still arrive."""
        return wake + self._grace + timedelta(seconds=zlib.crc32(self.id.encode()) % SPREAD_SECONDS)

    @property
    def _grace(self) -> timedelta:
        return timedelta(minutes=self.rules.thresholds.late_entry_minutes)

    # -- acts -----------------------------------------------------------------------------

    async def perform(self, name: str, message: Act) -> Receipt:
        """Decide an act, have it recorded, return its receipt; a refusal is recorded, then raised."""
        await self.registered()
        async with self.lock:
            done = next((d for d in self.state.acts if d.id == message.id), None)
            if done is None:
                done = await self._handle(name, message)
        if done.receipt is None or done.refused:
            raise ApplicationError(done.message, type=done.refused, non_retryable=True)
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
            self.set(acts=(*self.state.acts, _done(message, refusal)))
        receipts = await self._commit_or_restore(before)
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
            self._refuse(name, message, refusal, workflow.now())
            self.set(acts=(*before.acts, _done(message, refusal)))
            await self._commit_or_restore(before)

    async def _commit_or_restore(self, before: S) -> tuple[Receipt, ...]:
        """Have the drafts recorded; where the ledger refuses for good, nothing has happened."""
        try:
            return await self.commit()
        except ActivityError as problem:
            self.state, self.before, self._acting = before, self.recorded, None
            raise _not_recorded(problem) from problem

    def _decide(self, name: str, message: Act, now: datetime) -> tuple[Refusal | None, int]:
        """Apply the limits that expired first, then the act; the limits stand even if it is refused."""
        try:
            at, source, late = self._trusted_time(message.received_at, message.late_reason)
        except Refusal as refusal:
            self._refuse(name, message, refusal, now)
            return refusal, len(self.drafts) - 1
        self.pass_time(at, now)
        before, limits = self.state, len(self.drafts)
        try:
            self._apply(name, message, at, source, late=late)
        except Refusal as refusal:
            self.state = self.before = before
            del self.drafts[limits:]
            self._refuse(name, message, refusal, at)
            return refusal, limits
        return None, self._own_draft(limits, message)

    def _own_draft(self, first: int, message: Act) -> int:
        """Where the act's own entry stands: what it set right (a card, a breach) is told before it."""
        return next(
            n for n, draft in enumerate(self.drafts) if n >= first and draft.data.get("actid") == message.id
        )

    def _apply(self, name: str, message: Act, at: datetime, source: TimeSource, *, late: bool) -> None:
        if name not in self.table:
            raise Refusal("unknown_act", act=name)
        if message.facts and message.facts != digest_of(self.facts()):
            raise Refusal("stale")
        if late:
            self.unsay_silence(name, at)
        who = self._past_standing(name, message) if self.imported else self._standing(name, message)
        told = workflow.now() if late else None
        self._acting = Acting(name, message, who, at, source, late, told)
        if self.imported:
            self.past_order(name, message)
        getattr(type(self), name).effect(self, message)
        self.set(last_at=max(at, self.state.last_at))

    def unsay_silence(self, name: str, at: datetime) -> None:
        """A late-told act in time undoes what its seeming absence brought about; the procedure says what."""

    def _standing(self, name: str, message: Act) -> Standing:
        rule = self.table[name]
        check_state(rule, self.state.state)
        self._check_authenticated(message)
        who = standing(rule, message, self.position())
        check_stated(rule, message)
        return who

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

    def _trusted_time(self, stamp: datetime | None, late_reason: str) -> tuple[datetime, TimeSource, bool]:
        """(instant, where it comes from, whether it is a late entry). Nobody backdates."""
        if self.imported:
            return stamp or self.state.last_at, TimeSource.IMPORT, False
        now = workflow.now()
        simulated = self.start.source is TimeSource.SIMULATION
        if stamp is None:
            return now, TimeSource.SIMULATION if simulated else TimeSource.ENGINE, False
        if stamp > now + CLOCK_STEP:
            raise Refusal("future_time", at=stamp.isoformat())
        late = now - stamp > self._grace
        if late and not late_reason.strip():
            raise Refusal("late_entry", minutes=self.rules.thresholds.late_entry_minutes)
        if late and stamp < self._moved_on_at():
            raise Refusal("late_order", at=stamp.isoformat())
        return min(stamp, now), TimeSource.SIMULATION if simulated else TimeSource.INTAKE, late

    def _moved_on_at(self) -> datetime:
        """When the matter last passed from hand to hand or a limit was kept: nobody backdates before that.

        A limit that ended by silence is no such thing; a late entry may prove that nobody was silent.
        """
        kept = [c.stopped_at for c in self.state.clocks if c.stopped_at and not c.breached]
        return max([*kept, *(duty.since for duty in self.state.duties)], default=BEGINNING)

    def _refuse(self, name: str, message: Act, refusal: Refusal, at: datetime) -> None:
        section = section_of(self.rules, message.post)
        officer = message.officer.replace("\0", "\ufffd")  # no ledger column could hold it
        who = Standing(officer, message.post, section, "unverified")
        source = TimeSource.SIMULATION if self.start.source is TimeSource.SIMULATION else TimeSource.ENGINE
        self._acting = Acting(name, message, who, at, source)
        self.write("act.refused", refused=refusal.code, told=refusal.message)

    # -- duty and acts that every matter knows --------------------------------------------

    def take_duty(self, officer: str, post: str, ended_by: str) -> None:
        """From now on the duty is `officer`'s; the span before it ends at the same instant."""
        duties = self.state.duties
        if duties and (duties[-1].officer, duties[-1].post) == (officer, post):
            return
        if duties:
            duties = (*duties[:-1], duties[-1].model_copy(update={"until": self.at, "ended_by": ended_by}))
        self.set(duties=(*duties, Duty(officer=officer, post=post, since=self.at)))

    @act
    def note(self, message: Note) -> None:
        """批注: a fact for the file."""
        self.write("noted")

    @act
    def adopt_calendar(self, message: AdoptCalendar) -> None:
        """日历更新: every running clock is computed again; old and new dates are recorded."""
        check_calendar(self.rules.calendar, message.calendar)
        old = self.clock_rows()
        self.set(rules=self.rules.model_copy(update={"calendar": message.calendar}))
        self.review_breaches(self.at)
        new = self.clock_rows()
        told = ("applicant",) if moved_later(old, new) else ()
        self.write("calendar.recalculated", old=old, new=new, notify=told)

    @act
    def adopt_profile(self, message: AdoptProfile) -> None:
        """规则更新: corrected rules; running limits keep their length, but for a promise made shorter."""
        check_rules(self.rules, message.rules)
        old, calendar = self.rules.profile_sha256, self.rules.calendar
        self.set(rules=message.rules.model_copy(update={"calendar": calendar}))
        self.rules_adopted()
        self.write("rules.adopted", old=old, new=message.rules.profile_sha256)

    def rules_adopted(self) -> None:
        """What the procedure takes over from corrected rules at once."""


def day_of_receipt(start: MatterInput, at: datetime) -> date:
    """The day a submission counts as received; online after hours it is the next working day."""
    limits = start.rules.thresholds
    online = start.channel is Channel.ONLINE
    return received_day(start.rules.calendar, at, limits.window_hours, limits.receipt_roll, online=online)


def _told(refusal: Refusal) -> ApplicationError:
    return ApplicationError(refusal.message, type=refusal.code, non_retryable=True)


def _done(message: Act, refusal: Refusal | None) -> DoneAct:
    if refusal is None:
        return DoneAct(id=message.id)
    return DoneAct(id=message.id, refused=refusal.code, message=refusal.message)


def _with_receipt(done: DoneAct, places: Mapping[str, int], receipts: Sequence[Receipt]) -> DoneAct:
    if done.id not in places:
        return done
    return done.model_copy(update={"receipt": receipts[places[done.id]]})


def _not_recorded(problem: ActivityError) -> ApplicationError:
    cause = problem.cause
    code = cause.type if isinstance(cause, ApplicationError) and cause.type else "not_recorded"
    return ApplicationError(
        f"未能记录，操作无效 / not recorded, without effect: {cause}", type=code, non_retryable=True
    )

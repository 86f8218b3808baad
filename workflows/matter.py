"""The kernel: what every kind of matter shares.

Handlers decide, the loop acts. An Update handler applies the limits that expired before the act,
asks the rules, lets the procedure state the act's effect, has everything recorded in one call and
returns the receipt. The loop keeps time with one timer. All of it under one lock, so that two
people acting at once are decided one after the other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NoReturn, get_type_hints

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from rules.adoption import check_calendar, check_rules, moved_later
from rules.calendar import received_day
from rules.policy import Standing, section_of, standing
from rules.procedures import TURNED_AWAY, ActRule, By
from rules.refusals import Refusal
from schemas.acts import Act, AdoptCalendar, AdoptProfile, Note
from schemas.entries import Receipt
from schemas.matters import Channel, Duty, MatterInput, MatterResult, Registration
from schemas.profile import Role
from workflows.deciding import told
from workflows.kin import LEDGER_REFUSED, Kin
from workflows.recording import Acting
from workflows.timed import S

SPREAD_SECONDS = 600
"""Limits cluster at midnight: their detection is spread over ten minutes, the breach never moves."""


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


class Matter(Kin[S]):
    """A matter: never ownerless, never timeless, never unrecorded."""

    # -- what a procedure fills in --------------------------------------------------------

    def opening(self) -> None:
        """State the effect of the registration and write its entry."""
        raise NotImplementedError

    def figures(self) -> dict[str, Any]:
        """What the matter comes to: promise versus actual."""
        return {}

    # -- life of a matter -----------------------------------------------------------------

    async def live(self) -> MatterResult:
        """Record the registration, keep time until the matter has ended, return its figures."""
        if self.state.registration is None:
            await self._register()
        self.adopt()
        while not await self._at_its_end():
            await self._keep_time()
            self.see_to_errands()
            await self._sleep()
            if self._history_is_long() and not self.over:
                await self._go_on_in_a_new_run()
        return MatterResult(
            id=self.id, state=self.state.state, entries=self.state.entries, figures=self.figures()
        )

    @property
    def ended(self) -> bool:
        """Whether the recorded state is a final one."""
        return self.recorded is not None and self.over_in(self.recorded.state)

    @property
    def over(self) -> bool:
        """Whether nothing is left to come: a card of an ended matter is still served on its day."""
        return self.ended and self.wake is None and not self.state.errands

    async def _at_its_end(self) -> bool:
        """Whether it is over, and no message that is still being heard has left anything to do."""
        if self.over:
            await workflow.wait_condition(workflow.all_handlers_finished)
        return self.over

    def _history_is_long(self) -> bool:
        info, limit = workflow.info(), self.start.history_limit
        return info.is_continue_as_new_suggested() or 0 < limit <= info.get_current_history_length()

    async def _go_on_in_a_new_run(self) -> None:
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() and not self.lock.locked())
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
            late_reason=start.late_reason,
            attachments=start.attachments,
            assertion=start.assertion,
        )
        async with self.lock:
            try:
                self._acting = await self._taking_in(message)
                at = self.at
                self.opening()
            except Refusal as refusal:
                self.drafts.clear()
                await self._turn_away(message, refusal)
            receipt = await self.record_opening()
            self.set(registration=self.registration(at, receipt))

    async def _taking_in(self, message: Act) -> Acting:
        """Who takes the matter in and when: a person at the intake, or the engine because of an entry."""
        start = self.start
        if start.origin is None:
            if self.procedure.intake.by is By.SYSTEM:
                raise Refusal("wrong_origin", type="-")
            at, source, late = self.trusted_time(start.received_at, start.late_reason)
            return Acting("register", message, self._receiver(message), at, source, late)
        self.testimony = await self.look_up(start.origin)
        if self.imported or self.testimony.type not in self.origins:
            raise Refusal("wrong_origin", type=self.testimony.type)
        if not self.testimony.begins(f"{self.kind}/{self.id}"):
            raise Refusal("not_for_this", entry=start.origin.id)
        began = start.received_at or self.testimony.time
        at = max(self.testimony.time, min(began, workflow.now()))
        return replace(self.acting_on(self.testimony), name="register", act=message, at=at)

    async def _turn_away(self, message: Act, refusal: Refusal) -> NoReturn:
        """A submission that may not become a matter: recorded, told to whoever waits, and over."""
        self.set(state=TURNED_AWAY, errands=())
        self.write_refusal("register", message, refusal, workflow.now())
        await self.commit()
        self.turned_away = refusal
        await workflow.wait_condition(workflow.all_handlers_finished)
        raise told(refusal)

    async def record_opening(self) -> Receipt:
        """Have the registration recorded."""
        return (await self.commit())[0]

    def _receiver(self, message: Act) -> Standing:
        """In what capacity it was taken in; of the past, as the log says."""
        if self.imported:
            return Standing(
                message.officer, message.post, section_of(self.rules, message.post), Role.WINDOW.value
            )
        proven = self.check_authenticated("register", message, self.start.digest)
        return replace(standing(self.intake(), message, self.position()), authenticated=proven)

    def intake(self) -> ActRule:
        """Who may take this matter in."""
        return self.procedure.intake

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
            self.pass_time(workflow.now() - self.grace, workflow.now())
            try:
                if self.drafts:
                    await self.commit_or_restore(before)
            except ApplicationError as problem:
                workflow.logger.error("limits not recorded: %s", problem.message)
                return False
        return True

    async def _sleep(self) -> None:
        wake = self.wake
        pause = max(self.look_at(wake) - workflow.now(), timedelta(0)) if wake else None
        try:
            await workflow.wait_condition(
                lambda: bool(
                    self.over or self.wake != wake or self.errands_waiting or self._history_is_long()
                ),
                timeout=pause,
                timeout_summary=f"limit {wake.isoformat()}" if wake else None,
            )
        except TimeoutError:
            return

    def look_at(self, wake: datetime) -> datetime:
        """When a moment is applied: once no act that was received before it can still arrive."""
        return wake + self.grace + timedelta(seconds=zlib.crc32(self.id.encode()) % SPREAD_SECONDS)

    # -- duty and acts that every matter knows --------------------------------------------

    def take_duty(self, officer: str, post: str, ended_by: str) -> None:
        """From now on the duty is `officer`'s; the span before it ends at the same instant."""
        duties, since = self.state.duties, self.at
        if duties and (duties[-1].officer, duties[-1].post) == (officer, post):
            return
        if duties:
            since = max(since, duties[-1].since)  # two stamps of one minute may arrive in the wrong order
            duties = (*duties[:-1], duties[-1].model_copy(update={"until": since, "ended_by": ended_by}))
        self.set(duties=(*duties, Duty(officer=officer, post=post, since=since)))

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
        notify = ("applicant",) if moved_later(old, new) else ()
        self.write("calendar.recalculated", old=old, new=new, notify=notify)

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

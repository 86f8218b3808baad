"""Matters among themselves: one begins another, tells it what was recorded, and believes the ledger alone.

What a matter owes others is part of its state until it is done, so that a crash loses nothing; beginning and
telling are repeated until they succeed and take effect once. What is refused for good is an entry of its own
(`errand.failed`) and known to the supervision office. Begun matters are no child workflows: each
lives on a time of its own, and none ends or waits with another.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, ClassVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from rules.facts import digest_of, said_in
from rules.policy import Standing
from rules.refusals import Refusal
from schemas.acts import Note
from schemas.entries import Receipts
from schemas.kin import EntryRef, Errand, Testimony
from schemas.matters import Channel, DoneAct, MatterInput, TimeSource
from schemas.profile import Role
from workflows.deciding import Deciding, told
from workflows.recording import ERRAND_QUEUE, ERRAND_TIMEOUT, RECORD_TIMEOUT, RETRY, SYSTEM, Acting
from workflows.timed import S

LEDGER_REFUSED = timedelta(minutes=1)
"""How long to wait before something is offered again to a ledger that refused it."""

FOUND_SOON = timedelta(minutes=30)
"""What is found out within this time counts from when it happened; limits are looked at some minutes late."""


class Kin(Deciding[S]):
    """A matter that knows others."""

    origins: ClassVar[frozenset[str]] = frozenset()
    """Types of entries because of which such a matter may be begun; none: people alone begin it."""

    hears: ClassVar[frozenset[str]] = frozenset()
    """Types of entries of other matters that change something here; others are not worth an entry."""

    testimony: Testimony | None = None
    """The entry because of which this matter was begun; there while it is being opened."""

    def __init__(self, start: MatterInput) -> None:
        """Nobody is on the way yet."""
        super().__init__(start)
        self._on_the_way: dict[str, asyncio.Task[None]] = {}

    # -- what a procedure fills in --------------------------------------------------------

    def hear(self, testimony: Testimony) -> None:
        """State the effect of another matter's entry, and write it; `self.at` is that entry's time."""

    def start_for(self, errand: Errand, entry: EntryRef) -> MatterInput:
        """What the begun matter gets: number and rules; everything else it reads in the entry."""
        on = self.duty or None
        return MatterInput(
            id=errand.number,
            business_key=f"{entry.number}/{entry.seq}",
            digest=entry.leaf_hash,
            rules=self.rules,
            channel=Channel.INTERNAL,
            officer=on.officer if on else self.start.officer,
            post=on.post if on else self.start.post,
            received_at=self._known_since(errand.at),
            source=self.start.source,
            origin=entry,
        )

    def _known_since(self, happened: datetime) -> datetime:
        """When a matter begins because of an entry: with it, unless it was found out long after.

        After an outage a limit is told of that passed days ago; nobody's time runs before he can know.
        """
        found = workflow.now()
        return happened if found - happened <= FOUND_SOON else found

    # -- doing what is owed ---------------------------------------------------------------

    @property
    def errands_waiting(self) -> tuple[Errand, ...]:
        """What is owed because of entries on record, to matters that nobody is on the way to."""
        gone = {to for to, task in self._on_the_way.items() if not task.done()}
        return tuple(each for each in self.state.errands if each.entry and each.to not in gone)

    def see_to_errands(self) -> None:
        """Send somebody to each matter that something is owed to.

        The matter's own time goes on meanwhile: one that cannot be reached holds up no other, and no limit.
        """
        for errand in self.errands_waiting:
            gone = self._on_the_way.get(errand.to)
            if gone is None:
                self._on_the_way[errand.to] = asyncio.create_task(self._go_to(errand.to))
            elif gone.done():
                gone.result()  # it ended and the errand is not done: a defect, which is told and not lost

    async def _go_to(self, to: str) -> None:
        """One errand after the other, in the order in which they became due."""
        while errand := next((each for each in self.state.errands if each.entry and each.to == to), None):
            try:
                await self._run(errand)
            except ActivityError as problem:
                await self._failed(errand, problem)
            else:
                self._no_longer_owed(errand)
        del self._on_the_way[to]

    async def _run(self, errand: Errand) -> None:
        assert errand.entry is not None
        name, args = "tell_matter", [errand.kind, errand.number, errand.entry]
        if errand.begins:
            name, args = "begin_matter", [errand.kind, self.start_for(errand, errand.entry)]
        await workflow.execute_activity(
            name,
            args=args,
            task_queue=ERRAND_QUEUE,
            start_to_close_timeout=ERRAND_TIMEOUT,
            retry_policy=RETRY,
            summary=errand.to,
        )

    def _no_longer_owed(self, errand: Errand) -> None:
        self.set(errands=tuple(each for each in self.state.errands if each != errand))

    async def _failed(self, errand: Errand, problem: ActivityError) -> None:
        """Put on record that an errand was refused for good; only then it is owed no longer."""
        async with self.lock:
            before = self.state
            notify = tuple(post.a for post in self.rules.posts if Role.SUPERVISION in post.roles)
            about = _failure(errand, problem)
            self.write_system("errand.failed", workflow.now(), SYSTEM, notify=notify, **about)
            try:
                await self.commit_or_restore(before)
                self._no_longer_owed(errand)
                return
            except ApplicationError as refused:
                workflow.logger.error("failed errand to %s not recorded: %s", errand.to, refused.message)
        await workflow.sleep(LEDGER_REFUSED, summary="the ledger refused; try again")

    # -- being told -----------------------------------------------------------------------

    async def look_up(self, entry: EntryRef) -> Testimony:
        """The entry as the ledger holds it. Raises Refusal where it holds none like it."""
        try:
            found: Testimony = await workflow.execute_activity(
                "look_up",
                entry,
                result_type=Testimony,
                start_to_close_timeout=RECORD_TIMEOUT,
                retry_policy=RETRY,
                summary=entry.id[:200],
            )
        except ActivityError as problem:
            raise Refusal("no_such_entry", entry=entry.id) from problem
        return found

    @workflow.update(
        name="told", description="获知: another matter's entry, which is then read in the ledger"
    )
    async def told(self, entry: EntryRef) -> Receipts:
        """The receipts of what was written because of it; none where it changes nothing here."""
        await self.registered()
        message = Note(id=told_id(entry), officer="unknown", post="unknown")
        known = next((done for done in self.state.acts if done.id == message.id), None)
        if known is not None:  # a flood of one false message is looked up, and recorded, once
            raise ApplicationError(known.message, type=known.refused, non_retryable=True)
        try:
            testimony = await self.look_up(entry)
            if not testimony.tells(f"{self.kind}/{self.id}"):
                raise Refusal("not_for_this", entry=entry.id)
        except Refusal as refusal:
            await self.refuse_message("told", message, refusal)
            raise told(refusal) from refusal
        async with self.lock:
            return await self._hear(testimony)

    @told.validator
    def _told_of_one_entry(self, entry: EntryRef) -> None:
        """A message with more or fewer arguments is rejected instead of wedging the workflow."""

    async def _hear(self, testimony: Testimony) -> Receipts:
        """Apply it once, whoever tells of it and however often; a refusal is recorded, then raised."""
        concerns = testimony.type in self.hears or self.own_card(testimony) is not None
        if not concerns or testimony.entry.id in self.state.heard:
            return Receipts(receipts=())
        before = self.state
        self.set(heard=(*self.state.heard, testimony.entry.id))
        self.pass_time(testimony.time, workflow.now())
        refusal = self._effect_of(testimony)
        if not self.drafts:
            self._acting = None
            return Receipts(receipts=())
        receipts = await self.commit_or_restore(before)
        if refusal is not None:
            raise told(refusal)
        return Receipts(receipts=receipts)

    def _effect_of(self, testimony: Testimony) -> Refusal | None:
        """Have the procedure state the effect; where it objects, there is none but the refusal."""
        before, limits = self.state, len(self.drafts)
        self._acting = self.acting_on(testimony)
        try:
            if (card := self.own_card(testimony)) is not None:
                self.hear_card(card, testimony)
            else:
                self.hear(testimony)
        except Refusal as refusal:
            message = self.acting.act
            self.state = self.before = before
            del self.drafts[limits:]
            self.write_refusal("told", message, refusal, testimony.time)
            said = said_in("told", message)
            done = DoneAct(id=message.id, said=said, refused=refusal.code, message=refusal.message)
            self.set(acts=(*self.state.acts, done))
            return refusal
        return None

    def acting_on(self, testimony: Testimony) -> Acting:
        """The engine acts, on account of the person behind the entry, as of its time."""
        message = Note(
            id=told_id(testimony.entry),
            officer=testimony.account,
            post=SYSTEM,
            reason=testimony.type,
        )
        account = testimony.account if testimony.account != SYSTEM else None
        who = Standing(SYSTEM, "", "", SYSTEM, on_behalf_of=account)
        source = TimeSource.SIMULATION if self.start.source is TimeSource.SIMULATION else TimeSource.ENGINE
        return Acting("told", message, who, testimony.time, source, testimony=testimony)


def told_id(entry: EntryRef) -> str:
    """Under what id the message that points to an entry is on record."""
    return f"told/{digest_of(entry.model_dump())[:32]}"


def _failure(errand: Errand, problem: ActivityError) -> dict[str, Any]:
    """What an entry says of an errand that was refused for good."""
    cause = problem.cause
    code = cause.type if isinstance(cause, ApplicationError) and cause.type else "failed"
    because = errand.entry.model_dump() if errand.entry else {}
    return {
        "errand": {"kind": errand.kind, "number": errand.number, "begins": errand.begins},
        "because": because,
        "code": code,
        "told": str(cause)[:1000],
    }

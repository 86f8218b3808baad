"""Matters among themselves: one begins another, tells it what was recorded, and believes the ledger alone.

What a matter owes others is part of its state until it is done, so that a crash loses nothing; beginning and
telling are repeated until they succeed and take effect once. They are no child workflows: each lives on
a time of its own, and none ends or waits with another.
"""

from __future__ import annotations

from typing import ClassVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

from rules.policy import Standing
from rules.refusals import Refusal
from schemas.acts import Note
from schemas.entries import Receipts
from schemas.kin import EntryRef, Errand, Testimony
from schemas.matters import Channel, MatterInput, Registration, TimeSource
from workflows.deciding import Deciding, told
from workflows.recording import ERRAND_TIMEOUT, RECORD_TIMEOUT, RETRY, SYSTEM, Acting
from workflows.timed import S


class Kin(Deciding[S]):
    """A matter that knows others."""

    origins: ClassVar[frozenset[str]] = frozenset()
    """Types of entries because of which such a matter may be begun; none: people alone begin it."""

    hears: ClassVar[frozenset[str]] = frozenset()
    """Types of entries of other matters that change something here; others are not worth an entry."""

    testimony: Testimony | None = None
    """The entry because of which this matter was begun."""

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
            received_at=errand.at,
            source=self.start.source,
            origin=entry,
        )

    # -- doing what is owed ---------------------------------------------------------------

    @property
    def errands_ready(self) -> tuple[Errand, ...]:
        """What is owed because of entries that are on record."""
        return tuple(errand for errand in self.state.errands if errand.entry)

    async def run_errands(self) -> None:
        """Begin and tell, in the order in which it became due."""
        for errand in self.errands_ready:
            try:
                await self._run(errand)
            except ActivityError as problem:
                workflow.logger.error("errand %s refused: %s", errand.id, problem.cause)
            self.set(errands=tuple(each for each in self.state.errands if each.id != errand.id))

    async def _run(self, errand: Errand) -> None:
        assert errand.entry is not None
        if errand.begins:
            await workflow.execute_activity(
                "begin_matter",
                args=[errand.kind, self.start_for(errand, errand.entry)],
                result_type=Registration,
                start_to_close_timeout=ERRAND_TIMEOUT,
                retry_policy=RETRY,
                summary=f"{errand.kind} {errand.number}",
            )
        else:
            await workflow.execute_activity(
                "tell_matter",
                args=[errand.kind, errand.number, errand.entry],
                start_to_close_timeout=ERRAND_TIMEOUT,
                retry_policy=RETRY,
                summary=f"{errand.kind} {errand.number}",
            )

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
                summary=f"{entry.number} {entry.seq}",
            )
        except ActivityError as problem:
            raise Refusal("no_such_entry", entry=f"{entry.number} {entry.seq}") from problem
        return found

    @workflow.update(
        name="told", description="获知: another matter's entry, which is then read in the ledger"
    )
    async def told(self, entry: EntryRef) -> Receipts:
        """The receipts of what was written because of it; none where it changes nothing here."""
        await self.registered()
        try:
            testimony = await self.look_up(entry)
        except Refusal as refusal:
            key = f"told/{entry.number}/{entry.seq}/{entry.leaf_hash[:16]}"
            message = Note(id=key[:120], officer="unknown", post="unknown")
            await self.refuse_message("told", message, refusal)
            raise told(refusal) from refusal
        async with self.lock:
            return await self._hear(testimony)

    @told.validator
    def _told_of_one_entry(self, entry: EntryRef) -> None:
        """A message with more or fewer arguments is rejected instead of wedging the workflow."""

    async def _hear(self, testimony: Testimony) -> Receipts:
        if testimony.id in self.state.heard or testimony.type not in self.hears:
            return Receipts(receipts=())
        before = self.state
        self.set(heard=(*self.state.heard, testimony.id))
        self.pass_time(testimony.time, workflow.now())
        self._acting = self.acting_on(testimony)
        self.hear(testimony)
        if not self.drafts:
            self._acting = None
            return Receipts(receipts=())
        return Receipts(receipts=await self.commit_or_restore(before))

    def acting_on(self, testimony: Testimony) -> Acting:
        """The engine acts, on account of the person behind the entry, as of its time."""
        message = Note(
            id=f"told/{testimony.id}"[:120],
            officer=testimony.account,
            post=SYSTEM,
            reason=testimony.type,
        )
        account = testimony.account if testimony.account != SYSTEM else None
        who = Standing(SYSTEM, "", "", SYSTEM, on_behalf_of=account)
        source = TimeSource.SIMULATION if self.start.source is TimeSource.SIMULATION else TimeSource.ENGINE
        return Acting("told", message, who, testimony.time, source, testimony=testimony)

"""Messages every matter understands besides its acts: register, status, and lenient signals."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime

from pydantic import ValidationError
from pydantic_core import from_json
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from rules.facts import digest_of, parts_of
from rules.moments import view_of
from rules.refusals import Refusal
from schemas.acts import Act, Note
from schemas.matters import Registration, Status
from workflows.matter import Matter
from workflows.timed import S

SIGNAL = "signal_decision"


class Messages(Matter[S]):
    """The public face of a matter towards Temporal's stock tools."""

    @workflow.update(name="register", description="登记: the receipt of the registration")
    async def register(self) -> Registration:
        """The registration, once it is recorded; the same answer every time."""
        await self.registered()
        if self.state.registration is None:
            raise RuntimeError("registration vanished")
        return self.state.registration

    @register.validator
    def _register_takes_nothing(self) -> None:
        """A message with arguments is rejected instead of wedging the workflow."""

    @workflow.query(name="get_registration", description="登记回执: the answer of the registration")
    def get_registration(self) -> Registration | None:
        """What `register` answered, for a matter that has ended since and takes no more updates."""
        return self.state.registration

    @workflow.query(name="get_status", description="现状: what is recorded of this matter")
    def get_status(self, at: datetime | None = None) -> Status:
        """Only what is durable: an act being recorded is not shown yet.

        Lamps are those of the instant `at`, because the workflow's own time stands still between two
        tasks; without it they are those of its latest task.
        """
        working, self.state = self.state, self.recorded or self.state
        try:
            return self._status(at or workflow.now())
        finally:
            self.state = working

    def _status(self, now: datetime) -> Status:
        state, duty, facts = self.state, self.duty, self.facts()
        return Status(
            id=self.id,
            kind=self.kind,
            state=state.state,
            now=now,
            next_look=self.look_at(self.wake) if self.wake else None,
            lamp=self.lamp(now),
            officer=duty.officer if duty else "",
            post=duty.post if duty else "",
            stage=str(self.view().get("stage", "")),
            facts=digest_of(facts),
            parts=parts_of(self.kind, facts),
            clocks=tuple(view_of(clock, self.rules, now) for clock in state.clocks),
            cards=state.cards,
            duties=state.duties,
            detail=self.figures(),
        )

    @workflow.signal(
        dynamic=True, description="signal_decision 签批: an act sent with the stock command line"
    )
    async def signalled(self, name: str, args: Sequence[RawValue]) -> None:
        """All signals. `signal_decision` brings a lenient envelope; others are refused on the record.

        One handler for any name and any number of arguments: a signal that named handlers could not
        take would be buffered for ever, or would wedge the workflow.
        """
        data = [arg.payload.data for arg in args]
        try:
            if name != SIGNAL or len(data) != 1:
                raise ValueError(f"{name!r} with {len(data)} arguments; expected {SIGNAL} with one")
            act_name, message = self._read(data[0])
        except (ValueError, TypeError) as problem:
            await self._refuse_signal(name, data, problem)
            return
        await self._quietly(self.perform(act_name, message))

    async def _quietly(self, handling: Awaitable[object]) -> None:
        """Nobody waits for the answer to a signal: a refusal is on record, and must not fail the matter."""
        try:
            await handling
        except ApplicationError as refused:
            workflow.logger.info("signalled message refused: %s", refused.type)

    def default_act(self) -> str:
        """What a signal means that names no act."""
        return "note"

    def _read(self, data: bytes) -> tuple[str, Act]:
        """(act, message) of a signal's JSON; raises ValueError when it is none."""
        content = from_json(data)
        if not isinstance(content, dict):
            raise ValueError("not a JSON object")
        name = str(content.get("act") or self.default_act())
        if name not in self.table:
            raise ValueError(f"unknown act {name!r}")
        content.setdefault("id", content.get("decision_id"))
        return name, self.table[name].payload.model_validate(content)

    async def _refuse_signal(self, signal: str, data: list[bytes], problem: Exception) -> None:
        """Record that a signal came which nobody can act on; the same bytes are recorded once."""
        key = f"signal/{digest_of([signal, [each.hex() for each in data]])[:32]}"
        message = Note(id=key, officer="unknown", post="unknown")
        refusal = Refusal("bad_envelope", detail=_short(problem))
        await self._quietly(self.refuse_message(signal, message, refusal))


def _short(problem: Exception) -> str:
    """What is wrong, in a line that any entry can hold."""
    told = f"{problem}"
    if isinstance(problem, ValidationError):
        first = problem.errors()[0]
        told = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return told[:200]

"""Messages every matter understands besides its acts: register, status, and lenient signals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from rules.facts import digest_of
from rules.moments import view_of
from rules.refusals import Refusal
from schemas.acts import Act, Note
from schemas.matters import DoneAct, Registration, Status
from workflows.matter import Matter
from workflows.timed import S

SIGNAL = "signal_decision"


class Messages(Matter[S]):
    """The public face of a matter towards Temporal's stock tools."""

    @workflow.update(name="register", description="登记: the receipt of the registration")
    async def register(self) -> Registration:
        """The registration, once it is recorded; the same answer every time."""
        await workflow.wait_condition(lambda: self.state.registration is not None)
        if self.state.registration is None:
            raise RuntimeError("registration vanished")
        return self.state.registration

    @register.validator
    def _register_takes_nothing(self) -> None:
        """A message with arguments is rejected instead of wedging the workflow."""

    @workflow.query(name="get_status", description="现状: what is recorded of this matter")
    def get_status(self) -> Status:
        """Only what is durable: an act being recorded is not shown yet."""
        working, self.state = self.state, self.recorded or self.state
        try:
            return self._status(workflow.now())
        finally:
            self.state = working

    def _status(self, now: datetime) -> Status:
        state, duty = self.state, self.duty
        return Status(
            id=self.id,
            state=state.state,
            now=now,
            lamp=self.lamp(now),
            officer=duty.officer if duty else "",
            post=duty.post if duty else "",
            stage=str(self.view().get("stage", "")),
            facts=digest_of(self.facts()),
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
        try:
            await self.perform(act_name, message)
        except ApplicationError as refused:
            workflow.logger.info("signalled act refused: %s", refused.type)

    def default_act(self) -> str:
        """What a signal means that names no act."""
        return "note"

    def _read(self, data: bytes) -> tuple[str, Act]:
        """(act, message) of a signal's JSON; raises ValueError when it is none."""
        content = json.loads(data)
        if not isinstance(content, dict):
            raise ValueError("not a JSON object")
        name = str(content.get("act") or self.default_act())
        if name not in self.table:
            raise ValueError(f"unknown act {name!r}")
        content.setdefault("id", content.get("decision_id"))
        return name, self.table[name].payload.model_validate(content)

    async def _refuse_signal(self, signal: str, data: list[bytes], problem: Exception) -> None:
        """Record that a signal came which nobody can act on; the same bytes are recorded once."""
        await workflow.wait_condition(lambda: self.state.registration is not None)
        key = f"signal/{digest_of([signal, [each.hex() for each in data]])[:32]}"
        async with self.lock:
            if any(done.id == key for done in self.state.acts):
                return
            message = Note(id=key, officer="unknown", post="unknown")
            self._refuse(signal, message, Refusal("bad_envelope", detail=_short(problem)), workflow.now())
            self.set(acts=(*self.state.acts, DoneAct(id=key, refused="bad_envelope")))
            await self.commit()


def _short(problem: Exception) -> str:
    if isinstance(problem, ValidationError):
        first = problem.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"{problem}"[:200]

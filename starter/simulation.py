"""The typed client of a simulation: the same starts and acts, each matter on a time of its own.

The demonstration tells weeks in seconds. Every matter then has its own clock: it begins at the
instant its application says, stands still between two acts but for the real time that passes, and
moves when the story says so. Whatever else asks for the time (the intake's stamp, the recorder)
gets the matter's. Only an engine whose time may be skipped can do this, and only a ledger whose
origin says `simulation` records it: skipped time is never evidence.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from ledger.db import Ledger, OriginKind
from rules.procedures import PROCEDURES
from schemas.errors import ConflictError, UsageError
from schemas.matters import MatterInput, Registration, TimeSource
from starter.answering import PATIENCE
from starter.client import (
    AGAIN_ONLY_IF_TURNED_AWAY,
    YangguangClient,
    registration_id,
)
from workflows import TASK_QUEUE

_JUST_AFTER = timedelta(milliseconds=200)
"""A delayed workflow exists from the end of its delay on: that much later it is surely there."""


class SimulatedClient(YangguangClient):
    """Starts matters at a simulated instant, acts in them at theirs, and moves their clocks."""

    source = TimeSource.SIMULATION

    def __init__(self, client: Client, ledger: Ledger, *, patience: timedelta = PATIENCE) -> None:
        """`client` belongs to an engine started with time skipping.

        Raises UsageError (`not_a_simulation`) for a ledger of another origin than `simulation`.
        """
        if ledger.origin.kind is not OriginKind.SIMULATION:
            raise UsageError(
                f"总账 {ledger.origin.name} 不是模拟的，不得跳时 / "
                f"time must not be skipped for {ledger.origin.name}: it is no simulation",
                code="not_a_simulation",
            )
        # Off until asked for: time that skips by itself would run past the story's next act.
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        super().__init__(self._skipper.client, ledger, patience=patience)

    async def now(self, kind: str, number: str) -> datetime:
        """The matter's own time, in UTC; after its end, the time at which it ended. Raises NotFoundError."""
        return await self._told(self._skipper.get_current_time(self.handle(kind, number)), f"{kind}/{number}")

    async def advance(self, kind: str, number: str, to: datetime) -> None:
        """Let the matter's time pass until `to`; what its limits bring on the way is then recorded.

        Nothing happens where its time is past `to` already. Raises NotFoundError where there is no such
        matter or it has ended, ConflictError (`ended`) when it ends on the way.
        """
        ahead = to - await self.now(kind, number)
        if ahead <= timedelta(0):
            return
        moving = self._skipper.fast_forward(self.handle(kind, number), ahead)
        if not await self._told(moving, f"{kind}/{number}"):
            raise ConflictError(f"{number} 已经结束 / {number} ended before {to.isoformat()}", code="ended")

    async def _register(self, kind: str, start: MatterInput) -> Registration:
        """Start the workflow so that it begins when it was received, and go there.

        Start and registration are two calls, for an update together with the start would begin at once.
        """
        delay = (start.received_at - datetime.now(UTC)) if start.received_at else timedelta(0)
        try:
            handle = await self.temporal.start_workflow(
                PROCEDURES[kind].workflow,
                start,
                id=f"{kind}/{start.id}",
                task_queue=TASK_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                id_reuse_policy=AGAIN_ONLY_IF_TURNED_AWAY,
                start_delay=max(delay, timedelta(0)) or None,
                static_summary=f"{kind} {start.id}",
            )
        except WorkflowAlreadyStartedError:
            return await self._earlier_registration(kind, start)
        if delay > timedelta(0):
            await self._skipper.fast_forward(handle, delay + _JUST_AFTER)
        answer: Registration = await handle.execute_update(
            "register", id=registration_id(start), result_type=Registration, rpc_timeout=self.patience
        )
        return answer

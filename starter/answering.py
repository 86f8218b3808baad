"""What the engine answers, in this house's own words: refused, pending, ended, or out of reach.

The typed client (`starter.client`) stands on it; every call to the engine goes through `_told`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import UpdateWorkflowExecutionLifecycleStage
from temporalio.api.update.v1 import UpdateRef
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionUpdateRequest
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from ledger.db import Ledger
from schemas.acts import Act
from schemas.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    PendingError,
    UnavailableError,
    UsageError,
    YangguangError,
)
from starter.attempts import STREAM, record_attempt

T = TypeVar("T")
ACCEPTED = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED
ASK_AGAIN = timedelta(seconds=5)
BUSY = (RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.FAILED_PRECONDITION)
BUSY_PAUSE = 0.1
"""Seconds between two attempts at a busy matter."""
PATIENCE = timedelta(seconds=20)
"""How long to wait for an act's record before it is reported as pending."""


class Answering:
    """Calls whose failures are told as this house's errors."""

    def __init__(self, client: Client, ledger: Ledger, patience: timedelta) -> None:
        """`ledger` takes attempts on ended matters; `patience` is how long an answer is waited for."""
        self.temporal = client
        self.ledger = ledger
        self.patience = patience

    async def _stored(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except YangguangError:
            raise
        except Exception as problem:
            reason = str(problem).splitlines()[0]
            raise UnavailableError(f"数据库不可用 / the database is out of reach: {reason}") from problem

    async def _told(
        self, call: Awaitable[T], matter: str, act: Act | None = None, *, update_id: str = ""
    ) -> T:
        """Await a call to the engine and tell its failures in this house's own words."""
        try:
            return await call
        except (WorkflowUpdateFailedError, WorkflowQueryFailedError) as problem:
            raise _refused(problem) from problem
        except WorkflowUpdateRPCTimeoutOrCancelledError as problem:
            raise await self._waiting(matter, act.id if act else update_id) from problem
        except RPCError as problem:
            raise await self._unreached(problem, matter, act) from problem
        except RuntimeError as problem:
            if "client connect" not in str(problem):
                raise
            # The first call of a client that was made while the engine was away.
            raise UnavailableError("引擎不可用 / the engine is out of reach") from problem

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask again while the matter is busy: the engine takes ten Updates of one matter at a time, may
        drop one whose task got lost, and answers nothing before the first task of a new run."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.patience.total_seconds()
        while True:
            try:
                return await ask()
            except RPCError as problem:
                busy = problem.status in BUSY or "aborted" in problem.message
                if not busy or loop.time() > deadline:
                    raise
            await asyncio.sleep(BUSY_PAUSE)

    async def _waiting(self, matter: str, act_id: str) -> YangguangError:
        """Nobody answered in time: does the engine hold the act, or did no worker take it?"""
        question = PollWorkflowExecutionUpdateRequest(
            namespace=self.temporal.namespace,
            update_ref=UpdateRef(workflow_execution=WorkflowExecution(workflow_id=matter), update_id=act_id),
            identity=self.temporal.identity,
        )
        try:
            answer = await self.temporal.workflow_service.poll_workflow_execution_update(
                question, timeout=ASK_AGAIN
            )
            held = answer.stage >= ACCEPTED
        except RPCError:
            held = False
        if held:
            return PendingError(
                f"已交给引擎，尚未记入总账：{matter} {act_id}；恢复后自动完成 / "
                f"held by the engine, not recorded yet: {matter}, act {act_id}; it completes on recovery"
            )
        return UnavailableError(
            f"没有工作进程接收：{matter} {act_id}；可用同一编号重发 / "
            f"no worker took it: {matter}, act {act_id}; it is safe to send it again with the same id",
            code="no_worker",
        )

    async def _unreached(self, problem: RPCError, matter: str, act: Act | None) -> YangguangError:
        if problem.status is not RPCStatusCode.NOT_FOUND:
            reason = problem.message.splitlines()[0] if problem.message else problem.status.name
            return UnavailableError(f"引擎不可用 / the engine is out of reach: {reason}")
        if act is not None and "completed" in problem.message:
            seq = await self._stored(lambda: record_attempt(self.ledger, matter, act))
            return NotPermittedError(
                f"{matter} 已经结束 / {matter} has ended; the attempt is recorded",
                code="ended",
                details={"stream": STREAM, "ledger_seq": seq},
            )
        if "completed" in problem.message:
            return await self._turned_away(matter)
        return NotFoundError(f"没有 {matter} / there is no {matter}")

    async def _turned_away(self, matter: str) -> YangguangError:
        """Why a registration found its matter already over."""
        try:
            await self.temporal.get_workflow_handle(matter).result(rpc_timeout=self.patience)
        except WorkflowFailureError as problem:
            return _refused(problem)
        return NotFoundError(f"{matter} 没有登记 / {matter} holds no registration")


def _refused(
    problem: WorkflowUpdateFailedError | WorkflowQueryFailedError | WorkflowFailureError,
) -> YangguangError:
    cause = getattr(problem, "cause", None)
    if isinstance(cause, ApplicationError) and cause.type:
        kind = ConflictError if "conflict" in cause.type else NotPermittedError
        told = next((each for each in cause.details[1:] if isinstance(each, dict)), None)
        return kind(cause.message, code=cause.type, details=told)
    return UsageError(
        f"引擎不接受这条消息 / the message was not accepted: {cause or problem}", code="bad_message"
    )

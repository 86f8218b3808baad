"""Composition root of the worker: here, and only here, procedures meet their resources.

The worker takes matters' tasks from the engine, runs the procedures and writes the ledger. It
drains before it ends: an act that was begun is recorded, one not yet begun waits in the engine.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

import workflows
import workflows.sandbox
from activities.archive import Beat
from activities.follow import Archivist
from activities.liaison import Liaison
from activities.reconcile import Reconciler
from activities.recorder import Recorder
from audit.reconcile import reconcile
from ledger.db import Ledger, OriginKind
from ledger.sealing.keeper import Keeper
from schemas.errors import UnavailableError
from schemas.upkeep import Reconciliation
from starter.client import YangguangClient
from starter.schedules import ensure_schedules
from starter.simulation import SimulatedClient
from starter.upkeep import archive_limit, archive_of

GRACE = timedelta(seconds=20)
"""Running activities are told to stop when this much of the drain is over (the SDK's default is at once)."""

DRAIN_SECONDS = 30.0
"""After this long a shutdown has failed: the process ends at once and says so by its exit code."""

_MAX_CACHED_WORKFLOWS = 1000

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


async def run_worker(
    client: Client,
    ledger: Ledger,
    stop: asyncio.Event,
    keeper: Keeper | None = None,
    *,
    beside: bool = False,
) -> None:
    """Serve the task queue until `stop` is set, then drain and close `ledger`.

    `keeper` seals and signs meanwhile; it ends last, so that what was recorded last is signed too.
    `beside` a command the worker makes no schedules, and before it ends it keeps the histories of what
    ended under it.
    Raises UnavailableError where the worker cannot go on: wrong namespace, no rights, broken engine.
    """
    with keeper or nullcontext():
        archive = archive_of(client, ledger)
        archivist = Archivist(archive)
        recorder = Recorder(ledger, _app_version(), archivist.ended)
        reconciler = Reconciler(archive, partial(_reconcile, client, ledger))
        liaison = Liaison(ledger, _messenger(client, ledger))
        try:
            activities = (
                *recorder.activities,
                *liaison.activities,
                *archivist.activities,
                *reconciler.activities,
            )
            worker = _worker(client, activities)
            if not beside and ledger.origin.kind is not OriginKind.SIMULATION:
                await ensure_schedules(client)
            archivist.start(at_once=not beside)
            await _run_until(worker, stop, partial(archivist.close, settle=beside))
        finally:
            await archivist.close()
            recorder.close()


async def until_signal(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `main(stop)`, setting `stop` on SIGTERM or SIGINT.

    From the signal on `main` has DRAIN_SECONDS; then the process ends with exit code 1. A second
    signal ends it at once.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _drain, stop)
    try:
        await main(stop)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Run `main` on the fastest event loop there is."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main)


def _messenger(client: Client, ledger: Ledger) -> YangguangClient:
    """The client through which matters reach each other, on the kind of time that the ledger keeps."""
    simulated = ledger.origin.kind is OriginKind.SIMULATION
    return (SimulatedClient if simulated else YangguangClient)(client, ledger)


async def _reconcile(client: Client, ledger: Ledger, beat: Beat) -> Reconciliation:
    return await reconcile(ledger, client, advance=beat, limit=archive_limit())


def _worker(client: Client, activities: Sequence[Callable[..., Any]]) -> Worker:
    return Worker(
        client,
        task_queue=workflows.TASK_QUEUE,
        workflows=workflows.ALL,
        activities=activities,
        workflow_runner=workflows.sandbox.runner(),
        max_cached_workflows=_MAX_CACHED_WORKFLOWS,
        graceful_shutdown_timeout=GRACE,
    )


async def _run_until(worker: Worker, stop: asyncio.Event, before_stop: Callable[[], Awaitable[None]]) -> None:
    """Run the worker until `stop` is set; `before_stop` is done while it still serves."""
    running = asyncio.create_task(worker.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await before_stop()
            await worker.shutdown()
        await running
    except RuntimeError as error:
        _log.exception("worker_failed")
        cause = error.__cause__ or error
        raise UnavailableError(f"工作进程失败 / the worker failed: {cause}", code="worker_failed") from error
    finally:
        stopping.cancel()
        running.cancel()


def _app_version() -> str:
    try:
        return version("yangguang")
    except PackageNotFoundError:
        return "not installed"


def _drain(stop: asyncio.Event) -> None:
    if stop.is_set():
        _give_up()
    stop.set()
    # A thread, because a blocked event loop is one of the things the deadline is for.
    deadline = threading.Timer(DRAIN_SECONDS, _give_up)
    deadline.daemon = True
    deadline.start()


def _give_up() -> None:
    print("未能及时停止 / did not stop in time, ending at once", file=sys.stderr, flush=True)
    os._exit(1)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - absent where the platform has none
    except ImportError:
        return None
    return uvloop.new_event_loop

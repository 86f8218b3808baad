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
from pathlib import Path
from typing import Any, TypeVar

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

import workflows
import workflows.sandbox
from activities.archive import Beat
from activities.detect import Lookout
from activities.follow import Archivist
from activities.liaison import Liaison
from activities.reconcile import Reconciler
from activities.recorder import Recorder
from activities.report import Reporter
from audit.incidents import key_of
from audit.reconcile import reconcile
from ledger.db import Ledger, OriginKind
from ledger.sealing.keeper import Keeper
from schemas.base import build_models
from schemas.errors import UnavailableError
from schemas.upkeep import Reconciliation
from starter.client import YangguangClient
from starter.detection import detect_and_open
from starter.faults import start_for_incidents
from starter.reports import begin_due
from starter.schedules import ensure_schedules
from starter.simulation import SimulatedClient
from starter.upkeep import archive_limit, archive_of

GRACE = timedelta(seconds=20)
"""Running activities are told to stop when this much of the drain is over (the SDK's default is at once)."""

DRAIN_SECONDS = 30.0
"""After this long a shutdown has failed: the process ends at once and says so by its exit code."""

ERRAND_GRACE = timedelta(seconds=5)
"""Errands that are told to stop are done by whoever works next."""

ERRAND_PATIENCE = timedelta(seconds=8)
"""How long one attempt at an errand waits for the other matter's record; the next one finds it there."""

_MAX_CACHED_WORKFLOWS = 1000

_MAX_ERRANDS = 50
"""Begun and told at the same time; each keeps the matters' own queue busy."""

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


async def run_worker(
    client: Client,
    ledger: Ledger,
    stop: asyncio.Event,
    keeper: Keeper | None = None,
    *,
    beside: bool = False,
    reports: Path | None = None,
) -> None:
    """Serve the task queue until `stop` is set, then drain and close `ledger`.

    `keeper` seals and signs meanwhile; it ends last, so that what was recorded last is signed too.
    `beside` a command the worker makes no schedules, and before it ends it keeps the histories of what
    ended under it. `reports` is the folder where the supervision office's reports are kept.
    Raises UnavailableError where the worker cannot go on: wrong namespace, no rights, broken engine.
    """
    if not beside:
        build_models()
    with keeper or nullcontext():
        archive = archive_of(client, ledger)
        archivist = Archivist(archive)
        recorder = Recorder(ledger, _app_version(), archivist.ended)
        reconciler = Reconciler(archive, partial(_reconcile, client, ledger))
        reporter = Reporter(ledger, reports, partial(begin_due, _messenger(client, ledger)))
        lookout = Lookout(partial(detect_and_open, _messenger(client, ledger), None))
        liaison = Liaison(ledger, _messenger(client, ledger))
        try:
            activities = (
                *recorder.activities,
                *liaison.activities,
                *archivist.activities,
                *reconciler.activities,
                *reporter.activities,
                *lookout.activities,
            )
            workers = (_worker(client, activities), _errand_worker(client, liaison.errands))
            if not beside and ledger.origin.kind is not OriginKind.SIMULATION:
                await ensure_schedules(client)
            archivist.start(at_once=not beside)
            await _run_until(workers, stop, partial(archivist.close, settle=beside))
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
    return (SimulatedClient if simulated else YangguangClient)(client, ledger, patience=ERRAND_PATIENCE)


async def _reconcile(client: Client, ledger: Ledger, beat: Beat) -> Reconciliation:
    outcome = await reconcile(ledger, client, advance=beat, limit=archive_limit())
    found = [(key_of(each), each.workflow, each.kind) for each in outcome.differences]
    await start_for_incidents(_messenger(client, ledger), found)
    return outcome


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


def _errand_worker(client: Client, errands: Sequence[Callable[..., Any]]) -> Worker:
    return Worker(
        client,
        task_queue=workflows.ERRAND_QUEUE,
        activities=errands,
        max_concurrent_activities=_MAX_ERRANDS,
        graceful_shutdown_timeout=ERRAND_GRACE,
    )


async def _run_until(
    workers: Sequence[Worker], stop: asyncio.Event, before_stop: Callable[[], Awaitable[None]]
) -> None:
    """Run the workers until `stop` is set or one fails; `before_stop` is done while they still serve."""
    running = [asyncio.create_task(worker.run()) for worker in workers]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({*running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not any(each.done() for each in running):
            await before_stop()
        for worker in reversed(workers):  # errands first: they wait for matters
            await worker.shutdown()
        await asyncio.gather(*running)
    except RuntimeError as error:
        _log.exception("worker_failed")
        cause = error.__cause__ or error
        raise UnavailableError(f"工作进程失败 / the worker failed: {cause}", code="worker_failed") from error
    finally:
        for task in (stopping, *running):
            task.cancel()


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

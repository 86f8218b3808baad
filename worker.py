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
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

import workflows
import workflows.sandbox
from activities.recorder import Recorder
from ledger.db import Ledger
from schemas.errors import UnavailableError

GRACE = timedelta(seconds=20)
"""Running activities are told to stop when this much of the drain is over (the SDK's default is at once)."""

DRAIN_SECONDS = 30.0
"""After this long a shutdown has failed: the process ends at once and says so by its exit code."""

_MAX_CACHED_WORKFLOWS = 1000

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


async def run_worker(client: Client, ledger: Ledger, stop: asyncio.Event) -> None:
    """Serve the task queue until `stop` is set, then drain and close `ledger`.

    Raises UnavailableError where the worker cannot go on: wrong namespace, no rights, broken engine.
    """
    recorder = Recorder(ledger, _app_version())
    try:
        worker = Worker(
            client,
            task_queue=workflows.TASK_QUEUE,
            workflows=workflows.ALL,
            activities=recorder.activities,
            workflow_runner=workflows.sandbox.runner(),
            max_cached_workflows=_MAX_CACHED_WORKFLOWS,
            graceful_shutdown_timeout=GRACE,
        )
        await _run_until(worker, stop)
    finally:
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


async def _run_until(worker: Worker, stop: asyncio.Event) -> None:
    running = asyncio.create_task(worker.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
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

"""The engine a command works with: the cluster of a TEMPORAL_* profile, or the home's own.

A home has at most one engine, because two servers on one database file would corrupt it. The
engine's lock is held by the server process itself, so it falls exactly when the server ends.
`yangguang up` starts a shared engine that other commands borrow; any other command that finds
none starts one for its own duration, and a second such command waits for the first.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import psutil
from google.protobuf.duration_pb2 import Duration
from pydantic import ValidationError
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError

from schemas.base import StrictModel
from schemas.errors import ConflictError, UnavailableError, UsageError
from starter.connect import Engine, connect
from starter.home import Home, try_lock, write_private
from starter.server import LOOPBACK, NAMESPACE, SEARCH_ATTRIBUTES, listens, start_server, stop_server

__all__ = ["RETENTION", "Engine", "engine", "profile_engine", "running_engine"]

RETENTION = timedelta(days=90)
"""How long the engine keeps closed runs; the audit archive must have swept them by then."""

_PROFILE_VARIABLES = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")
_WAIT_SECONDS = 60
_READY_SECONDS = 30
_CLOCK_STEP_SECONDS = 2
"""Start times are told relative to the boot time, which moves when the clock is set."""


class _Process(StrictModel):
    """A process named so that a later one with the same number is not taken for it."""

    pid: int
    started: float
    """Seconds since 1970 in UTC, as the operating system reports them."""


class _Note(StrictModel):
    """`engine.json`: how the home's running engine is reached."""

    server: _Process
    owner: _Process
    port: int
    namespace: str
    shared: bool
    time_skipping: bool


@asynccontextmanager
async def engine(
    home: Home, port: int | None = None, time_skipping: bool = False, *, shared: bool = False
) -> AsyncIterator[Engine]:
    """The engine for the duration of a command: a profile's cluster, borrowed, or started and stopped here.

    `port` fixes the port of an engine that has to be started. `shared` lets other processes borrow
    it meanwhile, and refuses to be the second to do so (ConflictError). `time_skipping` is for
    simulation homes only. Raises UnavailableError where another command keeps the engine too long.
    """
    if (cluster := profile_engine()) is not None:
        yield cluster
        return
    found = await _lock_or_borrow(home, shared)
    if isinstance(found, Engine):
        if time_skipping and not found.time_skipping:
            raise ConflictError(f"引擎不能跳时 / the engine running in {home.path} does not skip time")
        yield found
        return
    try:
        async with _started(home, found, port, time_skipping, shared) as started:
            yield started
    finally:
        os.close(found)


def profile_engine() -> Engine | None:
    """The cluster named by TEMPORAL_ADDRESS, _PROFILE or _CONFIG_FILE; None where none of them is set.

    Raises UsageError where the profile cannot be read or names no address.
    """
    if not any(os.environ.get(variable) for variable in _PROFILE_VARIABLES):
        return None
    try:
        options = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise UsageError(f"TEMPORAL_* 配置有误 / the TEMPORAL_* profile is wrong: {error}") from error
    if not (address := options.get("target_host")):
        raise UsageError("TEMPORAL_* 配置没有地址 / the TEMPORAL_* profile names no address")
    namespace = options.get("namespace", "default")
    return Engine(address, namespace, owned=False, embedded=False, options=options)


def running_engine(home: Home) -> Engine | None:
    """The shared engine that runs in `home` right now; None where there is none."""
    note = _read_note(home)
    return _reached(note, owned=False) if note is not None and note.shared else None


async def _lock_or_borrow(home: Home, shared: bool) -> int | Engine:
    """The descriptor of the engine's lock, or the shared engine somebody else runs."""
    loop = asyncio.get_running_loop()
    deadline, told = loop.time() + _WAIT_SECONDS, False
    while loop.time() < deadline:
        note = _read_note(home)
        if note is not None and not _alive(note.owner):
            _end_orphan(note)
        elif note is not None and note.shared:
            if shared:
                raise ConflictError(_already_up(home, note))
            return _reached(note, owned=False)
        if (lock := try_lock(home.path / "engine.lock")) is not None:
            return lock
        if not told:
            print("等待另一条命令结束 / waiting for another command on this home", file=sys.stderr)
            told = True
        await asyncio.sleep(0.2)
    raise UnavailableError(
        f"另一条命令占用引擎 / another command has kept the engine of {home.path} for {_WAIT_SECONDS} s; "
        "run `yangguang up` to share one engine"
    )


@asynccontextmanager
async def _started(
    home: Home, lock: int, port: int | None, time_skipping: bool, shared: bool
) -> AsyncIterator[Engine]:
    """Start the home's own engine, make it ready, tell others of it, stop it at the end."""
    server, at = await start_server(
        home.engine_db, home.logs / "engine.log", lock, port=port, time_skipping=time_skipping
    )
    try:
        note = _Note(
            server=_process(server.pid),
            owner=_process(os.getpid()),
            port=at,
            namespace=NAMESPACE,
            shared=shared,
            time_skipping=time_skipping,
        )
        reached = _reached(note, owned=True)
        await _make_ready(reached)
        write_private(home.engine_note, note.model_dump_json(indent=1) + "\n")
        async with _cancelled_without(server, home):
            yield reached
    finally:
        home.engine_note.unlink(missing_ok=True)
        await asyncio.shield(stop_server(server))


@asynccontextmanager
async def _cancelled_without(server: subprocess.Popen[bytes], home: Home) -> AsyncIterator[None]:
    """Cancel the body when the server dies: its calls would be retried against nobody for ever."""
    body = asyncio.current_task()

    async def watch() -> None:
        while server.poll() is None:
            await asyncio.sleep(0.5)
        if body is not None:
            body.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if server.poll() is None:
            raise
        raise UnavailableError(f"引擎意外停止 / the engine ended (see {home.logs / 'engine.log'})") from None
    finally:
        watching.cancel()


async def _make_ready(reached: Engine) -> None:
    """Wait until the engine is healthy and every search attribute can be asked for; set the retention."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _READY_SECONDS
    while True:
        try:
            client = await connect(reached)
            await _set_retention(client)
            await client.count_workflows(" AND ".join(f"{name} IS NULL" for name in SEARCH_ATTRIBUTES))
            return
        except (UnavailableError, RPCError) as error:
            if loop.time() > deadline:
                raise UnavailableError(f"引擎未就绪 / the engine did not become ready: {error}") from error
        await asyncio.sleep(0.1)


async def _set_retention(client: Client) -> None:
    kept = NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=int(RETENTION.total_seconds())))
    await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=NAMESPACE, config=kept))


def _reached(note: _Note, *, owned: bool) -> Engine:
    return Engine(f"{LOOPBACK}:{note.port}", note.namespace, owned=owned, time_skipping=note.time_skipping)


def _read_note(home: Home) -> _Note | None:
    """What `engine.json` says, where it is still true: this home's server, alive and listening."""
    try:
        note = _Note.model_validate_json(home.engine_note.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    serves_this_home = _alive(note.server) and str(home.engine_db) in _command_line(note.server.pid)
    return note if serves_this_home and listens(note.server.pid, note.port) else None


def _process(pid: int) -> _Process:
    return _Process(pid=pid, started=psutil.Process(pid).create_time())


def _alive(known: _Process) -> bool:
    try:
        process = psutil.Process(known.pid)
        same = abs(process.create_time() - known.started) < _CLOCK_STEP_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _command_line(pid: int) -> list[str]:
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def _end_orphan(note: _Note) -> None:
    # Only where the system cannot tie the engine's life to its owner's (see starter/server.py).
    with suppress(psutil.NoSuchProcess):
        psutil.Process(note.server.pid).terminate()


def _already_up(home: Home, note: _Note) -> str:
    return (
        f"此数据目录已在运行 / the home {home.path} is already up (process {note.owner.pid}, "
        f"engine {LOOPBACK}:{note.port}); stop that one first or choose another with --home"
    )

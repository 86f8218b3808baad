"""The web server of a process: uvicorn on loopback beside the engine's worker, ended with it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from schemas.errors import UnavailableError
from starter.api.events import end_streams
from starter.desk import Desk
from web.app import make_app
from web.ports import HOST

DRAIN_SECONDS = 10


class _Server(uvicorn.Server):
    """Ended by the process it serves in, not by signals of its own; says when it can be asked."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        """`ready` is called once pages are answered."""
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process has handlers of its own."""
        yield


async def serve(desk: Desk, port: int, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve until `stop` is set; call `ready` when pages are answered. UnavailableError: it is taken."""
    app = make_app(desk)
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        lifespan="on",
    )
    server = _Server(config, ready)
    serving = asyncio.create_task(_until_ended(server, port))
    ended = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
    await end_streams(app)
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

"""Where the pages are served: on loopback, at the usual port if it is free."""

from __future__ import annotations

import socket
from contextlib import suppress

from schemas.errors import UnavailableError

HOST = "127.0.0.1"
DEFAULT_PORT = 8000


def free_port() -> int:
    """The usual port, or any other where somebody has it."""
    for wanted in (DEFAULT_PORT, 0):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                tried.bind((HOST, wanted))
                return int(tried.getsockname()[1])
    raise UnavailableError("没有空闲端口 / no port is free", code="port_taken")

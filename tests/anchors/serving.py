"""Witnesses that serve on loopback, and a server that says whatever a test wants."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import httpx
import pytest

from ledger.anchors.witness_folder import Witness, init_witness
from ledger.anchors.witness_server import serving

Said = bytes | Callable[[socket.socket], None]
"""Raw bytes, or what to do with the connection."""

WITNESS = "audit.example/witness"


def utc_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A new witness that trusts nobody yet."""
    return init_witness(tmp_path / "witness", WITNESS)


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A client that goes to loopback whatever the environment says of proxies."""
    with httpx.Client(trust_env=False) as client:
        yield client


@contextmanager
def served(witness: Witness, now: Callable[[], datetime] = utc_now, port: int = 0) -> Iterator[str]:
    """The witness on a port of loopback; gives its URL."""
    with serving(witness, now, "127.0.0.1", port) as url:
        yield url


@contextmanager
def saying(*answers: Said, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that gives these answers, raw, one a connection, then none; gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_say, args=(listener, answers, tls))
        thread.start()
        yield f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def answer(status: int, body: bytes, content_type: str = "text/plain") -> bytes:
    """An HTTP answer as bytes."""
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _say(listener: socket.socket, answers: tuple[Said, ...], tls: ssl.SSLContext | None) -> None:
    for each in answers:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with tls.wrap_socket(connection, server_side=True) if tls else connection as plain:
            _hear(plain)
            if callable(each):
                each(plain)
            else:
                plain.sendall(each)


def _hear(connection: socket.socket) -> None:
    """Take in a whole request, as a length in its head tells."""
    with connection.makefile("rb") as heard:
        length = 0
        while line := heard.readline().strip().lower():
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        heard.read(length)

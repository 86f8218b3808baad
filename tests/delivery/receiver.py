"""A receiver of webhooks on loopback: it keeps what it is sent, and can be made to fail, or be away."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The document in it."""
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def number(self) -> int:
        """Its ledger number."""
        return int(self.event["sequence"])


@dataclass
class Receiver:
    """An HTTP server that answers with the next of `answers`, then with 204."""

    messages: list[Message] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    """Whole first lines and headers, as `503 Busy\\r\\nRetry-After: 7`."""
    port: int = 0
    silent: bool = False
    """Takes the request and never answers."""
    tls: ssl.SSLContext | None = None
    _server: asyncio.Server | None = None
    _held: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where events are to be sent."""
        return f"http://localhost:{self.port}/hook"

    async def up(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Be away."""
        if self._server is not None:
            self._server.close()
            for each in self._held:
                each.close()
            self._held.clear()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._held.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").strip().split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.messages.append(Message(first.split()[1], headers, body))
                if self.silent:
                    continue
                answer = self.answers.pop(0) if self.answers else b"204 No Content"
                writer.write(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

"""One question to a stranger's server: bounded in time and bytes, and answered or told as away.

Timeouts of an HTTP client count from one packet to the next, so a server that drips could hold its caller
for days. Here the whole exchange has a limit, after which its connection is shut from outside.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Timer
from typing import Any
from urllib.parse import urlsplit

import httpx

from schemas.errors import UnavailableError

SECONDS = 10.0
"""The longest an exchange may take; only a name with several dead addresses can make it longer."""


class AwayError(UnavailableError):
    """The other side was not reached, or did not answer in time, in size or in HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    content_type: str
    body: bytes

    @property
    def text(self) -> str:
        """The beginning of the body for a sentence to people."""
        return " ".join(self.body[:200].decode("utf-8", "replace").split())


def address(url: str, path: str = "") -> str:
    """A URL of a policy as HTTP needs it: without a scheme https is meant, on the machine itself http.

    Raises AwayError (bad_url) for what is no web address.
    """
    given = url if "://" in url else f"//{url}"
    try:
        parts = urlsplit(given, "http" if _is_loopback(urlsplit(given).hostname) else "https")
        httpx.URL(parts.geturl())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise AwayError(f"网址不可用 / not a web address: {url!r:.200}", code="bad_url")
    return parts.geturl().rstrip("/") + path if path else parts.geturl()


def post(
    http: httpx.Client, url: str, body: bytes, content_type: str, *, most: int, seconds: float = SECONDS
) -> Answer:
    """Send and hear the answer, of at most `most` bytes. Redirects are not followed. Raises AwayError."""
    # The connection is for this exchange alone, so that shutting it disturbs no other.
    headers = {"content-type": content_type, "connection": "close", "accept-encoding": "identity"}
    with _limited(seconds) as (late, trace):
        try:
            with http.stream(
                "POST",
                url,
                content=body,
                headers=headers,
                timeout=seconds,
                follow_redirects=False,
                extensions={"trace": trace},
            ) as response:
                raw = _read(response, most)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            if late.is_set() or isinstance(error, httpx.TimeoutException):
                raise AwayError(f"未及时答复 / no answer in time from {url}", code="slow") from error
            raise AwayError(f"无法访问 / cannot be reached: {url}: {_said(error)}", code="away") from error
    if late.is_set():  # what was cut off may still look like an answer
        raise AwayError(f"未及时答复 / no answer in time from {url}", code="slow")
    return Answer(response.status_code, response.headers.get("content-type", ""), raw)


@contextmanager
def _limited(seconds: float) -> Iterator[tuple[Event, Callable[[str, dict[str, Any]], None]]]:
    """A flag that the time is over, and a trace that learns which connection to shut then."""
    late, opened = Event(), list[socket.socket]()

    def shut() -> None:
        late.set()
        for each in opened:
            with suppress(OSError):  # not the TLS method of that name, which another thread is using
                socket.socket.shutdown(each, socket.SHUT_RDWR)

    def trace(name: str, info: dict[str, Any]) -> None:
        if name.endswith((".connect_tcp.complete", ".start_tls.complete")):
            opened.append(info["return_value"].get_extra_info("socket"))
            if late.is_set():
                shut()

    timer = Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield late, trace
    finally:
        timer.cancel()


def _read(response: httpx.Response, most: int) -> bytes:
    raw = bytearray()
    for chunk in response.iter_raw():
        raw += chunk
        if len(raw) > most:
            raise AwayError(f"答复过大 / an answer of more than {most} bytes", code="too_large")
    return bytes(raw)


def _said(error: Exception) -> str:
    return f"{str(error) or type(error).__name__:.200}"


def _is_loopback(host: str | None) -> bool:
    return host in ("localhost", "::1") or (host or "").startswith("127.")

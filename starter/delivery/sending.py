"""One attempt to hand an event to its receiver: to the address that was looked at, without redirect or proxy.

An answer's body is not read: nothing in it matters, and there might be no end of it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.metadata import version
from types import TracebackType

import httpx

from schemas.errors import UsageError
from starter.delivery.addresses import AddressRefusedError, checked_url, networks, resolve
from starter.delivery.cloud import MEDIA_TYPE, event_of
from starter.delivery.numbers import Numbered
from starter.delivery.queue import Failure
from starter.delivery.signing import Secret, headers_for
from starter.delivery.subscription import Subscription

WHOLE = 20.0
"""Seconds for an attempt, from the name to the answer."""

MAX_BODY = 65_536
_CONNECT = 5.0
_GONE = 410
_LONGEST_WAIT = timedelta(hours=6)


class Sender:
    """A pool of connections to receivers."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        """`trust` says whose certificates are believed; the public authorities where nothing is said."""
        self._client = httpx.AsyncClient(
            verify=trust or True,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(WHOLE, connect=_CONNECT),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=8),
            headers={"user-agent": f"yangguang/{version('yangguang')}"},
        )

    async def __aenter__(self) -> Sender:
        """Open."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def send(
        self, subscription: Subscription, one: Numbered, secrets: Sequence[Secret], now: datetime
    ) -> int | Failure:
        """The status of an answer that says yes, or why it failed."""
        body = event_of(one)
        if len(body) > MAX_BODY:
            return Failure(f"too large: {len(body)} bytes")
        signed = headers_for(secrets, one.entry.id, now, body)
        try:
            async with asyncio.timeout(WHOLE):
                return await self._post(subscription, body, signed)
        except (AddressRefusedError, UsageError) as refused:
            return Failure(refused.message)
        except (TimeoutError, httpx.TimeoutException):
            return Failure(f"no answer within {WHOLE:.0f} s")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            return Failure(f"{type(error).__name__}: {error}")

    async def _post(self, subscription: Subscription, body: bytes, signed: dict[str, str]) -> int | Failure:
        allowed = networks(subscription.allowed)
        url = httpx.URL(checked_url(subscription.url, allowed))
        address = await resolve(subscription.url, allowed)
        headers = {"host": url.netloc.decode("ascii"), "content-type": MEDIA_TYPE, **signed}
        async with self._client.stream(
            "POST",
            url.copy_with(host=str(address)),
            content=body,
            headers=headers,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        ) as answer:
            return _judged(answer)


def _judged(answer: httpx.Response) -> int | Failure:
    status = answer.status_code
    if answer.is_success:
        return status
    asked = answer.headers.get("retry-after", "")
    wait = (
        min(timedelta(seconds=int(asked)), _LONGEST_WAIT)
        if asked.isascii() and asked.isdigit() and len(asked) < 7
        else timedelta()
    )
    return Failure(f"answered {status}", status, wait, gone=status == _GONE)

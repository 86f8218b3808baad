"""Events as they come (server-sent events): each listener reads the ledger at his own pace.

There is no queue to overflow: a listener is a ledger number, and a slow one simply stands further back. One
task of the process looks whether the ledger grew and wakes all who wait; between portions a listener costs
neither a thread nor a connection. What he may see is asked anew for every portion.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ledger.db import snapshot
from schemas.errors import UnavailableError, YangguangError
from starter.delivery import numbers
from starter.delivery.cloud import event_of
from starter.delivery.names import type_of
from starter.delivery.subscription import Listener
from starter.desk import Desk

LOOK = 0.5
"""Seconds between two looks at whether the ledger grew."""

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent: proxies close what says nothing."""

LONGEST = 300
"""Seconds after which a stream ends; the browser comes back by itself, and is asked who it is again."""

PORTION = 100
MOST = 500
"""Listeners of one process."""

RETRY = 3000
"""Milliseconds after which a browser comes back."""

Ears = Callable[[Connection], Listener]
"""Who listens, as he stands now."""


@dataclass
class Watch:
    """Whether the ledger grew, looked at once for all listeners of a process."""

    desk: Desk
    size: int = 0
    listeners: int = 0
    closing: bool = False
    longest: float = LONGEST
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)
    _looking: asyncio.Task[None] | None = None

    def check_room(self) -> None:
        """Raises UnavailableError where nobody more can listen."""
        if self.closing or self.listeners >= MOST:
            raise UnavailableError("收听者已满 / too many listeners", code="too_many_listeners")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count a listener while he is there."""
        self.listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self.listeners -= 1

    async def beyond(self, number: int, seconds: float) -> None:
        """Wait until the ledger holds an entry of this number, the time is over, or everything ends."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._grown:
                await self._grown.wait_for(lambda: self.closing or self.size > number)

    async def close(self) -> None:
        """End all streams: the process stops."""
        self.closing = True
        async with self._grown:
            self._grown.notify_all()

    async def _look(self) -> None:
        while self.listeners and not self.closing:
            # A database that is away brings nothing new; the listeners go on hearing heartbeats.
            with suppress(YangguangError, SQLAlchemyError):
                self.size = await asyncio.to_thread(size_of, self.desk)
            async with self._grown:
                self._grown.notify_all()
            await asyncio.sleep(LOOK)


def size_of(desk: Desk) -> int:
    """The next ledger number."""
    with snapshot(desk.ledger.engine) as connection:
        return numbers.reached(connection)


def portion(desk: Desk, ears: Ears, first: int) -> tuple[list[bytes], int]:
    """The next events from number `first` on as they are sent, and the number after the last one read."""
    with snapshot(desk.ledger.engine) as connection:
        found = numbers.numbered(connection, first, PORTION)
        told = ears(connection).told(connection, [one.entry for one in found])
    shown = [_sent(one) for one, yes in zip(found, told, strict=True) if yes]
    return shown, found[-1].number + 1 if found else first


async def stream(
    desk: Desk, watch: Watch, ears: Ears, first: int, goal: int, seconds: float
) -> AsyncIterator[bytes]:
    """The bytes of one stream from number `first` on: up to number `goal` at least, then for a while."""
    ends = asyncio.get_running_loop().time() + seconds
    said = first
    with watch.listening():
        yield f"retry: {RETRY}\n\n".encode()
        while not watch.closing:
            shown, after = await asyncio.to_thread(portion, desk, ears, first)
            for each in shown:
                yield each
            said = after if shown else said
            left = ends - asyncio.get_running_loop().time()
            if left <= 0 and after >= goal:
                return
            if after > first:
                first = after
                continue
            await watch.beyond(first, min(HEARTBEAT, left))
            if watch.size <= first:
                # Who comes back need not be shown again what was passed over for him.
                yield f"id: {first - 1}\n\n".encode() if first > said else b": \n\n"
                said = first


def _sent(one: numbers.Numbered) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (one.number, type_of(one.entry.type).encode(), event_of(one))

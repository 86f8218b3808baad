"""Turns at a matter: how many acts one process sends to one matter at the same time.

The engine takes ten Updates of one matter at a time and turns the others away; fifty senders that ask again
and again keep each other from being served. A matter decides one act after the other anyway, so
whoever comes waits here, in the order in which he came.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from weakref import WeakValueDictionary

from schemas.errors import UnavailableError

AT_ONCE = 8
"""Fewer than the engine's ten, so that another process finds room too."""


class Turns:
    """Queues by matter; one that nobody waits in is forgotten."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._queues: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def at(self, matter: str, patience: timedelta) -> AsyncIterator[None]:
        """Hold a turn at a matter. Raises UnavailableError (`busy`) where none comes within `patience`."""
        queue = self._queues.get(matter)
        if queue is None:
            queue = self._queues[matter] = asyncio.Semaphore(AT_ONCE)
        try:
            await asyncio.wait_for(queue.acquire(), patience.total_seconds())
        except TimeoutError:
            raise UnavailableError(
                f"{matter} 正忙，可用同一编号重发 / {matter} is busy; send it again with the same id",
                code="busy",
            ) from None
        try:
            yield
        finally:
            queue.release()

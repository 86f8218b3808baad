"""Webhooks: other systems are told what was recorded, one subscription's events in order.

Subscriptions are served side by side, a few at a time: a slow receiver holds up nobody else. Nothing is held
in memory but the event that is being sent. It ends between two events, and an event whose answer it did not
live to write down is sent again under the same id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from ledger.db import Ledger, snapshot
from schemas.profile import Profile
from starter.delivery import queue, registry
from starter.delivery.numbers import Numbered, reached
from starter.delivery.queue import Failure, Head
from starter.delivery.sending import Sender
from starter.delivery.signing import Secret
from starter.delivery.subscription import Subscription, outside
from starter.delivery.vault import Vault

AT_ONCE = 8
"""Subscriptions served at the same time."""

RUN = 50
"""Events of one subscription before the others have their turn."""

_log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Webhooks:
    """Everything that is needed to serve the subscriptions of one ledger."""

    ledger: Ledger
    vault: Vault
    profile: Profile
    sender: Sender
    now: Callable[[], datetime] = _utc_now
    may_go_on: Callable[[], bool] = lambda: True

    async def round(self) -> int:
        """Serve every subscription once; gives how many events were tried or looked at."""
        due = await asyncio.to_thread(self._due)
        gate = asyncio.Semaphore(AT_ONCE)

        async def serve(each: Subscription) -> int:
            async with gate:
                return await self._serve(each)

        return sum(await asyncio.gather(*map(serve, due)))

    def _due(self) -> list[Subscription]:
        """Those for which there is something to do now; asking costs a reading only."""
        now = self.now()
        with snapshot(self.ledger.engine) as connection:
            size = reached(connection)
            active = registry.subscriptions(connection, active_only=True)
            return [
                each
                for each in active
                if (each.reached < size and queue.has_room(connection, each.id))
                or (each.hold <= now and queue.head(connection, each.id))
            ]

    async def _serve(self, subscription: Subscription) -> int:
        done = await asyncio.to_thread(self._fill, subscription)
        if subscription.hold > self.now():
            return done
        for _ in range(RUN):
            if not self.may_go_on() or not await self._send_next(subscription):
                return done
            done += 1
        return done

    def _fill(self, subscription: Subscription) -> int:
        eyes = outside(self.profile, subscription.id, subscription.kinds)
        with self.ledger.engine.begin() as connection:
            return queue.fill(connection, registry.get(connection, subscription.id), eyes, self.now())

    async def _send_next(self, subscription: Subscription) -> bool:
        """Try the next event; False where there is none or it failed."""
        found = await asyncio.to_thread(self._next, subscription.id)
        if found is None:
            return False
        tried, one, secrets = found
        answer = await self.sender.send(subscription, one, secrets, self.now())
        return await asyncio.to_thread(self._note, subscription.id, tried, answer)

    def _next(self, identity: str) -> tuple[Head, Numbered, list[Secret]] | None:
        with snapshot(self.ledger.engine) as connection:
            if (found := queue.head(connection, identity)) is None:
                return None
            return *found, registry.secrets_of(connection, self.vault, identity, self.now())

    def _note(self, identity: str, tried: Head, answer: int | Failure) -> bool:
        with self.ledger.engine.begin() as connection:
            if isinstance(answer, int):
                queue.delivered(connection, identity, tried.number, answer, self.now())
                return True
            fate = queue.failed(connection, identity, tried, answer, self.now())
        _log.warning(
            "webhook_failed", subscription=identity, number=tried.number, fate=fate, why=answer.problem
        )
        return fate is queue.Fate.DEAD

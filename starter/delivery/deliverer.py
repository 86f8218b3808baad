"""The deliverer of a process: while it holds the lease it serves webhooks and mails.

It runs beside the worker with a handle of its own to the ledger, and lets go when it ends. Nothing here
holds up an act or an end: what fails is said once for each reason and tried again, more and more rarely; what
is not finished when the process goes is done by whoever delivers next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ledger.db import Ledger
from schemas.errors import YangguangError
from schemas.profile import Profile
from starter.delivery import digest, notices, queue
from starter.delivery.lease import TERM, Lease
from starter.delivery.mail import Mails, NoServerError
from starter.delivery.mail_server import MailServer
from starter.delivery.sending import Sender
from starter.delivery.vault import Vault, find_vault, vault_in
from starter.delivery.webhooks import Webhooks
from starter.home import Home
from starter.rulebook import load_profile

LOOK = 0.5
"""Seconds between two looks at whether something is due."""

PARTING = 5.0
"""Seconds that an attempt under way is given when the process ends."""

_LONGEST = 60.0
_KEYLESS = 10.0
_TIDY = timedelta(hours=1)

_log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Deliverer:
    """Delivery of one ledger by one process."""

    ledger: Ledger
    vault: Vault
    profile: Profile
    server: MailServer | None = None
    desk: str = ""
    now: Callable[[], datetime] = _utc_now
    sender: Callable[[], Sender] = Sender
    look: float = LOOK
    term: timedelta = TERM
    _held_until: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    _tidied: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set."""
        lease = Lease(self.ledger, term=self.term)
        stopping = asyncio.create_task(stop.wait())
        holding = asyncio.create_task(self._hold(lease))
        serving = asyncio.create_task(self._serve(stop))
        try:
            await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({serving}, timeout=PARTING)
        finally:
            for each in (stopping, holding, serving):
                each.cancel()
            await asyncio.gather(stopping, holding, serving, return_exceptions=True)
            await self._tried("let go", partial(asyncio.to_thread, lease.give_back), {})

    async def _hold(self, lease: Lease) -> None:
        """Ask for the lease, and keep it."""
        told: dict[str, str] = {}
        while True:
            await self._tried("lease", partial(self._take, lease), told)
            renew = lease.term.total_seconds() / 3
            await asyncio.sleep(renew if self._holds() else min(self.look * 4, renew))

    async def _take(self, lease: Lease) -> None:
        now = self.now()
        if await asyncio.to_thread(lease.take, now):
            self._held_until = now + lease.term

    def _holds(self) -> bool:
        return self.now() < self._held_until

    async def _serve(self, stop: asyncio.Event) -> None:
        def may_go_on() -> bool:
            return self._holds() and not stop.is_set()

        async with self.sender() as sender:
            webhooks = Webhooks(self.ledger, self.vault, self.profile, sender, self.now, may_go_on)
            mails = Mails(
                self.ledger, self.vault, self.server, self.desk, self.now, may_go_on, self._time_of_digests
            )
            duties = [("webhooks", webhooks.round), ("mails", mails.round), ("tidy", self._tidy)]
            await asyncio.gather(*(self._repeat(name, work, stop, may_go_on) for name, work in duties))

    async def _repeat(
        self,
        name: str,
        work: Callable[[], Awaitable[int]],
        stop: asyncio.Event,
        may_go_on: Callable[[], bool],
    ) -> None:
        """Do one duty again and again; after a failure ever more rarely, until it works again."""
        told: dict[str, str] = {}
        pause = self.look
        while not stop.is_set():
            busy = 0
            if may_go_on():
                done = await self._tried(name, work, told)
                busy = done or 0
                pause = min(pause * 2, _LONGEST) if done is None else self.look
            if not busy:
                await _pause(stop, pause)

    async def _tried(
        self, name: str, work: Callable[[], Awaitable[int | None]], told: dict[str, str]
    ) -> int | None:
        """What the work gives; None where it failed, which is said once for each reason."""
        try:
            done = await work()
        except (YangguangError, SQLAlchemyError, NoServerError, OSError) as error:
            if told.get(name) != (why := type(error).__name__ + str(error)):
                _log.warning("delivery_waits", duty=name, why=str(error)[:300])
            told[name] = why
            return None
        except Exception:  # a mistake in here is no reason to end what people work with
            if told.get(name) != "unexpected":
                _log.exception("delivery_failed", duty=name)
            told[name] = "unexpected"
            return None
        told.pop(name, None)
        return done or 0

    async def _tidy(self) -> int:
        if self.now() - self._tidied >= _TIDY:
            await asyncio.to_thread(self._forget)
            self._tidied = self.now()
        return 0

    def _forget(self) -> None:
        with self.ledger.engine.begin() as connection:
            queue.forget(connection, self.now())
            notices.forget(connection, self.now())

    def _time_of_digests(self, now: datetime) -> bool:
        return digest.is_time(self.profile, now)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def deliver(
    home: Home, ledger: Ledger, stop: asyncio.Event, server: MailServer | None, *, makes_keys: bool = True
) -> None:
    """Deliver from this process until `stop` is set, then let go of `ledger`.

    Without `makes_keys` it waits for the delivery key: who could sign nothing is not to hold the lease.
    """
    try:
        while not stop.is_set():
            if vault := vault_in(home.keys) if makes_keys else find_vault(home.keys):
                await Deliverer(ledger, vault, load_profile("current"), server, home.url).run(stop)
            else:
                await _pause(stop, _KEYLESS)
    finally:
        ledger.close()

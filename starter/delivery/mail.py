"""Notices as mails: one a notice, and one a working day that gathers them, through one SMTP server.

A row is marked in a transaction of its own once the server has taken the mail. A process that dies in
between sends that one mail again, with the same Message-ID; no other is repeated and none is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import structlog

from ledger.db import Ledger, snapshot
from starter.delivery import notices
from starter.delivery.digest import Digest, digests_due, told
from starter.delivery.letters import digest_letter, notice_letter
from starter.delivery.mail_server import MailServer
from starter.delivery.notices import Fate, Notice
from starter.delivery.people import address_of
from starter.delivery.vault import Vault

_PERMANENT = 500

_log = structlog.get_logger(__name__)


class NoServerError(Exception):
    """The server cannot be reached or takes nothing from us: whatever waits goes on waiting."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Mails:
    """Everything that is needed to mail the notices of one ledger."""

    ledger: Ledger
    vault: Vault
    server: MailServer | None
    desk: str = ""
    """Address of the desk, which mails name."""
    now: Callable[[], datetime] = _utc_now
    may_go_on: Callable[[], bool] = lambda: True
    works_on: Callable[[datetime], bool] = lambda _: True
    """Whether this is a working day, from the hour on at which digests go out."""

    async def round(self) -> int:
        """Take in what is new and mail what is due; gives how many. Raises NoServerError."""
        await asyncio.to_thread(self._take_in)
        if self.server is None:
            return 0
        waiting = await asyncio.to_thread(self._due)
        gathered = await asyncio.to_thread(self._digests) if self.works_on(self.now()) else []
        if not waiting and not gathered:
            return 0
        try:
            async with self.server.connection() as smtp:
                return await self._hand_in(smtp, waiting, gathered)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NoServerError(f"{type(error).__name__}: {error}") from error

    async def _hand_in(self, smtp: aiosmtplib.SMTP, waiting: list[Notice], gathered: list[Digest]) -> int:
        sent = 0
        for notice in waiting:
            if not self.may_go_on():
                return sent
            sent += await self._send_notice(smtp, notice)
        for each in gathered:
            if not self.may_go_on():
                return sent
            sent += await self._send_digest(smtp, each)
        return sent

    async def _send_notice(self, smtp: aiosmtplib.SMTP, notice: Notice) -> bool:
        to = await asyncio.to_thread(self._address, notice.recipient)
        if not to:
            await asyncio.to_thread(self._mark, notice, Fate.NO_ADDRESS)
            return False
        assert self.server is not None
        letter = notice_letter(
            self.server.sender,
            to,
            notice.case_id,
            urgent=notice.urgent,
            at=self.now(),
            identity=f"notice-{notice.id}-{notice.entry_id[:16]}",
            desk=self.desk,
        )
        fate = await _sent(smtp, letter)
        await asyncio.to_thread(self._mark, notice, fate)
        return fate is Fate.SENT

    async def _send_digest(self, smtp: aiosmtplib.SMTP, each: Digest) -> bool:
        to = await asyncio.to_thread(self._address, each.person)
        fate = Fate.FAILED
        if to and each.cases:
            assert self.server is not None
            letter = digest_letter(
                self.server.sender,
                to,
                each.cases,
                day=each.day,
                at=self.now(),
                identity=f"digest-{each.person}-{each.day}",
                desk=self.desk,
            )
            fate = await _sent(smtp, letter)
            if fate is Fate.WAITING:
                return False
        await asyncio.to_thread(self._told, each)
        return fate is Fate.SENT

    def _take_in(self) -> None:
        with self.ledger.engine.connect().execution_options(read_only=True) as connection:
            if not notices.any_new(connection):
                return
        while True:
            with self.ledger.engine.begin() as connection:
                if notices.take_in(connection, sends=self.server is not None) < notices.PORTION:
                    return

    def _due(self) -> list[Notice]:
        with snapshot(self.ledger.engine) as connection:
            return notices.due(connection, self.now())

    def _digests(self) -> list[Digest]:
        with snapshot(self.ledger.engine) as connection:
            return digests_due(connection, self.now())

    def _address(self, person: str) -> str:
        with snapshot(self.ledger.engine) as connection:
            return address_of(connection, self.vault, person)

    def _mark(self, notice: Notice, fate: Fate) -> None:
        with self.ledger.engine.begin() as connection:
            if fate is Fate.WAITING:
                fate = notices.put_off(connection, notice, self.now())
            else:
                notices.mark(connection, notice, fate)
        if fate is not Fate.SENT:
            _log.warning("mail_not_sent", notice=notice.id, fate=fate.value)

    def _told(self, each: Digest) -> None:
        with self.ledger.engine.begin() as connection:
            told(connection, each, self.now())


async def _sent(smtp: aiosmtplib.SMTP, letter: EmailMessage) -> Fate:
    """Hand in one mail; a server that will never take it is told apart from one that will not now."""
    try:
        await smtp.send_message(letter)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return Fate.FAILED if all(each.code >= _PERMANENT for each in refused.recipients) else Fate.WAITING
    except aiosmtplib.SMTPResponseException as refused:
        return Fate.FAILED if refused.code >= _PERMANENT else Fate.WAITING
    return Fate.SENT

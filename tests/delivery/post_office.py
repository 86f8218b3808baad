"""A real SMTP server on loopback: it keeps the mails it takes, and can refuse some or die after one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from starter.delivery.mail_server import MailServer, mail_server


@dataclass
class PostOffice:
    """Hooks of the server."""

    mails: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    """What it answers to the next recipients."""

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @property
    def told(self) -> list[tuple[str, str]]:
        """(to, subject) of each mail."""
        return [(str(mail["To"]), str(mail["Subject"])) for mail in self.mails]

    @property
    def texts(self) -> str:
        """Everything that can be read in all mails."""
        return "\n".join(f"{mail['Subject']}\n{mail.get_content()}" for mail in self.mails)


@contextmanager
def open_office(office: PostOffice, port: int = 0) -> Iterator[MailServer]:
    """The server while the body runs; gives how it is reached."""
    controller = Controller(office, hostname="127.0.0.1", port=port)
    if port == 0:
        controller.port = _free_port()
    controller.start()
    try:
        found = mail_server(f"smtp://127.0.0.1:{controller.port}", "desk@bureau.example")
        assert found is not None
        yield found
    finally:
        controller.stop()


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])

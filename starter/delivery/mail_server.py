"""The server that takes this house's mails: one URL in the settings says all of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from schemas.errors import UnavailableError, UsageError
from starter.home import Home

SETTING = "YANGGUANG_SMTP_URL"
TIMEOUT = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed in."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    """TLS from the first byte; otherwise STARTTLS, which is demanded wherever a password is sent."""

    def connection(self) -> aiosmtplib.SMTP:
        """A connection to be opened."""
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user or None,
            password=self.password or None,
            use_tls=self.tls,
            start_tls=True if self.user and not self.tls else None,
            timeout=TIMEOUT,
        )

    async def send(self, letter: EmailMessage) -> None:
        """Hand in one mail. Raises UnavailableError with what the server said."""
        try:
            async with self.connection() as smtp:
                await smtp.send_message(letter)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UnavailableError(
                f"邮件未发出 / the mail was not sent: {type(error).__name__}: {error}", code="smtp"
            ) from error


def mail_server(url: str, sender: str = "") -> MailServer | None:
    """The server of a URL `smtp[s]://user:password@host:port`; None for none. Raises UsageError."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UsageError("邮件服务器地址不可用 / not the address of a mail server", code="smtp_url")
    return MailServer(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        sender=sender or f"yangguang@{parts.hostname}",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
    )


def mail_server_of(home: Home) -> MailServer | None:
    """The server that this home's mails go through: YANGGUANG_SMTP_URL, else what `home.toml` says."""
    return mail_server(os.environ.get(SETTING) or home.smtp, home.mail_from)

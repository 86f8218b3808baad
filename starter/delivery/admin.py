"""What an admin does with webhooks, each act with its entry: whom this house tells what is nobody's secret.

An address may hold a token in its path: the entry names its host and a digest of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from urllib.parse import urlsplit

from sqlalchemy import Connection

from ledger.append import append
from ledger.db import Ledger
from schemas.entries import EntryDraft, RecordRequest
from starter.delivery import registry
from starter.delivery.registry import OVERLAP, Shown
from starter.delivery.subscription import Subscription
from starter.delivery.vault import Vault

STREAM = "webhooks"
ROLE = "admin"


@dataclass(frozen=True)
class Wanted:
    """A subscription as somebody asks for it."""

    url: str
    identity: str = ""
    kinds: Sequence[str] = ()
    types: Sequence[str] = ()
    allowed: Sequence[str] = ()
    since: int | None = None


@dataclass(frozen=True)
class Admin:
    """Who does it, and when."""

    ledger: Ledger
    by: str
    now: datetime

    def add(self, vault: Vault, wanted: Wanted) -> Shown:
        """Subscribe a system. Raises UsageError, ConflictError."""
        with self.ledger.engine.begin() as connection:
            shown = registry.add(
                connection,
                vault,
                self.now,
                wanted.url,
                identity=wanted.identity,
                kinds=wanted.kinds,
                types=wanted.types,
                allowed=wanted.allowed,
                since=wanted.since,
                by=self.by,
            )
            self._tell(connection, "webhook.added", shown.subscription)
        return shown

    def rotate(self, vault: Vault, identity: str, overlap: timedelta = OVERLAP) -> Shown:
        """New secrets. Raises NotFoundError."""
        with self.ledger.engine.begin() as connection:
            shown = registry.rotate(connection, vault, self.now, identity, overlap)
            self._tell(connection, "webhook.rotated", shown.subscription)
        return shown

    def remove(self, identity: str) -> None:
        """End a subscription. Raises NotFoundError."""
        with self.ledger.engine.begin() as connection:
            found = registry.get(connection, identity)
            registry.remove(connection, identity)
            self._tell(connection, "webhook.removed", found)

    def _tell(self, connection: Connection, kind: str, found: Subscription) -> None:
        draft = EntryDraft(
            type=kind,
            time=self.now,
            actor=self.by or "system",
            role=ROLE,
            business_key=f"{found.id}/{token_hex(8)}",
            data={
                "webhook": found.id,
                "host": urlsplit(found.url).hostname or "",
                "url_sha256": sha256(found.url.encode()).hexdigest(),
                "kinds": list(found.kinds),
                "types": list(found.types),
                "networks": list(found.allowed),
            },
        )
        request = RecordRequest(matter=STREAM, now=self.now.astimezone(UTC), entries=(draft,))
        append(self.ledger, connection, request)

"""A small house for tests of delivery: matters on record as the recorder writes them, and a clock to turn."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ledger.append import Work
from ledger.db import Ledger, snapshot
from ledger.sealing.seal import seal_waiting
from readmodel.project import project
from schemas.entries import EntryDraft
from starter.delivery import registry
from starter.delivery.registry import Shown
from starter.delivery.sending import Sender
from starter.delivery.vault import Vault
from starter.delivery.webhooks import Webhooks
from starter.rulebook import load_profile
from tests.ledger.support import draft, record, work

VAULT = Vault(bytes(32))
START = datetime(2026, 6, 15, 2, 0, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass
class Clock:
    """A time that passes when a test says so."""

    now: datetime = START

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now

    def pass_by(self, **much: float) -> None:
        """Let time pass."""
        self.now += timedelta(**much)


@dataclass
class Desk:
    """A ledger, its deliverer's parts, and what was recorded in it."""

    ledger: Ledger
    clock: Clock = field(default_factory=Clock)
    acts: int = 0

    def happens(self, case: str, *types: str, kind: str = "case", **fields: Any) -> None:
        """Put entries of a matter on record, sealed."""
        self.acts += 1
        data = {"view": {"kind": kind, "state": "review", "item": "LX-DJ-01"}, **fields.pop("data", {})}
        drafts = [draft(each, data=data, **fields) for each in types]
        record(self.ledger, _work(case, str(self.acts), drafts), project=project)
        seal_waiting(self.ledger)

    def subscribe(self, url: str, **options: Any) -> Shown:
        """Add a subscription that may point to loopback."""
        given: dict[str, Any] = {"allowed": LOOPBACK, "since": 0, **options}
        with self.ledger.engine.begin() as connection:
            return registry.add(connection, VAULT, self.clock(), url, **given)

    def webhooks(self, sender: Sender) -> Webhooks:
        """The part that serves them."""
        return Webhooks(self.ledger, VAULT, load_profile("current"), sender, self.clock)

    def reading(self) -> AbstractContextManager[Connection]:
        """What is there now."""
        return snapshot(self.ledger.engine)


def _work(case: str, activity: str, drafts: list[EntryDraft]) -> Work:
    return work(case, activity, *drafts)

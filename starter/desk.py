"""What a web process holds: the home, the ledger, the way to the engine, the rules and the clock.

Built once by whoever starts the process; the HTTP API and the pages get it with every request. Reading
needs the ledger alone, so that reading goes on while the engine is away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from temporalio.client import Client

from ledger.db import Ledger, OriginKind, snapshot
from schemas.profile import Profile
from starter.client import YangguangClient
from starter.home import Home
from starter.identity.keys import public_keys
from starter.rulebook import load_profile
from starter.simulation import SimulatedClient

LOCAL = ZoneInfo("Asia/Shanghai")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """The resources of one web process."""

    home: Home
    ledger: Ledger
    client: YangguangClient
    """Raises UnavailableError at each call that needs the engine while that is away."""
    profile: Profile
    """Items, posts and limits as they are now."""
    now: Callable[[], datetime] = field(default=_utc_now)
    """The trusted time, aware."""

    @property
    def is_sample(self) -> bool:
        """A home with invented people, which every page says."""
        return self.home.kind is not OriginKind.REAL

    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return self.now().astimezone(LOCAL).date()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of ledger and read model."""
        with snapshot(self.ledger.engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction on this house's own tables; acts are recorded by the recorder alone."""
        with self.ledger.engine.begin() as connection:
            yield connection


def desk_for(home: Home, client: Client, ledger: Ledger) -> Desk:
    """The desk of a home over a connected engine, on the kind of time that its ledger keeps."""
    simulated = ledger.origin.kind is OriginKind.SIMULATION
    reach = (SimulatedClient if simulated else YangguangClient)(client, ledger)
    reach.desk_keys = public_keys(home)
    return Desk(home, ledger, reach, load_profile("current"))

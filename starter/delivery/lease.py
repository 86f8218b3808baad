"""One deliverer at a time across processes and machines: whoever holds the lease delivers, the others wait.

A process that dies lets go by saying nothing for a while. Two that overlap for a moment can send an event
twice, under the same id; they can lose none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import delete, or_, select, update

from ledger.db import Ledger
from ledger.dialect import is_postgresql, upsert
from starter.delivery import tables
from starter.delivery.registry import utc

TERM = timedelta(seconds=60)
"""How long a holder may say nothing."""


@dataclass
class Lease:
    """The right to deliver, as one process asks for it."""

    ledger: Ledger
    duty: str = "delivery"
    term: timedelta = TERM
    holder: str = field(default_factory=lambda: token_hex(8))

    def take(self, now: datetime) -> bool:
        """Take or keep the lease; False while somebody else holds it."""
        columns = tables.lease.c
        mine = or_(columns.holder == self.holder, columns.until < utc(now))
        fresh = {"holder": self.holder, "until": utc(now + self.term)}
        if not self._may_be_free(now):
            return False
        with self.ledger.engine.begin() as connection:
            offer = upsert(tables.lease, postgresql=is_postgresql(connection))
            empty = {"duty": self.duty, "holder": "", "until": ""}
            connection.execute(offer.values(empty).on_conflict_do_nothing(index_elements=["duty"]))
            taken = update(tables.lease).where(columns.duty == self.duty, mine).values(fresh)
            return connection.execute(taken).rowcount == 1

    def give_back(self) -> None:
        """Let the next one begin at once."""
        columns = tables.lease.c
        with self.ledger.engine.begin() as connection:
            connection.execute(
                delete(tables.lease).where(columns.duty == self.duty, columns.holder == self.holder)
            )

    def _may_be_free(self, now: datetime) -> bool:
        """A look that writes nothing: who waits for a lease is not to hold up who records."""
        columns = tables.lease.c
        with self.ledger.engine.connect().execution_options(read_only=True) as connection:
            row = connection.execute(select(columns.holder, columns.until).where(columns.duty == self.duty))
            found = row.first()
        return found is None or found.holder == self.holder or found.until < utc(now)

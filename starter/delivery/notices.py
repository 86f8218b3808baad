"""Notices on their way to a mailbox: taken from the outbox in one step, so that none is lost or told twice.

What is urgent is read in the entry it tells of: a red lamp, a red card, a second reminder, a duty that
waits to be taken. Such a notice goes out whatever somebody chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import orjson
from sqlalchemy import Connection, and_, delete, insert, select, update

from ledger.entry import Entry
from ledger.read import find
from ledger.tables import ledger_outbox
from starter.delivery import tables
from starter.delivery.people import Settings, settings_of
from starter.delivery.registry import utc

PORTION = 200
KEPT = timedelta(days=90)
LIFE = timedelta(hours=24)
"""How long a mail is tried for that the server does not want just now."""

_GAP = timedelta(minutes=1)
_MOST = 8

URGENT_TYPES = frozenset(
    {
        "card.escalated",
        "clock.breached",
        "clock.due_today",
        "duty.designated",
        "duty.escalated",
        "duty.offered",
        "errand.failed",
    }
)
_SECOND_REMINDERS = frozenset({"supervision.chase_issued", "supervision.chase_missed"})
_FIRST_LEVEL = "blue"
_RED = "red"


class Fate(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    MUTED = "muted"
    """The digest tells of it."""
    NO_ADDRESS = "no_address"
    OFF = "off"
    """No mail is sent from this home."""
    FAILED = "failed"


@dataclass(frozen=True)
class Notice:
    """A row of `delivery_notice`."""

    id: int
    entry_id: str
    recipient: str
    case_id: str
    urgent: bool
    attempts: int
    created: str


def is_urgent(entry: Entry) -> bool:
    """Whether a notice of this entry may not be muted."""
    data = entry.data
    if entry.type in URGENT_TYPES:
        return True
    if entry.type in _SECOND_REMINDERS:
        return data.get("level") != _FIRST_LEVEL
    card = data.get("card")
    return entry.type.startswith("card.") and isinstance(card, dict) and card.get("colour") == _RED


def any_new(connection: Connection) -> bool:
    """Whether the outbox holds anything: a look that writes nothing."""
    return connection.scalar(select(ledger_outbox.c.id).limit(1)) is not None


def take_in(connection: Connection, *, sends: bool, limit: int = PORTION) -> int:
    """Move notices from the outbox to those that wait; gives how many. One transaction, or nothing."""
    rows = connection.execute(select(ledger_outbox).order_by(ledger_outbox.c.id).limit(limit)).all()
    if not rows:
        return 0
    taken = []
    for row in rows:
        entry = find(connection, row.entry_id)
        urgent = entry is not None and is_urgent(entry)
        fate = _fate(settings_of(connection, row.recipient), urgent=urgent) if sends else Fate.OFF
        taken.append(
            {
                "id": row.id,
                "entry_id": row.entry_id,
                "recipient": row.recipient,
                "case_id": str(orjson.loads(row.payload)["case"]),
                "urgent": urgent,
                "state": fate.value,
                "attempts": 0,
                "hold": "",
                "created": row.created,
                "digested": "",
            }
        )
    connection.execute(insert(tables.notice), taken)
    connection.execute(delete(ledger_outbox).where(ledger_outbox.c.id.in_([row.id for row in rows])))
    return len(rows)


def due(connection: Connection, now: datetime, limit: int = PORTION) -> list[Notice]:
    """Notices to be mailed now, urgent ones first."""
    columns = tables.notice.c
    query = select(tables.notice).where(columns.state == Fate.WAITING, columns.hold <= utc(now))
    rows = connection.execute(query.order_by(columns.urgent.desc(), columns.id).limit(limit))
    return [
        Notice(row.id, row.entry_id, row.recipient, row.case_id, row.urgent, row.attempts, row.created)
        for row in rows
    ]


def mark(connection: Connection, notice: Notice, fate: Fate) -> None:
    """Say what became of a notice."""
    connection.execute(update(tables.notice).where(tables.notice.c.id == notice.id).values(state=fate.value))


def put_off(connection: Connection, notice: Notice, now: datetime) -> Fate:
    """The server does not want this mail just now: try again, more and more rarely, for a day."""
    if now - datetime.fromisoformat(notice.created) > LIFE and notice.attempts >= _MOST:
        mark(connection, notice, Fate.FAILED)
        return Fate.FAILED
    hold = utc(now + _GAP * 2 ** min(notice.attempts, _MOST))
    which = update(tables.notice).where(tables.notice.c.id == notice.id)
    connection.execute(which.values(hold=hold, attempts=notice.attempts + 1))
    return Fate.WAITING


def forget(connection: Connection, now: datetime) -> int:
    """Drop what was dealt with long ago."""
    columns = tables.notice.c
    old = and_(columns.state != Fate.WAITING, columns.created < utc(now - KEPT))
    return connection.execute(delete(tables.notice).where(old)).rowcount


def _fate(settings: Settings, *, urgent: bool) -> Fate:
    if not settings.has_address:
        return Fate.NO_ADDRESS
    return Fate.MUTED if settings.muted and not urgent else Fate.WAITING

"""How far a recurring duty has come, so that the next turn begins there and an operator sees the last one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from ledger.dialect import is_postgresql, upsert
from ledger.entry import instant
from ledger.tables import ledger_watermark


@dataclass(frozen=True, slots=True)
class Watermark:
    """A duty's last turn."""

    reached: datetime
    """Everything before this instant is done."""
    done: datetime
    """When the turn ended."""


def watermark(connection: Connection, duty: str) -> Watermark | None:
    """The last turn of a duty; None before its first."""
    columns = ledger_watermark.c
    row = connection.execute(select(ledger_watermark).where(columns.duty == duty)).one_or_none()
    if row is None:
        return None
    return Watermark(datetime.fromisoformat(row.reached), datetime.fromisoformat(row.done))


def set_watermark(connection: Connection, duty: str, mark: Watermark) -> None:
    """Remember a turn. It may lie before the one remembered: what waits must be looked at again."""
    values = {"reached": instant(mark.reached.astimezone(UTC)), "done": instant(mark.done.astimezone(UTC))}
    put = upsert(ledger_watermark, postgresql=is_postgresql(connection)).values(duty=duty, **values)
    connection.execute(put.on_conflict_do_update(index_elements=["duty"], set_=values))

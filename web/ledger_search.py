"""The auditor's search over the ledger by number, type, person and time: of each hit what he may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import ColumnElement, Connection, select

from ledger.entry import Entry
from ledger.histories import STREAM_PREFIX
from ledger.tables import ledger_entry
from readmodel.query import get_matters
from schemas.base import Model
from schemas.errors import NotFoundError, UsageError
from starter.sight import Eyes, visible

AT_ONCE = 50
ZONE = ZoneInfo("Asia/Shanghai")

_COLUMNS = ledger_entry.c


class Asked(Model):
    """What is searched for; empty means any."""

    number: str = ""
    type: str = ""
    """A whole type, or the beginning of one with a dot at its end: `card.`."""
    person: str = ""
    since: str = ""
    until: str = ""
    """Days on which it was recorded, both included."""
    after: int | None = None
    """Position of the last hit of the page before."""


@dataclass(frozen=True)
class Hit:
    """An entry with its position in the ledger."""

    pos: int
    entry: Entry


@dataclass(frozen=True)
class Hits:
    """A page of hits, newest first."""

    rows: tuple[Hit, ...]
    next: int | None


def search(connection: Connection, eyes: Eyes, asked: Asked) -> Hits:
    """A page of what was asked for, as full as if there were nothing else than he may see.

    Raises UsageError (`bad_day`) for what is no day.
    """
    conditions = list(_conditions(asked))
    found: list[Hit] = []
    after = asked.after
    while len(found) <= AT_ONCE:
        portion = _portion(connection, conditions, after)
        found += seen(connection, eyes, portion)
        if len(portion) <= AT_ONCE:
            break
        after = portion[-1].pos
    rows = tuple(found[:AT_ONCE])
    return Hits(rows, rows[-1].pos if len(found) > AT_ONCE else None)


def entry_at(connection: Connection, eyes: Eyes, pos: int) -> Hit:
    """The entry at a position. Raises NotFoundError, in the same words where he may not see it."""
    row = connection.execute(
        select(_COLUMNS.pos, _COLUMNS.leaf, _COLUMNS.leaf_hash).where(_COLUMNS.pos == pos)
    )
    hits = [Hit(each.pos, _entry(each.leaf, each.leaf_hash)) for each in row]
    for hit in seen(connection, eyes, hits):
        return hit
    raise NotFoundError(f"总账没有第 {pos} 条 / the ledger has no entry at {pos}")


def seen(connection: Connection, eyes: Eyes, hits: Sequence[Hit]) -> Iterator[Hit]:
    """Those of the hits that he may see: of matters that are his to see, and telling of no other."""
    numbers = sorted({_matter_of(hit.entry) for hit in hits})
    rows = get_matters(connection, numbers)
    hidden = {row.case_id for row, shown in zip(rows, eyes.seen(connection, rows), strict=True) if not shown}
    for hit in hits:
        if _matter_of(hit.entry) not in hidden and any(visible(connection, eyes, [hit.entry])):
            yield hit


def _matter_of(entry: Entry) -> str:
    """The matter an entry is about; kept histories have a stream of their own."""
    return entry.case_id.removeprefix(STREAM_PREFIX)


def _portion(
    connection: Connection, conditions: Iterable[ColumnElement[bool]], after: int | None
) -> list[Hit]:
    query = select(_COLUMNS.pos, _COLUMNS.leaf, _COLUMNS.leaf_hash).where(*conditions)
    if after is not None:
        query = query.where(_COLUMNS.pos < after)
    rows = connection.execute(query.order_by(_COLUMNS.pos.desc()).limit(AT_ONCE + 1))
    return [Hit(row.pos, _entry(row.leaf, row.leaf_hash)) for row in rows]


def _entry(leaf: bytes, leaf_hash: str) -> Entry:
    return Entry(orjson.loads(leaf), bytes(leaf), leaf_hash)


def _conditions(asked: Asked) -> Iterator[ColumnElement[bool]]:
    if asked.number:
        yield _COLUMNS.case_id == asked.number
    if asked.type.endswith("."):
        yield _COLUMNS.type.startswith(asked.type, autoescape=True)
    elif asked.type:
        yield _COLUMNS.type == asked.type
    if asked.person:
        yield _COLUMNS.actor == asked.person
    if asked.since:
        yield _COLUMNS.recorded >= _begins(asked.since)
    if asked.until:
        yield _COLUMNS.recorded < _begins(asked.until, 1)


def _begins(text: str, later: int = 0) -> str:
    """The instant at which a local day begins, as the ledger writes times of recording."""
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
    except (ValueError, OverflowError):
        raise UsageError(f"不是日期 / not a day, as 2026-01-31: {text!r:.40}", code="bad_day") from None
    return datetime.combine(day, time(), ZONE).astimezone(UTC).isoformat(timespec="microseconds")

"""What goes into a bundle, read from one state of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from ledger.db import OriginKind, read_origin
from ledger.entry import Event
from ledger.histories import HISTORY_TYPE, stream_of
from ledger.keys import find_key
from ledger.openings import decrypt_opening
from ledger.redact import REDACTIONS
from ledger.sealing.rotation import KEYS
from ledger.tables import (
    ledger_checkpoint,
    ledger_cosignature,
    ledger_disclosure,
    ledger_entry,
    ledger_history,
    ledger_index,
    ledger_token,
)
from ledger.verifier.leaf import read_leaf
from schemas.entry_types import INFORMANTS

_PORTION = 500
_ENTRY, _INDEX = ledger_entry.c, ledger_index.c


def is_about(case: str, event: Event) -> bool:
    """Whether an entry belongs in the extract of a case: of it, its histories or redaction, or the keys."""
    if event["subject"] == REDACTIONS:
        return bool(event["data"].get("case") == case)
    return event["subject"] in (case, stream_of(case), KEYS)


def leaves(connection: Connection, size: int) -> Iterator[bytes]:
    """All leaves of the log of `size` entries, in its order."""
    query = select(_ENTRY.leaf).join_from(ledger_index, ledger_entry, _INDEX.pos == _ENTRY.pos)
    query = query.where(_INDEX.log_index < size).order_by(_INDEX.log_index)
    for leaf in connection.scalars(query.execution_options(yield_per=_PORTION)):
        yield bytes(leaf)


def leaves_about(
    connection: Connection, size: int, case: str, until: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """(index, leaf) of the entries of a case, of its histories and redaction, and of the log's keys.

    With `until` the entries of the case end with that sequence number, and none of its histories is told of.
    """
    begins = func.substr(_ENTRY.business_key, 1, len(case) + 1) == f"{case}/"
    redactions = and_(_ENTRY.case_id == REDACTIONS, begins)
    about = or_(_ENTRY.case_id.in_([case, stream_of(case), KEYS]), redactions)
    if until is not None:
        about = and_(
            about, _ENTRY.case_id != stream_of(case), or_(_ENTRY.case_id != case, _ENTRY.seq <= until)
        )
    query = select(_INDEX.log_index, _ENTRY.leaf, _ENTRY.case_id)
    query = query.join_from(ledger_index, ledger_entry, _INDEX.pos == _ENTRY.pos)
    rows = connection.execute(query.where(_INDEX.log_index < size, about).order_by(_INDEX.log_index)).all()
    if any(row.case_id == case for row in rows):
        yield from ((row.log_index, bytes(row.leaf)) for row in rows if _belongs(case, bytes(row.leaf)))


def _belongs(case: str, leaf: bytes) -> bool:
    """Numbers of cases may hold a slash: another case's redaction can begin like this one's."""
    event = read_leaf(leaf)
    return event is None or is_about(case, event)


def earlier_sizes(connection: Connection, size: int, *, anchored_only: bool) -> Sequence[int]:
    """Sizes of the checkpoints before `size`; on request those that somebody outside has a copy of."""
    columns = ledger_checkpoint.c
    query = select(columns.size).where(columns.size < size).order_by(columns.size)
    if anchored_only:
        outside = select(ledger_cosignature.c.size).union(select(ledger_token.c.size))
        query = query.where(columns.size.in_(outside))
    return connection.scalars(query).all()


def tokens(connection: Connection, size: int) -> Iterator[tuple[int, bytes, bytes]]:
    """(size, note, token) of every time-stamp over a checkpoint up to `size`."""
    columns = ledger_token.c
    query = select(ledger_token).where(columns.size <= size).order_by(columns.size, columns.authority)
    for row in connection.execute(query):
        yield row.size, row.note.encode(), bytes(row.token)


def histories(connection: Connection, size: int, case: str | None) -> Iterator[Row[Any]]:
    """Kept histories of a case, or all of them, but those whose entry comes after the log of `size`."""
    told = select(_ENTRY.pos).where(
        _ENTRY.type == HISTORY_TYPE, _ENTRY.business_key == ledger_history.c.run_id
    )
    within = told.join(ledger_index, _INDEX.pos == _ENTRY.pos).where(_INDEX.log_index < size)
    query = select(ledger_history).where(within.exists() | ~told.exists())
    query = query.order_by(ledger_history.c.run_id)
    if case is not None:
        query = query.where(ledger_history.c.case_id == case)
    yield from connection.execute(query.execution_options(yield_per=10))


def openings(connection: Connection, size: int, case: str | None) -> Iterator[tuple[str, list[str]]]:
    """(entry id, its openings in clear) of the fields that were not redacted, informants left out."""
    query = select(ledger_disclosure, _ENTRY.case_id).join_from(
        ledger_disclosure, ledger_entry, _ENTRY.id == ledger_disclosure.c.entry_id
    )
    query = query.join(ledger_index, _INDEX.pos == _ENTRY.pos).where(_INDEX.log_index < size)
    query = query.where(_ENTRY.type.not_in(sorted(INFORMANTS)))
    if case is not None:
        query = query.where(_ENTRY.case_id == case)
    query = query.order_by(_INDEX.log_index, ledger_disclosure.c.digest)
    rows = connection.execute(query.execution_options(yield_per=_PORTION))
    for (entry_id, case_id), sealed in groupby(rows, lambda row: (row.entry_id, row.case_id)):
        if (key := find_key(connection, case_id)) is not None:
            yield entry_id, [decrypt_opening(key, each.digest, each.ciphertext).text for each in sealed]


def later(connection: Connection, size: int) -> int:
    """How many entries are recorded but not under a checkpoint of `size`."""
    recorded = connection.scalar(select(func.count()).select_from(ledger_entry)) or 0
    return recorded - size


def simulated(connection: Connection) -> bool:
    """Whether the ledger's times are simulated."""
    origin = read_origin(connection)
    return origin is not None and origin.kind is OriginKind.SIMULATION

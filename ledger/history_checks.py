"""Whether kept histories are what the ledger says: each entry has its row, each row its entry, hashes fit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from ledger.entry import Entry
from ledger.histories import HISTORY_TYPE, entry_of
from ledger.report import Failure
from ledger.tables import ledger_entry, ledger_history

MISSING, UNRECORDED, CHANGED = "history_missing", "history_unrecorded", "history_changed"
"""Checks: an entry without its row, a row without its entry, bytes or columns other than the entry says."""

LARGEST = 512 << 20
"""Bytes of a history's JSON; what claims to be more is not unpacked."""

_ROW, _ENTRY = ledger_history.c, ledger_entry.c
_PORTION = 20
_GZIP = 31  # zlib's number for a gzip wrapper


class HistoryFailure(Failure):
    """A kept history that is not what was recorded, or is not there."""

    run: str
    workflow: str


def check_histories(connection: Connection) -> Iterator[HistoryFailure]:
    """Every history that is missing, not recorded or changed; reads a few histories at a time."""
    rows = select(ledger_history).order_by(_ROW.run_id).execution_options(yield_per=_PORTION)
    for portion in connection.execute(rows).partitions():
        yield from _portion(connection, portion)
    yield from _without_rows(connection)


def _portion(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[HistoryFailure]:
    ids = {entry_of(row.case_id, row.run_id): row for row in rows}
    found = select(_ENTRY.id, _ENTRY.leaf, _ENTRY.leaf_hash).where(_ENTRY.id.in_(list(ids)))
    told = {
        row.id: Entry(orjson.loads(row.leaf), bytes(row.leaf), row.leaf_hash)
        for row in connection.execute(found)
    }
    for entry_id, row in ids.items():
        entry = told.get(entry_id)
        if entry is None:
            said = f"存档无记录 / no entry tells of the kept history of run {row.run_id}"
            yield _failure(UNRECORDED, said, row.run_id, row.workflow_id, row.case_id, None)
        elif wrong := _wrong(row, entry.data):
            said = f"存档不符 / kept history of run {row.run_id} is not what was recorded: {', '.join(wrong)}"
            yield _failure(CHANGED, said, row.run_id, row.workflow_id, row.case_id, entry)


def _wrong(row: Row[Any], told: dict[str, Any]) -> list[str]:
    """Names of what differs between a row and what the entry says of it, from the bytes themselves."""
    protobuf, plain = bytes(row.protobuf), unpacked(bytes(row.json_gzip))
    present = {
        "run": row.run_id,
        "workflow": row.workflow_id,
        "closed": row.closed,
        "bytes": len(protobuf),
        "protobuf_sha256": sha256(protobuf).hexdigest(),
        "json_sha256": "" if plain is None else sha256(plain).hexdigest(),
    }
    wrong = [name for name, value in present.items() if told.get(name) != value]
    columns = ("protobuf_sha256", "json_sha256")
    return wrong + [f"column {name}" for name in columns if getattr(row, name) != told.get(name)]


def unpacked(packed: bytes) -> bytes | None:
    """What a gzip holds; None where it is none, is cut off, or holds more than a history may."""
    inflate = zlib.decompressobj(_GZIP)
    try:
        plain = inflate.decompress(packed, LARGEST)
    except zlib.error:
        return None
    return plain if inflate.eof and not inflate.unused_data else None


def _without_rows(connection: Connection) -> Iterator[HistoryFailure]:
    kept = select(_ROW.run_id).where(_ROW.run_id == _ENTRY.business_key).exists()
    bare = select(_ENTRY.leaf, _ENTRY.leaf_hash).where(_ENTRY.type == HISTORY_TYPE, ~kept)
    for row in connection.execute(bare.order_by(_ENTRY.pos).execution_options(yield_per=500)):
        entry = Entry(orjson.loads(row.leaf), bytes(row.leaf), row.leaf_hash)
        run, workflow = str(entry.data.get("run")), str(entry.data.get("workflow"))
        said = f"存档缺失 / the history of run {run} was kept and is not there any more"
        yield _failure(MISSING, said, run, workflow, entry.case_id, entry)


def _failure(
    check: str, said: str, run: str, workflow: str, case: str, entry: Entry | None
) -> HistoryFailure:
    seq, entry_id = (entry.seq, entry.id) if entry else (None, None)
    return HistoryFailure(
        check=check, detail=said, case=case, seq=seq, id=entry_id, run=run, workflow=workflow
    )

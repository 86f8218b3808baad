"""Histories that are kept: the engine forgets a closed run after its retention, an audit asks years later.

The bytes are kept exactly as the engine gave them, with stock Temporal JSON beside them, and their hashes
are an entry of the ledger (`case.history`, in the stream `history/<case id>`): whoever changes an archived
history contradicts the log. Hashes are over the stored bytes and never over something written anew, for
protobuf has no canonical form.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from pydantic import JsonValue
from sqlalchemy import Connection, func, select

from ledger.append import Work, append_all
from ledger.db import Ledger
from ledger.dialect import is_postgresql, upsert
from ledger.entry import instant, stream_entry_id
from ledger.tables import ledger_entry, ledger_history
from schemas.entries import EntryDraft, RecordRequest

HISTORY_TYPE = "case.history"
STREAM_PREFIX = "history/"
_COLUMNS = ledger_history.c
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class History:
    """The history of one closed run, ready to be kept."""

    run_id: str
    namespace: str
    workflow_id: str
    workflow_type: str
    closed: datetime
    protobuf: bytes
    """`temporal.api.history.v1.History`, payloads as the engine holds them."""
    json: bytes
    """The same as `temporal workflow show --output json` writes it, UTF-8."""

    @property
    def case_id(self) -> str:
        """Number of the matter."""
        return case_of(self.workflow_id)

    @property
    def hashes(self) -> dict[str, str]:
        """Names and hex SHA-256 of the bytes, as columns and entry call them."""
        return {
            "protobuf_sha256": sha256(self.protobuf).hexdigest(),
            "json_sha256": sha256(self.json).hexdigest(),
        }


def case_of(workflow_id: str) -> str:
    """Number of the matter a workflow is: its id without the kind before the first slash."""
    return workflow_id.partition("/")[2] or workflow_id


def stream_of(case: str) -> str:
    """The stream that tells which histories of a case are kept."""
    return STREAM_PREFIX + case


def entry_of(case: str, run_id: str) -> str:
    """Id of the entry that tells of a run's kept history."""
    return stream_entry_id(stream_of(case), HISTORY_TYPE, run_id)


def keep(ledger: Ledger, connection: Connection, histories: Iterable[History]) -> list[str]:
    """Keep histories in the caller's transaction, each run once whoever asks; gives the runs that are new.

    The row decides: who writes it writes the entry, and a second worker waits for its transaction. All rows
    come before all entries, each in sorted order, so that two workers never wait for each other in a ring.
    Raises LedgerConflictError where an entry tells of a run already and its row was removed.
    """
    ordered = sorted(histories, key=lambda each: each.run_id)
    # Asked first, because an SQLite file refuses to be offered a row it has, whatever is to come of it.
    there = _stored(connection, [each.run_id for each in ordered])
    fresh = [each for each in ordered if each.run_id not in there and _insert(ledger, connection, each)]
    if fresh:
        append_all(ledger, connection, [Work(_request(each)) for each in fresh])
    return [each.run_id for each in fresh]


def kept_runs(connection: Connection, runs: Sequence[tuple[str, str]]) -> set[str]:
    """Which of these (workflow id, run id) are kept, or were: a removed row is told of, never replaced."""
    known: set[str] = set()
    for start in range(0, len(runs), _CHUNK):
        chunk = runs[start : start + _CHUNK]
        known |= _stored(connection, [run for _, run in chunk])
        ids = {entry_of(case_of(workflow), run): run for workflow, run in chunk if run not in known}
        told = connection.scalars(select(ledger_entry.c.id).where(ledger_entry.c.id.in_(list(ids))))
        known.update(ids[entry_id] for entry_id in told)
    return known


def count_histories(connection: Connection) -> int:
    """How many histories are kept."""
    return connection.scalar(select(func.count()).select_from(ledger_history)) or 0


def history_of(connection: Connection, run_id: str) -> bytes | None:
    """The kept bytes (protobuf) of a run; None where there are none."""
    stored = connection.scalar(select(_COLUMNS.protobuf).where(_COLUMNS.run_id == run_id))
    return None if stored is None else bytes(stored)


def _stored(connection: Connection, runs: Sequence[str]) -> set[str]:
    return set(connection.scalars(select(_COLUMNS.run_id).where(_COLUMNS.run_id.in_(runs))))


def _insert(ledger: Ledger, connection: Connection, history: History) -> bool:
    """Write the row; whether it was not there yet."""
    row = {
        "run_id": history.run_id,
        "namespace": history.namespace,
        "workflow_id": history.workflow_id,
        "workflow_type": history.workflow_type,
        "case_id": history.case_id,
        "closed": _utc(history.closed),
        "exported": _utc(ledger.clock()),
        "protobuf": history.protobuf,
        "json_gzip": gzip.compress(history.json, compresslevel=6, mtime=0),
        **history.hashes,
    }
    put = upsert(ledger_history, postgresql=is_postgresql(connection)).values(**row)
    new = put.on_conflict_do_nothing(index_elements=["run_id"]).returning(_COLUMNS.run_id)
    return connection.execute(new).first() is not None


def _request(history: History) -> RecordRequest:
    """The entry. Its time is when the run was closed: the same whoever exports it, and whenever."""
    data: dict[str, JsonValue] = {
        "run": history.run_id,
        "workflow": history.workflow_id,
        **history.hashes,
        "bytes": len(history.protobuf),
        "closed": _utc(history.closed),
    }
    draft = EntryDraft(
        type=HISTORY_TYPE,
        time=history.closed,
        actor="system",
        role="system",
        business_key=history.run_id,
        data=data,
    )
    return RecordRequest(matter=stream_of(history.case_id), now=history.closed, entries=(draft,))


def _utc(moment: datetime) -> str:
    return instant(moment.astimezone(UTC))

"""Appending: entries get their place in the chain and stand or fall with the caller's transaction.

First writer wins: the same id with the same content gives back the stored receipt, with other
content it is a conflict. Everything is checked before anything is written, for a whole batch of calls
with a handful of statements; only writers of the same case wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, Row

from ledger.canonical import canonical
from ledger.db import Ledger, OriginKind
from ledger.dialect import (
    add_entries,
    by_business_key,
    is_postgresql,
    lock_heads,
    move_heads,
    stored_entries,
)
from ledger.entry import NO_HASH, Entry, Event, Provenance, describe, identity, place, stable_part
from ledger.errors import ClockDisagreementError, LedgerConflictError, SealRefusedError
from ledger.lists import insert_rows
from ledger.rows import notices_of, openings_of, row_of
from ledger.sealing.seal import BATCH, seal
from ledger.tables import ledger_disclosure, ledger_outbox
from schemas.entries import EntryDraft, Receipt, RecordRequest

CONFLICTS = "ledger.conflict"
"""Stream (and type) of the entries that tell of refused contents; no matter's chain is touched."""

Project = Callable[[Connection, Sequence[Entry]], None]
"""Writes the rows derived from new entries, in the same transaction."""

_log = structlog.get_logger(__name__)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Work:
    """One call of the recorder: what to record, and which execution asks."""

    request: RecordRequest
    provenance: Provenance | None = None
    """None for entries that no workflow makes: they go into a stream of their own."""


@dataclass(slots=True)
class _Chain:
    """Head of a case while this transaction holds it."""

    seq: int
    head: str
    recorded: str

    @property
    def place(self) -> tuple[int, str, str]:
        """What the head's row holds."""
        return self.seq, self.head, self.recorded

    def extend(self, entry: Entry) -> None:
        self.seq, self.head, self.recorded = entry.seq, entry.leaf_hash, entry.recorded

    def next_time(self, now: datetime) -> datetime:
        """Recorded times grow strictly within a case, whatever the clock does."""
        if not self.recorded:
            return now
        return max(now, datetime.fromisoformat(self.recorded) + _TICK)


@dataclass(slots=True)
class _Batch:
    """What is known while a batch is checked: stored rows it meets, heads, and the entries to come."""

    chains: dict[str, _Chain]
    by_id: dict[str, Entry]
    by_key: dict[tuple[str, str], Entry]
    now: datetime
    fresh: list[tuple[Entry, EntryDraft]] = field(default_factory=list)

    def add(self, entry: Entry, draft: EntryDraft) -> None:
        self.chains[entry.case_id].extend(entry)
        self.know([entry])
        self.fresh.append((entry, draft))

    def know(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self.by_id[entry.id] = entry
            if key := entry.data.get("business_key"):
                self.by_key[entry.case_id, key] = entry


def append(
    ledger: Ledger,
    connection: Connection,
    request: RecordRequest,
    provenance: Provenance | None = None,
    project: Project | None = None,
) -> list[Receipt]:
    """Record one request in the caller's transaction; receipts in the order of its entries.

    Raises LedgerConflictError, ClockDisagreementError or a UsageError; the caller then rolls back.
    """
    return append_all(ledger, connection, [Work(request, provenance)], project)[0]


def append_all(
    ledger: Ledger, connection: Connection, works: Sequence[Work], project: Project | None = None
) -> list[list[Receipt]]:
    """Record many requests in one transaction, all or none; cases are locked in sorted order.

    Raises like `append`, for the first request at fault; the caller then rolls back.
    """
    described = [_describe_all(ledger.origin.name, work) for work in works]
    batch = _prepare(ledger, connection, works, described)
    receipts = [_admit(ledger, batch, *pair) for pair in zip(works, described, strict=True)]
    if batch.fresh:
        _write(connection, batch)
        if project is not None:
            project(connection, [entry for entry, _ in batch.fresh])
        if not is_postgresql(connection):
            _seal_at_once(connection)
    return receipts


def append_conflict(
    ledger: Ledger, connection: Connection, work: Work, conflict: LedgerConflictError
) -> list[Receipt]:
    """Record that a request was refused; call it in a transaction of its own, after the roll-back.

    The business key comes from the refused content, so that a caller who insists is told of once.
    """
    data: dict[str, Any] = {
        "case": work.request.matter,
        "entry": conflict.entry_id,
        "reason": conflict.reason,
        "offered": conflict.offered,
    }
    if conflict.stored is not None:
        data |= {"stored": conflict.stored.id, "stored_leaf_hash": conflict.stored.leaf_hash}
    if work.provenance is not None:
        data |= {"workflow": work.provenance.workflow_id, "run": work.provenance.run_id}
    draft = EntryDraft(
        type=CONFLICTS,
        time=max(entry.time for entry in work.request.entries),
        actor="system",
        role="system",
        business_key=identity(conflict.entry_id, conflict.reason, conflict.offered),
        data=data,
    )
    return append(ledger, connection, RecordRequest(matter=CONFLICTS, now=work.request.now, entries=(draft,)))


def _describe_all(origin: str, work: Work) -> list[Event]:
    return [describe(origin, work.request, n, work.provenance) for n in range(len(work.request.entries))]


def _prepare(
    ledger: Ledger, connection: Connection, works: Sequence[Work], described: Sequence[Sequence[Event]]
) -> _Batch:
    """Lock the heads, then read what is stored under the same ids and business keys."""
    heads = lock_heads(connection, {work.request.matter for work in works}, NO_HASH)
    chains = {head.case_id: _Chain(head.seq, head.head, head.recorded) for head in heads}
    for work in works:
        chains.setdefault(work.request.matter, _Chain(0, NO_HASH, ""))
    batch = _Batch(chains, {}, {}, _now(ledger, heads))
    events = [event for group in described for event in group]
    batch.know(_stored(stored_entries(connection, [event["id"] for event in events])))
    if keys := {(event["subject"], key) for event in events if (key := event["data"].get("business_key"))}:
        batch.know(_stored(by_business_key(connection, sorted(keys))))
    return batch


def _stored(rows: Iterable[Row[Any]]) -> Iterator[Entry]:
    for row in rows:
        yield Entry(orjson.loads(row.leaf), bytes(row.leaf), row.leaf_hash)


def _now(ledger: Ledger, heads: Sequence[Row[Any]]) -> datetime:
    """Trusted time of recording: the database's clock where it has one, read after the locks."""
    now: datetime = max((head.now for head in heads if head.now), default=None) or ledger.clock()
    return now.astimezone(UTC)


def _admit(ledger: Ledger, batch: _Batch, work: Work, events: Sequence[Event]) -> list[Receipt]:
    """Receipts of one request: stored ones if it was recorded before, new ones otherwise."""
    stored = [batch.by_id.get(event["id"]) for event in events]
    if any(stored):
        return [_same(event, entry).receipt for event, entry in zip(events, stored, strict=True)]
    now = _trusted(ledger, batch.now, work.request)
    chain = batch.chains[work.request.matter]
    receipts = []
    for event, draft in zip(events, work.request.entries, strict=True):
        _refuse_second(batch, event)
        at = chain.next_time(now)
        entry = place(event, seq=chain.seq + 1, prev=chain.head, recorded=at, provenance=work.provenance)
        batch.add(entry, draft)
        receipts.append(entry.receipt)
    return receipts


def _same(event: Event, stored: Entry | None) -> Entry:
    if stored is None:
        raise _conflict("split", event, None)
    if stable_part(stored.event) != stable_part(event):
        raise _conflict("content", event, stored)
    return stored


def _refuse_second(batch: _Batch, event: Event) -> None:
    key = event["data"].get("business_key")
    if key and (stored := batch.by_key.get((event["subject"], key))):
        raise _conflict("business_key", event, stored)


def _conflict(reason: str, event: Event, stored: Entry | None) -> LedgerConflictError:
    there = f"seq {stored.seq}" if stored else "-"
    return LedgerConflictError(
        f"{event['subject']} {event['type']}: 同一记录内容不同"
        f" / already recorded otherwise ({reason}, {there})",
        reason=reason,
        entry_id=event["id"],
        offered=identity(canonical(event).decode()),
        stored=stored.receipt if stored else None,
    )


def _trusted(ledger: Ledger, now: datetime, request: RecordRequest) -> datetime:
    """The ledger's own time; under a simulation the workflow's, elsewhere a check that they agree."""
    if ledger.origin.kind is OriginKind.SIMULATION:
        return request.now.astimezone(UTC)
    ahead = request.now - now
    if ahead > ledger.tolerance:
        raise ClockDisagreementError(
            f"{request.matter}: 时钟不一致 / the workflow's clock is {ahead.total_seconds():.0f} s ahead"
            f" of the ledger's, {ledger.tolerance.total_seconds():.0f} s are tolerated"
        )
    return now


def _write(connection: Connection, batch: _Batch) -> None:
    add_entries(connection, [row_of(entry) for entry, _ in batch.fresh])
    moved = sorted({entry.case_id for entry, _ in batch.fresh})
    move_heads(connection, [(case, *batch.chains[case].place) for case in moved])
    if openings := [row for pair in batch.fresh for row in openings_of(*pair)]:
        insert_rows(connection, ledger_disclosure, openings)
    if notices := [row for entry, _ in batch.fresh for row in notices_of(entry)]:
        insert_rows(connection, ledger_outbox, notices)


def _seal_at_once(connection: Connection) -> None:
    """Where there is one writer anyway, nothing recorded stays unsealed.

    A log that refuses to be sealed is an alarm, but no reason to lose what people did: it is recorded and
    waits, and every verification says so.
    """
    try:
        with connection.begin_nested():
            while (sealed := seal(connection)) and sealed.count == BATCH:
                pass
    except SealRefusedError as refused:
        _log.error("seal_refused", told=refused.message)

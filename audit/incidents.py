"""Differences on record: each is an incident entry of the ledger, once, however often it is found again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from ledger.append import Work, append_all
from ledger.db import Ledger
from ledger.entry import identity, stream_entry_id
from ledger.errors import LedgerConflictError
from ledger.tables import ledger_entry
from schemas.entries import EntryDraft, RecordRequest
from schemas.upkeep import SHOWN, Difference, Reconciliation

INCIDENTS = "ledger.incident"
"""Stream (and type) of these entries; no matter's chain is touched."""

_PORTION = 100
_ATTEMPTS = 5


class Incidents:
    """Differences as they are found: counted, a bounded number kept, all of them recorded on request."""

    def __init__(self, ledger: Ledger, *, record: bool) -> None:
        """None is found yet."""
        self._ledger = ledger
        self._record = record
        self._kept: list[Difference] = []
        self._counts = Counter[str]()
        self._recorded = 0

    def add(self, differences: Sequence[Difference]) -> None:
        """Take differences in. Raises UnavailableError where the database cannot be written."""
        self._counts.update(difference.kind for difference in differences)
        self._kept += differences[: SHOWN - len(self._kept)]
        if self._record:
            for start in range(0, len(differences), _PORTION):
                self._recorded += _write(self._ledger, differences[start : start + _PORTION])

    def outcome(self, matters: int, entries: int, runs: int) -> Reconciliation:
        """All that was found among so many."""
        return Reconciliation(
            matters=matters,
            entries=entries,
            runs=runs,
            counts=dict(sorted(self._counts.items())),
            differences=tuple(self._kept),
            recorded=self._recorded,
        )


def key_of(difference: Difference) -> str:
    """Names a difference for good: what it is and where, not when it was seen or what was there then."""
    return identity(difference.kind, difference.workflow, difference.run, difference.place)


def _write(ledger: Ledger, differences: Sequence[Difference]) -> int:
    """Record those that are not on record. Where another has just recorded one of them, look again."""
    for _ in range(_ATTEMPTS):
        try:
            with ledger.engine.begin() as connection:
                fresh = _unknown(connection, differences)
                if fresh:
                    append_all(ledger, connection, [Work(_request(each, ledger.clock())) for each in fresh])
                return len(fresh)
        except LedgerConflictError:
            continue
    return 0


def _unknown(connection: Connection, differences: Sequence[Difference]) -> list[Difference]:
    by_id = {stream_entry_id(INCIDENTS, INCIDENTS, key_of(each)): each for each in differences}
    known = set(connection.scalars(select(ledger_entry.c.id).where(ledger_entry.c.id.in_(list(by_id)))))
    return [each for entry_id, each in by_id.items() if entry_id not in known]


def _request(difference: Difference, now: datetime) -> RecordRequest:
    draft = EntryDraft(
        type=INCIDENTS,
        time=now,
        actor="system",
        role="system",
        business_key=key_of(difference),
        data=difference.model_dump(),
    )
    return RecordRequest(matter=INCIDENTS, now=now, entries=(draft,))

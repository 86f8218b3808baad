"""Redaction (遮蔽): the openings of a case and its sealing key destroyed, on record and for good.

The leaf keeps its salted digests, so every hash, proof and signature holds afterwards; what the digests
stood for can be neither read nor guessed. A case is redacted whole: salts follow from its key, so an opening
that went alone could be guessed and confirmed while the key lives. The entry that gives basis and approvers
comes first and stands or falls with the deletion: one transaction.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Engine, delete, select, text

from ledger.append import append
from ledger.canonical import canonical
from ledger.db import Ledger
from ledger.dialect import lock_heads
from ledger.entry import NO_HASH, Entry
from ledger.read import find
from ledger.tables import ledger_case, ledger_disclosure, ledger_entry, ledger_key
from schemas.entries import EntryDraft, RecordRequest
from schemas.errors import ConflictError, NotFoundError, UsageError

REDACTIONS = "ledger.redaction"
"""Stream (and type) of the entries that tell of redactions; the redacted case's chain is not touched."""

ROLE = "approver"
MAX_BASIS = 4000
"""Characters of a legal basis, as of every text an officer writes."""


@dataclass(frozen=True, slots=True)
class Order:
    """A redaction as it is ordered. The basis stands in clear in the ledger: no personal data in it."""

    case: str
    basis: str
    approver: str
    second: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A redaction on record."""

    entry: Entry
    repeated: bool = False
    """It was there already and nothing was done."""

    @property
    def digests(self) -> tuple[str, ...]:
        """What can no longer be opened."""
        return tuple(self.entry.data["digests"])


def redact(ledger: Ledger, order: Order, now: datetime) -> Redacted:
    """Record the redaction of a case and destroy what opens its digests; repeating it is no second one.

    Raises UsageError for an order that lacks basis or a second approver, NotFoundError for a case that is
    unknown or holds nothing sealed, ConflictError where it is redacted already on another order.
    """
    _check(order)
    with ledger.engine.begin() as connection:
        # Both heads at once: no second redaction and no new opening comes between reading and deleting.
        known = _lock(connection, order.case)
        if earlier := redaction_of(connection, order.case):
            return _again(earlier, order)
        digests = _digests(connection, order.case, known)
        entry = _record(ledger, connection, order, digests, now)
        _destroy(connection, order.case)
    return Redacted(entry)


def redaction_of(connection: Connection, case: str) -> Entry | None:
    """The entry that tells of a case's redaction; None where there is none."""
    columns = ledger_entry.c
    begins = columns.business_key.startswith(f"{case}/", autoescape=True)
    for found in connection.scalars(select(columns.id).where(columns.case_id == REDACTIONS, begins)):
        entry = find(connection, found)
        if entry and entry.data.get("case") == case:
            return entry
    return None


def sweep(engine: Engine) -> bool:
    """Take what was deleted out of the database's files too; False where that has to be done later.

    SQLite overwrites deleted rows with zeros (`ledger.db`), but its write-ahead log holds older pages until
    it is truncated, for which no reader may be at it. On PostgreSQL dead rows go with VACUUM, which only
    owners may do; its write-ahead log and all backups expire by the operator's rules.
    """
    return _vacuum(engine) if engine.dialect.name == "postgresql" else _truncate_log(engine)


def _check(order: Order) -> None:
    if not any(character.isalnum() for character in order.basis) or len(order.basis) > MAX_BASIS:
        raise UsageError(
            f"须写明法律依据，至多 {MAX_BASIS} 字 / a legal basis in words, at most {MAX_BASIS} characters",
            code="basis_required",
        )
    if not order.approver or not order.second or order.approver == order.second:
        raise UsageError("须由两名不同的人批准 / two different people have to approve", code="two_approvers")


def _lock(connection: Connection, case: str) -> bool:
    """Hold the heads of the case and of the stream; whether the case was known."""
    known = connection.scalar(select(ledger_case.c.seq).where(ledger_case.c.case_id == case))
    lock_heads(connection, {case, REDACTIONS}, NO_HASH)
    return bool(known)


def _again(earlier: Entry, order: Order) -> Redacted:
    said = (earlier.data["basis"], earlier.data["approver"], earlier.data["second"])
    if said == (order.basis, order.approver, order.second):
        return Redacted(earlier, repeated=True)
    raise ConflictError(
        f"{order.case} 已于 {earlier.recorded} 依法遮蔽 / {order.case} is redacted already,"
        f" by {said[1]} and {said[2]} (entry {earlier.seq} of {REDACTIONS}); nothing was done",
        code="already_redacted",
    )


def _digests(connection: Connection, case: str, known: bool) -> list[str]:
    """What the case's openings open, sorted."""
    if not known:
        raise NotFoundError(f"总账中没有 {case} / the ledger holds nothing of {case}")
    digests = sorted(set(connection.scalars(select(ledger_disclosure.c.digest).where(_of(case)))))
    if not digests:
        raise NotFoundError(
            f"{case} 没有密封字段 / {case} holds no sealed field to redact", code="nothing_sealed"
        )
    return digests


def _of(case: str) -> ColumnElement[bool]:
    entries = select(ledger_entry.c.id).where(ledger_entry.c.case_id == case)
    return ledger_disclosure.c.entry_id.in_(entries)


def _record(ledger: Ledger, connection: Connection, order: Order, digests: list[str], now: datetime) -> Entry:
    draft = EntryDraft(
        type=REDACTIONS,
        time=now,
        actor=order.approver,
        role=ROLE,
        business_key=f"{order.case}/{sha256(canonical(digests)).hexdigest()}",
        data={**asdict(order), "digests": [*digests]},
    )
    request = RecordRequest(matter=REDACTIONS, now=now, entries=(draft,))
    (receipt,) = append(ledger, connection, request)
    entry = find(connection, receipt.id)
    assert entry is not None  # recorded just now
    return entry


def _destroy(connection: Connection, case: str) -> None:
    connection.execute(delete(ledger_disclosure).where(_of(case)))
    connection.execute(delete(ledger_key).where(ledger_key.c.case_id == case))
    for statement in _FORGET:
        connection.execute(statement, {"case": case})
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO matter_fts (matter_fts) VALUES ('optimize')"))


_FORGET = (
    text("UPDATE matter_search SET terms = open_terms WHERE case_id = :case"),
    text("UPDATE matter SET applicant_masked = NULL, applicant_key = NULL WHERE case_id = :case"),
)
"""What rows beside the ledger know from openings goes with them; an optimised index holds nothing old."""


def _truncate_log(engine: Engine) -> bool:
    raw = engine.raw_connection()  # outside any transaction, in which no checkpoint is possible
    try:
        cursor = raw.cursor()
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    finally:
        raw.close()
    return not busy


def _vacuum(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.scalar(_OWNED) != 4:
            return False
        connection.execute(text("VACUUM ledger_key, ledger_disclosure, matter, matter_search"))
    return True


_OWNED = text(
    "SELECT count(*) FROM pg_class WHERE pg_has_role(relowner, 'USAGE')"
    " AND oid IN (to_regclass('ledger_key'), to_regclass('ledger_disclosure'),"
    " to_regclass('matter'), to_regclass('matter_search'))"
)

"""Checking the ledger against itself, failing closed: what cannot be read has not been verified.

Everything is recomputed from the leaves: chains, hashes, ids, columns, heads. This finds whatever
was altered, removed, swapped or added without rewriting all that depends on it. It cannot find a chain
rewritten whole by somebody who owns the database: that takes copies kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from ledger.chain import Chain, Link
from ledger.db import connect, read_origin, snapshot
from ledger.report import Findings, Report
from ledger.tables import ledger_case, ledger_disclosure, ledger_entry, ledger_key, ledger_outbox, metadata
from schemas.errors import YangguangError

_PORTION = 1000


def verify_url(url: str, advance: Callable[[int], None] | None = None) -> Report:
    """Verify the ledger at `url` without creating, upgrading or changing anything.

    A database that cannot be opened or read is a failed verification, not an error. `advance` is
    told how many entries more have been checked.
    """
    try:
        engine = connect(url, read_only=True)
        try:
            with snapshot(engine) as connection:
                return verify(connection, advance)
        finally:
            engine.dispose()
    except (YangguangError, SQLAlchemyError) as error:
        findings = Findings()
        findings.add("readable", str(error))
        return _report(findings, None, 0, 0, 0)


def verify(connection: Connection, advance: Callable[[int], None] | None = None) -> Report:
    """Verify the whole ledger over a connection that sees one state of it (`ledger.db.snapshot`)."""
    findings = Findings()
    origin, cases, entries, openings = None, 0, 0, 0
    try:
        if _tables_are_ours(connection, findings):
            origin = _origin(connection, findings)
            cases, entries = _chains(connection, findings, origin, advance)
            openings = _openings(connection, findings)
            _heads_without_entries(connection, findings)
            _positions(connection, findings, entries)
            _notices_of_nothing(connection, findings)
    except (SQLAlchemyError, UnicodeError, ValueError, TypeError) as error:
        findings.add("readable", f"无法读取 / cannot be read: {type(error).__name__}: {error}")
    return _report(findings, origin, cases, entries, openings)


def _report(findings: Findings, origin: str | None, cases: int, entries: int, openings: int) -> Report:
    if not findings.count and not entries:
        findings.add("empty", "总账为空 / the ledger holds no entry")
    return Report(
        verified=findings.count == 0,
        origin=origin,
        cases=cases,
        entries=entries,
        openings=openings,
        failure_count=findings.count,
        failures=tuple(findings.kept),
    )


def _tables_are_ours(connection: Connection, findings: Findings) -> bool:
    """Missing tables end the verification; unknown columns would be facts nobody checks."""
    found = inspect(connection)
    present = set(found.get_table_names())
    for name, table in metadata.tables.items():
        if name not in present:
            findings.add("table", f"缺表 / table missing: {name}")
            continue
        columns = {column["name"] for column in found.get_columns(name)}
        for column in sorted(columns ^ set(table.c.keys())):
            findings.add("table", f"列不符 / column missing or unknown: {name}.{column}")
    return not findings.count


def _origin(connection: Connection, findings: Findings) -> str | None:
    origin = read_origin(connection)
    if origin is None:
        findings.add("origin", "缺来源 / the ledger does not say whose it is")
        return None
    return origin.name


def _chains(
    connection: Connection, findings: Findings, origin: str | None, advance: Callable[[int], None] | None
) -> tuple[int, int]:
    """Walk every chain from its first entry to its head; returns the numbers of cases and entries."""
    chain: Chain | None = None
    cases = entries = 0
    for rows in _portions(connection):
        openings = _openings_of(connection, rows)
        for row in rows:
            if chain is None or chain.case_id != row.case_id:
                if chain is not None:
                    chain.close()
                chain = Chain(row.case_id, origin, findings)
                cases += 1
            chain.add(Link(row, openings.get(row.id, set())))
        entries += len(rows)
        if advance is not None:
            advance(len(rows))
    if chain is not None:
        chain.close()
    return cases, entries


def _portions(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    """Rows in chain order, each with the head its case claims."""
    heads = ledger_case.c
    query = (
        select(ledger_entry, heads.seq.label("head_seq"), heads.head, heads.recorded.label("head_recorded"))
        .join_from(ledger_entry, ledger_case, heads.case_id == ledger_entry.c.case_id, isouter=True)
        .order_by(ledger_entry.c.case_id, ledger_entry.c.seq)
    )
    yield from connection.execute(query.execution_options(yield_per=_PORTION)).partitions()


def _openings_of(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, set[str]]:
    columns = ledger_disclosure.c
    openings: dict[str, set[str]] = {}
    query = select(columns.entry_id, columns.digest).where(columns.entry_id.in_([row.id for row in rows]))
    for entry_id, digest in connection.execute(query):
        openings.setdefault(entry_id, set()).add(digest)
    return openings


def _openings(connection: Connection, findings: Findings) -> int:
    """Openings that belong to no entry, or that no key opens any more; returns how many there are."""
    table = ledger_disclosure
    orphans = select(table).where(~_exists(ledger_entry.c.id, table.c.entry_id))
    for row in connection.execute(orphans):
        findings.add("opening", f"披露无记录 / opening {row.digest} belongs to no entry", id=row.entry_id)
    locked = select(table.c.key_id).where(~_exists(ledger_key.c.key_id, table.c.key_id)).distinct()
    for key_id in connection.scalars(locked):
        findings.add("key", f"密钥缺失 / openings under key {key_id}, which is not there")
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _heads_without_entries(connection: Connection, findings: Findings) -> None:
    heads = ledger_case.c
    bare = select(heads.case_id, heads.seq).where(~_exists(ledger_entry.c.case_id, heads.case_id))
    for row in connection.execute(bare):
        said = f"有链头无记录 / head at seq {row.seq} without any entry"
        findings.add("head", said, case=row.case_id, seq=row.seq)


def _positions(connection: Connection, findings: Findings, entries: int) -> None:
    """Entries removed together with their head leave a hole; on SQLite positions are given without gaps.

    (PostgreSQL's sequence skips numbers whenever a transaction rolls back: a gap means nothing there.)
    """
    if connection.dialect.name != "sqlite":
        return
    given = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'ledger_entry'")) or 0
    stored = {pos for (pos,) in connection.execute(select(ledger_entry.c.pos))}
    for pos in sorted(set(range(1, given + 1)) ^ stored):
        findings.add("position", f"第 {pos} 条位置不符 / position {pos} of the ledger is missing or foreign")
    if given < entries:
        findings.add("position", f"编号不符 / {entries} entries, {given} numbers given")


def _notices_of_nothing(connection: Connection, findings: Findings) -> None:
    orphans = select(ledger_outbox).where(~_exists(ledger_entry.c.id, ledger_outbox.c.entry_id))
    for row in connection.execute(orphans):
        findings.add("notice", f"通知无记录 / notice {row.id} of an entry that is not there", id=row.entry_id)


def _exists(there: Any, here: Any) -> Any:
    return select(there).where(there == here).exists()

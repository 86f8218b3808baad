"""What lies beside the entries: tables, index and inbox, heads, openings, keys, notices, numbers given.

Each is asked of the database in one statement where all is well; places are looked for only where it is not.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect

from ledger.report import Findings
from ledger.tables import metadata
from ledger.verifier.chains import State
from ledger.verifier.source import Source

NAMED = 1000
"""Places looked for in the database by one check."""

_INDEX = "SELECT count(*), min(log_index), max(log_index) FROM ledger_index"
_FIRST_HOLE = """
    SELECT i.log_index + 1 FROM ledger_index AS i WHERE i.log_index >= 0
    AND NOT EXISTS (SELECT 1 FROM ledger_index AS n WHERE n.log_index = i.log_index + 1)
    ORDER BY i.log_index LIMIT 1
"""
_HEADS = "SELECT case_id, seq, head, recorded FROM ledger_case"
_COUNTS = """
    SELECT (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM ledger_index),
    (SELECT count(*) FROM ledger_inbox), (SELECT count(*) FROM ledger_disclosure)
"""
_LOST = f"""
    SELECT e.case_id, e.seq, e.id FROM ledger_entry AS e
    WHERE NOT EXISTS (SELECT 1 FROM ledger_index AS i WHERE i.pos = e.pos)
    AND NOT EXISTS (SELECT 1 FROM ledger_inbox AS w WHERE w.pos = e.pos) ORDER BY e.pos LIMIT {NAMED}
"""
_TWICE = f"""
    SELECT e.case_id, e.seq, e.id FROM ledger_entry AS e WHERE e.pos IN (
        SELECT w.pos FROM ledger_inbox AS w
        WHERE EXISTS (SELECT 1 FROM ledger_index AS i WHERE i.pos = w.pos)
    ) ORDER BY e.pos LIMIT {NAMED}
"""
_SAME_ID = f"SELECT id FROM ledger_entry GROUP BY id HAVING count(*) > 1 LIMIT {NAMED}"
_SAME_PLACE = f"SELECT pos FROM ledger_index GROUP BY pos HAVING count(*) > 1 LIMIT {NAMED}"
_SAME_KEY = f"""
    SELECT case_id, business_key FROM ledger_entry WHERE business_key IS NOT NULL
    GROUP BY case_id, business_key HAVING count(*) > 1 LIMIT {NAMED}
"""
_STRAY = f"""
    SELECT d.entry_id, d.digest FROM ledger_disclosure AS d LEFT JOIN ledger_entry AS e ON e.id = d.entry_id
    WHERE e.id IS NULL OR {{}} = 0 LIMIT {NAMED}
"""
# An entry whose bytes nowhere hold the name of sealed digests; where they do, its openings were looked at.
_STRAY_OPENINGS = {
    False: _STRAY.format("instr(e.leaf, CAST('\"_sd\":' AS BLOB))"),
    True: _STRAY.format("position(convert_to('\"_sd\":', 'UTF8') IN e.leaf)"),
}
_NOTICES = f"""
    SELECT o.id, o.entry_id FROM ledger_outbox AS o
    WHERE NOT EXISTS (SELECT 1 FROM ledger_entry AS e WHERE e.id = o.entry_id) LIMIT {NAMED}
"""
_POSITIONS = "SELECT count(*), min(pos), max(pos) FROM ledger_entry"
_GIVEN = "SELECT seq FROM sqlite_sequence WHERE name = 'ledger_entry'"
_HOLES = f"""
    SELECT e.pos + 1, (SELECT min(n.pos) FROM ledger_entry AS n WHERE n.pos > e.pos) FROM ledger_entry AS e
    WHERE NOT EXISTS (SELECT 1 FROM ledger_entry AS n WHERE n.pos = e.pos + 1) ORDER BY e.pos LIMIT {NAMED}
"""


def tables_are_ours(connection: Connection, findings: Findings) -> bool:
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


def sealed_count(source: Source, findings: Findings) -> int:
    """How many entries are sealed, by the index: its places run from 0 without a hole."""
    count, first, last = source.one(_INDEX)
    if not count:
        return 0
    if first < 0:
        findings.add("index", f"位置为负 / a place below zero in the log: {first}", index=first)
    if last < count + NAMED:  # places in between that are empty are told one by one
        return int(last) + 1
    (hole,) = source.one(_FIRST_HOLE)
    findings.add("index", f"第 {hole} 条缺失 / place {hole} of the log is empty", index=hole)
    return int(hole)


def check_heads(source: Source, states: dict[str, State], findings: Findings) -> None:
    """Every chain ends where its head says. Takes the states apart as it goes."""
    for case, seq, head, recorded in source.rows(_HEADS):
        state = states.pop(case, None)
        if state is None:
            findings.add(
                "head", f"有链头无记录 / head at seq {seq} without any entry", case=str(case), seq=_n(seq)
            )
        elif (seq, head, recorded) != state[:3]:
            told = f"链头不符 / the head (seq {seq}) is not the last entry (seq {state.seq})"
            findings.add("head", told, case=case, seq=state.seq)
    for case, state in states.items():
        findings.add("head", "缺链头 / entries without a head", case=case, seq=state.seq)


def check_all(source: Source, opened: int, findings: Findings) -> None:
    """Everything else; `opened` openings were met with the entries they belong to."""
    entries, sealed, waiting, openings = source.one(_COUNTS)
    if entries != sealed + waiting:
        _tell(source, _LOST, findings, lambda row: _lost(findings, *row))
    _tell(source, _TWICE, findings, lambda row: _twice(findings, *row))
    _tell(
        source, _SAME_ID, findings, lambda row: findings.add("unique", "编号重复 / id given twice", id=row[0])
    )
    _tell(source, _SAME_PLACE, findings, lambda row: _same_place(findings, *row))
    _tell(source, _SAME_KEY, findings, lambda row: _same_key(findings, *row))
    _tell(source, _NOTICES, findings, lambda row: _notice(findings, *row))
    if openings != opened:
        told = f"披露数不符 / {openings} openings are stored, {opened} belong to an entry"
        findings.add("opening", told)
        _tell(source, _STRAY_OPENINGS[source.postgresql], findings, lambda row: _stray(findings, *row))
    if not source.postgresql:
        _check_positions(source, findings)


def check_beyond(source: Source, size: int, findings: Findings) -> None:
    """Checkpoints, cosignatures and tokens of sizes that the log has not reached, or never signed."""
    for (found,) in source.rows("SELECT size FROM ledger_checkpoint WHERE size > ? OR size < 0", (size,)):
        told = f"总账变小 / the log has {size} entries, a checkpoint of {found} was signed"
        findings.add("checkpoint", told, size=found)
    stray = (
        "SELECT DISTINCT size FROM ledger_cosignature WHERE size NOT IN (SELECT size FROM ledger_checkpoint)"
    )
    for (found,) in source.rows(stray):
        findings.add("checkpoint", "缺检查点 / cosignatures of a checkpoint that is not there", size=found)


def _tell(source: Source, query: str, findings: Findings, tell: Callable[[tuple[object, ...]], None]) -> None:
    for row in source.rows(query):
        tell(row)


def _lost(findings: Findings, case: object, seq: object, identifier: object) -> None:
    told = "既未封存亦未待封 / neither sealed nor waiting to be sealed"
    findings.add("inbox", told, case=str(case), seq=_n(seq), id=str(identifier))


def _twice(findings: Findings, case: object, seq: object, identifier: object) -> None:
    told = "已封存又待封 / sealed, and waiting to be sealed again"
    findings.add("inbox", told, case=str(case), seq=_n(seq), id=str(identifier))


def _same_place(findings: Findings, pos: object) -> None:
    findings.add("index", f"同一记录封存两次 / the entry at position {pos} is sealed twice")


def _same_key(findings: Findings, case: object, key: object) -> None:
    findings.add("unique", f"业务键重复 / business key used twice: {key}", case=str(case))


def _stray(findings: Findings, entry_id: object, digest: object) -> None:
    findings.add("opening", f"披露无记录 / opening {digest} belongs to no entry", id=str(entry_id))


def _notice(findings: Findings, number: object, entry_id: object) -> None:
    findings.add("notice", f"通知无记录 / notice {number} of an entry that is not there", id=str(entry_id))


def _check_positions(source: Source, findings: Findings) -> None:
    """Entries removed together with their head leave a hole; on SQLite positions are given without gaps.

    (PostgreSQL's sequence skips numbers whenever a transaction rolls back: a gap means nothing there.)
    """
    given = next((seq for (seq,) in source.rows(_GIVEN)), 0)
    count, first, last = source.one(_POSITIONS)
    if (count, first or 1, last or 0) == (given, 1, given):
        return
    if first and first > 1:
        _hole(findings, 1, first - 1)
    for start, behind in source.rows(_HOLES):
        _hole(findings, start, (behind - 1) if behind else given)
    if given < (last or 0):
        findings.add("position", f"编号不符 / position {last} is there, {given} numbers were given")


def _hole(findings: Findings, first: int, last: int) -> None:
    for pos in range(first, min(last, first + NAMED) + 1):
        findings.add("position", f"第 {pos} 条位置缺失 / position {pos} of the ledger is missing")


def _n(value: object) -> int | None:
    return value if isinstance(value, int) else None

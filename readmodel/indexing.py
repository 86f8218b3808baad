"""By which terms a matter is found, written with its entries.

Open terms come from the leaf: number, item, what officers said. The applicant's name and his question are
sealed: their terms come from the openings beside the leaf, stay beside the open ones, and go with the
openings when the matter is redacted (`ledger.redact`). Complaints and fault cases are not indexed at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, update

from ledger.dialect import is_postgresql, upsert
from ledger.entry import Entry
from ledger.keys import CaseKey
from ledger.lists import Statement, run
from ledger.openings import BadOpeningError, decrypt_opening
from readmodel.applicants import OWN, applicant_key_of
from readmodel.tables import matter, matter_search
from readmodel.tasks import Shown
from rules.sight import told_of
from rules.terms import masked, terms_of

FOUND = frozenset({*OWN, "supervision", "review", "report"})
"""Kinds that are indexed."""

TEXTS = ("opinion", "reason", "instruction")
"""What of an entry is searched."""

NAMED = ("name", "topic")
"""Which sealed fields are searched."""

Terms = dict[str, set[str]]


@dataclass
class Heard:
    """What a portion of entries gives to search by, each as its matter stood then."""

    open_terms: Terms = field(default_factory=dict)
    sealed: dict[str, str] = field(default_factory=dict)
    """Matter of each entry whose openings are searched."""

    def hear(self, entry: Entry, shown: Shown, *, named: bool) -> None:
        """Take in one entry; `named` where it changed what the matter is called."""
        kind = shown.row.get("kind")
        if kind not in FOUND:
            return
        if kind in OWN and "_sd" in entry.data:
            self.sealed[entry.id] = entry.case_id
        if said := _said(entry, (shown.row.get("item") or "",) if named else None):
            self.open_terms.setdefault(entry.case_id, set()).update(said)


def project_terms(connection: Connection, heard: Heard) -> None:
    """Bring the terms up to date with what was heard."""
    opened = _openings(connection, heard.sealed)
    if opened:
        _name_applicants(connection, opened)
    personal = {
        case: set(terms_of(*(fields.get(name, "") for name in NAMED))) for case, fields in opened.items()
    }
    _add(connection, heard.open_terms, personal)


def _said(entry: Entry, names: tuple[str, ...] | None) -> tuple[str, ...]:
    """Terms of one entry; none of one that tells of a matter which is kept from somebody."""
    data = entry.data
    begins = () if names is None else (entry.case_id, *names)
    hidden = any(told_of(entry.case_id, data))
    texts = () if hidden else (data[name] for name in TEXTS if isinstance(data.get(name), str))
    return terms_of(*begins, *texts)


_STORED = Statement(
    """
    SELECT e.case_id, e.open_terms, e.terms FROM {items}
    JOIN {find} matter_search AS e {where} e.case_id = {c0} {found}
    """,
    ("TEXT",),
)


def _add(connection: Connection, open_terms: Terms, personal: Terms) -> None:
    cases = list(dict.fromkeys((*open_terms, *personal)))
    if not cases:
        return
    known = {row.case_id: row for row in run(connection, _STORED, [(case,) for case in cases])}
    rows = []
    for case in cases:
        before = known.get(case)
        said = {*before.open_terms.split()} if before else set()
        every = {*before.terms.split()} if before else set()
        said |= open_terms.get(case, set())
        every |= said | personal.get(case, set())
        row = {"case_id": case, "open_terms": " ".join(sorted(said)), "terms": " ".join(sorted(every))}
        if before is None or (before.open_terms, before.terms) != (row["open_terms"], row["terms"]):
            rows.append(row)
    if rows:
        connection.execute(_put(connection), rows)


def _put(connection: Connection) -> Any:
    statement = upsert(matter_search, postgresql=is_postgresql(connection))
    new = {name: statement.excluded[name] for name in ("open_terms", "terms")}
    return statement.on_conflict_do_update(index_elements=["case_id"], set_=new)


# -- what is sealed ---------------------------------------------------------------------------

_SEALED = Statement(
    """
    SELECT e.entry_id, e.digest, e.ciphertext FROM {items}
    JOIN {find} ledger_disclosure AS e {where} e.entry_id = {c0} {found}
    """,
    ("TEXT",),
)
_KEYS = Statement(
    """
    SELECT e.case_id, e.key_id, e.key FROM {items}
    JOIN {find} ledger_key AS e {where} e.case_id = {c0} {found}
    """,
    ("TEXT",),
)


def _openings(connection: Connection, sealed: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Sealed fields of applicants, by matter; nothing of one that is redacted."""
    if not sealed:
        return {}
    keys = {
        row.case_id: CaseKey(row.key_id, bytes(row.key))
        for row in run(connection, _KEYS, [(case,) for case in sorted({*sealed.values()})])
    }
    found: dict[str, dict[str, str]] = {}
    for row in run(connection, _SEALED, [(each,) for each in sealed]):
        case = sealed[row.entry_id]
        if case in keys:
            found.setdefault(case, {}).update(_opened(keys[case], row.digest, row.ciphertext))
    return found


def _opened(key: CaseKey, digest: str, ciphertext: str) -> Iterator[tuple[str, str]]:
    """What is no opening is found by nothing; that it is none, the verifier says."""
    try:
        opening = decrypt_opening(key, digest, ciphertext)
    except BadOpeningError:
        return
    yield opening.name, opening.value


_NAME = (
    update(matter)
    .where(matter.c.case_id == bindparam("case"))
    .values(applicant_masked=bindparam("masked"), applicant_key=bindparam("joined"))
)


def _name_applicants(connection: Connection, opened: Mapping[str, Mapping[str, str]]) -> None:
    rows = [
        {
            "case": case,
            "masked": masked(fields.get("name", "")) or None,
            "joined": applicant_key_of(connection, fields.get("id_number", "")),
        }
        for case, fields in opened.items()
    ]
    connection.execute(_NAME, rows)

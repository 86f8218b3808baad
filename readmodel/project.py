"""From entries to rows, inside the recorder's transaction and again whenever rows are rebuilt.

Rows come from the leaf (`readmodel.leaf`) and, for the applicant's name, from the openings beside it, so a
rebuild gives the same rows. A portion of entries costs a handful of statements, however many entries it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, delete, insert, text, update

from ledger.dialect import is_postgresql, upsert
from ledger.entry import Entry
from ledger.read import stream
from readmodel import tasks
from readmodel.indexing import Heard, project_terms
from readmodel.leaf import Said, card_rows, position_of, said_in
from readmodel.tables import matter, matter_card, matter_clock, matter_part, matter_search, matter_task

Row = dict[str, Any]

DERIVED = (matter, matter_clock, matter_card, matter_task, matter_part, matter_search)
"""Tables that hold nothing but what follows from the ledger."""

_CHUNK = 500


def project(connection: Connection, entries: Sequence[Entry]) -> None:
    """Bring the rows up to date with new entries, given in chain order.

    Raises BadEntryError where a leaf gives a column a value of the wrong kind; the entry is then
    not recorded. Unknown names are ignored: an older worker may meet a newer workflow's leaf.
    """
    said = [said_in(entry) for entry in entries]
    shown = tasks.read(connection, entries)
    _project_matters(connection, said)
    _project_clocks(connection, said)
    heard = Heard()
    for each in said:
        stands = shown[each.entry.case_id]
        before = _name_of(stands)
        tasks.fold(stands, each)
        heard.hear(each.entry, stands, named=_name_of(stands) != before)
    tasks.write(connection, shown)
    project_terms(connection, heard)
    if cards := card_rows(entries):
        connection.execute(_upsert(connection, matter_card, matter_card.c.keys(), only_newer=True), cards)


def _name_of(stands: tasks.Shown) -> tuple[object, object]:
    return stands.row.get("kind"), stands.row.get("item")


def rebuild(connection: Connection, told: Callable[[int], object] = lambda _: None) -> int:
    """Forget all rows and derive them from the ledger again; returns the number of entries read.

    `told` hears of each portion how many entries it had. What a redaction destroyed does not come back.
    """
    if is_postgresql(connection):
        connection.execute(text("LOCK TABLE matter IN EXCLUSIVE MODE"))  # no recorder writes meanwhile
    for table in DERIVED:
        connection.execute(delete(table))
    count = 0
    for portion in stream(connection):
        project(connection, portion)
        count += len(portion)
        told(len(portion))
    return count


def _project_matters(connection: Connection, said: Sequence[Said]) -> None:
    """Views add up: those of one matter are laid over each other before anything is written.

    A chain without any view, such as the ledger's own streams, is no matter: there is no row to move.
    """
    views: dict[str, Row] = {}
    last = {each.entry.case_id: each.entry for each in said}
    for each in said:
        if each.view is not None:
            views.setdefault(each.entry.case_id, {}).update(each.view)
    _write_views(connection, [views[case] | {"case_id": case} | position_of(last[case]) for case in views])
    if moved := [{"case": case} | position_of(entry) for case, entry in last.items() if case not in views]:
        connection.execute(_MOVE, moved)


_MOVE = update(matter).where(matter.c.case_id == bindparam("case"))


def _write_views(connection: Connection, rows: Iterable[Row]) -> None:
    """One statement for all rows that set the same columns; untouched columns spare their indexes."""
    alike: dict[frozenset[str], list[Row]] = {}
    for row in rows:
        alike.setdefault(frozenset(row), []).append(row)
    for group in alike.values():
        connection.execute(_upsert(connection, matter, sorted(group[0])), group)


def _project_clocks(connection: Connection, said: Sequence[Said]) -> None:
    """The last list of clocks of each matter replaces what is there."""
    latest = {each.entry.case_id: each for each in said if each.clocks is not None}
    cases = sorted(case for case, each in latest.items() if each.entry.seq > 1)
    for start in range(0, len(cases), _CHUNK):
        replaced = matter_clock.c.case_id.in_(cases[start : start + _CHUNK])
        connection.execute(delete(matter_clock).where(replaced))
    if rows := [clock for each in latest.values() for clock in each.clocks or ()]:
        connection.execute(insert(matter_clock), rows)


def _upsert(
    connection: Connection, table: Table, names: Sequence[str], *, only_newer: bool = False
) -> Insert:
    return _built(is_postgresql(connection), table, tuple(names), only_newer)


@lru_cache(maxsize=256)
def _built(postgresql: bool, table: Table, names: tuple[str, ...], only_newer: bool) -> Insert:
    """Insert rows or overwrite the named columns. Built once: building costs more than executing.

    `only_newer` keeps the last word where two chains write one row, in whatever order they come.
    """
    statement = upsert(table, postgresql=postgresql)
    keys = [column.name for column in table.primary_key]
    new = {name: statement.excluded[name] for name in names if name not in keys}
    newer = statement.excluded.last_recorded >= table.c.last_recorded if only_newer else None
    return statement.on_conflict_do_update(index_elements=keys, set_=new, where=newer)

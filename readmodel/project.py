"""From entries to rows, inside the recorder's transaction and again whenever rows are rebuilt.

Rows come from the leaf alone, so a rebuild gives the same rows. What a leaf says to the read model:

- `data.view`: any columns of `matter`, set from now on; `people` are [capacity, staff number] pairs;
- `data.clocks`: all clocks of the matter, replacing the rows there are;
- `data.card` on `card.*`: the card as it now stands, whole.

A portion of entries costs a handful of statements, however many entries it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Insert, Table, bindparam, delete, insert, update

from ledger.canonical import canonical
from ledger.dialect import is_postgresql, upsert
from ledger.entry import Entry
from ledger.errors import BadEntryError
from ledger.read import stream
from readmodel.tables import matter, matter_card, matter_clock

Row = dict[str, Any]

Fits = Callable[[object], bool]


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and "\0" not in value)


def _is_day(value: object) -> bool:
    return value is None or (isinstance(value, str) and _names_a_day(value))


def _is_people(value: object) -> bool:
    return isinstance(value, list) and all(_is_person(each) for each in value)


def _is_person(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(v is not None and _is_text(v) for v in value)


@lru_cache(maxsize=4096)
def _names_a_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _kinds(table: Table, *without: str) -> dict[str, Fits]:
    """What each column of a table takes, told from its type and name."""
    return {column.name: _kind(column) for column in table.c if column.name not in without}


def _kind(column: Column[Any]) -> Fits:
    if isinstance(column.type, Boolean):
        return _is_flag
    is_day = column.name == "due" or column.name.endswith(("_day", "_due", "_from"))
    return _is_day if is_day else _is_text


_VIEW = _kinds(matter, "case_id", "last_seq", "last_recorded") | {"people": _is_people}
_CLOCK = _kinds(matter_clock, "case_id")
_CARD = _kinds(matter_card, "card_id", "case_id", "addressees", "last_seq", "last_recorded")
_CARD_NEEDS = ("id", "code", "colour", "issue_day", "addressees")
_CHUNK = 500


def project(connection: Connection, entries: Sequence[Entry]) -> None:
    """Bring the rows up to date with new entries, given in chain order.

    Raises BadEntryError where a leaf gives a column a value of the wrong kind; the entry is then
    not recorded. Unknown names are ignored: an older worker may meet a newer workflow's leaf.
    """
    _project_matters(connection, entries)
    _project_clocks(connection, entries)
    cards = [_card(entry) for entry in entries if entry.type.startswith("card.") and "card" in entry.data]
    if cards:
        connection.execute(_upsert(connection, matter_card, matter_card.c.keys(), only_newer=True), cards)


def rebuild(connection: Connection) -> int:
    """Forget all rows and derive them from the ledger again; returns the number of entries read."""
    for table in (matter, matter_clock, matter_card):
        connection.execute(delete(table))
    count = 0
    for portion in stream(connection):
        project(connection, portion)
        count += len(portion)
    return count


def _project_matters(connection: Connection, entries: Sequence[Entry]) -> None:
    """Views add up: those of one matter are laid over each other before anything is written.

    A chain without any view, such as the ledger's own streams, is no matter: there is no row to move.
    """
    views: dict[str, Row] = {}
    last = {entry.case_id: entry for entry in entries}
    for entry in entries:
        if "view" in entry.data:
            views.setdefault(entry.case_id, {}).update(_view(entry))
    _write_views(connection, [views[case] | {"case_id": case} | _position(last[case]) for case in views])
    if moved := [{"case": case} | _position(entry) for case, entry in last.items() if case not in views]:
        connection.execute(_MOVE, moved)


def _view(entry: Entry) -> Row:
    row = _checked(entry, "view", entry.data["view"], _VIEW)
    if "people" in row:
        row["people"] = canonical(row["people"]).decode()
    return row


_MOVE = update(matter).where(matter.c.case_id == bindparam("case"))


def _position(entry: Entry) -> Row:
    return {"last_seq": entry.seq, "last_recorded": entry.recorded}


def _write_views(connection: Connection, rows: Iterable[Row]) -> None:
    """One statement for all rows that set the same columns; untouched columns spare their indexes."""
    alike: dict[frozenset[str], list[Row]] = {}
    for row in rows:
        alike.setdefault(frozenset(row), []).append(row)
    for group in alike.values():
        connection.execute(_upsert(connection, matter, sorted(group[0])), group)


def _project_clocks(connection: Connection, entries: Sequence[Entry]) -> None:
    """The last list of clocks of each matter replaces what is there."""
    latest = {entry.case_id: entry for entry in entries if "clocks" in entry.data}
    if not latest:
        return
    cases = sorted(latest)
    for start in range(0, len(cases), _CHUNK):
        replaced = matter_clock.c.case_id.in_(cases[start : start + _CHUNK])
        connection.execute(delete(matter_clock).where(replaced))
    rows = [_clock(entry, clock) for entry in latest.values() for clock in entry.data["clocks"]]
    _refuse_doubles(rows)
    if rows:
        connection.execute(insert(matter_clock), rows)


def _refuse_doubles(rows: Iterable[Row]) -> None:
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        key = row["case_id"], row["clock"], row["ref"]
        if key in seen:
            raise BadEntryError(f"{key[0]}: 时限重复 / clock given twice in data.clocks: {key[1]} {key[2]}")
        seen.add(key)


_NO_CLOCK: Row = {name: False if fits is _is_flag else None for name, fits in _CLOCK.items()} | {"ref": ""}


def _clock(entry: Entry, clock: Row) -> Row:
    row = _NO_CLOCK | _checked(entry, "clocks", clock, _CLOCK) | {"case_id": entry.case_id}
    if not row["clock"]:
        raise BadEntryError(f"{_where(entry)}: 时限无名 / clock without a name in data.clocks")
    return row


def _card(entry: Entry) -> Row:
    """The card's row. It may be filed under the matter it was issued in, which it then names as `case_id`."""
    card = entry.data["card"]
    if wanting := [name for name in _CARD_NEEDS if card.get(name) is None]:
        raise BadEntryError(f"{_where(entry)}: 督办牌缺项 / data.card lacks {', '.join(wanting)}")
    row: Row = dict.fromkeys(_CARD) | {"status": entry.type.partition(".")[2]}
    row |= _checked(entry, "card", card, _CARD)
    row |= {"card_id": card["id"], "case_id": card.get("case_id", entry.case_id)}
    row["addressees"] = canonical(card["addressees"]).decode()
    return row | _position(entry)


def _checked(entry: Entry, place: str, given: Row, kinds: Mapping[str, Fits]) -> Row:
    """The known names of `given`, each of the kind its column takes."""
    row: Row = {}
    for name, value in given.items():
        fits = kinds.get(name)
        if fits is None:
            continue
        if not fits(value):
            raise BadEntryError(f"{_where(entry)}: 值不符 / data.{place}.{name} cannot be {value!r:.60}")
        row[name] = value
    return row


def _where(entry: Entry) -> str:
    return f"{entry.case_id} {entry.type}"


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

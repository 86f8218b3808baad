"""Search (检索): by number, applicant's name, item and what was said, over the terms of `rules.terms`.

Every word that is asked for has to be there. Who asks sees what he may see: `keep` decides, row by row, and a
page and its cursor tell of nothing else. A whole number finds its matter whether it is indexed or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, and_, or_, select, text

from ledger.dialect import is_postgresql
from readmodel.query import MAX_PAGE, Cursor, Keep, MatterRow, Order, Page, read_cursor, write_cursor
from readmodel.tables import matter
from rules.terms import Asked, asked_in, terms_of

_FTS = """SELECT s.case_id FROM matter_fts AS f JOIN matter_search AS s ON s.id = f.rowid
    WHERE matter_fts MATCH :{name}"""
_GIN = """SELECT s.case_id FROM matter_search AS s
    WHERE array_to_tsvector(string_to_array(s.terms, ' ')) @@ CAST(:{name} AS tsquery)"""

_ITEMS = "SELECT case_id FROM matter WHERE item IN (SELECT value FROM json_each(:{name}))"
_ITEMS_PG = "SELECT case_id FROM matter WHERE item = ANY(:{name})"

MAX_WORDS = 16
"""Words with blanks between them that narrow a question."""


def search(
    connection: Connection,
    asked: str,
    keep: Keep | None = None,
    after: str | None = None,
    limit: int = 50,
    *,
    items: Mapping[str, str] | None = None,
) -> Page:
    """A page of matters, latest entry first. `items` are names of service items by code.

    Raises UsageError for a cursor that is none of a search.
    """
    limit = max(1, min(limit, MAX_PAGE))
    start = read_cursor(after, Order.RECENT) if after else None
    kept: list[MatterRow] = []
    for found in _portions(connection, asked, items or {}, start, MAX_PAGE if keep else limit + 1):
        fit: Sequence[bool] = keep(found) if keep else [True] * len(found)
        kept += (row for row, shown in zip(found, fit, strict=True) if shown)
        if len(kept) > limit:
            break
    rows = tuple(kept[:limit])
    if len(kept) <= limit:
        return Page(rows=rows)
    return Page(rows=rows, next=write_cursor(_place(rows[-1])))


def _place(row: MatterRow) -> Cursor:
    moment = row.last_recorded.isoformat(timespec="microseconds")
    return Cursor(order=Order.RECENT, key=moment, case_id=row.case_id)


def _portions(
    connection: Connection, asked: str, items: Mapping[str, str], start: Cursor | None, size: int
) -> Iterator[list[MatterRow]]:
    columns = matter.c
    wanted, given = _wanted(is_postgresql(connection), asked, items)
    query = select(matter).where(wanted)
    query = query.order_by(columns.last_recorded.desc(), columns.case_id).limit(size)
    while True:
        behind = query.where(_behind(start)) if start else query
        rows = connection.execute(behind, given).mappings()
        found = [MatterRow.model_validate(dict(row)) for row in rows]
        yield found
        if len(found) < size:
            return
        start = _place(found[-1])


def _behind(start: Cursor) -> ColumnElement[bool]:
    columns = matter.c
    same = and_(columns.last_recorded == start.key, columns.case_id > start.case_id)
    return or_(columns.last_recorded < start.key, same)


def _wanted(
    postgresql: bool, asked: str, items: Mapping[str, str]
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Numbers of what is found: each word among a row's terms, or in the name of its item; or its number.

    As one list of numbers, so that no plan reads the rows of matters that are not on it.
    """
    plain: list[Asked] = []
    parts: list[str] = []
    given: dict[str, Any] = {"number": asked.strip()}
    has, named = (_GIN, _ITEMS_PG) if postgresql else (_FTS, _ITEMS)
    for n, word in enumerate(asked.split()[:MAX_WORDS]):
        terms, codes = asked_in(word), _items_named(word, items)
        if not codes:
            plain += terms
            continue
        given[f"w{n}"], given[f"c{n}"] = _question(postgresql, terms), codes
        if not postgresql:
            given[f"c{n}"] = orjson.dumps(codes).decode()
        both = f"{has.format(name=f'w{n}')} UNION {named.format(name=f'c{n}')}"
        parts.append(f"SELECT case_id FROM ({both}) AS found{n}")
    if plain:
        given["words"] = _question(postgresql, plain)
        parts.append(has.format(name="words"))
    number = "SELECT case_id FROM matter WHERE case_id = :number"
    found = f"{' INTERSECT '.join(parts)} UNION {number}" if parts else number
    return matter.c.case_id.in_(text(found).columns(matter.c.case_id)), given


def _items_named(word: str, items: Mapping[str, str]) -> list[str]:
    wanted = {each.term for each in asked_in(word)}
    return [code for code, name in items.items() if wanted and wanted <= {*terms_of(name)}]


def _question(postgresql: bool, asked: Sequence[Asked]) -> str:
    """All of these terms, as the database is asked; terms are letters and digits alone."""
    if postgresql:
        return " & ".join(f"'{each.term}'{':*' if each.begins else ''}" for each in asked)
    return " AND ".join(f'"{each.term}"{"*" if each.begins else ""}' for each in asked)

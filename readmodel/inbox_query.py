"""How the tabs are read: by lanes, each through its own index, so that a hundred posts are not sorted whole.

A lane is a name for which there may be tasks: a person, or one of his posts. The first rows of each lane, in
order, are enough for the first rows of all. Red, yellow, green and grey are asked for one after the other:
on a full page the rest is never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, text

from ledger.dialect import is_postgresql
from ledger.lists import Statement, run
from readmodel.tables import matter_task

Row = dict[str, Any]
Place = tuple[str, ...]
"""What a row is sorted by; no two have the same."""

RANKS = ("red", "yellow", "green", "grey")

_RANK = {
    "red": "t.red_from <= :today AND t.due < :today",
    "yellow": "t.red_from > :today AND t.yellow_from <= :today",
    "green": "t.red_from > :today AND t.yellow_from > :today AND NOT t.stopped",
    "grey": "t.red_from > :today AND t.yellow_from > :today AND t.stopped",
}
_KEY = ("due", "case_id", "what", "assignee_kind", "assignee")
_ORDER = ", ".join(f"t.{name}" for name in _KEY)
_COLUMNS = ", ".join(f"t.{column.name}" for column in matter_task.c)

_LANES = {
    "mine": "t.assignee = lane.name AND t.assignee_kind = lane.kind",
    "team": "t.post = lane.name AND t.assignee_kind = 'person' AND t.assignee <> :person",
}

_EACH = {
    True: ", LATERAL ({own}) AS t",
    False: " JOIN matter_task AS t ON t.rowid IN ({own})",
}
"""The first rows of each lane, on PostgreSQL (True) and on SQLite, which has no LATERAL."""

_MINE = """EXISTS (SELECT 1 FROM matter_task AS own WHERE own.case_id = p.case_id AND (
    (own.assignee_kind = 'person' AND own.assignee = :person)
    OR (own.assignee_kind = 'post' AND own.assignee IN (SELECT name FROM lanes WHERE kind = 'post'))))"""

_WAITING = f"""matter_part AS p JOIN matter_task AS t ON t.case_id = p.case_id
    WHERE p.officer = :person AND p.ended = '' AND NOT {_MINE}"""

_DONE = """matter_part AS p JOIN matter AS t ON t.case_id = p.case_id
    WHERE p.officer = :person AND p.ended <> ''"""


@dataclass(frozen=True)
class Asked:
    """Whose tab is asked for, as of which day, and how many rows at most."""

    tab: str
    person: str
    posts: tuple[str, ...]
    today: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    limit: int = 50

    @property
    def lanes(self) -> list[tuple[str, str]]:
        """Names for which there may be tasks."""
        posts = [("post", post) for post in dict.fromkeys(self.posts)]
        return posts if self.tab == "team" else [("person", self.person), *posts]


def portion(connection: Connection, asked: Asked, rank: str, after: Place | None) -> list[tuple[Row, Place]]:
    """The next rows of a tab with a lamp of this colour, each with its place."""
    if not asked.lanes:
        return []
    statement = _statement(
        is_postgresql(connection), asked.tab, rank, tuple(sorted(asked.filters)), after is not None
    )
    given = _arguments(connection, asked) | dict(zip(_AFTER, after or (), strict=False))
    found = connection.execute(text(statement), given).mappings()
    return [(dict(row), tuple(row[name] for name in _KEY)) for row in found]


_AFTER = tuple(f"after_{name}" for name in _KEY)


@lru_cache(maxsize=512)
def _statement(postgresql: bool, tab: str, rank: str, filters: tuple[str, ...], behind: bool) -> str:
    conditions = [_RANK[rank], *(f"t.{name} = :{name}" for name in filters)]
    if behind:
        place = ", ".join(f":{name}" for name in _AFTER)
        conditions.append(f"t.due >= :after_due AND ({_ORDER}) > ({place})")
    where = " AND ".join(conditions)
    lanes = _lanes(postgresql)
    if tab == "waiting":
        found = f"SELECT {_COLUMNS} FROM {_WAITING} AND {where}"
    else:
        first = "t.*" if postgresql else "t.rowid"
        own = f"SELECT {first} FROM matter_task AS t WHERE {_LANES[tab]} AND {where}"
        own = f"{own} ORDER BY {_ORDER} LIMIT :most"
        found = f"SELECT {_COLUMNS} FROM lanes AS lane" + _EACH[postgresql].format(own=own)
    return f"WITH lanes AS ({lanes}) {found} ORDER BY {_ORDER} LIMIT :most"


def _lanes(postgresql: bool) -> str:
    if postgresql:
        return "SELECT * FROM unnest(CAST(:kinds AS TEXT[]), CAST(:names AS TEXT[])) AS given(kind, name)"
    return """SELECT json_extract(value, '$[0]') AS kind, json_extract(value, '$[1]') AS name
        FROM json_each(:lanes)"""


def _arguments(connection: Connection, asked: Asked) -> Row:
    given: Row = {"person": asked.person, "today": asked.today, "most": asked.limit, **asked.filters}
    if is_postgresql(connection):
        kinds, names = zip(*asked.lanes, strict=True) if asked.lanes else ((), ())
        return given | {"kinds": [*kinds], "names": [*names]}
    return given | {"lanes": orjson.dumps(asked.lanes).decode()}


# -- what is done, and how much there is ------------------------------------------------------


def done_page(connection: Connection, asked: Asked, after: Place | None) -> list[tuple[Row, Place]]:
    """The next matters that are over, latest first."""
    behind = "AND (p.ended < :after_ended OR (p.ended = :after_ended AND p.case_id > :after_case_id))"
    filters = " ".join(f"AND t.{name} = :{name}" for name in asked.filters if name != "what")
    shown = "t.case_id, t.kind, t.item, t.state, t.stage, t.section, p.ended AS since"
    statement = f"""SELECT {shown} FROM {_DONE} {filters} {behind if after else ""}
        ORDER BY p.ended DESC, p.case_id LIMIT :most"""
    given = _arguments(connection, asked) | dict(
        zip(("after_ended", "after_case_id"), after or (), strict=False)
    )
    nothing = {"what": "", "assignee": asked.person, "assignee_kind": "person"}
    found = connection.execute(text(statement), given).mappings()
    return [(dict(row) | nothing, (row["since"], row["case_id"])) for row in found]


def count(connection: Connection, asked: Asked) -> int:
    """How many rows a tab has."""
    lanes = f"WITH lanes AS ({_lanes(is_postgresql(connection))})"
    match asked.tab:
        case "waiting":
            counted = _WAITING
        case "done":
            counted = "matter_part AS p WHERE p.officer = :person AND p.ended <> ''"
        case _:
            counted = f"lanes AS lane JOIN matter_task AS t ON {_LANES[asked.tab]}"
    found = connection.scalar(text(f"{lanes} SELECT count(*) FROM {counted}"), _arguments(connection, asked))
    return int(found or 0)


_OF_MATTERS = Statement(
    """
    SELECT e.case_id, e.last_seq, e.applicant_masked FROM {items}
    JOIN {find} matter AS e {where} e.case_id = {c0} {found}
    """,
    ("TEXT",),
)


def of_matters(connection: Connection, cases: Iterable[str]) -> dict[str, Row]:
    """What a task's row shows of its matter besides."""
    wanted: Sequence[tuple[str]] = [(case,) for case in sorted(cases)]
    found = run(connection, _OF_MATTERS, wanted).mappings() if wanted else ()
    return {row["case_id"]: dict(row) for row in found}

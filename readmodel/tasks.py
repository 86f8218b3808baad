"""Open tasks as rows: what each entry leaves to be done, and who has had a part in the matter.

Written with the entry. A portion is read as it stands before, folded entry by entry in memory, and written
where something has changed: so the rows are the same however many entries come at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, update

from ledger.canonical import canonical
from ledger.entry import Entry
from ledger.lists import Statement, run
from readmodel.leaf import Said
from readmodel.tables import NEVER, matter, matter_part, matter_task
from rules.recollection import remembered
from rules.standing import Standing
from rules.tasks import parts_of, tasks_of

Row = dict[str, Any]
Key = tuple[str, str, str]
Rows = Callable[[str], Iterable[Row]]
Stale = Callable[[str], bool]

NO_PART: tuple[frozenset[str], str] = (frozenset(), "")

_SHOWN = ("kind", "item", "state", "stage", "owner", "owner_post", "section", "closed", "people", "told")
_CLOCK = ("clock", "ref", "due", "yellow_from", "red_from", "stopped", "breached", "owner")
_TASK = tuple(column.name for column in matter_task.c)


def _stored(table: str, names: Sequence[str]) -> Statement:
    columns = ", ".join(f"e.{name}" for name in ("case_id", *names))
    found = "JOIN {find} " + table + " AS e {where} e.case_id = {c0} {found}"
    return Statement(f"SELECT {columns} FROM {{items}} {found}", ("TEXT",))


_MATTERS, _CLOCKS = _stored("matter", _SHOWN), _stored("matter_clock", _CLOCK)
_TASKS = _stored("matter_task", _TASK[1:])


@dataclass
class Shown:
    """A matter as it stands while a portion of entries is folded."""

    row: Row = field(default_factory=dict)
    people: tuple[tuple[str, str], ...] = ()
    clocks: list[Row] = field(default_factory=list)
    told: Row = field(default_factory=dict)
    tasks: dict[Key, Row] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    before: tuple[Row, dict[Key, Row], tuple[frozenset[str], str]] = field(
        default_factory=lambda: ({}, {}, NO_PART)
    )
    """Memory, tasks and parts as they are stored."""
    known: bool = False
    """Whether an entry has shown it; a chain without any view is no matter."""

    @property
    def standing(self) -> Standing:
        """What its tasks follow from."""
        row = self.row
        names = ("kind", "state", "owner", "owner_post")
        given = {name: row.get(name) or "" for name in names}
        closed = bool(row.get("closed"))
        return Standing(**given, closed=closed, people=self.people, clocks=self.clocks, told=self.told)

    @property
    def ended(self) -> str:
        """When it was over; empty while it is not."""
        return str(self.told.get("ended", ""))


def read(connection: Connection, entries: Sequence[Entry]) -> dict[str, Shown]:
    """The matters of these entries as they are stored; those whose first entry is among them are new."""
    shown = {entry.case_id: Shown() for entry in entries}
    new = {entry.case_id for entry in entries if entry.seq == 1}
    known = [(case,) for case in sorted(shown.keys() - new)]
    if not known:
        return shown
    for row in run(connection, _MATTERS, known).mappings():
        _take(shown[row["case_id"]], dict(row))
    for row in run(connection, _CLOCKS, known).mappings():
        shown[row["case_id"]].clocks.append(dict(row))
    for row in run(connection, _TASKS, known).mappings():
        shown[row["case_id"]].tasks[_key(row)] = dict(row) | {"stopped": bool(row["stopped"])}
    for each in shown.values():
        each.before = dict(each.told), dict(each.tasks), (each.parts, each.ended)
    return shown


def _take(shown: Shown, row: Row) -> None:
    shown.people = _people(row.pop("people"))
    shown.told = json.loads(row.pop("told") or "{}")
    shown.row, shown.known = row, True
    shown.parts = parts_of(shown.standing)


def _people(text: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((capacity, who) for capacity, who in json.loads(text or "[]"))


def fold(shown: Shown, said: Said) -> None:
    """The matter after one more entry: what the entry shows of it, its clocks if it tells them."""
    entry = said.entry
    if said.view is not None:
        shown.known = True
        shown.row.update(said.view)
        if "people" in said.view:
            shown.people = _people(shown.row.pop("people"))
    if said.clocks is not None:
        shown.clocks = said.clocks
    if not shown.known:
        return
    shown.told = _told(shown, entry)
    found = {(task.what, task.kind, task.assignee): task for task in tasks_of(shown.standing)}
    shown.tasks = {key: _row(shown, entry, key, vars(task)) for key, task in found.items()}
    shown.parts = parts_of(shown.standing)


def _told(shown: Shown, entry: Entry) -> Row:
    told = remembered(shown.told, entry.case_id, entry.type, str(entry.event["actor"]), entry.data)
    if not shown.row.get("closed"):
        told.pop("ended", None)
    else:
        told.setdefault("ended", entry.recorded)
    return told


def _row(shown: Shown, entry: Entry, key: Key, task: Mapping[str, Any]) -> Row:
    """A task's row; since when it is open is kept for as long as it is."""
    known = shown.tasks.get(key)
    what, kind, assignee = key
    days = {name: task[name] or NEVER for name in ("due", "yellow_from", "red_from")}
    shared = {name: shown.row.get(name) for name in ("kind", "item", "state", "stage", "section")}
    return {
        "case_id": entry.case_id,
        "what": what,
        "assignee_kind": kind,
        "assignee": assignee,
        "post": task["post"],
        **shared,
        **days,
        "stopped": task["stopped"],
        "since": known["since"] if known else entry.recorded,
    }


def _key(row: Any) -> Key:
    return row["what"], row["assignee_kind"], row["assignee"]


# -- writing ----------------------------------------------------------------------------------


def write(connection: Connection, shown: Mapping[str, Shown]) -> None:
    """Bring the rows to what was folded, where they are something else."""
    told = {case: each for case, each in shown.items() if each.told != each.before[0]}
    if told:
        connection.execute(_REMEMBER, [_memory(case, each.told) for case, each in told.items()])
    tasks = [case for case, each in shown.items() if each.tasks != each.before[1]]
    _replace(connection, matter_task, tasks, lambda case: shown[case].tasks.values(), _had(shown, 1))
    parts = [case for case, each in shown.items() if (each.parts, each.ended) != each.before[2]]
    _replace(connection, matter_part, parts, lambda case: _part_rows(case, shown[case]), _had(shown, 2))


def _had(shown: Mapping[str, Shown], place: int) -> Stale:
    return lambda case: bool(shown[case].before[place]) and shown[case].before[place] != NO_PART


_REMEMBER = update(matter).where(matter.c.case_id == bindparam("case")).values(told=bindparam("memory"))


def _memory(case: str, told: Row) -> Row:
    return {"case": case, "memory": canonical(told).decode() if told else None}


def _part_rows(case: str, shown: Shown) -> Iterator[Row]:
    return ({"officer": who, "case_id": case, "ended": shown.ended} for who in sorted(shown.parts))


def _replace(connection: Connection, table: Table, cases: Sequence[str], rows: Rows, stale: Stale) -> None:
    """All rows of these matters; a new matter has none that would have to go."""
    if old := [(case,) for case in cases if stale(case)]:
        run(connection, _CLEAR[table.name, connection.dialect.name], old)
    if new := [row for case in cases for row in rows(case)]:
        connection.execute(insert(table), new)


_CLEAR = {
    (table, dialect): Statement(f"DELETE FROM {table} WHERE case_id {which}", ("TEXT",))
    for table in (matter_task.name, matter_part.name)
    for dialect, which in (("postgresql", "= ANY({array})"), ("sqlite", "IN (SELECT {c0} FROM {items})"))
}

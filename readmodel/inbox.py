"""The inbox: what somebody has to do, what his colleagues have, what he waits for, what is done.

Lamp and order follow from the rows and the day on which one looks; nothing is written for the day to turn.
Whose work a person shares (his posts) is the caller's to say, who resolved it when the person signed in.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field
from sqlalchemy import Connection

from readmodel.inbox_query import RANKS, Asked, count, done_page, of_matters, portion
from readmodel.query import MAX_PAGE, Keep, get_matters
from readmodel.tables import NEVER
from rules.calendar import working_days
from schemas.base import Model
from schemas.clocks import Calendar, Lamp
from schemas.errors import UsageError


class Tab(StrEnum):
    """Four lists."""

    MINE = "mine"
    """For him by name, or for one of his posts."""
    TEAM = "team"
    """For somebody else by name, in one of his posts."""
    WAITING = "waiting"
    """In matters that he had a part in, for others."""
    DONE = "done"
    """Matters that he had a part in and that are over, latest first."""


class InboxFilters(Model):
    """What to leave out; None means any."""

    kind: str | None = None
    item: str | None = None
    state: str | None = None
    section: str | None = None
    what: str | None = None


class TaskRow(Model):
    """One open task, as of the matter's entry `last_seq`; of a matter that is over `what` is empty."""

    case_id: str
    kind: str | None
    item: str | None
    what: str
    """The act that does it, by its name in the procedure's table."""
    assignee: str
    assignee_kind: str
    """`person` or `post`."""
    post: str | None = None
    """In which post a person has it."""
    state: str | None
    stage: str | None
    section: str | None
    due: date | None = None
    yellow_from: date | None = None
    red_from: date | None = None
    stopped: bool = False
    """It waits: the clocks of the matter stand still."""
    since: AwareDatetime
    """Since when it is open; of a matter that is over, when it was."""
    applicant_masked: str | None = None
    last_seq: int


class InboxPage(Model):
    """Part of a tab; `next` continues it and is None at its end."""

    rows: tuple[TaskRow, ...]
    next: str | None = None


class InboxCounts(Model):
    """How many rows each tab has."""

    mine: int
    team: int
    waiting: int
    done: int


class _Cursor(Model):
    tab: Tab
    rank: str = ""
    key: tuple[str, ...] = Field(min_length=1)


def inbox(
    connection: Connection,
    person: str,
    posts: Sequence[str],
    tab: Tab | str,
    today: date,
    *,
    filters: InboxFilters | None = None,
    after: str | None = None,
    limit: int = 50,
    keep: Keep | None = None,
) -> InboxPage:
    """A page of a tab: red, yellow, green, grey, and within each by the due day.

    With `keep` it is a page of what is kept. Raises UsageError for a cursor that is none or belongs to
    another tab.
    """
    limit = max(1, min(limit, MAX_PAGE))
    start = _read_cursor(after, Tab(tab)) if after else None
    given = (filters or InboxFilters()).model_dump(exclude_none=True)
    asked = Asked(Tab(tab).value, person, tuple(posts), today.isoformat(), given, limit + 1)
    kept: list[tuple[dict[str, Any], _Cursor]] = []
    for found in _portions(connection, asked, start):
        kept += _kept(connection, found, keep)
        if len(kept) > limit:
            break
    rows = _rows(connection, [row for row, _ in kept[:limit]])
    return InboxPage(rows=rows, next=_write_cursor(kept[limit - 1][1]) if len(kept) > limit else None)


def counts(connection: Connection, person: str, posts: Sequence[str]) -> InboxCounts:
    """How many rows each tab has, without filters."""
    found = {tab.value: count(connection, Asked(tab.value, person, tuple(posts))) for tab in Tab}
    return InboxCounts(**found)


def lamp_of(row: TaskRow, today: date) -> str:
    """The row's lamp on a day: `red`, `yellow`, `green`, or `grey` while it waits."""
    if row.red_from and row.red_from <= today:
        return Lamp.RED.value
    if row.yellow_from and row.yellow_from <= today:
        return Lamp.YELLOW.value
    return Lamp.GREY.value if row.stopped else Lamp.GREEN.value


def left_of(row: TaskRow, today: date, calendar: Calendar) -> int | None:
    """Working days left at the end of `today`: 0 on the due day, negative once late; None without one."""
    if row.due is None:
        return None
    days = working_days(calendar)
    return days.rank(row.due.toordinal()) - days.rank(today.toordinal())


def _portions(
    connection: Connection, asked: Asked, start: _Cursor | None
) -> Iterator[list[tuple[dict[str, Any], _Cursor]]]:
    """Rows behind a place in the tab, portion by portion, each with its own place."""
    tab = Tab(asked.tab)
    if tab is Tab.DONE:
        yield from _all_behind(connection, asked, tab, "", start)
        return
    ranks = RANKS[RANKS.index(start.rank) :] if start and start.rank in RANKS else RANKS
    for rank in ranks:
        yield from _all_behind(connection, asked, tab, rank, start if start and start.rank == rank else None)


def _all_behind(
    connection: Connection, asked: Asked, tab: Tab, rank: str, start: _Cursor | None
) -> Iterator[list[tuple[dict[str, Any], _Cursor]]]:
    key = start.key if start else None
    while True:
        found = portion(connection, asked, rank, key) if rank else done_page(connection, asked, key)
        yield [(row, _Cursor(tab=tab, rank=rank, key=place)) for row, place in found]
        if len(found) < asked.limit:
            return
        key = found[-1][1]


def _kept(
    connection: Connection, found: list[tuple[dict[str, Any], _Cursor]], keep: Keep | None
) -> list[tuple[dict[str, Any], _Cursor]]:
    if keep is None or not found:
        return found
    matters = get_matters(connection, sorted({row["case_id"] for row, _ in found}))
    seen = {row.case_id for row, shown in zip(matters, keep(matters), strict=True) if shown}
    return [(row, place) for row, place in found if row["case_id"] in seen]


def _rows(connection: Connection, found: list[dict[str, Any]]) -> tuple[TaskRow, ...]:
    known = of_matters(connection, {row["case_id"] for row in found})
    days = {"due", "yellow_from", "red_from"}
    return tuple(
        TaskRow.model_validate(
            {name: None if name in days and value == NEVER else value for name, value in row.items()}
            | known[row["case_id"]]
        )
        for row in found
    )


def _write_cursor(cursor: _Cursor) -> str:
    return urlsafe_b64encode(cursor.model_dump_json().encode()).decode().rstrip("=")


def _read_cursor(raw: str, tab: Tab) -> _Cursor:
    try:
        cursor = _Cursor.model_validate(json.loads(urlsafe_b64decode(raw + "=" * (-len(raw) % 4))))
    except ValueError:
        raise UsageError(f"翻页标记无效 / not a cursor of this list: {raw!r:.80}") from None
    if cursor.tab is not tab or len(cursor.key) != (2 if tab is Tab.DONE else 5):
        raise UsageError(f"翻页标记属于另一列表 / the cursor belongs to another list: {cursor.tab}")
    return cursor

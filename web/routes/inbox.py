"""The inbox: mine, my team's, what I wait for, what is done; worst lamp first, then least time left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection

from readmodel.inbox import (
    InboxCounts,
    InboxFilters,
    InboxPage,
    Tab,
    TaskRow,
    counts,
    inbox,
    lamp_of,
    left_of,
)
from readmodel.query import MAX_PAGE
from rules.procedures import PROCEDURES
from schemas.errors import UsageError
from starter.api.router import desk_of
from starter.desk import Desk
from starter.identity.eyes import eyes_for
from starter.identity.grants import posts_by_grant
from starter.identity.guard import Area, allow
from starter.identity.visitor import Visitor, visitor_of
from starter.rulebook import calendar_for
from web.casefile import position
from web.names import Words, act_words, kind_name, names_of, state_words
from web.pages import page

PAGE = 50
FILTERS = ("kind", "item", "what")

router = APIRouter(dependencies=[Depends(allow(Area.INBOX))])


@dataclass(frozen=True)
class Row:
    """One row as it is shown."""

    task: TaskRow
    lamp: str
    left: int | None
    step: Words
    kind: Words
    state: Words
    href: str
    """The matter's page."""
    act: str
    """The form of what is to be done; empty where the matter's page says more."""


@dataclass(frozen=True)
class Read:
    """What one look at the database gave."""

    page: InboxPage
    counts: InboxCounts
    as_of: int


@router.get("/inbox")
async def inbox_page(request: Request, tab: str = Tab.MINE, after: str = "") -> Response:
    """A page of a tab."""
    shown = Tab(tab) if tab in set(Tab) else Tab.MINE
    given = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    found = await asyncio.to_thread(_read, desk_of(request), visitor_of(request), shown, given, after)
    return page(request, "officer/inbox.html", **_context(request, shown, given, after, found))


@router.get("/inbox/news")
async def news(request: Request, since: str, tab: str = Tab.MINE) -> Response:
    """How many tasks came into a tab since a page was read; told politely, and nothing is moved."""
    shown = Tab(tab) if tab in set(Tab) else Tab.MINE
    moment = _moment(since)
    look = partial(_read, desk_of(request), visitor_of(request), shown, {}, "", MAX_PAGE)
    found = await asyncio.to_thread(look)
    fresh = sum(row.since > moment for row in found.page.rows)
    return page(request, "officer/news.html", fresh=fresh, href=f"/inbox?tab={shown}")


def _read(
    desk: Desk, visitor: Visitor, tab: Tab, given: Mapping[str, str], after: str, limit: int = PAGE
) -> Read:
    with desk.reading() as connection:
        posts = _posts(connection, desk, visitor)
        eyes = eyes_for(connection, desk, visitor)
        found = inbox(
            connection,
            visitor.id,
            posts,
            tab,
            desk.today(),
            filters=InboxFilters(**{name: value for name, value in given.items() if value}),
            after=after or None,
            limit=limit,
            keep=lambda rows: eyes.seen(connection, rows),
        )
        return Read(found, counts(connection, visitor.id, posts), position(connection))


def _posts(connection: Connection, desk: Desk, visitor: Visitor) -> tuple[str, ...]:
    """His own posts, and those in which he stands in for somebody."""
    lent = posts_by_grant(connection, desk.profile, visitor.id, desk.now())
    return tuple(dict.fromkeys((*visitor.posts, *lent)))


def _context(request: Request, tab: Tab, given: Mapping[str, str], after: str, found: Read) -> dict[str, Any]:
    desk = desk_of(request)
    rows = [_row(desk, task, tab) for task in found.page.rows]
    asked = {name: value for name, value in given.items() if value}
    more = {"tab": tab.value, **asked, "after": found.page.next}
    return {
        "tab": tab.value,
        "rows": rows,
        "counts": found.counts,
        "filters": given,
        "filtered": bool(asked),
        "next": f"/inbox?{urlencode(more)}" if found.page.next else "",
        "later": bool(after),
        "as_of": found.as_of,
        "now": desk.now(),
        "names": names_of(desk.profile),
        "kinds": {kind: kind_name(kind) for kind in PROCEDURES},
        "items": {each.code: Words(each.name, each.name_en) for each in desk.profile.items},
        "yellow_next": _yellow_next(rows),
        "any_red": any(row.lamp == "red" for row in rows),
    }


def _row(desk: Desk, task: TaskRow, tab: Tab) -> Row:
    kind, today = task.kind or "", desk.today()
    href = f"/matters/{kind}/{task.case_id}"
    done = tab is Tab.DONE
    calendar = calendar_for(desk.profile, today.replace(day=1), today.replace(year=today.year + 2, day=1))
    act = f"{href}/decide" if task.what == "decide" else f"{href}/acts/{task.what}"
    return Row(
        task=task,
        lamp="done" if done else lamp_of(task, today),
        left=None if done else left_of(task, today, calendar),
        step=act_words(kind, task.what) if task.what else state_words(kind, task.state),
        kind=kind_name(kind),
        state=state_words(kind, task.state),
        href=href,
        act=act if tab is Tab.MINE and task.what else "",
    )


def _yellow_next(rows: list[Row]) -> Any:
    """When the next of what is green turns yellow."""
    return min(
        (row.task.yellow_from for row in rows if row.lamp == "green" and row.task.yellow_from), default=None
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise UsageError(f"不是时间 / not a time: {text:.40}") from None
    if moment.tzinfo is None:
        raise UsageError(f"时间要带时区 / the time needs its UTC offset: {text:.40}")
    return moment

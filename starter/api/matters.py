"""Matters over HTTP: lists, one matter with its timeline, and the facts a decision rests on.

Lists and matters are read from the read model and the ledger, so that they are there while the engine is
away; the facts are the matter's own word. Everybody sees what the rules of sight give him.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, JsonValue
from sqlalchemy import Connection

from ledger.entry import Entry
from ledger.read import entries
from ledger.redact import redaction_of
from readmodel.cards import CardFilters, list_cards
from readmodel.query import CardRow, ClockRow, Filters, MatterRow, Order, clocks
from rules.procedures import PROCEDURES, state_name
from schemas.base import Model
from schemas.matters import Status
from starter.acting import require_seen
from starter.api.examples import LEAF, NUMBER, answered
from starter.api.if_match import etag
from starter.api.kinds import PLURALS
from starter.api.paging import MAX_PAGE, Cursor, Limit, link_next, position, read_cursor, write_cursor
from starter.api.params import Number
from starter.api.router import Asking, DeskHere
from starter.desk import Desk
from starter.identity.eyes import eyes_for
from starter.identity.guard import Area, allow
from starter.identity.visitor import Visitor
from starter.sight import look, seen_page, visible

router = APIRouter(dependencies=[Depends(allow(Area.API_CASES))])

Word = Annotated[str | None, Query(min_length=1, max_length=120, pattern=r"^[^\x00]+$")]
HIDDEN = {"people", "lookup_digest"}
"""Columns of the read model that no answer holds."""


class ListedMatter(Model):
    """Where a matter stands. Days are local days of its calendar."""

    number: str
    kind: str
    state: str
    state_zh: str
    stage: str | None = None
    item: str | None = None
    channel: str | None = None
    business_key: str | None = None
    owner: str | None = None
    owner_post: str | None = None
    section: str | None = None
    received_day: date | None = None
    accepted_day: date | None = None
    promise_due: date | None = None
    statutory_due: date | None = None
    yellow_from: date | None = None
    red_from: date | None = None
    closed: bool
    outcome: str | None = None
    about: str | None = None
    """Number of the matter that this one is about."""
    last_seq: int
    last_recorded: AwareDatetime


class MatterList(Model):
    """A page of matters; `next` continues it."""

    rows: tuple[ListedMatter, ...]
    next: str | None = None
    as_of: int


class TimelineEntry(Model):
    """One entry of a matter's chain."""

    seq: int
    id: str
    type: str
    time: str
    recorded: str
    actor: str
    role: str = ""
    on_behalf_of: str = ""
    said: str = ""
    data: dict[str, JsonValue]
    """What the entry says; sealed fields are digests."""
    leaf_hash: str


class MatterShown(Model):
    """A matter as far as whoever asks may see it."""

    matter: ListedMatter
    clocks: tuple[ClockRow, ...]
    cards: tuple[CardRow, ...]
    timeline: tuple[TimelineEntry, ...]
    complete: bool
    """Whether the timeline holds all entries of the chain."""
    redacted: str | None = None
    """Time of the redaction, after which no sealed field can be opened."""
    as_of: int


class Facts(Model):
    """What a signer has to have seen; `facts` is the ETag, and a decision's If-Match."""

    kind: str
    number: str
    state: str
    stage: str = ""
    officer: str = ""
    post: str = ""
    facts: str
    parts: dict[str, JsonValue]
    """Part by part: the value, or the digest of what is long or not for every eye."""


_LISTED: dict[str, Any] = {
    "number": NUMBER,
    "kind": "case",
    "state": "in_stage",
    "state_zh": "办理中",
    "stage": "H",
    "item": "LX-DJ-01",
    "owner": "1201",
    "owner_post": "registry-handler",
    "section": "registry",
    "received_day": "2026-06-15",
    "promise_due": "2026-06-23",
    "closed": False,
    "last_seq": 4,
    "last_recorded": "2026-06-15T01:31:00Z",
}
_SHOWN: dict[str, Any] = {
    "matter": _LISTED,
    "clocks": [],
    "cards": [],
    "timeline": [
        {
            "seq": 1,
            "id": "b" * 64,
            "type": "case.registered",
            "time": "2026-06-15T09:30:00.000000+08:00",
            "recorded": "2026-06-15T01:30:00.000000+00:00",
            "actor": "1101",
            "role": "window",
            "data": {"channel": "window"},
            "leaf_hash": LEAF,
        }
    ],
    "complete": True,
    "as_of": 88213,
}
_FACTS: dict[str, Any] = {
    "kind": "case",
    "number": NUMBER,
    "state": "in_stage",
    "stage": "A",
    "officer": "1003",
    "post": "deputy-registry",
    "facts": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "parts": {"stage": "A", "flags": [], "materials": [["application", 2, None]]},
}


async def filters(
    state: Word = None,
    item: Word = None,
    owner: Annotated[Word, Query(description="责任人工号 / staff number of who answers")] = None,
    section: Word = None,
    business_key: Word = None,
    open: Annotated[bool, Query(description="只列未办结 / only what is not over")] = False,  # noqa: A002 - the parameter's name
    overdue_on: Annotated[date | None, Query(description="该日前已到期 / due before this day")] = None,
    order: Order = Order.CASE,
    limit: Limit = 50,
) -> Filters:
    """What a list is asked for."""
    return Filters(
        state=state,
        item=item,
        owner=owner,
        section=section,
        business_key=business_key,
        open_only=open,
        overdue_on=overdue_on,
        order=order,
        limit=limit,
    )


def listed(row: MatterRow) -> ListedMatter:
    """A row of the read model as the API gives it."""
    kind, state = row.kind or "", row.state or ""
    fields = row.model_dump(exclude={*HIDDEN, "case_id", "kind", "state"})
    return ListedMatter(
        number=row.case_id, kind=kind, state=state, state_zh=state_name(kind, state), **fields
    )


def list_of(kind: str) -> Callable[..., MatterList]:
    """The list of a kind."""

    def listing(
        request: Request,
        response: Response,
        desk: DeskHere,
        visitor: Asking,
        asked: Annotated[Filters, Depends(filters)],
        after: Cursor = None,
    ) -> MatterList:
        name = f"{kind}/{asked.order}/{visitor.id}"
        place = str(read_cursor(desk, name, after)) if after is not None else None
        wanted = asked.model_copy(update={"kind": kind, "after": place})
        with desk.reading() as connection:
            page = seen_page(connection, eyes_for(connection, desk, visitor), wanted)
            as_of = position(connection)
        following = write_cursor(desk, name, page.next) if page.next else None
        response.headers["Cache-Control"] = "no-store"
        link_next(request, response, following)
        return MatterList(rows=tuple(listed(row) for row in page.rows), next=following, as_of=as_of)

    return listing


def show_of(kind: str) -> Callable[..., MatterShown]:
    """One matter of a kind."""

    def show(response: Response, desk: DeskHere, visitor: Asking, number: Number) -> MatterShown:
        response.headers["Cache-Control"] = "no-store"
        require_seen(desk, visitor, f"{kind} show", kind, number)
        with desk.reading() as connection:
            return _shown(connection, desk, visitor, kind, number)

    return show


def _shown(connection: Connection, desk: Desk, visitor: Visitor, kind: str, number: str) -> MatterShown:
    eyes = eyes_for(connection, desk, visitor)
    row = look(connection, eyes, kind, number)
    whole = entries(connection, number)
    seen = tuple(visible(connection, eyes, whole))
    asked = CardFilters(matter=number, limit=MAX_PAGE)
    found = list_cards(connection, asked, keep=lambda rows: eyes.seen(connection, rows))
    redaction = redaction_of(connection, number)
    return MatterShown(
        matter=listed(row),
        clocks=tuple(clocks(connection, number)),
        cards=tuple(each.card for each in found.rows),
        timeline=tuple(timeline_entry(entry) for entry in seen),
        complete=len(seen) == len(whole),
        redacted=redaction.recorded if redaction else None,
        as_of=position(connection),
    )


def timeline_entry(entry: Entry) -> TimelineEntry:
    """An entry of the chain."""
    event, data = entry.event, entry.data
    return TimelineEntry(
        seq=entry.seq,
        id=entry.id,
        type=entry.type,
        time=event["time"],
        recorded=entry.recorded,
        actor=event["actor"],
        role=event.get("actorrole", ""),
        on_behalf_of=event.get("onbehalfof", ""),
        said=str(data.get("opinion") or data.get("reason") or data.get("told") or ""),
        data=data,
        leaf_hash=entry.leaf_hash,
    )


def facts_of(kind: str) -> Callable[..., Any]:
    """The facts of one matter of a kind."""

    async def facts(response: Response, desk: DeskHere, visitor: Asking, number: Number) -> Facts:
        await asyncio.to_thread(require_seen, desk, visitor, f"{kind} facts", kind, number)
        status = await desk.client.status(kind, number)
        response.headers["ETag"] = etag(status.facts)
        response.headers["Cache-Control"] = "no-store"
        return _facts(status)

    return facts


def _facts(status: Status) -> Facts:
    names = ("kind", "state", "stage", "officer", "post", "facts", "parts")
    return Facts(number=status.id, **{name: getattr(status, name) for name in names})


def _add(kind: str) -> None:
    procedure, path = PROCEDURES[kind], f"/{PLURALS[kind]}"
    names = f"{procedure.zh}", f"{procedure.en}"
    routes: list[tuple[str, Callable[..., Any], str, str, Any]] = [
        ("/{number}", show_of(kind), f"{names[0]}：现状与经过 / a {names[1]} and its course", "show", _SHOWN),
        (
            "/{number}/facts",
            facts_of(kind),
            f"{names[0]}：决定所依据的事实 / the facts a decision on a {names[1]} rests on",
            "facts",
            _FACTS,
        ),
    ]
    if kind != "card":  # cards have a list of their own
        page = {"rows": [_LISTED], "next": None, "as_of": 88213}
        routes.append(("", list_of(kind), f"{names[0]}：列表 / list of {names[1]} matters", "list", page))
    for more, endpoint, summary, operation, example in routes:
        router.add_api_route(
            path + more,
            endpoint,
            tags=[f"matters: {kind}"],
            summary=summary,
            operation_id=f"{operation}_{kind}",
            responses=answered(example),
        )


for _kind in PROCEDURES:
    _add(_kind)

"""Typed lists and lookups over the rows, with keyset pages that stay stable while rows are added."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field, Json
from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select

from readmodel.tables import matter, matter_card, matter_clock
from schemas.base import Model
from schemas.errors import UsageError

MAX_PAGE = 200

_EQUAL = ("state", "kind", "item", "owner", "section", "business_key", "lookup_digest")


class Order(StrEnum):
    """How a list of matters is sorted."""

    CASE = "case"
    DUE = "due"
    """Nearest promised or statutory day first; matters without one last."""
    RECENT = "recent"
    """Latest entry first."""


class MatterRow(Model):
    """Where a matter stands, as of its entry `last_seq`. Days are local days of its calendar."""

    case_id: str
    kind: str | None
    business_key: str | None
    item: str | None
    channel: str | None
    state: str | None
    stage: str | None
    owner: str | None
    owner_post: str | None
    section: str | None
    received_day: date | None
    accepted_day: date | None
    promise_due: date | None
    statutory_due: date | None
    yellow_from: date | None
    red_from: date | None
    closed: bool
    outcome: str | None
    lookup_digest: str | None
    people: Json[tuple[tuple[str, str], ...]] | None = None
    """(capacity, staff number) of everybody the matter names."""
    about: str | None = None
    """Number of the matter that this one is about."""
    last_seq: int
    last_recorded: AwareDatetime


class ClockRow(Model):
    """One clock of a matter; `due` is None while it stands still."""

    case_id: str
    clock: str
    ref: str
    due: date | None
    yellow_from: date | None
    red_from: date | None
    provisional: bool
    stopped: bool
    breached: bool
    owner: str | None


class CardRow(Model):
    """One card (牌) as it stands now."""

    card_id: str
    case_id: str
    code: str
    colour: str
    clock: str | None
    cause: str | None
    issue_day: date
    rectify_due: date | None
    addressees: Json[tuple[str, ...]]
    status: str
    last_seq: int
    last_recorded: AwareDatetime


class Filters(Model):
    """What to list, in which order, and which page of it; None means any."""

    state: str | None = None
    kind: str | None = None
    item: str | None = None
    owner: str | None = None
    section: str | None = None
    business_key: str | None = None
    lookup_digest: str | None = None
    open_only: bool = False
    overdue_on: date | None = None
    """Matters with a running clock that was due before this day."""
    order: Order = Order.CASE
    after: str | None = None
    """The `next` of the page before."""
    limit: int = Field(default=50, ge=1, le=MAX_PAGE)


class Page(Model):
    """Part of a list; `next` continues it and is None at its end."""

    rows: tuple[MatterRow, ...]
    next: str | None = None


Keep = Callable[[Sequence[MatterRow]], Sequence[bool]]
"""Says of each row whether it belongs in the list, beyond what a filter can tell."""


class Cursor(Model):
    """A place in a list."""

    order: Order
    key: str
    case_id: str = Field(min_length=1)


_ONE = select(matter).where(matter.c.case_id == bindparam("number"))
"""Made once: asked at every act and every page, it would cost more to make than to answer."""


def get_matter(connection: Connection, case_id: str) -> MatterRow | None:
    """One matter by its case id."""
    row = connection.execute(_ONE, {"number": case_id}).mappings().first()
    return MatterRow.model_validate(dict(row)) if row else None


def get_matters(connection: Connection, case_ids: Sequence[str]) -> list[MatterRow]:
    """Those of these matters that there are."""
    if not case_ids:
        return []
    query = select(matter).where(matter.c.case_id.in_(case_ids)).order_by(matter.c.case_id)
    return [MatterRow.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def list_matters(connection: Connection, filters: Filters, *, keep: Keep | None = None) -> Page:
    """A page of matters. Raises UsageError for a cursor that is none or belongs to another order.

    With `keep` it is a page of what is kept: as full as any, and its cursor tells of nothing else.
    """
    start = read_cursor(filters.after, filters.order) if filters.after is not None else None
    portions = _portions(connection, filters, start, MAX_PAGE if keep else filters.limit + 1)
    kept: list[tuple[MatterRow, str]] = []
    for portion in portions:
        fit = keep([row for row, _ in portion]) if keep else [True] * len(portion)
        kept += (each for each, belongs in zip(portion, fit, strict=True) if belongs)
        if len(kept) > filters.limit:
            break
    rows = tuple(row for row, _ in kept[: filters.limit])
    if len(kept) <= filters.limit:
        return Page(rows=rows)
    last = Cursor(order=filters.order, key=kept[filters.limit - 1][1], case_id=rows[-1].case_id)
    return Page(rows=rows, next=write_cursor(last))


def _portions(
    connection: Connection, filters: Filters, start: Cursor | None, size: int
) -> Iterator[list[tuple[MatterRow, str]]]:
    """Rows behind a place in the list, each with what it is sorted by."""
    key = _sort_key(filters.order)
    query = select(matter, key.label("sort_key")).where(*_conditions(filters))
    first = key.desc() if filters.order is Order.RECENT else key.asc()
    query = query.order_by(first, matter.c.case_id).limit(size)
    while True:
        behind = query.where(_behind(key, filters.order, start)) if start else query
        found = connection.execute(behind).mappings().all()
        yield [(MatterRow.model_validate(dict(row)), row["sort_key"]) for row in found]
        if len(found) < size:
            return
        start = Cursor(order=filters.order, key=found[-1]["sort_key"], case_id=found[-1]["case_id"])


def clocks(connection: Connection, case_id: str) -> list[ClockRow]:
    """The clocks of a matter."""
    columns = matter_clock.c
    query = select(matter_clock).where(columns.case_id == case_id).order_by(columns.clock, columns.ref)
    return [ClockRow.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def cards(connection: Connection, case_id: str) -> list[CardRow]:
    """The cards filed under a matter, oldest first."""
    columns = matter_card.c
    query = select(matter_card).where(columns.case_id == case_id).order_by(columns.issue_day, columns.card_id)
    return [CardRow.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    given = [(matter.c[name], getattr(filters, name)) for name in _EQUAL]
    conditions = [column == value for column, value in given if value is not None]
    if filters.open_only:
        conditions.append(matter.c.closed.is_(False))
    if filters.overdue_on is not None:
        conditions.append(_overdue(filters.overdue_on))
    return conditions


def _overdue(day: date) -> ColumnElement[bool]:
    columns = matter_clock.c
    late = and_(columns.due < day.isoformat(), columns.stopped.is_(False))
    return matter.c.case_id.in_(select(columns.case_id).where(late))


def _sort_key(order: Order) -> ColumnElement[str]:
    if order is Order.DUE:
        return func.coalesce(matter.c.promise_due, matter.c.statutory_due, "9999-12-31")
    return matter.c.last_recorded if order is Order.RECENT else matter.c.case_id


def _behind(key: ColumnElement[str], order: Order, cursor: Cursor) -> ColumnElement[bool]:
    further = key < cursor.key if order is Order.RECENT else key > cursor.key
    return or_(further, and_(key == cursor.key, matter.c.case_id > cursor.case_id))


def write_cursor(cursor: Cursor) -> str:
    """The place as text."""
    return urlsafe_b64encode(cursor.model_dump_json().encode()).decode().rstrip("=")


def read_cursor(raw: str, order: Order) -> Cursor:
    """The place a text names. Raises UsageError for what is no place in a list of this order."""
    try:
        cursor = Cursor.model_validate(json.loads(urlsafe_b64decode(raw + "=" * (-len(raw) % 4))))
    except ValueError:
        raise UsageError(f"翻页标记无效 / not a cursor of this list: {raw!r:.80}") from None
    if cursor.order is not order:
        raise UsageError(f"翻页标记属于另一排序 / the cursor belongs to order {cursor.order}, not {order}")
    return cursor

"""Lists page by page: opaque signed cursors, the link to the next page, the ledger position of an answer.

A cursor is good for the list it was given with and no other: nobody walks another's list by its place.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Connection, func, select

from ledger.tables import ledger_entry
from schemas.errors import UsageError
from starter.api.secrets import secret
from starter.desk import Desk

MAX_PAGE = 200
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="至多几条 / rows at most")]
Cursor = Annotated[
    str | None, Query(max_length=2000, description="上一页的 next / `next` of the page before")
]

_LAST = select(func.max(ledger_entry.c.pos))


def write_cursor(desk: Desk, listed: str, place: Any) -> str:
    """A place in the list `listed` (its route, and whatever makes it another list) as a cursor."""
    return str(_signer(desk, listed).dumps(place))


def read_cursor(desk: Desk, listed: str, cursor: str) -> Any:
    """The place that a cursor holds. Raises UsageError (`bad_cursor`) for any that was not given here."""
    try:
        return _signer(desk, listed).loads(cursor)
    except BadData:
        raise UsageError(
            "翻页标记无效或属于另一列表 / the cursor is none, or belongs to another list", code="bad_cursor"
        ) from None


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Say where the list goes on (RFC 8288)."""
    if cursor is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
        target = f"{request.url.path}?{urlencode([*kept, ('after', cursor)])}"
        response.headers["Link"] = f'<{target}>; rel="next"'


def position(connection: Connection) -> int:
    """The last entry of the ledger that an answer can know of."""
    return int(connection.scalar(_LAST) or 0)


def _signer(desk: Desk, listed: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret(desk.ledger), salt=f"cursor/{listed}")

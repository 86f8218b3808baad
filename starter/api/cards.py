"""Cards (牌) over HTTP: the list by addressee, colour, status, section and matter; acts are in `acts`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from readmodel.cards import CardFilters, CardPage, ListedCard, list_cards
from schemas.base import Model
from schemas.matters import CardStatus
from starter.api.examples import NUMBER, answered
from starter.api.matters import Word
from starter.api.paging import Cursor, Limit, link_next, position, read_cursor, write_cursor
from starter.api.router import Asking, DeskHere
from starter.identity.eyes import eyes_for
from starter.identity.guard import Area, allow

router = APIRouter(tags=["matters: card"], dependencies=[Depends(allow(Area.API_CASES))])


class CardList(Model):
    """A page of cards; `next` continues it."""

    rows: tuple[ListedCard, ...]
    next: str | None = None
    as_of: int


_LIST: dict[str, Any] = {
    "rows": [
        {
            "card": {
                "card_id": f"{NUMBER}-Y1-1",
                "case_id": NUMBER,
                "code": "Y1",
                "colour": "yellow",
                "clock": "stage",
                "cause": "stage",
                "issue_day": "2026-06-18",
                "rectify_due": "2026-06-23",
                "addressees": ["1201"],
                "status": "open",
                "last_seq": 7,
                "last_recorded": "2026-06-18T01:00:00Z",
            },
            "state": "served",
            "owner": "1201",
            "section": "registry",
        }
    ],
    "next": None,
    "as_of": 88213,
}


@router.get(
    "/cards",
    summary="监察牌：列表 / list of cards",
    operation_id="list_card",
    responses=answered(_LIST),
)
def cards(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    officer: Annotated[Word, Query(description="被督查人工号 / staff number of an addressee")] = None,
    colour: Literal["yellow", "red"] | None = None,
    status: CardStatus | None = None,
    section: Word = None,
    matter: Annotated[Word, Query(description="所涉件号 / number of the matter")] = None,
    limit: Limit = 50,
    after: Cursor = None,
) -> CardList:
    """Cards by their ids, as far as whoever asks may see them or the matters they are filed under."""
    name = f"cards/{visitor.id}"
    asked = CardFilters(
        officer=officer,
        colour=colour,
        status=status.value if status else None,
        section=section,
        matter=matter,
        after=str(read_cursor(desk, name, after)) if after is not None else None,
        limit=limit,
    )
    with desk.reading() as connection:
        eyes = eyes_for(connection, desk, visitor)
        page: CardPage = list_cards(connection, asked, keep=lambda rows: eyes.seen(connection, rows))
        as_of = position(connection)
    following = write_cursor(desk, name, page.next) if page.next else None
    response.headers["Cache-Control"] = "no-store"
    link_next(request, response, following)
    return CardList(rows=page.rows, next=following, as_of=as_of)

"""Due dates explained over HTTP, day by day, from the days somebody asks about."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from starter.api.examples import DEADLINE, answered
from starter.api.paging import position
from starter.api.params import DAY
from starter.api.router import DeskHere
from starter.deadlines import calendar_of, check_extension, clocks, day_of, document, explained, given
from starter.identity.guard import Area, allow
from starter.rulebook import item_of

router = APIRouter(tags=["deadlines"], dependencies=[Depends(allow(Area.API_PUBLIC))])

Day = Annotated[str | None, Query(pattern=DAY)]
_SPAN = r"^\d{4}-\d{2}-\d{2}\.\.(\d{4}-\d{2}-\d{2})?$"
Suspended = Annotated[list[Annotated[str, Query(pattern=_SPAN)]] | None, Query(max_length=50)]


@router.get(
    "/deadline", summary="逐日说明应办结日 / a due date explained day by day", responses=answered(DEADLINE)
)
def deadline(
    desk: DeskHere,
    item: Annotated[str, Query(min_length=1, max_length=120, pattern=r"^[^\x00]+$", examples=["LX-DJ-01"])],
    accepted: Annotated[
        str, Query(pattern=DAY, description="受理日 / day of acceptance", examples=["2026-06-15"])
    ],
    received: Day = None,
    suspend: Suspended = None,
    extend: Annotated[int, Query(ge=0, le=3660)] = 0,
    approved: Day = None,
    as_of: Day = None,
) -> dict[str, Any]:
    """The limits of an item with every day that counts and every one that does not; `as_of` adds the lamp."""
    found = item_of(desk.profile, item)
    days = given(accepted, received, suspend or (), extend, approved)
    day = day_of("as_of", as_of) if as_of else None
    calendar = calendar_of(desk.profile, [*days.days(), *([day] if day else [])])
    check_extension(found, days, calendar)
    told = explained(clocks(found, days), calendar, desk.profile, day)
    with desk.reading() as connection:
        return document(desk.profile, found, calendar, told, days.accepted) | {"as_of": position(connection)}

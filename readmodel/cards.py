"""Lists of cards (牌): each as it stands now, beside where its own life among people stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, select

from readmodel.query import MAX_PAGE, CardRow, MatterRow, get_matters
from readmodel.tables import matter, matter_card
from schemas.base import Model

Keep = Callable[[Sequence[MatterRow]], list[bool]]
"""For each matter whether whoever asks may see it."""


class CardFilters(Model):
    """What to list, and which page of it; None means any."""

    officer: str | None = None
    """Staff number of an addressee."""
    colour: str | None = None
    """`yellow` or `red`."""
    status: str | None = None
    section: str | None = None
    """Section that answers for the matter in which the wrong was done."""
    matter: str | None = None
    """Number of that matter."""
    after: str | None = None
    """Id of the last card of the page before."""
    limit: int = Field(default=50, ge=1, le=MAX_PAGE)


class ListedCard(Model):
    """A card, and the state of its own procedure; none where it has not been begun yet."""

    card: CardRow
    state: str | None
    owner: str | None
    section: str | None
    """Of the matter in which the wrong was done."""


class CardPage(Model):
    """Part of a list; `next` continues it and is None at its end."""

    rows: tuple[ListedCard, ...]
    next: str | None = None


def list_cards(connection: Connection, filters: CardFilters, keep: Keep | None = None) -> CardPage:
    """A page of cards by their ids, as full as if there were none but those that `keep` lets pass."""
    found: list[ListedCard] = []
    after = filters.after
    while len(found) <= filters.limit:
        portion = _portion(connection, filters, after)
        found += _kept(connection, portion, keep)
        if len(portion) <= filters.limit:
            break
        after = portion[-1].card.card_id
    rows = tuple(found[: filters.limit])
    return CardPage(rows=rows, next=rows[-1].card.card_id if len(found) > filters.limit else None)


def _portion(connection: Connection, filters: CardFilters, after: str | None) -> list[ListedCard]:
    own, about = matter.alias("own"), matter.alias("about")
    columns = matter_card.c
    query = (
        select(matter_card, own.c.state, own.c.owner, about.c.section)
        .outerjoin(own, own.c.case_id == columns.card_id)
        .outerjoin(about, about.c.case_id == columns.case_id)
        .where(*_conditions(filters, about.c.section))
        .order_by(columns.card_id)
        .limit(filters.limit + 1)
    )
    if after is not None:
        query = query.where(columns.card_id > after)
    return [
        ListedCard(
            card=CardRow.model_validate({name: row[name] for name in CardRow.model_fields}),
            state=row["state"],
            owner=row["owner"],
            section=row["section"],
        )
        for row in connection.execute(query).mappings()
    ]


def _conditions(filters: CardFilters, section: ColumnElement[str]) -> list[ColumnElement[bool]]:
    columns = matter_card.c
    equal = {
        columns.colour: filters.colour,
        columns.status: filters.status,
        columns.case_id: filters.matter,
        section: filters.section,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if filters.officer is not None:
        # addressees are canonical JSON: a staff number stands in quotes
        conditions.append(columns.addressees.contains(f'"{filters.officer}"', autoescape=True))
    return conditions


def _kept(connection: Connection, portion: list[ListedCard], keep: Keep | None) -> list[ListedCard]:
    """A card that is no matter yet is seen with the matter that it is filed under."""
    if keep is None:
        return portion
    numbers = {each.card.card_id if each.state else each.card.case_id for each in portion}
    rows = get_matters(connection, sorted(numbers))
    seen = {row.case_id for row, shown in zip(rows, keep(rows), strict=True) if shown}
    return [each for each in portion if (each.card.card_id if each.state else each.card.case_id) in seen]

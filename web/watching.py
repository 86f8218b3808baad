"""The supervision board: what is late, about to be, paused long, bounced or without an owner.

Read from the rows alone and through the visitor's eyes. Each list is bounded; a number that reached the bound
says so, so that nobody takes it for the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from ledger.tables import ledger_entry
from readmodel.cards import CardFilters, ListedCard, list_cards
from readmodel.query import MatterRow, get_matter, get_matters
from readmodel.tables import matter, matter_clock
from rules.report.periods import ended, number_of
from schemas.clocks import ClockKind
from schemas.matters import CardStatus
from schemas.report import PeriodKind
from starter.sight import Eyes

BOUND = 500
"""Rows that are looked at for one list."""

SHOWN = 50
SOON = timedelta(days=3)
"""How far ahead "about to turn yellow" looks, in days of the calendar."""

LONG = timedelta(days=30)
"""From when on a pause is a long one."""

_CLOCK, _MATTER, _ENTRY = matter_clock.c, matter.c, ledger_entry.c


@dataclass(frozen=True)
class Watched:
    """A matter in a list: why it is there (a due day, a number of days, of returns)."""

    row: MatterRow
    day: date | None = None
    count: int | None = None


@dataclass(frozen=True)
class Listed:
    """One list of the board."""

    rows: tuple[Watched, ...]
    count: int
    more: bool
    """The bound was reached: there may be more than `count`."""


@dataclass(frozen=True)
class DueReport:
    """A period that has ended, and how far its report is."""

    number: str
    kind: str
    last: date
    state: str
    """Empty where it has not begun."""


@dataclass(frozen=True)
class Board:
    """Everything the supervision office looks at in the morning."""

    red: Listed
    yellow: Listed
    soon: Listed
    paused: Listed
    bounced: Listed
    ownerless: Listed
    cards: tuple[ListedCard, ...]
    reports: tuple[DueReport, ...]


def board(connection: Connection, eyes: Eyes, today: date) -> Board:
    """The board as one visitor may see it."""
    runs = (_CLOCK.stopped.is_(False), _CLOCK.clock != ClockKind.WINDOW.value, _CLOCK.due.is_not(None))
    day, ahead = today.isoformat(), (today + SOON).isoformat()
    red = _clocks(*runs, _CLOCK.due < day)
    yellow = _clocks(*runs, _CLOCK.due >= day, _CLOCK.yellow_from <= day)
    soon = _clocks(*runs, _CLOCK.yellow_from > day, _CLOCK.yellow_from <= ahead)
    late = _ids(connection, red)
    warned = _ids(connection, yellow)
    return Board(
        red=_listed(connection, eyes, late),
        yellow=_listed(connection, eyes, _without(warned, late)),
        soon=_listed(connection, eyes, _without(_ids(connection, soon), {**late, **warned})),
        paused=_paused(connection, eyes, today),
        bounced=_bounced(connection, eyes),
        ownerless=_listed(connection, eyes, _ids(connection, _ownerless())),
        cards=_cards(connection, eyes),
        reports=tuple(_reports(connection, today)),
    )


Found = dict[str, tuple[date | None, int | None]]
"""Case ids with the day and the number that put them into a list, in its order."""


def _clocks(*conditions: ColumnElement[bool]) -> Select[tuple[str, str]]:
    """Open matters with such a clock, the one that is due first in front."""
    first = func.min(_CLOCK.due)
    return (
        select(_CLOCK.case_id, first)
        .join(matter, _MATTER.case_id == _CLOCK.case_id)
        .where(_MATTER.closed.is_(False), *conditions)
        .group_by(_CLOCK.case_id)
        .order_by(first, _CLOCK.case_id)
        .limit(BOUND)
    )


def _ownerless() -> Select[tuple[str, str | None]]:
    nobody = or_(_MATTER.owner.is_(None), _MATTER.owner == "")
    query = select(_MATTER.case_id, _MATTER.received_day).where(_MATTER.closed.is_(False), nobody)
    return query.order_by(_MATTER.case_id).limit(BOUND)


def _ids(connection: Connection, query: Select[Any]) -> Found:
    rows = connection.execute(query)
    return {str(row[0]): (date.fromisoformat(row[1]) if row[1] else None, None) for row in rows}


def _without(found: Found, others: Iterable[str]) -> Found:
    known = set(others)
    return {case: why for case, why in found.items() if case not in known}


def _listed(connection: Connection, eyes: Eyes, found: Found) -> Listed:
    rows = {row.case_id: row for row in get_matters(connection, sorted(found))}
    ordered = [rows[case] for case in found if case in rows]
    seen = [row for row, shown in zip(ordered, eyes.seen(connection, ordered), strict=True) if shown]
    watched = (Watched(row, *found[row.case_id]) for row in seen)
    return Listed(tuple(islice(watched, SHOWN)), len(seen), len(found) >= BOUND)


def _paused(connection: Connection, eyes: Eyes, today: date) -> Listed:
    """Matters that stand still, the longest first; only long pauses are listed."""
    query = select(_MATTER.case_id).where(_MATTER.closed.is_(False), _MATTER.state == "suspended")
    cases = connection.scalars(query.order_by(_MATTER.case_id).limit(BOUND)).all()
    begun = _latest(connection, cases, "case.suspended")
    days = {case: (today - date.fromisoformat(begun[case][:10])).days for case in cases if case in begun}
    long = sorted((case for case in days if days[case] >= LONG.days), key=lambda case: -days[case])
    return _listed(connection, eyes, {case: (None, days[case]) for case in long})


def _latest(connection: Connection, cases: Sequence[str], kind: str) -> dict[str, str]:
    if not cases:
        return {}
    query = select(_ENTRY.case_id, func.max(_ENTRY.acted)).where(
        _ENTRY.case_id.in_(cases), _ENTRY.type == kind
    )
    return {case: time for case, time in connection.execute(query.group_by(_ENTRY.case_id))}


def _bounced(connection: Connection, eyes: Eyes) -> Listed:
    """Open matters of which a hand-over was returned, most often first."""
    times = func.count()
    query = (
        select(_ENTRY.case_id, times)
        .join(matter, _MATTER.case_id == _ENTRY.case_id)
        .where(_ENTRY.type == "duty.declined", _MATTER.closed.is_(False))
        .group_by(_ENTRY.case_id)
        .order_by(times.desc(), _ENTRY.case_id)
        .limit(BOUND)
    )
    found: Found = {case: (None, count) for case, count in connection.execute(query)}
    return _listed(connection, eyes, found)


def _cards(connection: Connection, eyes: Eyes) -> tuple[ListedCard, ...]:
    """Cards that wait for an explanation, a ruling or a confirmation."""
    waiting: list[ListedCard] = []
    for status in (CardStatus.OPEN, CardStatus.ESCALATED, CardStatus.PROPOSED):
        filters = CardFilters(status=status.value, limit=SHOWN)
        found = list_cards(connection, filters, keep=lambda rows: eyes.seen(connection, rows))
        waiting += (each for each in found.rows if each.state in (None, "served", "objected", "proposed"))
    return tuple(sorted(waiting, key=lambda each: (each.card.issue_day, each.card.card_id)))


def _reports(connection: Connection, today: date) -> Iterable[DueReport]:
    for kind in PeriodKind:
        period = next(iter(ended(kind, today)))
        row = get_matter(connection, number_of(period))
        if row is None or row.state not in ("distributed", "superseded"):
            yield DueReport(number_of(period), kind.value, period.last, (row.state or "") if row else "")

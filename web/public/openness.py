"""Transparency: how often promises were kept and how long things took, as open data.

Counted from the same figures as the supervision office's reports, and with the same care for small groups:
what so few people stand behind that they could be recognised is not told.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, func, select

from ledger.db import Ledger, snapshot
from ledger.tables import ledger_entry
from readmodel.tables import matter, matter_card
from rules.report.counts import KEPT, MISSED
from rules.report.document import public
from rules.report.rows import Row, code, figure
from schemas.base import Model
from schemas.matters import CardStatus
from schemas.profile import Profile

MEASURED = ("case.result_ready", "case.closed")
"""Entries that tell promise against actual; the first of a case counts."""

OVERLAP = 1000
"""Positions read again: a transaction that was slower may show its entries late."""

FRESH_FOR = 30.0
"""Seconds for which an answer is given again."""


class Line(Model):
    """One group: an item, a section, or all of them; numbers are None where the group is too small."""

    by: str
    code: str
    name: str
    name_en: str
    cases: int | None = None
    kept: int | None = None
    rate_tenths: int | None = None
    """On time, in tenths of a per cent."""
    median_tenths: int | None = None
    """Working days, in tenths."""
    p90: int | None = None
    """Nine of ten were done within so many working days."""


class Openness(Model):
    """The table, as of a position of the ledger."""

    as_of: int
    small_from: int
    """Groups with fewer cases are not told."""
    lines: tuple[Line, ...]
    open_cases: int
    overdue_cases: int
    open_cards: dict[str, int]
    """By colour."""


@dataclass
class _Seen:
    """Measured cases met so far, and how far the ledger was read."""

    rows: dict[str, tuple[Row, int | None]] = field(default_factory=dict)
    pos: int = 0
    lock: Lock = field(default_factory=Lock)
    answer: Openness | None = None
    at: float = 0.0


_seen: WeakKeyDictionary[Engine, _Seen] = WeakKeyDictionary()


def openness(ledger: Ledger, profile: Profile, today: str) -> Openness:
    """The table now; reads only what was recorded since it was asked for last."""
    seen = _seen.setdefault(ledger.engine, _Seen())
    with seen.lock:
        if seen.answer is None or time.monotonic() - seen.at > FRESH_FOR:
            with snapshot(ledger.engine) as connection:
                _read_on(connection, seen)
                seen.answer, seen.at = _told(connection, profile, seen, today), time.monotonic()
        return seen.answer


def forget(ledger: Ledger) -> None:
    """Read everything anew at the next question."""
    _seen.pop(ledger.engine, None)


def _read_on(connection: Connection, seen: _Seen) -> None:
    columns = ledger_entry.c
    query = select(columns.pos, columns.leaf).where(
        columns.pos > seen.pos - OVERLAP, columns.type.in_(MEASURED)
    )
    for row in connection.execute(query.order_by(columns.pos)):
        event = orjson.loads(row.leaf)
        told = event["data"].get("figures")
        if isinstance(told, dict) and "promise_kept" in told:
            seen.rows.setdefault(event["subject"], _row(event, told))
    seen.pos = connection.scalar(select(func.max(columns.pos))) or 0


def _row(event: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[Row, int | None]:
    view, days = event["data"].get("view") or {}, told.get("actual_days")
    row = Row(
        matter=event["subject"],
        seq=event["caseseq"],
        section=code(event["data"].get("section") or view.get("section")),
        item=code(view.get("item")),
        officers=(),
        label=KEPT if told["promise_kept"] else MISSED,
        late=False,
    )
    return row, days if isinstance(days, int) else None


def _told(connection: Connection, profile: Profile, seen: _Seen, today: str) -> Openness:
    few = profile.reports.public_from
    found = _public([row for row, _ in seen.rows.values()], few)
    columns = matter.c
    going = [columns.kind == "case", columns.closed.is_(False)]
    cards = select(matter_card.c.colour, func.count()).where(matter_card.c.status == CardStatus.OPEN.value)
    return Openness(
        as_of=seen.pos,
        small_from=few,
        lines=tuple(_lines(found, profile, seen)),
        open_cases=connection.scalar(select(func.count()).select_from(matter).where(*going)) or 0,
        overdue_cases=connection.scalar(
            select(func.count()).select_from(matter).where(*going, columns.promise_due < today)
        )
        or 0,
        open_cards={colour: n for colour, n in connection.execute(cards.group_by(matter_card.c.colour))},
    )


def _public(rows: list[Row], few: int) -> dict[str, Any]:
    """The figure of promises as the public edition of a report tells it."""
    full = {"rules": {"public_from": few}, "figures": [figure("on_time_promise", rows)]}
    empty: dict[str, Any] = dict.fromkeys(("format", "number", "period", "ledger", "not_kept"))
    told: dict[str, Any] = public(empty | full)["figures"][0]
    return told


def _lines(found: Mapping[str, Any], profile: Profile, seen: _Seen) -> Iterator[Line]:
    names = {("item", i.code): (i.name, i.name_en) for i in profile.items}
    names |= {("section", s.code): (s.name, s.name_en) for s in profile.sections}
    total = {"": found["total"]} if found["total"]["count"] else {}
    for by, groups in (("total", total), ("item", found["items"]), ("section", found["sections"])):
        for key, tally in groups.items():
            zh, en = names.get((by, key), ("全部", "all") if by == "total" else (key, key))
            line = Line(by=by, code=key, name=zh, name_en=en)
            # A total is told however small, but not what it is made of.
            hidden = tally is None or (by == "total" and tally["count"] < _few(profile))
            yield line if hidden or tally is None else line.model_copy(update=_numbers(tally, by, key, seen))


def _few(profile: Profile) -> int:
    return profile.reports.public_from


def _numbers(tally: Mapping[str, Any], by: str, key: str, seen: _Seen) -> dict[str, int | None]:
    days = sorted(d for row, d in seen.rows.values() if d is not None and _belongs(row, by, key))
    count, kept = tally["count"], tally["labels"].get(KEPT, 0)
    n = len(days)
    return {
        "cases": count,
        "kept": kept,
        "rate_tenths": (2000 * kept + count) // (2 * count),
        "median_tenths": 5 * (days[(n - 1) // 2] + days[n // 2]) if days else None,
        "p90": days[-(-9 * n // 10) - 1] if days else None,
    }


def _belongs(row: Row, by: str, key: str) -> bool:
    return by == "total" or (row.item if by == "item" else row.section) == key

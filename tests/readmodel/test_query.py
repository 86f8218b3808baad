"""Lists and lookups: the right matters, in order, page by page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.db import Ledger
from readmodel.project import project
from readmodel.query import Filters, Order, Page, cards, clocks, get_matter, list_matters
from schemas.errors import UsageError
from tests.ledger.support import draft, record, work


def put(ledger: Ledger, case: str, clocks: list[dict[str, Any]] | None = None, **view: Any) -> None:
    """A matter as the list will show it."""
    data: dict[str, Any] = {"view": {"kind": "case", "state": "review"} | view}
    if clocks is not None:
        data["clocks"] = clocks
    record(ledger, work(case, case, draft(data=data)), project=project)


def ask(ledger: Ledger, **filters: Any) -> Page:
    """A page."""
    with ledger.engine.begin() as connection:
        return list_matters(connection, Filters(**filters))


def names(page: Page) -> list[str]:
    """Which matters a page shows."""
    return [row.case_id for row in page.rows]


def walk(ledger: Ledger, **filters: Any) -> list[str]:
    """All pages, one after the other."""
    page = ask(ledger, **filters)
    seen = names(page)
    while page.next:
        page = ask(ledger, after=page.next, **filters)
        seen += names(page)
    return seen


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["A", "B", "C"]),
        ({"kind": "inquiry"}, ["C"]),
        ({"state": "review"}, ["A", "B"]),
        ({"item": "LX-DJ-01"}, ["A"]),
        ({"owner": "S002"}, ["A", "B"]),
        ({"owner": "S002", "state": "review", "open_only": True}, ["A"]),
        ({"section": "registry"}, ["C"]),
        ({"business_key": "k-1"}, ["A"]),
        ({"lookup_digest": "ff"}, ["B"]),
        ({"open_only": True}, ["A", "C"]),
        ({"state": "nowhere"}, []),
    ],
)
def test_filters(ledger: Ledger, filters: dict[str, Any], found: list[str]) -> None:
    put(ledger, "A", item="LX-DJ-01", owner="S002", business_key="k-1")
    put(ledger, "B", owner="S002", closed=True, lookup_digest="ff")
    put(ledger, "C", kind="inquiry", state="open", section="registry")
    assert names(ask(ledger, **filters)) == found


def test_overdue_is_a_running_clock_past_its_day(ledger: Ledger) -> None:
    clock = {"clock": "promise", "due": "2026-06-23"}
    put(ledger, "running", [clock])
    put(ledger, "stopped", [clock | {"stopped": True}])
    put(ledger, "paused", [clock | {"due": None}])
    put(ledger, "no clocks")
    assert names(ask(ledger, overdue_on=date(2026, 6, 23))) == []
    assert names(ask(ledger, overdue_on=date(2026, 6, 24))) == ["running"]


def test_orders(ledger: Ledger) -> None:
    put(ledger, "A", promise_due="2026-07-01")
    put(ledger, "B", statutory_due="2026-06-20")
    put(ledger, "C")
    put(ledger, "D", promise_due="2026-06-20", statutory_due="2026-09-01")
    assert names(ask(ledger)) == ["A", "B", "C", "D"]
    assert names(ask(ledger, order=Order.DUE)) == ["B", "D", "A", "C"]
    assert names(ask(ledger, order=Order.RECENT)) == ["D", "C", "B", "A"]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_pages_cover_everything_once(ledger: Ledger, order: Order, limit: int) -> None:
    for n in range(7):
        put(ledger, f"LX-{n}", promise_due=f"2026-06-2{n % 2}")
    whole = names(ask(ledger, order=order))
    assert sorted(whole) == [f"LX-{n}" for n in range(7)]
    assert walk(ledger, order=order, limit=limit) == whole


def test_a_page_stays_in_place_while_matters_are_added(ledger: Ledger) -> None:
    for name in ("B", "D"):
        put(ledger, name)
    page = ask(ledger, limit=1)
    put(ledger, "A")
    put(ledger, "C")
    assert names(ask(ledger, after=page.next)) == ["C", "D"]


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "e30", "bnVsbA", "/w", "é"])
def test_a_cursor_that_is_none_is_refused(ledger: Ledger, cursor: str) -> None:
    with pytest.raises(UsageError, match="not a cursor"):
        ask(ledger, after=cursor)


def test_a_cursor_of_another_order_is_refused(ledger: Ledger) -> None:
    put(ledger, "A")
    put(ledger, "B")
    cursor = ask(ledger, limit=1, order=Order.DUE).next
    with pytest.raises(UsageError, match="belongs to order due, not case"):
        ask(ledger, after=cursor)


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_has_its_bounds(limit: int) -> None:
    with pytest.raises(ValidationError):
        Filters(limit=limit)


def test_what_is_not_there(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        assert get_matter(connection, "LX-9") is None
        assert clocks(connection, "LX-9") == []
        assert cards(connection, "LX-9") == []

"""Lists of cards: each as it stands, beside its own procedure; only those that whoever asks may see."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.db import Ledger
from readmodel.cards import CardFilters, CardPage, list_cards
from readmodel.project import project
from tests.ledger.support import draft, record, work

CARDS: dict[str, dict[str, Any]] = {
    "A/R1-2": {"colour": "red", "status": "open", "addressees": ["1301", "1303"]},
    "A/Y1-1": {"colour": "yellow", "status": "escalated", "addressees": ["1301"]},
    "B/Y1-1": {"colour": "yellow", "status": "open", "addressees": ["1101"]},
}
SECTIONS = {"A": "land-use", "B": "window"}


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Two matters and their cards; the last one has no chain of its own yet."""
    for case, section in SECTIONS.items():
        _put(ledger, case, "case.registered", view={"kind": "case", "state": "in_stage", "section": section})
    for number, said in CARDS.items():
        case, _, code = number.partition("/")
        card = {"id": number, "code": code[:2], "issue_day": "2037-06-15", **said}
        _put(ledger, case, "card.issued", card=card)
        if case == "A":
            own = {**card, "case_id": case}
            _put(ledger, number, "card.registered", card=own, view={"kind": "card", "state": "served"})
    return ledger


def _put(ledger: Ledger, chain: str, kind: str, **data: Any) -> None:
    key = f"{chain}-{kind}-{data.get('card', {}).get('id', '')}"
    record(ledger, work(chain, key, draft(type=kind, data=data)), project=project)


def ask(ledger: Ledger, **filters: Any) -> CardPage:
    """A page."""
    with ledger.engine.begin() as connection:
        return list_cards(connection, CardFilters(**filters))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["A/R1-2", "A/Y1-1", "B/Y1-1"]),
        ({"officer": "1301"}, ["A/R1-2", "A/Y1-1"]),
        ({"officer": "130"}, []),
        ({"officer": "%"}, []),
        ({"colour": "yellow"}, ["A/Y1-1", "B/Y1-1"]),
        ({"status": "open"}, ["A/R1-2", "B/Y1-1"]),
        ({"section": "window"}, ["B/Y1-1"]),
        ({"matter": "A", "colour": "red"}, ["A/R1-2"]),
    ],
)
def test_who_has_which_cards(filled: Ledger, filters: dict[str, Any], found: list[str]) -> None:
    """Each filter by itself, and together."""
    assert [each.card.card_id for each in ask(filled, **filters).rows] == found


def test_a_card_stands_beside_its_own_procedure(filled: Ledger) -> None:
    """Its state, and the section of the matter it is about; none where it has not begun yet."""
    rows = {each.card.card_id: each for each in ask(filled).rows}
    assert (rows["A/R1-2"].state, rows["A/R1-2"].section) == ("served", "land-use")
    assert rows["B/Y1-1"].state is None


def test_pages_are_full_of_what_may_be_seen(filled: Ledger) -> None:
    """What may not be seen leaves no gap, and no trace in the cursor."""
    page, seen = ask(filled, limit=1), list[str]()
    while page.next:
        seen += [each.card.card_id for each in page.rows]
        page = ask(filled, limit=1, after=page.next)
    assert [*seen, *(each.card.card_id for each in page.rows)] == list(CARDS)
    with filled.engine.begin() as connection:
        shown = list_cards(
            connection, CardFilters(limit=1), keep=lambda rows: [row.case_id != "A/R1-2" for row in rows]
        )
    assert [each.card.card_id for each in shown.rows] == ["A/Y1-1"]
    assert shown.next == "A/Y1-1"

"""Cards without an engine: which limit is whose, who must explain, who answers for a card (domain 2.9)."""

from __future__ import annotations

import pytest

from rules import cards
from schemas.clocks import ClockKind
from schemas.matters import CardStatus
from tests.rules.test_cards import RULES, card, clock
from tests.workflows.house import day


@pytest.mark.parametrize(
    ("kind", "ref", "matter", "card"),
    [
        (ClockKind.STEP, "ruling", "card", "Y1"),
        (ClockKind.STEP, "ruling", "fault", None),
        (ClockKind.STEP, "anything", "card", None),
        (ClockKind.WINDOW, "objection", "card", None),
        (ClockKind.RECTIFY, "x/Y1", "case", None),
        (ClockKind.HANDOVER, "offer", "inquiry", "Y3"),
    ],
)
def test_which_limits_are_cards_is_data(kind: ClockKind, ref: str, matter: str, card: str | None) -> None:
    """A step is nobody's card unless a row says so for that kind of matter."""
    row = cards.rule_of(RULES.cards, matter, clock(kind, ref))
    assert (row.card if row else None) == card
    assert cards.rule_of(None, matter, clock(kind, ref)) is None


def test_the_row_that_says_most_counts() -> None:
    """A row for this very clock before one for clocks of its kind."""
    assert RULES.cards is not None
    general = RULES.cards.clocks[1]
    special = general.model_copy(update={"code": "mine", "kind": "case", "ref": "H", "card": "Y2"})
    more = RULES.cards.model_copy(update={"clocks": (special, *RULES.cards.clocks)})
    for ref, code in (("H", "Y2"), ("R", "Y1")):
        row = cards.rule_of(more, "case", clock(ClockKind.STAGE, ref))
        assert row is not None
        assert row.card == code


def test_corrected_is_done_and_explained_by_every_addressee() -> None:
    """Neither alone is enough; those in copy need not explain."""
    yellow = card("Y2", ClockKind.PROMISE, addressees=("1301", "1303"), copies=("1002",))
    assert not cards.corrected(yellow)
    assert not cards.corrected(yellow.model_copy(update={"corrected": True, "explained": ("1301",)}))
    assert not cards.corrected(yellow.model_copy(update={"explained": ("1301", "1303")}))
    assert cards.corrected(yellow.model_copy(update={"corrected": True, "explained": ("1303", "1301")}))


def test_replies_and_lead_of_absorbed_cards_move_along() -> None:
    """R2 that takes in R1 joins its lead and opens none."""
    old = card("R1", addressees=("1301",), explained=("1301",), lead="GC-x/R1")
    new = cards.issued(cards.merged(card("R2", ClockKind.STATUTORY, addressees=("1303",)), (old,)), None)
    assert (new.explained, new.lead) == (("1301",), "GC-x/R1")
    assert cards.issued(card("R2", ClockKind.STATUTORY), None).lead == "GC-x/R2"
    assert cards.issued(card("Y1"), day("06-15")).lead == ""


def test_heirs_are_live_cards_that_grew_from_one() -> None:
    """Directly or through others."""
    first = card("Y1", id="a", status=CardStatus.ABSORBED)
    second = card("Y2", id="b", follows="a", status=CardStatus.ESCALATED)
    third = card("R1", id="c", follows="b")
    gone = card("R1", id="d", follows="a", status=CardStatus.REVOKED)
    found = cards.heirs((first, second, third, gone), first)
    assert [each.id for each in found] == ["b", "c"]


@pytest.mark.parametrize(
    ("addressees", "post"),
    [
        (("1301",), "supervisor"),
        (("1901",), "discipline"),
        (("1902", "1301"), "discipline"),
        (("1901", "1005"), "head"),
        (("1901", "1006", "1001"), "head"),
    ],
)
def test_nobody_answers_for_his_own_card(addressees: tuple[str, ...], post: str) -> None:
    """The supervision office; about itself the discipline secretary; about both the head."""
    found = cards.judge(RULES, addressees)
    assert found is not None
    assert found.code == post


def test_of_a_red_card_deputy_head_office_and_secretary_are_told() -> None:
    """Besides those it is addressed to."""
    assert cards.told_of_red(RULES, card("R1", addressees=("1301",))) == ("1002", "1005", "1901")

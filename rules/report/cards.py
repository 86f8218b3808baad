"""Cards (牌) as the log tells of them: issued, corrected, answered, revoked, absorbed; still open at the end.

A card is told of in the chain of its matter and in its own; what became of it is counted once, at the entry
that said so first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules.report.rows import Row, code
from schemas.matters import CardStatus

TURNS = {
    CardStatus.OPEN: "cards_issued",
    CardStatus.RECTIFIED: "cards_rectified",
    CardStatus.REVOKED: "cards_revoked",
    CardStatus.ABSORBED: "cards_absorbed",
}
"""Figures by the status a card turns to."""


@dataclass
class Known:
    """What is known of a card."""

    row: Row
    """The entry that told of it first: that of the matter it is about."""
    seen: set[str]
    """Figures it was counted in."""
    status: str


class Cards:
    """All cards met so far, by their ids."""

    def __init__(self) -> None:
        """None yet."""
        self._known: dict[str, Known] = {}

    def take(self, event: Mapping[str, Any], late: bool) -> Iterator[tuple[str, Row]]:
        """(figure, row) of everything an entry says of a card that no entry said before."""
        card = event["data"].get("card")
        if not isinstance(card, dict) or not card.get("id") or "status" not in card:
            return
        row = _row(event, card, late)
        known = self._known.setdefault(str(card["id"]), Known(row, set(), ""))
        known.status = str(card["status"])
        turned = [TURNS[status] for status in TURNS if status == known.status]
        if card.get("corrected"):
            turned.append("cards_corrected")
        for name in turned:
            if name not in known.seen:
                known.seen.add(name)
                yield name, row

    def open_rows(self) -> Iterator[Row]:
        """The cards that are open at the end."""
        return (known.row for known in self._known.values() if known.status == CardStatus.OPEN)


def _row(event: Mapping[str, Any], card: Mapping[str, Any], late: bool) -> Row:
    """A card is counted where its matter is, and for everybody it is served on."""
    view = event["data"].get("view") or {}
    people = card.get("addressees") or ()
    return Row(
        matter=event["subject"],
        seq=event["caseseq"],
        section=code(view.get("section")),
        item=code(view.get("item")),
        officers=tuple(code(who) for who in people) or ("none",),
        label=code(card.get("code")),
        late=late,
    )

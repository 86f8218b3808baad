"""Sealed values over HTTP: encrypted before anything is sent, opened only by an act that is on record."""

from __future__ import annotations

from typing import Any

from ledger.db import Ledger
from schemas.base import Model
from schemas.entries import Receipt
from starter.acting import require_seen
from starter.complaints import opened_at
from starter.desk import Desk
from starter.identity.visitor import Visitor
from starter.sealed_values import open_released, seal_value

OPENING = frozenset({("review", "unseal"), ("complaint", "read_identity"), ("complaint", "read_content")})
"""Acts by which somebody reads what is sealed."""


class OpenedValue(Model):
    """A value as it was sealed."""

    name: str
    value: str
    opening: str = ""
    """Proves the value to be that of its digest."""


def sealed_body(desk: Desk, visitor: Visitor, number: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of `seal` with the value encrypted; not for whoever may not see the matter."""
    require_seen(desk, visitor, "review act", "review", number)
    rest = {key: value for key, value in fields.items() if key != "name"}
    sealed = seal_value(desk.ledger, number, fields["name"], fields["value"])
    return rest | {"value": sealed.model_dump(mode="json")}


def opened_by(ledger: Ledger, kind: str, number: str, receipt: Receipt) -> tuple[OpenedValue, ...]:
    """What an act of reading opened: nothing while it takes another's act too."""
    if kind == "complaint":
        found = opened_at(ledger, number, receipt.caseseq)
        return tuple(OpenedValue(name=name, value=value) for name, value in found.items())
    released = open_released(ledger, number, receipt)
    return tuple(OpenedValue(name=each.name, value=each.value, opening=each.opening) for each in released)

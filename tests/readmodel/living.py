"""Matters of a test as entries of the recorder, with openings where somebody's name is sealed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from ledger.db import Ledger, snapshot
from ledger.keys import case_key
from ledger.openings import encrypt_opening, make_opening
from readmodel.project import DERIVED, project
from schemas.entries import SealedField
from tests.ledger.support import draft, record, work

TODAY = date(2026, 6, 17)
RED = ("2026-06-15", "2026-06-14", "2026-06-16")
YELLOW = ("2026-06-18", "2026-06-17", "2026-06-19")
GREEN = ("2026-07-10", "2026-07-06", "2026-07-11")
"""Due day, first yellow day, first red day."""


def clock(kind: str, days: tuple[str, str, str] | None, **fields: Any) -> dict[str, Any]:
    """A clock as an entry holds it; without days it stands still."""
    due, yellow, red = days or (None, None, None)
    return {"clock": kind, "due": due, "yellow_from": yellow, "red_from": red} | fields


def tell(ledger: Ledger, number: str, kind: str, **data: Any) -> None:
    """One more entry of a matter."""
    tell.count += 1  # type: ignore[attr-defined]
    actor = data.pop("actor", "S001")
    sealed = tuple(data.pop("sealed", ()))
    said = draft(kind, data=data, actor=actor, sealed=sealed)
    record(ledger, work(number, f"a{tell.count}", said), project=project)  # type: ignore[attr-defined]


tell.count = 0  # type: ignore[attr-defined]


def case(
    ledger: Ledger,
    number: str,
    owner: str = "S001",
    post: str = "window",
    days: tuple[str, str, str] | None = GREEN,
    **fields: Any,
) -> None:
    """An open case that somebody works on."""
    personal = fields.pop("personal", {})
    kind = fields.pop("kind", "case")
    said: dict[str, Any] = {name: fields.pop(name) for name in ("opinion", "reason") if name in fields}
    people = fields.pop("people", [["owner", owner]])
    view: dict[str, Any] = {
        "kind": kind,
        "state": "in_stage",
        "owner": owner,
        "owner_post": post,
        "people": people,
    }
    clocks = [clock("promise", days)]
    data: dict[str, Any] = {"view": view | fields, "clocks": clocks, **said}
    tell(ledger, number, f"{kind}.registered", sealed=sealed(ledger, number, personal), **data)


def sealed(ledger: Ledger, number: str, personal: dict[str, str]) -> list[SealedField]:
    """Fields sealed under the matter's key."""
    if not personal:
        return []
    with ledger.engine.begin() as connection:
        key = case_key(connection, number)
    openings = [make_opening(key, name, value) for name, value in personal.items()]
    return [
        SealedField(
            name=each.name, digest=each.digest, ciphertext=encrypt_opening(key, each), key_id=key.key_id
        )
        for each in openings
    ]


def all_rows(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is derived from the ledger."""
    with snapshot(ledger.engine) as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in DERIVED
        }

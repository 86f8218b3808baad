"""Liability of a case in this ledger: its entries, and those of the reviews that decided in it, to the table.

Nothing is written and no engine is needed: a proposal is computed from what is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from ledger.db import Ledger, snapshot
from ledger.read import entries
from rules.liability import propose
from schemas.errors import NotFoundError
from schemas.liability import Finding, Proposal
from schemas.profile import Profile, Rules
from starter.rulebook import rules_for

Event = dict[str, Any]


def explain(
    ledger: Ledger, number: str, fault: str, findings: Iterable[Finding], profile: Profile
) -> Proposal:
    """Who would answer for a fault of a case, by a profile's table.

    Raises NotFoundError for a case without entries; UsageError (`unknown_fault`, `unknown_finding`).
    """
    with snapshot(ledger.engine) as connection:
        chain = chain_of(connection, number)
    return propose(chain, findings, fault, profile.liability, house_of(profile, chain))


def chain_of(connection: Connection, number: str) -> list[Event]:
    """The entries of a case, and behind them those of the reviews it was told of or its signers named."""
    own = _events(connection, number)
    if not own:
        raise NotFoundError(f"没有 {number} 的记录 / there are no entries of {number}")
    return [*own, *(event for review in reviews_in(own) for event in _events(connection, review))]


def reviews_in(chain: Iterable[Event]) -> tuple[str, ...]:
    """Numbers of the joint reviews, in the order in which the case came to know them."""
    named = (event["data"].get("resolution") for event in chain if event["type"] != "act.refused")
    numbers = (each.get("number") if isinstance(each, dict) else each for each in named)
    return tuple(dict.fromkeys(str(number) for number in numbers if number))


def house_of(profile: Profile, chain: list[Event]) -> Rules:
    """Posts, item and calendar of a profile for the time of a case."""
    items = {item.code for item in profile.items}
    seen = (event["data"].get("view", {}).get("item") for event in chain)
    item = next((code for code in seen if code in items), None)
    rules = rules_for(profile, item, _first_day(chain))
    return rules.model_copy(
        update={
            "posts": profile.posts,
            "sections": profile.sections,
            "liability": profile.liability,
        }
    )


def _first_day(chain: list[Event]) -> date:
    return datetime.fromisoformat(chain[0]["time"]).date()


def _events(connection: Connection, number: str) -> list[Event]:
    return [dict(entry.event) for entry in entries(connection, number)]

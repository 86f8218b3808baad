"""A card as its page needs it: its trigger, the entries it rests on, who would answer, what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger.entry import Entry
from ledger.read import entries
from rules.liability import propose
from schemas.errors import YangguangError
from schemas.liability import Proposal
from schemas.profile import Profile
from starter.liability import chain_of, house_of
from starter.sight import Eyes, visible
from web.card_words import CAUSES, STEPS
from web.names import Words
from web.timeline import local, what_of

BEFORE = 3
"""Entries before the one that issued a card, which are shown with it: the breach is among them."""


@dataclass(frozen=True)
class Evidence:
    """An entry a card rests on."""

    kind: str
    number: str
    seq: int
    what: Words
    time: Any
    leaf_hash: str
    decisive: bool
    """It is the very entry that issued the card."""


@dataclass(frozen=True)
class CardPage:
    """Everything about a card besides its file."""

    card: dict[str, Any]
    about_kind: str
    about: str
    trigger: Words
    rule: str
    rule_hash: str
    evidence: tuple[Evidence, ...]
    said: tuple[tuple[Words, Entry], ...]
    shares: Proposal | None


def card_page(connection: Connection, eyes: Eyes, profile: Profile, chain: Sequence[Entry]) -> CardPage:
    """The page of a card from its own entries, and from those of the matter in which the wrong was done."""
    card: dict[str, Any] = next((each.data["card"] for each in reversed(chain) if "card" in each.data), {})
    about: dict[str, Any] = next(
        (each.data["about"] for each in chain if isinstance(each.data.get("about"), dict)), {}
    )
    first = chain[0]
    because = first.data.get("because") or {}
    return CardPage(
        card=card,
        about_kind=str(about.get("kind", "")),
        about=str(about.get("number", "")),
        trigger=trigger_of(profile, card),
        rule=str(first.data.get("ruleprofile", "")),
        rule_hash=str(first.data.get("rulehash", "")),
        evidence=tuple(_evidence(connection, eyes, because)),
        said=tuple((STEPS[each.type], each) for each in chain if each.type in STEPS),
        shares=_shares(connection, eyes, profile, card, about),
    )


def trigger_of(profile: Profile, card: dict[str, Any]) -> Words:
    """What brought a card about, in words."""
    cause = str(card.get("cause") or "")
    named = next((each for each in profile.cards.triggers if each.code == cause), None)
    return Words(named.name, named.name_en) if named else CAUSES.get(cause, Words(cause, cause))


def _evidence(connection: Connection, eyes: Eyes, because: dict[str, Any]) -> Iterator[Evidence]:
    """The entry a card comes from with those just before it, as far as they may be seen."""
    kind, number, seq = (because.get(name) for name in ("kind", "number", "seq"))
    if not number or not isinstance(seq, int) or not eyes.sees(connection, str(number)):
        return
    near = entries(connection, str(number), after=max(seq - 1 - BEFORE, 0), limit=BEFORE + 1)
    for entry in visible(connection, eyes, [each for each in near if each.seq <= seq]):
        yield Evidence(
            kind=str(kind),
            number=str(number),
            seq=entry.seq,
            what=what_of(str(kind), entry),
            time=local(entry.event["time"]),
            leaf_hash=entry.leaf_hash,
            decisive=entry.seq == seq,
        )


def _shares(
    connection: Connection, eyes: Eyes, profile: Profile, card: dict[str, Any], about: dict[str, Any]
) -> Proposal | None:
    """Who would answer by the table; a proposal only, and none where the table does not know the fault."""
    number = str(about.get("number", ""))
    if about.get("kind") != "case" or not card.get("fault") or not eyes.sees(connection, number):
        return None
    try:
        chain = chain_of(connection, number)
        return propose(chain, (), str(card["fault"]), profile.liability, house_of(profile, chain))
    except YangguangError:
        return None

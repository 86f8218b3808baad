"""Testimony: an entry as whoever was pointed to it reads it, from its bytes and in no other way."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ledger.canonical import leaf_hash
from ledger.entry import Entry
from ledger.read import entries
from schemas.kin import EntryRef, Testimony


def testimony(connection: Connection, entry: EntryRef) -> Testimony | None:
    """What the ledger holds at that place; None where it is not the very entry that was pointed to."""
    found = entries(connection, entry.number, after=entry.seq - 1, limit=1)
    if not found or found[0].seq != entry.seq or leaf_hash(found[0].leaf) != entry.leaf_hash:
        return None
    event = found[0].event
    if event.get("wfid") != f"{entry.kind}/{entry.number}":
        return None
    return Testimony(
        entry=entry,
        id=event["id"],
        type=event["type"],
        time=event["time"],
        actor=event["actor"],
        role=event.get("actorrole", ""),
        on_behalf_of=event.get("onbehalfof"),
        data=found[0].data,
    )


def acted_in(chain: Iterable[Entry]) -> list[tuple[str, str]]:
    """(capacity, staff number) of everybody who acted in a matter, in their order; refusals are left out."""
    done = (entry.event for entry in chain if entry.type != "act.refused")
    return list(dict.fromkeys((str(each.get("actorrole", "")), str(each["actor"])) for each in done))

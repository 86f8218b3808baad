"""Somebody who owns the database and knows the format: he makes everything fit again that he can compute.

He has no key of the signer and no access to its memory, nor to what others hold. Checkpoints that no longer
fit he can only remove.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select

from ledger.canonical import canonical, leaf_hash
from ledger.entry import NO_HASH, Entry, Event, identity, stream_entry_id
from ledger.merkle import Frontier, grow
from ledger.merkle import leaf_hash as tree_hash
from ledger.rows import row_of
from ledger.tables import (
    ledger_case,
    ledger_checkpoint,
    ledger_cosignature,
    ledger_disclosure,
    ledger_entry,
    ledger_inbox,
    ledger_index,
    ledger_log,
    ledger_outbox,
    ledger_tile,
)
from tests.tampering.bureau import give_positions

_CALL = ("wfnamespace", "wfid", "wfrunid", "activityid")


def leaves_of(connection: Connection) -> list[bytes]:
    """The leaves that are there, in the order of the log; those that wait come last."""
    index, entry = ledger_index.c, ledger_entry.c
    query = select(entry.leaf).join_from(ledger_entry, ledger_index, index.pos == entry.pos, isouter=True)
    rows = connection.scalars(query.order_by(index.log_index.is_(None), index.log_index, entry.pos))
    return [bytes(leaf) for leaf in rows]


def rewrite(connection: Connection, leaves: list[bytes]) -> None:
    """Make these the ledger: chains, ids, columns, heads, index, tiles, frontier and all."""
    entries = _chained(leaves)
    for table in (ledger_entry, ledger_index, ledger_inbox, ledger_case, ledger_tile, ledger_log):
        connection.execute(delete(table))
    if entries:
        rows = [row_of(entry) | {"pos": pos} for pos, entry in enumerate(entries, 1)]
        connection.execute(insert(ledger_entry), rows)
        places = [{"log_index": n, "pos": n + 1} for n in range(len(entries))]
        connection.execute(insert(ledger_index), places)
        connection.execute(insert(ledger_case), list(_heads(entries).values()))
    give_positions(connection)
    _write_tree(connection, [tree_hash(entry.leaf) for entry in entries])
    _tidy(connection, entries)


def _chained(leaves: list[bytes]) -> list[Entry]:
    """Entries whose chains hold; a leaf that is not canonical stays as it is spelled."""
    last: dict[str, tuple[Event, str, int]] = {}
    found = []
    for leaf in leaves:
        event: Event = orjson.loads(leaf)
        spelled = canonical(event) == leaf
        before, head, ordinal = last.get(event["subject"], ({}, NO_HASH, 0))
        same = "wfid" in event and all(before.get(name) == event[name] for name in _CALL)
        ordinal = ordinal + 1 if same else 0
        changed = {"caseseq": before.get("caseseq", 0) + 1, "prevhash": head, "id": identify(event, ordinal)}
        new = leaf
        if any(event[name] != value for name, value in changed.items()):
            event |= changed
            new = canonical(event) if spelled else canonical(event) + b" "
        found.append(Entry(event, new, leaf_hash(new)))
        last[event["subject"]] = (event, leaf_hash(new), ordinal)
    return found


def identify(event: Event, ordinal: int) -> str:
    """The id that follows from an event's own fields."""
    if "wfid" in event:
        return identity("led1", *(event[name] for name in _CALL), event["type"], ordinal)
    return stream_entry_id(event["subject"], event["type"], event["data"]["business_key"])


def _heads(entries: list[Entry]) -> dict[str, dict[str, Any]]:
    return {
        e.case_id: {"case_id": e.case_id, "seq": e.seq, "head": e.leaf_hash, "recorded": e.recorded}
        for e in entries
    }


def _write_tree(connection: Connection, hashes: list[bytes]) -> None:
    tree = Frontier()
    tree.extend(hashes)
    tiles = grow(0, hashes, lambda tile: b"")
    rows = [{"level": level, "number": n, "hashes": raw} for (level, n), raw in tiles.items()]
    if rows:
        connection.execute(insert(ledger_tile), rows)
    log = {"id": 1, "size": tree.size, "root": tree.root().hex(), "frontier": b"".join(tree.hashes)}
    connection.execute(insert(ledger_log), log)
    _drop_checkpoints(connection, hashes)


def _drop_checkpoints(connection: Connection, hashes: list[bytes]) -> None:
    kept = ledger_checkpoint.c
    for size, root in connection.execute(select(kept.size, kept.root)).all():
        tree = Frontier()
        tree.extend(hashes[:size])
        if tree.size != size or tree.root().hex() != root:
            connection.execute(delete(ledger_checkpoint).where(kept.size == size))
            connection.execute(delete(ledger_cosignature).where(ledger_cosignature.c.size == size))


def _tidy(connection: Connection, entries: list[Entry]) -> None:
    """Remove openings and notices of entries that are gone."""
    known = {entry.id for entry in entries}
    promised: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        promised[entry.id] |= set(entry.data.get("_sd", ()))
    for row in connection.execute(select(ledger_disclosure)).all():
        if row.digest not in promised[row.entry_id]:
            gone = ledger_disclosure.c.digest == row.digest
            connection.execute(delete(ledger_disclosure).where(gone))
    for entry_id in set(connection.scalars(select(ledger_outbox.c.entry_id))) - known:
        connection.execute(delete(ledger_outbox).where(ledger_outbox.c.entry_id == entry_id))

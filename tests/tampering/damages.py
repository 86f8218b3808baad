"""What can be done to a ledger: to its rows, or to its leaves with all else made to fit.

Places are (check, case, seq, index, size), None where the check has no such place. HALF and WHOLE are the
sizes of the two checkpoints (`bureau.at_work`). The log, by index:

     0 key     2 LX-1/1   4 LX-2/1   6 LX-3/1    8 LX-3/3   10 LX-1/3   12 LX-2/3
     1 key     3 LX-1/2   5 LX-2/2   7 LX-3/2    9 LX-3/4   11 LX-1/4   13 LX-2/4
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from ledger.canonical import canonical, leaf_hash
from ledger.entry import NO_HASH, Entry
from ledger.rows import row_of
from ledger.sealing.seal import seal
from ledger.tables import (
    ledger_case,
    ledger_disclosure,
    ledger_entry,
    ledger_inbox,
    ledger_index,
    metadata,
)
from tests.ledger.tampering import at, leaf_at, put
from tests.tampering.attacker import identify

HALF, WHOLE = 8, 14
Place = tuple[str, str | None, int | None, int | None, int | None]
Leaves = list[bytes]
BEFORE = "2020-01-01T00:00:00.000000+00:00"


@dataclass(frozen=True)
class Tampering:
    """One thing somebody does to the ledger behind its back."""

    name: str
    raw: Callable[[Connection], object]
    """What is done to the rows, and nothing else."""
    found: frozenset[Place]
    """What a verification without any help finds then, at least."""
    leaves: Callable[[Leaves], Leaves]
    """The same as a new content of the ledger, from which everything else is computed again."""
    seen: int | None = WHOLE
    """Size of the first note kept elsewhere that it contradicts; None where the log has only grown."""
    always: frozenset[Place] = frozenset()
    """What is found without any help even then."""


def place(
    check: str,
    case: str | None = None,
    seq: int | None = None,
    *,
    index: int | None = None,
    size: int | None = None,
) -> Place:
    """Where a check fails."""
    return check, case, seq, index, size


def found(*places: Place, sizes: tuple[int, ...] = (WHOLE,)) -> frozenset[Place]:
    """Places, with what fails wherever sealed leaves are not what they were: root, tile, checkpoints."""
    tree = place("root", size=WHOLE), place("tile", index=0)
    return frozenset((*places, *tree, *(place("checkpoint", size=size) for size in sizes)))


def edited(index: int, **fields: Any) -> Callable[[Leaves], Leaves]:
    """The entry at this place says something else."""

    def change(leaves: Leaves) -> Leaves:
        event = orjson.loads(leaves[index]) | fields
        return [*leaves[:index], canonical(event), *leaves[index + 1 :]]

    return change


def without(*indices: int) -> Callable[[Leaves], Leaves]:
    """The entries at these places are gone."""
    return lambda leaves: [leaf for n, leaf in enumerate(leaves) if n not in indices]


def swapped(first: int, second: int) -> Callable[[Leaves], Leaves]:
    """These two entries stand in each other's place."""
    order = {first: second, second: first}
    return lambda leaves: [leaves[order.get(n, n)] for n in range(len(leaves))]


def drop(case: str, seq: int | None = None) -> Callable[[Connection], object]:
    """Remove an entry, or all of a case with its head."""

    def change(connection: Connection) -> None:
        where = ledger_entry.c.case_id == case if seq is None else at(case, seq)
        connection.execute(delete(ledger_entry).where(where))
        if seq is None:
            connection.execute(delete(ledger_case).where(ledger_case.c.case_id == case))

    return change


def swap(first: int, second: int) -> Callable[[Connection], object]:
    """Exchange two places of the log."""

    def change(connection: Connection) -> None:
        index = ledger_index.c
        old = {n: connection.scalar(select(index.pos).where(index.log_index == n)) for n in (first, second)}
        for n, pos in ((first, -1), (second, old[first]), (first, old[second])):
            connection.execute(update(ledger_index).where(index.log_index == n).values(pos=pos))

    return change


def modify(connection: Connection) -> None:
    """Change a word of what was said."""
    leaf = leaf_at(connection, "LX-2", 2).replace("同意".encode(), "不同意".encode())
    connection.execute(update(ledger_entry).where(at("LX-2", 2)).values(leaf=leaf))


def re_encode(connection: Connection) -> None:
    """The same event in other bytes, with the hash that belongs to them."""
    put(connection, "LX-2", 2, spelled(leaf_at(connection, "LX-2", 2)))


def spelled(leaf: bytes) -> bytes:
    """The same event with a space too many."""
    return leaf.replace(b'{"', b'{ "', 1)


def empty(connection: Connection) -> None:
    """Remove every row but those that say whose ledger it is."""
    for table in metadata.sorted_tables:
        if table.name != "ledger_meta":
            connection.execute(delete(table))


def foreign(leaf: bytes, recorded: str | None = None) -> bytes:
    """An entry of a case that nobody had, made from another."""
    event = orjson.loads(leaf) | {"subject": "LX-0", "wfid": "case/LX-0", "data": {"opinion": "同意"}}
    event |= {"prevhash": NO_HASH, "caseseq": 1, "recordedtime": recorded or event["recordedtime"]}
    return canonical(event | {"id": identify(event, 0)})


def insert_foreign(connection: Connection, recorded: str | None = None) -> None:
    """Put such an entry in with its columns and its head, waiting to be sealed like any other."""
    leaf = foreign(leaf_at(connection, "LX-1", 1), recorded)
    entry = Entry(orjson.loads(leaf), leaf, leaf_hash(leaf))
    pos = (connection.scalar(select(func.max(ledger_entry.c.pos))) or 0) + 1
    connection.execute(insert(ledger_entry), row_of(entry) | {"pos": pos})
    head = {"case_id": entry.case_id, "seq": 1, "head": entry.leaf_hash, "recorded": entry.recorded}
    connection.execute(insert(ledger_case), head)
    connection.execute(insert(ledger_inbox), {"pos": pos})


def insert_in_the_middle(connection: Connection) -> None:
    """As above, and straight into the log instead of the last entry of LX-3."""
    insert_foreign(connection)
    pos = connection.scalar(select(func.max(ledger_inbox.c.pos)))
    connection.execute(delete(ledger_inbox))
    connection.execute(update(ledger_index).where(ledger_index.c.log_index == 9).values(pos=pos))


def backdate(connection: Connection) -> None:
    """An entry under a date before everything, sealed as every other."""
    insert_foreign(connection, BEFORE)
    seal(connection)


def erase(connection: Connection) -> None:
    """Remove what opens the digests."""
    connection.execute(delete(ledger_disclosure))


def unsealed(leaves: Leaves) -> Leaves:
    """Personal data was never there."""
    events = [orjson.loads(leaf) for leaf in leaves]
    for event in events:
        event["data"].pop("_sd", None)
    return [canonical(event) for event in events]

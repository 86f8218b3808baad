"""How long an inclusion proof takes in a log of a million entries, read from the database each time."""

from __future__ import annotations

import random
import time
from hashlib import sha256

from sqlalchemy import insert

from bench.ledger_entries import ORIGIN, database
from ledger.db import open_database, snapshot
from ledger.merkle import grow, verify_inclusion
from ledger.sealing.stored import inclusion, tree_of
from ledger.tables import ledger_tile

SIZE = 1_000_000


def proofs(kind: str, count: int, size: int = SIZE) -> list[float]:
    """Milliseconds of each of `count` proofs at random places; each is verified afterwards."""
    leaves = [sha256(n.to_bytes(8)).digest() for n in range(size)]
    tiles = grow(0, leaves, lambda _: b"")
    rows = [{"level": level, "number": n, "hashes": hashes} for (level, n), hashes in tiles.items()]
    with database(kind) as url:
        ledger = open_database(url, ORIGIN)
        with ledger.engine.begin() as connection:
            connection.execute(insert(ledger_tile), rows)
        with snapshot(ledger.engine) as connection:
            root = tree_of(connection, size).root()
        took = []
        for index in random.Random(size).sample(range(size), count):
            began = time.perf_counter()
            with snapshot(ledger.engine) as connection:
                found = inclusion(connection, index, size)
            took.append(1000 * (time.perf_counter() - began))
            verify_inclusion(leaves[index], index, size, found.proof, root)
        ledger.close()
    return took

"""The tamperings, as a table: what is done, which check finds it where, raw and with all else made to fit."""

from __future__ import annotations

from sqlalchemy import update

from ledger.tables import ledger_entry
from tests.ledger.tampering import at
from tests.tampering.damages import (
    BEFORE,
    HALF,
    WHOLE,
    Tampering,
    backdate,
    drop,
    edited,
    empty,
    erase,
    foreign,
    found,
    insert_in_the_middle,
    modify,
    place,
    re_encode,
    spelled,
    swap,
    swapped,
    unsealed,
    without,
)

TABLE = (
    Tampering(
        "modify",
        modify,
        found(
            place("leaf_hash", "LX-2", 2, index=5),
            place("previous_hash", "LX-2", 3, index=12),
            sizes=(HALF, WHOLE),
        ),
        edited(5, data={"opinion": "不同意"}),
        seen=HALF,
    ),
    Tampering(
        "modify the newest",
        lambda c: c.execute(update(ledger_entry).where(at("LX-2", 4)).values(leaf=b"{}")),
        found(place("leaf", "LX-2", 4, index=13), place("head", "LX-2", 4)),
        edited(13, actor="S999"),
    ),
    Tampering(
        "re-encode",
        re_encode,
        found(
            place("leaf", "LX-2", 2, index=5),
            place("previous_hash", "LX-2", 3, index=12),
            sizes=(HALF, WHOLE),
        ),
        lambda leaves: [*leaves[:5], spelled(leaves[5]), *leaves[6:]],
        seen=HALF,
        always=frozenset({place("leaf", "LX-2", 2, index=5)}),
    ),
    Tampering("swap two cases' entries", swap(3, 4), found(sizes=(HALF, WHOLE)), swapped(3, 4), seen=HALF),
    Tampering(
        "swap two of a case",
        swap(10, 11),
        found(place("sequence", "LX-1", 4, index=10), place("sequence", "LX-1", 3, index=11)),
        swapped(10, 11),
        always=frozenset({place("recorded_time", "LX-1", 4, index=11)}),
    ),
    Tampering(
        "drop the head",
        drop("LX-1", 1),
        found(place("index", index=2), place("sequence", "LX-1", 2, index=3), sizes=(HALF, WHOLE)),
        without(2),
        seen=HALF,
    ),
    Tampering(
        "drop from the middle",
        drop("LX-3", 3),
        found(place("index", index=8), place("sequence", "LX-3", 4, index=9)),
        without(8),
    ),
    Tampering(
        "drop the tail",
        drop("LX-2", 4),
        found(place("index", index=13), place("head", "LX-2", 3)),
        without(13),
    ),
    Tampering(
        "drop a whole case",
        drop("LX-3"),
        found(*(place("index", index=n) for n in (6, 7, 8, 9)), sizes=(HALF, WHOLE)),
        without(6, 7, 8, 9),
        seen=HALF,
    ),
    Tampering(
        "drop everything",
        empty,
        frozenset({place("log")}),
        lambda leaves: [],
        seen=HALF,
        always=frozenset({place("empty")}),
    ),
    Tampering(
        "insert",
        insert_in_the_middle,
        found(place("inbox", "LX-3", 4), place("head", "LX-3", 3)),
        lambda leaves: [*leaves[:9], foreign(leaves[2]), *leaves[9:]],
    ),
    Tampering(
        "backdate",
        backdate,
        frozenset({place("backdated", "LX-0", 1, index=14)}),
        lambda leaves: [*leaves, foreign(leaves[2], BEFORE)],
        seen=None,
        always=frozenset({place("backdated", "LX-0", 1, index=14)}),
    ),
    Tampering(
        "erase personal data",
        erase,
        frozenset(place("opening", f"LX-{n}", 1, index=2 * n) for n in (1, 2, 3)),
        unsealed,
        seen=HALF,
    ),
)

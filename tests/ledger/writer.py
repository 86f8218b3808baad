"""A process of its own that records entry after entry and says so: killed, or raced, by the tests.

Arguments: URL, first and last activity, the case of each entry being its number modulo three.
"""

from __future__ import annotations

import sys

from ledger.commit import Committer
from ledger.db import open_database
from tests.ledger.fixtures import SAMPLE
from tests.ledger.support import draft, work


def main(url: str, first: int, last: int) -> None:
    """Record, and print each receipt once it is given."""
    ledger = open_database(url, SAMPLE)
    committer = Committer(ledger)
    committer.start()
    window = []
    for n in range(first, last):
        entry = draft(business_key=f"act-{n}", notify=("S002",))
        window.append(committer.submit(work(f"LX-{n % 3}", str(n), entry)))
        if len(window) == 8:
            tell(window)
    tell(window)
    committer.close()
    ledger.close()


def tell(window: list) -> None:  # type: ignore[type-arg]
    """Wait for the answers and pass them on."""
    for future in window:
        (receipt,) = future.result()
        print(receipt.id, receipt.caseseq, receipt.leaf_hash, flush=True)
    window.clear()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

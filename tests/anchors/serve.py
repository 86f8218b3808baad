"""A witness in a process of its own, to be killed by the tests: says its URL, and serves for ever.

Argument: the witness's folder.
"""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event

from ledger.anchors.witness_folder import open_witness
from tests.anchors.serving import served

if __name__ == "__main__":
    with served(open_witness(Path(sys.argv[1]))) as where:
        print(where, flush=True)
        Event().wait()

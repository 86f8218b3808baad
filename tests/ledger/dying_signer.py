"""A signer that is killed after it remembered a checkpoint, and before it let it go."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ledger.db import open_database
from ledger.sealing import signer
from tests.ledger.signing import NOON, SECOND, signer_of

if __name__ == "__main__":
    ledger = open_database(sys.argv[1])
    signer._release = lambda *_: os._exit(9)
    signer_of(ledger, Path(sys.argv[2])).sign(ledger, NOON + SECOND)

"""A sweep in a process of its own: `python -m tests.audit.sweeping <home> <address> <namespace>`.

Keeps one history at a time and says `kept` after each; after the first it waits for a line on its standard
input, so that whoever started it can end it in the middle.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from activities import archive
from ledger.db import open_database
from starter.connect import Engine, connect
from starter.home import open_home
from starter.upkeep import archive_of


async def sweep(folder: str, address: str, namespace: str) -> None:
    """Sweep once."""
    home = open_home(Path(folder))
    client = await connect(Engine(address, namespace, owned=False))
    ledger = open_database(home.database_url, home.origin)
    archive.PORTION = 1
    await archive_of(client, ledger).sweep(said)


def said(_: int) -> None:
    """One history more."""
    print("kept", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    asyncio.run(sweep(*sys.argv[1:]))

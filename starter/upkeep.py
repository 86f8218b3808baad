"""Keeping histories by hand: what commands call, over the same archive that a worker's sweeps fill."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import timedelta

from temporalio.client import Client

from activities.archive import LIMIT, Archive, silent
from activities.follow import settled
from ledger.db import Ledger
from schemas.errors import UsageError
from schemas.upkeep import ArchiveState
from workflows import MATTERS

LIMIT_VARIABLE = "YANGGUANG_ARCHIVE_LIMIT_HOURS"

_LONGEST_HOURS = 24 * 365


def archive_of(client: Client, ledger: Ledger) -> Archive:
    """The archive of a ledger's matters, with the limit that the environment sets."""
    return Archive(client, ledger, MATTERS, limit=archive_limit())


def archive_limit() -> timedelta:
    """How long a closed run may wait to be kept. Raises UsageError where the environment says nonsense."""
    said = os.environ.get(LIMIT_VARIABLE)
    if not said:
        return LIMIT
    if not (said.isascii() and said.isdigit() and 0 < int(said[:9]) <= _LONGEST_HOURS):
        raise UsageError(
            f"{LIMIT_VARIABLE} 应为小时数 / must be a number of hours, 1 to {_LONGEST_HOURS}: {said!r}"
        )
    return timedelta(hours=int(said))


async def archive_matters(
    client: Client,
    ledger: Ledger,
    workflow_ids: Iterable[str],
    advance: Callable[[int], None] = silent,
) -> ArchiveState:
    """Keep all that is closed, these matters too although they may be just closing."""
    return await settled(archive_of(client, ledger), list(workflow_ids), advance)

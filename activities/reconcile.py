"""The daily comparison of ledger and histories, as the activity that the schedule starts.

What is compared lies with the auditors, above this floor; the composition root hands it in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from temporalio import activity

from activities.archive import Archive, Beat
from schemas.upkeep import Chore, Reconciliation

Reconcile = Callable[[Beat], Awaitable[Reconciliation]]

_log = structlog.get_logger(__name__)


class Reconciler:
    """Compares, once a day."""

    def __init__(self, archive: Archive, reconcile: Reconcile) -> None:
        """`reconcile` compares all matters and records what differs."""
        self._archive = archive
        self._reconcile = reconcile

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """What the worker registers."""
        return [self.reconcile]

    @activity.defn(name=Chore.RECONCILE.value)
    async def reconcile(self) -> Reconciliation:
        """First a sweep over everything, so that a run is found missing only where it cannot be kept."""
        await self._archive.sweep(activity.heartbeat, everything=True)
        outcome = await self._reconcile(activity.heartbeat)
        if not outcome.agrees:
            _log.error("ledger_and_histories_differ", **outcome.counts)
        # The differences are on record; the history of upkeep need not hold a thousand of them.
        return outcome.model_copy(update={"differences": ()})

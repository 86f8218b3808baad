"""The daily run of the detectors, as the activity that the schedule starts.

What is looked for is data of the profile, how it is found is pure; reading the ledger and opening leads lies
with the starter, above this floor, and the composition root hands it in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from temporalio import activity

from activities.archive import Beat
from schemas.findings import Detections
from schemas.upkeep import Chore

Detect = Callable[[Beat], Awaitable[Detections]]

_log = structlog.get_logger(__name__)


class Lookout:
    """Looks, once a day."""

    def __init__(self, detect: Detect) -> None:
        """`detect` runs the detectors over the weeks that are not settled yet and opens the leads."""
        self._detect = detect

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """What the worker registers."""
        return [self.detect]

    @activity.defn(name=Chore.DETECT.value)
    async def detect(self) -> dict[str, Any]:
        """How much was looked at and which leads were opened; whom they are about stays with the leads."""
        outcome = await self._detect(activity.heartbeat)
        _log.info("detectors_ran", entries=outcome.entries, leads=len(outcome.opened))
        return {"weeks": list(outcome.weeks), "entries": outcome.entries, "opened": list(outcome.opened)}

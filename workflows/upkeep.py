"""Recurring duties of the bureau: a schedule starts this, one activity does it.

These workflows are no matters: nobody owns them, nothing they do is an entry, their histories are not kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

from schemas.upkeep import Upkeep

LONGEST = timedelta(hours=6)
SILENCE = timedelta(minutes=2)
"""A worker that dies in the middle is noticed after this; the duty then begins anew."""

RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5), maximum_attempts=10
)
"""In the end the next turn of the schedule takes over."""


@workflow.defn(name="UpkeepWorkflow")
class UpkeepWorkflow:
    """One turn of a recurring duty."""

    @workflow.run
    async def run(self, due: Upkeep) -> dict[str, Any]:
        """Do it; returns what the activity says."""
        told: dict[str, Any] = await workflow.execute_activity(
            due.chore.value,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENCE,
            retry_policy=RETRY,
        )
        return told

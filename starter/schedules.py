"""Schedules of the recurring duties, made when a worker starts and there are none yet.

An operator may pause them or give them other times with Temporal's own tools: what is there is left alone.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.service import RPCError

from schemas.upkeep import Chore, Upkeep
from workflows import TASK_QUEUE

SPECS = {
    Chore.ARCHIVE: ScheduleIntervalSpec(every=timedelta(minutes=10)),
    # 18:00 UTC: two in the morning at the bureau.
    Chore.RECONCILE: ScheduleIntervalSpec(every=timedelta(days=1), offset=timedelta(hours=18)),
}
"""When each is due."""

_CATCH_UP = timedelta(hours=1)
"""A turn missed by more than this, while no engine ran, is left to the next one."""

_log = structlog.get_logger(__name__)


async def ensure_schedules(client: Client) -> None:
    """Make the schedules that are missing; an engine without schedules, or that forbids them, is told of."""
    for chore, spec in SPECS.items():
        try:
            await client.create_schedule(schedule_id(chore), _schedule(chore, spec))
        except ScheduleAlreadyRunningError:
            continue
        except RPCError as error:
            _log.warning("schedule_missing", chore=chore.value, told=error.message)


def schedule_id(chore: Chore) -> str:
    """Name of a chore's schedule."""
    return f"upkeep-{chore.value}"


def _schedule(chore: Chore, spec: ScheduleIntervalSpec) -> Schedule:
    action = ScheduleActionStartWorkflow(
        "UpkeepWorkflow", Upkeep(chore=chore), id=f"upkeep/{chore.value}", task_queue=TASK_QUEUE
    )
    policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP)
    return Schedule(action=action, spec=ScheduleSpec(intervals=[spec]), policy=policy)

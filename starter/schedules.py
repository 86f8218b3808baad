"""Schedules of the recurring duties, made when a worker starts and there are none yet.

An operator may pause them or give them other times with Temporal's own tools: what is there is left alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.service import RPCError

from schemas.upkeep import Chore, Upkeep
from workflows import TASK_QUEUE


def _at_half_past_midnight(**days: Any) -> ScheduleCalendarSpec:
    return ScheduleCalendarSpec(minute=_exactly(30), hour=_exactly(0), **days)


def _exactly(*numbers: int) -> list[ScheduleRange]:
    return [ScheduleRange(each) for each in numbers]


SPECS: dict[Chore, ScheduleIntervalSpec | ScheduleCalendarSpec] = {
    Chore.ARCHIVE: ScheduleIntervalSpec(every=timedelta(minutes=10)),
    # 18:00 UTC: two in the morning at the bureau.
    Chore.RECONCILE: ScheduleIntervalSpec(every=timedelta(days=1), offset=timedelta(hours=18)),
    # Three in the morning, after that.
    Chore.DETECT: ScheduleIntervalSpec(every=timedelta(days=1), offset=timedelta(hours=19)),
    # 00:30 at the bureau, after the limits that ended at midnight: Mondays, firsts of months and of quarters.
    Chore.REPORT_WEEK: _at_half_past_midnight(day_of_week=_exactly(1)),
    Chore.REPORT_MONTH: _at_half_past_midnight(day_of_month=_exactly(1)),
    Chore.REPORT_QUARTER: _at_half_past_midnight(day_of_month=_exactly(1), month=_exactly(1, 4, 7, 10)),
}
"""When each is due."""

ZONE = "Asia/Shanghai"
"""Of the schedules that are due on days of the calendar."""

_CATCH_UP = timedelta(hours=1)
"""A turn missed by more than this, while no engine ran, is left to the next one."""

_CATCH_UP_REPORTS = timedelta(days=92)
"""A report is owed however late; begun once, it is not begun again."""

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


def _schedule(chore: Chore, spec: ScheduleIntervalSpec | ScheduleCalendarSpec) -> Schedule:
    action = ScheduleActionStartWorkflow(
        "UpkeepWorkflow", Upkeep(chore=chore), id=f"upkeep/{chore.value}", task_queue=TASK_QUEUE
    )
    if isinstance(spec, ScheduleIntervalSpec):
        turns, catch_up = ScheduleSpec(intervals=[spec]), _CATCH_UP
    else:
        turns, catch_up = ScheduleSpec(calendars=[spec], time_zone_name=ZONE), _CATCH_UP_REPORTS
    policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=catch_up)
    return Schedule(action=action, spec=turns, policy=policy)

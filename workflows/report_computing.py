"""How a report is computed: an activity reads the ledger, the workflow puts on record what came of it.

The first version is computed as soon as the report is begun; later ones when somebody of the office asks, and
then the computing comes before the act, so that the act either has its numbers or is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from rules.calendar import start_of_day
from rules.procedures.report import ReportStage
from rules.refusals import Refusal
from schemas.acts import Act
from schemas.entries import Receipt
from schemas.matters import MatterInput
from schemas.report import Period, ReportBasis, ReportMade, ReportState
from schemas.report_rules import ReportRules
from workflows.messages import Messages

COMPUTING = timedelta(minutes=30)
SILENCE = timedelta(minutes=1)
"""A worker that dies while it computes is noticed after this; another begins anew."""

AGAIN = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=30))
LATER = timedelta(minutes=10)
"""When a report that could not be computed is tried again."""


class Computed(Messages[ReportState]):
    """The computing side of a report."""

    def __init__(self, start: MatterInput) -> None:
        """Nothing is computed yet."""
        super().__init__(start)
        self.computed: dict[str, ReportMade] = {}
        """What was computed for an act that is about to be decided, by the act's id."""

    @property
    def own_rules(self) -> ReportRules:
        """The reports' section of the profile."""
        return self.rules.reports or ReportRules()

    @property
    def period(self) -> Period:
        """The report's period; checked when it was begun."""
        assert self.state.period is not None
        return self.state.period

    @property
    def account(self) -> str:
        """Who answers for the report."""
        return self.duty.officer if self.duty else self.start.officer

    def end_of(self, period: Period) -> datetime:
        """24:00 of its last day."""
        return start_of_day(self.rules.calendar, period.last + timedelta(days=1))

    async def _keep_time(self) -> None:
        """What is to be computed is computed before the matter rests."""
        await super()._keep_time()
        while self.state.state == ReportStage.SCHEDULED and not await self._generated():
            await workflow.sleep(LATER, summary="not computed; try again")
            await super()._keep_time()

    async def _generated(self) -> bool:
        """Whether the first version is on record now."""
        made = await self._compute()
        async with self.lock:
            if made is None or self.state.state != ReportStage.SCHEDULED:
                return made is not None
            before = self.state
            self.adopt_made(made)
            self.write_system("generated", workflow.now(), self.account, **self.told_of(made))
            try:
                await self.commit_or_restore(before)
            except ApplicationError as refused:
                workflow.logger.error("report not recorded: %s", refused.message)
                return False
        return True

    async def perform(self, name: str, message: Act) -> Receipt:
        """An act; what has to be computed for it is computed first, for whoever may ask for it."""
        await self.registered()
        if name == "generate" and self._may_generate(message):
            made = await self._compute()
            if made is not None:
                self.computed[message.id] = made
        return await super().perform(name, message)

    def _may_generate(self, message: Act) -> bool:
        if any(done.id == message.id for done in self.state.acts):
            return False
        try:
            self._standing("generate", message)
        except Refusal:
            return False
        return True

    async def _compute(self) -> ReportMade | None:
        """Computed by an activity, over everything that is on record; None where it cannot be done yet."""
        try:
            made: ReportMade = await workflow.execute_activity(
                "compute_report",
                self._basis(),
                result_type=ReportMade,
                schedule_to_close_timeout=COMPUTING,
                heartbeat_timeout=SILENCE,
                retry_policy=AGAIN,
                summary=self.id,
            )
        except ActivityError as problem:
            workflow.logger.error("report not computed: %s", problem.cause)
            return None
        return made

    def _basis(self) -> ReportBasis:
        rules, calendar, period = self.rules, self.rules.calendar, self.period
        return ReportBasis(
            number=self.id,
            period=period,
            starts_at=start_of_day(calendar, period.first),
            ends_at=self.end_of(period),
            timezone=calendar.timezone,
            profile=f"{rules.profile}@{rules.profile_version}",
            profile_sha256=rules.profile_sha256,
            calendar=f"{calendar.jurisdiction}@{calendar.version}",
            calendar_sha256=calendar.sha256,
            rank_from=self.own_rules.rank_from,
            public_from=self.own_rules.public_from,
        )

    def adopt_made(self, made: ReportMade) -> None:
        """The version that counts from now on; it is not reviewed yet."""
        self.set(state=ReportStage.GENERATED, made=made, reviewed_by="")

    def told_of(self, made: ReportMade) -> dict[str, Any]:
        """What it was computed from, and what came of it: enough to compute it again."""
        return {"basis": self._basis().model_dump(mode="json"), "made": made.model_dump(mode="json")}

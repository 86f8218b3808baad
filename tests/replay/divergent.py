"""The same procedures with one step changed: no stored history may replay with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from schemas.entries import Receipt
from schemas.matters import CaseInput, InquiryInput, MatterResult
from workflows import CaseWorkflow, InquiryWorkflow


@workflow.defn(name="CaseWorkflow")
class SleepyCase(CaseWorkflow):
    """A case that waits a moment before anything else."""

    @workflow.init
    def __init__(self, start: CaseInput) -> None:
        """As ever."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseInput) -> MatterResult:
        """One timer more than on record."""
        await workflow.sleep(1)
        return await super().run(start)


@workflow.defn(name="InquiryWorkflow")
class SleepyInquiry(InquiryWorkflow):
    """An inquiry that waits a moment before anything else."""

    @workflow.init
    def __init__(self, start: InquiryInput) -> None:
        """As ever."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: InquiryInput) -> MatterResult:
        """One timer more than on record."""
        await workflow.sleep(1)
        return await super().run(start)


class _Elsewhere:
    """Records through an activity of another name."""

    drafts: list[Any]

    async def commit(self) -> tuple[Receipt, ...]:
        """Another activity than on record."""
        entries, self.drafts = self.drafts, []
        timeout = timedelta(seconds=15)
        done: tuple[Receipt, ...] = await workflow.execute_activity(
            "record_elsewhere", entries, start_to_close_timeout=timeout
        )
        return done


@workflow.defn(name="CaseWorkflow")
class CaseElsewhere(_Elsewhere, CaseWorkflow):
    """A case recorded elsewhere."""

    @workflow.init
    def __init__(self, start: CaseInput) -> None:
        """As ever."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseInput) -> MatterResult:
        """As ever."""
        return await super().run(start)


@workflow.defn(name="InquiryWorkflow")
class InquiryElsewhere(_Elsewhere, InquiryWorkflow):
    """An inquiry recorded elsewhere."""

    @workflow.init
    def __init__(self, start: InquiryInput) -> None:
        """As ever."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: InquiryInput) -> MatterResult:
        """As ever."""
        return await super().run(start)


DIVERGENCES: dict[str, list[type]] = {
    "timer": [SleepyCase, SleepyInquiry],
    "activity": [CaseElsewhere, InquiryElsewhere],
}

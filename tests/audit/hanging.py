"""Procedures of which one never comes back from its first task, whatever is thrown into it."""

from __future__ import annotations

from temporalio import workflow

from schemas.matters import CaseInput, MatterResult
from workflows import CaseWorkflow, InquiryWorkflow


@workflow.defn(name="CaseWorkflow")
class HangingCase(CaseWorkflow):
    """A case that turns in circles."""

    @workflow.init
    def __init__(self, start: CaseInput) -> None:
        """Never ends."""
        super().__init__(start)
        while True:
            pass

    @workflow.run
    async def run(self, start: CaseInput) -> MatterResult:
        """Never begins."""
        return await super().run(start)


ALL: list[type] = [HangingCase, InquiryWorkflow]

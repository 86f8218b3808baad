"""Procedures of which one takes its process with it."""

from __future__ import annotations

import os
import signal

from temporalio import workflow

from schemas.matters import CaseInput, MatterResult
from workflows import CaseWorkflow, InquiryWorkflow


@workflow.defn(name="CaseWorkflow")
class CrashingCase(CaseWorkflow):
    """A case as an extension module at fault would end it."""

    @workflow.init
    def __init__(self, start: CaseInput) -> None:
        """Ends the process."""
        super().__init__(start)
        os.kill(os.getpid(), signal.SIGSEGV)

    @workflow.run
    async def run(self, start: CaseInput) -> MatterResult:
        """Never begins."""
        return await super().run(start)


ALL: list[type] = [CrashingCase, InquiryWorkflow]

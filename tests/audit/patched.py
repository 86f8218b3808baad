"""A procedure that was changed while matters were under way, behind a patch."""

from __future__ import annotations

from temporalio import workflow


@workflow.defn
class Patched:
    """Two patches: one that leads somewhere, one that is to be dropped."""

    @workflow.run
    async def run(self) -> str:
        """The new way."""
        if workflow.patched("pause"):
            await workflow.sleep(0.01)
        workflow.deprecate_patch("older")
        return "done"


ALL: list[type] = [Patched]

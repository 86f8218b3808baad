"""The sandbox workflows run in: our own pure packages pass through it.

They hold no clock, no randomness and no I/O (a lint rule bans them), so reloading them for every
workflow would only cost time, and would break the identity of classes that pydantic compares.
"""

from __future__ import annotations

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

VOUCHING = ("joserfc", "cryptography")
"""They check signatures: the same answer for the same bytes."""

PURE = (
    "schemas",
    "rules",
    "workflows",
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_inspection",
    *VOUCHING,
)


def runner() -> SandboxedWorkflowRunner:
    """The runner every worker and every replay uses."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE))

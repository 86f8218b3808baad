"""One durable procedure for each kind of matter, on one small kernel (`workflows.matter`)."""

from rules.procedures import PROCEDURES
from workflows.case import CaseWorkflow
from workflows.inquiry import InquiryWorkflow
from workflows.upkeep import UpkeepWorkflow

TASK_QUEUE = "matters"
"""Workflows and ledger activities share one queue, so that activities are started eagerly."""

MATTERS = tuple(procedure.workflow for procedure in PROCEDURES.values())
"""Names of the types that are matters: theirs are the runs whose histories are evidence."""

ALL: list[type] = [CaseWorkflow, InquiryWorkflow, UpkeepWorkflow]

__all__ = ["ALL", "MATTERS", "TASK_QUEUE", "CaseWorkflow", "InquiryWorkflow", "UpkeepWorkflow"]

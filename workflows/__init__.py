"""One durable procedure for each kind of matter, on one small kernel (`workflows.matter`)."""

from workflows.case import CaseWorkflow
from workflows.inquiry import InquiryWorkflow

TASK_QUEUE = "matters"
"""Workflows and ledger activities share one queue, so that activities are started eagerly."""

ALL: list[type] = [CaseWorkflow, InquiryWorkflow]

__all__ = ["ALL", "TASK_QUEUE", "CaseWorkflow", "InquiryWorkflow"]

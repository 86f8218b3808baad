"""One durable procedure for each kind of matter, on one small kernel (`workflows.matter`)."""

from rules.procedures import PROCEDURES
from workflows.card import CardWorkflow
from workflows.case import CaseWorkflow
from workflows.complaint import ComplaintWorkflow
from workflows.fault import FaultWorkflow
from workflows.inquiry import InquiryWorkflow
from workflows.recording import ERRAND_QUEUE
from workflows.report import ReportWorkflow
from workflows.review import ReviewWorkflow
from workflows.supervision import SupervisionWorkflow
from workflows.upkeep import UpkeepWorkflow

TASK_QUEUE = "matters"
"""Workflows and ledger activities share one queue, so that activities are started eagerly."""

MATTERS = tuple(procedure.workflow for procedure in PROCEDURES.values())
"""Names of the types that are matters: theirs are the runs whose histories are evidence."""

ALL: list[type] = [
    ReportWorkflow,
    ReviewWorkflow,
    CardWorkflow,
    CaseWorkflow,
    ComplaintWorkflow,
    FaultWorkflow,
    InquiryWorkflow,
    SupervisionWorkflow,
    UpkeepWorkflow,
]

__all__ = [
    "ALL",
    "ERRAND_QUEUE",
    "MATTERS",
    "TASK_QUEUE",
    "CardWorkflow",
    "CaseWorkflow",
    "ComplaintWorkflow",
    "FaultWorkflow",
    "InquiryWorkflow",
    "ReportWorkflow",
    "ReviewWorkflow",
    "SupervisionWorkflow",
    "UpkeepWorkflow",
]

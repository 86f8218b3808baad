"""Promise against actual (M35), told to the applicant once the result is there."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.read import entries
from readmodel.query import MatterRow
from schemas.base import Model

DONE = ("result_ready", "closed")


class PromiseRecord(Model):
    """What was promised and what it took, in days of the promise's own unit."""

    promised_days: int
    actual_days: int
    saved_days: int
    promise_kept: bool
    same_day: bool = False


def promise_record(connection: Connection, row: MatterRow) -> PromiseRecord | None:
    """The record of a case whose result came out; None for all others."""
    if row.kind != "case" or row.state not in DONE:
        return None
    for entry in entries(connection, row.case_id):
        told = entry.data.get("figures")
        if isinstance(told, dict) and {"promise_kept", "promised_days", "actual_days"} <= set(told):
            return PromiseRecord.model_validate(told)
    return None

"""Reports in the hands of a test: begun at an instant of their own time, and what the ledger says of them."""

from __future__ import annotations

import asyncio
from typing import Any

from activities.report import Computed, compute, versions
from ledger.db import snapshot
from rules.report.periods import period_of
from schemas.profile import Rules
from schemas.report import PeriodKind
from starter.reports import start_report
from tests.workflows.house import File, House, at

HEAD, DEPUTY = "1901", "1902"
"""A and B officer of the supervision office's head."""


async def report(
    house: House, kind: PeriodKind, of: str, begin: str, rules: Any = lambda rules: rules, **said: Any
) -> File:
    """Begin the report of a period, on account of the office's head unless `officer` names somebody."""
    desk = house.desk(rules)
    receipt = await start_report(desk, period_of(kind, of), received_at=at(begin), **said)
    return File(house, desk, "report", receipt, None)


async def generated(file: File) -> File:
    """Wait until the first version is on record."""
    for _ in range(3000):
        if file.entries("report.generated"):
            return file
        await asyncio.sleep(0.05)
    raise AssertionError(f"{file.number} is not generated")


def computed(house: House, number: str, version: int = -1) -> Computed:
    """A version of a report, computed anew from the ledger."""
    with snapshot(house.ledger.engine) as connection:
        basis, made = versions(connection, number)[version]
        return compute(connection, house.ledger.origin.name, basis, made.range.last + 1)


def changed(**changes: Any) -> Any:
    """Rules whose reports' section differs."""

    def changing(rules: Rules) -> Rules:
        assert rules.reports is not None
        return rules.model_copy(update={"reports": rules.reports.model_copy(update=changes)})

    return changing

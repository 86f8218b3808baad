"""A ledger with a month of cases whose applicants are sealed, and that month's report on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from activities.report import Computed, compute, keep
from ledger.db import Ledger, snapshot
from ledger.sealing.seal import seal_waiting
from ledger.tables import ledger_log
from rules.report.periods import number_of, period_of
from schemas.report import PeriodKind, ReportBasis
from tests.ledger.support import MONDAY, draft, record, sealed, work
from tests.rules.report_events import basis

NUMBER = "BB-2026-06"
SECRETS = ("name", "phone")


def cases(ledger: Ledger, count: int, months: tuple[int, ...] = (0,)) -> None:
    """Cases with sealed applicants, each registered and accepted on a Monday of its month."""
    for n in range(count):
        number, when = f"LX-{n}", MONDAY + timedelta(days=31 * months[n % len(months)])
        view = {"kind": "case", "item": "LX-LS-01", "section": "registry", "owner": "1201"}
        begun: dict[str, Any] = {"before": "", "after": "received", "view": {**view, "state": "received"}}
        went: dict[str, Any] = {
            "before": "received",
            "after": "in_stage",
            "view": {**view, "state": "in_stage"},
        }
        hidden = tuple(sealed(ledger, number, name) for name in SECRETS)
        registered = draft("case.registered", time=when, actor="1101", data=begun, sealed=hidden)
        record(ledger, work(number, "1", registered, draft(time=when, actor="1102", data=went)))


@dataclass(frozen=True)
class Reported:
    """A report on record, as it was computed first."""

    basis: ReportBasis
    computed: Computed


def reported(ledger: Ledger, folder: Path) -> Reported:
    """Compute the report of June over all there is, keep it, and put it on record."""
    seal_waiting(ledger)
    chosen = basis("2026-06")
    assert chosen.period == period_of(PeriodKind.MONTH, "2026-06")
    assert chosen.number == NUMBER == number_of(chosen.period)
    with snapshot(ledger.engine) as connection:
        size = connection.scalar(select(ledger_log.c.size)) or 0
        computed = compute(connection, ledger.origin.name, chosen, size)
    keep(folder, computed)
    said: Any = {
        "basis": chosen.model_dump(mode="json"),
        "made": computed.made.model_dump(mode="json"),
        "view": {"kind": "report", "state": "generated"},
    }
    version = draft("report.generated", actor="system", role="system", data=said)
    record(ledger, work(NUMBER, "1", version, workflow_id=f"report/{NUMBER}"))
    seal_waiting(ledger)
    return Reported(chosen, computed)

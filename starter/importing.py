"""Import of recorded event logs: file and mapping in, summary of what was recorded out.

The work is in `starter.logs`; here is what command line and programs call. A log is read and
checked whole (`prepare`) before an engine is even needed, then run (`run`).
"""

from __future__ import annotations

import asyncio
import csv
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ledger.db import Ledger
from ledger.report import Label, Report
from ledger.verify import verify_url
from schemas.base import Model
from schemas.errors import UsageError
from starter.logs.cases import Log, read_log
from starter.logs.mapping import load_mapping
from starter.logs.recorded import Recorded
from starter.logs.runner import KIND, Advance, LogClient, import_cases
from starter.logs.submissions import Submission, item_for, submission
from starter.upkeep import archive_matters

_TURNS = 3

IRREGULARITIES = ("four_eyes", "out_of_order", "repeated", "after_end")
"""Told in every summary, with 0 where there is none."""

COLUMNS = (
    "case",
    "received_day",
    "promise_due",
    "ready_day",
    "promise",
    "after_deadline",
    "last_act",
    "acts",
    "entries",
    "irregularities",
    "people",
)
"""Columns of the table with one row a case."""


class Promises(Model):
    """Cases by what became of their promise."""

    kept: int = 0
    overdue: int = 0
    unfinished: int = 0


class LedgerState(Model):
    """The whole ledger after the import."""

    entries: int
    verified: bool


class Rejected(Model):
    """A row that could not be read."""

    line: int
    reason: str


class Summary(Model):
    """What is recorded of the log's cases; `new` counts the acts this run added."""

    cases: int
    acts: int
    new: int
    promise: Promises
    after_deadline: int
    irregularities: dict[str, int]
    """Cases in which each kind of irregularity was found."""
    rejected: tuple[Rejected, ...]
    repeated_rows: int
    """Rows that repeat another word for word."""
    ledger: LedgerState
    seconds: float


@dataclass(frozen=True)
class Prepared:
    """A log that is fit to be imported."""

    log: Log
    submissions: tuple[Submission, ...]
    began: float
    """When reading began, on the monotonic clock."""

    @property
    def acts(self) -> int:
        """Acts the log tells of."""
        return sum(len(each.events) for each in self.submissions)


def prepare(file: Path, mapping: str, promise: int | None = None, now: datetime | None = None) -> Prepared:
    """Read and check a whole log, without engine or database.

    `mapping` is a shipped name or a path; `promise` (working days) overrides the mapping's. Times
    after `now` are refused. Raises UsageError naming file, line or key, and the reason.
    """
    began, rules = time.monotonic(), load_mapping(mapping)
    item = item_for(rules, rules.promise if promise is None else promise)
    log = read_log(file, rules, now or datetime.now(UTC))
    return Prepared(log, tuple(submission(case, rules, item, log.until) for case in log.cases), began)


async def run(
    client: LogClient,
    prepared: Prepared,
    advance: Advance = lambda n: None,
    out: Path | None = None,
    keep: Callable[[Ledger], object] = lambda ledger: None,
) -> Summary:
    """Import a prepared log, write one row a case to `out`, verify the ledger, tell what is recorded.

    The histories of the cases are kept, and `keep` seals and signs the ledger, before it is verified.
    `advance(n)` is told of every n acts, then of every n histories looked at.

    Raises ConflictError before anything is changed where a case is here with another content,
    PendingError or UnavailableError where engine or database failed: run it again then.
    """
    found, new = await import_cases(client, prepared.submissions, advance)
    workflow_ids = [f"{KIND}/{each.start.id}" for each in prepared.submissions]
    await archive_matters(client.temporal, client.ledger, workflow_ids, advance)
    report = await asyncio.to_thread(_verified, client.ledger, keep)
    if out is not None:
        write_rows(out, found)
    state = LedgerState(entries=report.entries, verified=report.verified)
    return _summary(prepared.log, found, new, state, time.monotonic() - prepared.began)


def _verified(ledger: Ledger, keep: Callable[[Ledger], object]) -> Report:
    """The outcome once everything is sealed and signed; what others record meanwhile takes another turn."""
    url = ledger.engine.url.render_as_string(hide_password=False)
    for _ in range(_TURNS):
        keep(ledger)
        report = verify_url(url)
        if report.label not in (Label.UNSEALED, Label.UNSIGNED):
            break
    return report


def check_out(out: Path) -> None:
    """Raises UsageError where `out` could not be written; asked before anything is begun."""
    if out.is_dir() or not os.access(out.parent, os.W_OK):
        raise UsageError(f"{out}: 无法写入 / cannot be written", code="bad_out")


def write_rows(out: Path, found: ReadOnly[str, Recorded]) -> None:
    """One CSV row a case, in one step: a reader never sees half a table."""
    descriptor, draft = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}-")
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(COLUMNS)
        writer.writerows(_row(number, case) for number, case in found.items())
    os.replace(draft, out)


def _row(number: str, case: Recorded) -> tuple[object, ...]:
    outcome = case.outcome
    if outcome is None:
        return (number,)
    people = sorted({who for found in outcome.irregularities for who in found.people})
    return (
        number,
        outcome.received_day,
        outcome.promise_due,
        outcome.ready_day,
        outcome.promise,
        str(outcome.after_deadline).lower(),
        outcome.last_act.isoformat(),
        len(case.acts),
        case.entries,
        " ".join(sorted({found.code for found in outcome.irregularities})),
        " ".join(people),
    )


def _summary(
    log: Log, found: ReadOnly[str, Recorded], new: int, state: LedgerState, seconds: float
) -> Summary:
    outcomes = [case.outcome for case in found.values() if case.outcome is not None]
    irregular = Counter(dict.fromkeys(IRREGULARITIES, 0))
    for outcome in outcomes:
        irregular.update({each.code for each in outcome.irregularities})
    return Summary(
        cases=len(outcomes),
        acts=sum(len(case.acts) for case in found.values()),
        new=new,
        promise=Promises(**Counter(outcome.promise for outcome in outcomes)),
        after_deadline=sum(outcome.after_deadline for outcome in outcomes),
        irregularities=dict(irregular),
        rejected=tuple(Rejected(line=bad.line, reason=bad.reason) for bad in log.bad),
        repeated_rows=log.repeated,
        ledger=state,
        seconds=round(seconds, 1),
    )

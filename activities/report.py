"""Computing a report: one pass over the sealed log, folded into figures, kept by its digest.

The log's own order is the order of the fold: a place in it never changes hands, so the first N entries are
the same for whoever computes the report again. What is kept in the home is a copy; the ledger holds the
digests, and from the entries anybody can make the bytes anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, select
from temporalio import activity
from temporalio.exceptions import ApplicationError

from ledger.canonical import canonical
from ledger.db import Ledger, snapshot
from ledger.merkle import Frontier, leaf_hash
from ledger.read import entries
from ledger.sealing.stored import log_index
from ledger.tables import ledger_entry, ledger_index, ledger_log
from rules.report.document import Document, document, figure_of, public
from rules.report.fold import Fold
from schemas.errors import NotFoundError
from schemas.report import PeriodKind, ReportBasis, ReportMade, ReportRange
from schemas.upkeep import Chore

Advance = Callable[[int], None]
BeginDue = Callable[[PeriodKind, datetime], Awaitable[tuple[str, ...]]]
"""Begins the reports of the periods that have ended; gives their numbers."""

PORTION = 500
GENERATED = ("report.generated", "report.regenerated")
"""Types of entries that name a version of a report."""


def silent(_: int) -> None:
    """Tells nobody how far it is."""


@dataclass(frozen=True)
class Computed:
    """A report and its digests."""

    document: Document
    full: bytes
    public: bytes
    made: ReportMade


def compute(
    connection: Connection, origin: str, basis: ReportBasis, size: int, tell: Advance = silent
) -> Computed:
    """The report over the first `size` entries of the log. Raises NotFoundError where they are not there."""
    fold, tree = Fold(basis), Frontier()
    for portion in _sealed(connection, size):
        tree.extend(leaf_hash(leaf) for leaf in portion)
        for leaf in portion:
            fold.take(orjson.loads(leaf))
        tell(len(portion))
    if fold.taken != size or not size:
        raise NotFoundError(f"日志只有 {fold.taken} 条 / the log holds {fold.taken} entries, not {size}")
    reach = ReportRange(origin=origin, last=size - 1, root=tree.root().hex())
    found = document(basis, reach, fold.figures())
    full, open_to_all = canonical(found), canonical(public(found))
    made = ReportMade(
        range=reach,
        digest=sha256(full).hexdigest(),
        public_digest=sha256(open_to_all).hexdigest(),
        figures_digest=sha256(canonical(found["figures"])).hexdigest(),
        late=figure_of(found, "late_records")["total"]["count"],
    )
    return Computed(found, full, open_to_all, made)


def _sealed(connection: Connection, size: int) -> Iterator[list[bytes]]:
    """The leaves of the first entries of the log, in its order and in portions."""
    query = (
        select(ledger_entry.c.leaf)
        .select_from(ledger_index.join(ledger_entry, ledger_entry.c.pos == ledger_index.c.pos))
        .where(ledger_index.c.log_index < size)
        .order_by(ledger_index.c.log_index)
        .execution_options(yield_per=PORTION)
    )
    for rows in connection.execute(query).partitions():
        yield [bytes(row.leaf) for row in rows]


def versions(connection: Connection, number: str) -> list[tuple[ReportBasis, ReportMade]]:
    """What the ledger says of each version of a report, the oldest first. Raises NotFoundError."""
    chain = entries(connection, number)
    found = [each.data for each in chain if each.type in GENERATED]
    if not found:
        raise NotFoundError(f"没有生成过报告 {number} / no report {number} is on record", code="no_report")
    return [
        (ReportBasis.model_validate(data["basis"]), ReportMade.model_validate(data["made"])) for data in found
    ]


def kept(folder: Path, digest: str) -> bytes | None:
    """The document of this digest, as it is kept; None where it is not, or is no longer what it was."""
    file = folder / f"{digest}.json"
    content = file.read_bytes() if file.is_file() else b""
    return content if sha256(content).hexdigest() == digest else None


def keep(folder: Path, computed: Computed) -> None:
    """Both editions under their digests; the same bytes twice are one file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for digest, content in (
        (computed.made.digest, computed.full),
        (computed.made.public_digest, computed.public),
    ):
        draft = folder / f".{digest}"
        draft.write_bytes(content)
        draft.chmod(0o600)
        draft.replace(folder / f"{digest}.json")


class Reporter:
    """Computes reports, and begins those that are due."""

    def __init__(self, ledger: Ledger, folder: Path | None, begin: BeginDue) -> None:
        """`folder` keeps the documents; None keeps nothing, for the ledger has all it takes."""
        self._ledger = ledger
        self._folder = folder
        self._begin = begin

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """What the worker registers."""
        return [self.compute_report, self.report_week, self.report_month, self.report_quarter]

    @activity.defn(name="compute_report")
    async def compute_report(self, basis: ReportBasis) -> ReportMade:
        """Over everything that is sealed; what was recorded before the report was begun must be among it."""
        tell = _heartbeats()
        return await asyncio.to_thread(self._compute, basis, tell)

    def _compute(self, basis: ReportBasis, tell: Advance) -> ReportMade:
        with snapshot(self._ledger.engine) as connection:
            size = connection.scalar(select(ledger_log.c.size)) or 0
            begun = entries(connection, basis.number, limit=1)
            place = log_index(connection, begun[0].id) if begun else None
            if place is None or place >= size:
                raise ApplicationError("尚未封存 / the log is not sealed that far yet", type="not_sealed")
            computed = compute(connection, self._ledger.origin.name, basis, size, tell)
        if self._folder is not None:
            keep(self._folder, computed)
        return computed.made

    @activity.defn(name=Chore.REPORT_WEEK.value)
    async def report_week(self) -> dict[str, Any]:
        """Begin the weekly reports that are due."""
        return {"begun": await self._begin(PeriodKind.WEEK, datetime.now(UTC))}

    @activity.defn(name=Chore.REPORT_MONTH.value)
    async def report_month(self) -> dict[str, Any]:
        """Begin the monthly reports that are due."""
        return {"begun": await self._begin(PeriodKind.MONTH, datetime.now(UTC))}

    @activity.defn(name=Chore.REPORT_QUARTER.value)
    async def report_quarter(self) -> dict[str, Any]:
        """Begin the quarterly reports that are due."""
        return {"begun": await self._begin(PeriodKind.QUARTER, datetime.now(UTC))}


def _heartbeats() -> Advance:
    """Beats from the thread that computes; the engine hears of a worker that died in the middle."""
    loop, here = asyncio.get_running_loop(), activity.heartbeat

    def tell(count: int) -> None:
        loop.call_soon_threadsafe(here, count)

    return tell

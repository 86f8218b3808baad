"""Leaves of an invented ledger, as short as a fold takes them, and the figures that come of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rules.report.document import Document, document
from rules.report.fold import Fold
from rules.report.periods import period_of
from schemas.report import PeriodKind, ReportBasis, ReportRange

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """`06-15 09:00`, local time of 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


def basis(of: str = "2026-06", **changes: Any) -> ReportBasis:
    """A month's report."""
    period = period_of(PeriodKind.MONTH, of)
    starts = datetime.combine(period.first, datetime.min.time(), tzinfo=ZONE)
    given: dict[str, Any] = {
        "number": f"BB-{of}",
        "period": period,
        "starts_at": starts,
        "ends_at": datetime.combine(period.last + timedelta(days=1), datetime.min.time(), tzinfo=ZONE),
        "timezone": "Asia/Shanghai",
        "profile": "current@1",
        "profile_sha256": "a" * 64,
        "calendar": "CN@1",
        "calendar_sha256": "b" * 64,
        "rank_from": 2,
        "public_from": 3,
    }
    return ReportBasis(**(given | changes))


class Log:
    """Entries one after the other; each matter has a chain, and remembers what it is."""

    def __init__(self) -> None:
        """Empty."""
        self.events: list[dict[str, Any]] = []
        self._views: dict[str, dict[str, Any]] = {}
        self._seq: dict[str, int] = {}

    def add(self, matter: str, kind: str, when: str, view: Any = None, **said: Any) -> dict[str, Any]:
        """One entry; `recorded`, `actor` and `account` may be given, all else is its data."""
        seen = self._views.setdefault(matter, {"kind": "case", "section": "registry", "owner": "1201"})
        before = said.pop("before", seen.get("state", ""))
        seen.update(view or {})
        self._seq[matter] = self._seq.get(matter, 0) + 1
        recorded = at(said.pop("recorded", when)).astimezone(UTC).isoformat(timespec="microseconds")
        event = {
            "type": kind,
            "subject": matter,
            "caseseq": self._seq[matter],
            "time": at(when).isoformat(timespec="microseconds"),
            "recordedtime": recorded,
            "actor": said.pop("actor", "1101"),
            "data": {"before": before, "after": seen.get("state", ""), "view": dict(seen), **said},
        }
        if account := event["data"].pop("account", ""):
            event["onbehalfof"] = account
        self.events.append(event)
        return event

    def case(self, matter: str, when: str, item: str = "LX-LS-01", **view: Any) -> None:
        """A case comes in."""
        about = {"item": item, "state": "received", "channel": "window", **view}
        self.add(matter, "case.registered", when, about)

    def result(self, matter: str, when: str, days: int, *, promised: int = 5, **said: Any) -> None:
        """Its result lies ready after so many working days."""
        figures = {
            "actual_days": days,
            "saved_days": promised - days,
            "promise_kept": days <= promised,
            "statutory_kept": True,
        }
        self.add(matter, "case.result_ready", when, {"state": "result_ready"}, figures=figures, **said)

    def report(self, of: str = "2026-06", **changes: Any) -> Document:
        """The document of a month."""
        chosen = basis(of, **changes)
        fold = Fold(chosen)
        for event in self.events:
            fold.take(event)
        reach = ReportRange(origin="land.example/ledger", last=len(self.events) - 1, root="0" * 64)
        return document(chosen, reach, fold.figures())

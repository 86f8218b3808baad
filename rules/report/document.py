"""The report as a document: the figures of a period, and all that is needed to compute them again.

It holds numbers of matters, staff numbers and codes, and no word that anybody typed; so nothing of it ever
has to be erased, and it is computed again byte for byte after redactions too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from rules.report.counts import KEPT, NOT_KEPT
from rules.report.rows import COLUMNS
from schemas.errors import NotFoundError
from schemas.report import ReportBasis, ReportRange

FULL, PUBLIC = "full", "public"
Document = dict[str, Any]

OPEN_TO_ALL = (
    "received",
    "accepted",
    "deemed_accepted",
    "closed",
    "on_time_promise",
    "on_time_statute",
    "actual_days",
    "days_saved",
    "suspended",
    "extensions",
    "correction_notices",
    "second_notices",
    "inquiries",
    "inquiries_answered",
    "ratings",
    "limits_missed",
    "cards_issued",
    "complaints",
    "complaint_types",
    "satisfaction",
    "supervision_matters",
    "zero_fee_breaches",
    "lamps",
)
"""What the public edition tells; a figure that is not named here stays inside."""


def document(basis: ReportBasis, range_: ReportRange, figures: Sequence[Mapping[str, Any]]) -> Document:
    """The full edition."""
    return {
        "format": basis.format,
        "edition": FULL,
        "number": basis.number,
        "period": basis.period.model_dump(mode="json") | {"timezone": basis.timezone},
        "ledger": range_.model_dump(mode="json"),
        "rules": basis.model_dump(
            mode="json",
            include={
                *("profile", "profile_sha256", "calendar", "calendar_sha256"),
                *("rank_from", "public_from"),
            },
        ),
        "columns": list(COLUMNS),
        "figures": list(figures),
        "not_kept": list(NOT_KEPT),
    }


def public(full: Document) -> Document:
    """The public edition: figures of the allow-list, without persons and matters, small groups left out."""
    few = full["rules"]["public_from"]
    figures = [_public(each, few) for each in full["figures"] if each["name"] in OPEN_TO_ALL]
    kept = {key: full[key] for key in ("format", "number", "period", "ledger", "rules", "not_kept")}
    return kept | {"edition": PUBLIC, "figures": figures}


def _public(figure: Mapping[str, Any], few: int) -> dict[str, Any]:
    groups = {by: _told(figure[by], few) for by in ("sections", "items")}
    return {"name": figure["name"], "total": _total(figure["total"], few), **groups}


def _total(tally: Mapping[str, Any], few: int) -> dict[str, Any]:
    """A sum over the whole bureau is told even where it is small, but not what it is made of."""
    return dict(tally) if tally["count"] >= few else {"count": tally["count"], "labels": {}}


def _told(groups: Mapping[str, Mapping[str, Any]], few: int) -> dict[str, Any]:
    """Groups large enough to be told, and with a small one another, lest it follow from the total.

    What is left out is `None`.
    """
    small = {key for key, tally in groups.items() if tally["count"] < few}
    hidden = sum(groups[key]["count"] for key in small)
    rest = sorted(set(groups) - small, key=lambda key: (groups[key]["count"], key))
    if small and rest and (len(small) == 1 or hidden < few):
        small.add(rest[0])
    return {key: None if key in small else dict(tally) for key, tally in groups.items()}


def figure_of(found: Document, name: str) -> dict[str, Any]:
    """A figure by its name. Raises NotFoundError."""
    for each in found["figures"]:
        if each["name"] == name:
            figure: dict[str, Any] = each
            return figure
    known = ", ".join(each["name"] for each in found["figures"])
    raise NotFoundError(f"报告没有指标 {name} / the report has no figure {name}; it has: {known}")


def ranking(found: Document, name: str = "on_time_promise") -> tuple[list[tuple[str, int, int]], list[str]]:
    """Sections by their rate, the best first, as (section, kept, all); and those too small to be ranked."""
    groups = figure_of(found, name)["sections"]
    enough = found["rules"]["rank_from"]
    rates = {
        key: (tally["labels"].get(KEPT, 0), tally["count"])
        for key, tally in groups.items()
        if tally is not None and tally["count"] >= enough
    }
    order = sorted(rates, key=lambda key: (-Fraction(*rates[key]), key))
    return [(key, *rates[key]) for key in order], sorted(set(groups) - set(rates))

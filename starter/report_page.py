"""The report as a page: figures with their charts, the table always beside them; one file, nothing fetched.

The page is made from the document alone; names of sections and items come from the profile and stand beside
their codes. Charts are drawn as inline SVG in whole numbers, so that the same document gives the same page.
Colour never says anything alone: lamps and cards have a word and a shape as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from rules.report.counts import KEPT
from rules.report.document import PUBLIC, Document, figure_of, ranking
from rules.report.names import PERIODS, figure_name, label_name
from rules.report.sheet import GROUPS
from schemas.profile import Profile

BAR, ROW = 360, 22
"""Width of the longest bar and height of a row, in units of the drawing."""

COLOURS = {
    "green": "#0a5c2b",
    "yellow": "#a86400",
    "red": "#a11212",
    "grey": "#5a5a5a",
    "kept": "#0a5c2b",
    "missed": "#a11212",
}
PLAIN, YELLOW_CARD, RED_CARD = "#1f4e79", "#a86400", "#a11212"

BY = {"sections": ("科室", "section"), "items": ("事项", "item"), "officers": ("工号", "officer")}


def write_page(found: Document, profile: Profile | None, state: str = "") -> str:
    """The page of a document; `state` is what the ledger says of the report now (已签发, ...).

    Without a profile sections and items are told by their codes alone.
    """
    period = found["period"]
    return _template().render(
        report=found,
        kind=PERIODS.get(period["kind"], (period["kind"], period["kind"])),
        for_all=found["edition"] == PUBLIC,
        state=state,
        figures=[_figure(each, profile) for each in found["figures"]],
        ranked=_ranked(found, profile),
        not_kept=[figure_name(name) for name in found["not_kept"]],
    )


def tenths(days: object) -> str:
    """Tenths of a day as people write them."""
    if not isinstance(days, int):
        return ""
    sign, whole = ("-", -days) if days < 0 else ("", days)
    return f"{sign}{whole // 10}.{whole % 10}"


def _figure(figure: Mapping[str, Any], profile: Profile | None) -> dict[str, Any]:
    name, total = str(figure["name"]), figure["total"]
    zh, en = figure_name(name)
    return {
        "name": name,
        "zh": zh,
        "en": en,
        "total": total,
        "days": _days(total),
        "labels": [(*label_name(name, label), count) for label, count in sorted(total["labels"].items())],
        "bars": list(_bars(name, total["labels"])),
        "height": ROW * len(total["labels"]),
        "groups": [
            (BY[by], list(_rows(name, by, figure[by], profile)))
            for by in GROUPS
            if figure.get(by) and set(figure[by]) != {"none"}
        ],
        "late": sum(1 for row in figure.get("rows", ()) if row[-1]),
    }


def _days(tally: Mapping[str, Any]) -> tuple[str, str] | None:
    """Average and median days, where the figure is about days."""
    if "median_tenths" not in tally:
        return None
    return tenths(tally["average_tenths"]), tenths(tally["median_tenths"])


def _bars(name: str, labels: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    longest = max(labels.values(), default=1)
    for n, (label, count) in enumerate(sorted(labels.items())):
        yield {
            "y": n * ROW,
            "width": max(1, BAR * count // longest),
            "word": label_name(name, label)[0],
            "count": count,
            "fill": _colour(label),
        }


def _colour(label: str) -> str:
    if label in COLOURS:
        return COLOURS[label]
    if len(label) == 2 and label[1].isdigit():
        return {"Y": YELLOW_CARD, "R": RED_CARD}.get(label[0], PLAIN)
    return PLAIN


def _rows(
    name: str, by: str, groups: Mapping[str, Mapping[str, Any] | None], profile: Profile | None
) -> Iterator[dict[str, Any]]:
    for code, tally in groups.items():
        labels = sorted(tally["labels"].items()) if tally else ()
        yield {
            "code": code,
            "called": _called(by, code, profile),
            "tally": tally,
            "days": _days(tally) if tally else None,
            "labels": [(label_name(name, label)[0], count) for label, count in labels],
        }


def _called(by: str, code: str, profile: Profile | None) -> str:
    """Name of a section or item. Officers are told by their staff numbers."""
    if code == "none":
        return "（无）"
    if profile is None or by == "officers":
        return ""
    known = profile.sections if by == "sections" else profile.items
    return next((each.name for each in known if each.code == code), "")


def _ranked(found: Document, profile: Profile | None) -> dict[str, Any]:
    """Sections by the promise kept; what is too small to be ranked is named without a rank."""
    order, unranked = ranking(found)
    return {
        "from": found["rules"]["rank_from"],
        "order": [
            (n, code, _called("sections", code, profile), kept, count)
            for n, (code, kept, count) in enumerate(order, start=1)
        ],
        "unranked": [(code, _called("sections", code, profile)) for code in unranked],
        "label": KEPT,
        "all": figure_of(found, "on_time_promise")["total"]["count"],
    }


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report-1.html")

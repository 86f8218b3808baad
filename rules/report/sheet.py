"""The report as a table of comma-separated values: one line a number, codes as in the document.

Averages and medians are in tenths of a day. Codes hold no comma, quote or formula (`rules.report.rows.code`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules.report.document import Document

HEAD = "figure,by,code,label,count,sum,average_tenths,median_tenths"
GROUPS = {"sections": "section", "items": "item", "officers": "officer"}
NOT_KEPT, FEW = "not kept", "few"


def sheet(found: Document) -> str:
    """The whole table; `few` stands for a group too small to be told, `not kept` for what nobody records."""
    return "\n".join([HEAD, *_lines(found)]) + "\n"


def _lines(found: Document) -> Iterator[str]:
    for figure in found["figures"]:
        yield from _tally(figure["name"], "total", "", figure["total"])
        for name, by in GROUPS.items():
            for code, tally in figure.get(name, {}).items():
                yield from _tally(figure["name"], by, code, tally)
    for name in found["not_kept"]:
        yield f"{name},total,,,{NOT_KEPT},,,"


def _tally(figure: str, by: str, code: str, tally: Mapping[str, Any] | None) -> Iterator[str]:
    about = f"{figure},{by},{code}"
    if tally is None:
        yield f"{about},,{FEW},,,"
        return
    days = ",".join(str(tally.get(name, "")) for name in ("sum", "average_tenths", "median_tenths"))
    yield f"{about},,{tally['count']},{days}"
    for label, count in sorted(tally["labels"].items()):
        yield f"{about},{label},{count},,,"

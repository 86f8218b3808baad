"""The transparency table as open data: comma-separated values that no spreadsheet takes for a formula."""

from __future__ import annotations

from web.public.openness import Line, Openness

FEW = "few"
"""Stands for a group too small to be told."""

HEAD = "by,code,name,name_en,cases,kept,rate_percent,median_days,p90_days"


def as_csv(table: Openness) -> str:
    """Open data: one line a group; `few` stands for one too small to be told."""
    return "\n".join([HEAD, *(_csv(line) for line in table.lines)]) + "\n"


def _csv(line: Line) -> str:
    about = f"{line.by},{line.code},{_cell(line.name)},{_cell(line.name_en)}"
    if line.cases is None:
        return f"{about},{FEW},,,,"
    rate, median = tenths(line.rate_tenths), tenths(line.median_tenths)
    return f"{about},{line.cases},{line.kept},{rate},{median},{'' if line.p90 is None else line.p90}"


def tenths(number: int | None) -> str:
    """`12.5` of 125; nothing of nothing."""
    return "" if number is None else f"{number // 10}.{number % 10}"


def _cell(text: str) -> str:
    """A name as a cell: quoted, and never a formula."""
    safe = f"'{text}" if text[:1] in "=+-@\t" else text
    return '"' + safe.replace('"', '""') + '"'

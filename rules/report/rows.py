"""Rows behind a figure, and what they come to: nothing is counted that cannot be shown.

Only numbers of matters, staff numbers and codes enter a report. What does not look like one is told as
`other`: no stray word of a caller may stand in a report for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,59}")

Tally = dict[str, Any]
"""`count`, `labels` (code to number) and, of days, `sum`, `average_tenths`, `median_tenths`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was counted: which entry of which matter, and on whose account."""

    matter: str
    seq: int
    section: str
    item: str
    officers: tuple[str, ...]
    label: str
    late: bool
    """Recorded after the period's end."""
    value: int | None = None
    """Days, where the figure is about days."""

    def listed(self) -> list[Any]:
        """As the report holds it."""
        return [
            *(self.matter, self.seq, self.section, self.item),
            *(list(self.officers), self.label, self.value, self.late),
        ]


COLUMNS = ("matter", "seq", "section", "item", "officers", "label", "value", "late")
"""What the places of a listed row are."""


def code(value: object) -> str:
    """A code as it may stand in a report: `none` for nothing, `other` for what is no code."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if value is None or value == "":
        return "none"
    return value if isinstance(value, str) and _CODE.fullmatch(value) else "other"


def figure(name: str, rows: Iterable[Row]) -> dict[str, Any]:
    """A figure: its total, the same by section, item and officer, and the rows behind it."""
    rows = sorted(rows, key=lambda row: (row.matter, row.seq, row.label, row.officers))
    return {
        "name": name,
        "total": tally(rows),
        "sections": _by(rows, lambda row: (row.section,)),
        "items": _by(rows, lambda row: (row.item,)),
        "officers": _by(rows, lambda row: row.officers),
        "rows": [row.listed() for row in rows],
    }


def tally(rows: Iterable[Row]) -> Tally:
    """How many rows, how many of each label; of days their sum, average and median."""
    found: Tally = {"count": 0, "labels": {}}
    values = []
    for row in rows:
        found["count"] += 1
        if row.label != "none":
            found["labels"][row.label] = found["labels"].get(row.label, 0) + 1
        if row.value is not None:
            values.append(row.value)
    return found | _days(values) if values else found


def _days(values: list[int]) -> Tally:
    """Average and median in tenths of a day, halves rounded up: a leaf knows no fractions."""
    values.sort()
    n, total = len(values), sum(values)
    return {
        "sum": total,
        "average_tenths": (20 * total + n) // (2 * n),
        "median_tenths": 5 * (values[(n - 1) // 2] + values[n // 2]),
    }


def _by(rows: Iterable[Row], keys: Callable[[Row], tuple[str, ...]]) -> dict[str, Tally]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        for key in keys(row) or ("none",):
            groups.setdefault(key, []).append(row)
    return {key: tally(groups[key]) for key in sorted(groups)}

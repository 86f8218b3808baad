"""Lamps at the end of a period, from the clocks that entries hold: their dates are there, lamps are derived.

The same order as `rules.lamps`, which works on running clocks: red before yellow before green, and a
suspended matter is grey unless its special procedure is late or about to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from rules.lamps import worst
from schemas.clocks import SUSPENDABLE, ClockKind, Lamp

ClockRow = Mapping[str, Any]
"""A clock as `rules.moments.row_of` writes it."""


def lamp_of(row: ClockRow, day: date) -> Lamp:
    """One clock's lamp on a local day."""
    if row.get("stopped"):
        return Lamp.DONE
    if row.get("breached"):
        return Lamp.RED
    if row.get("suspended"):
        return Lamp.GREY
    if _reached(row.get("red_from"), day):
        return Lamp.RED
    return Lamp.YELLOW if _reached(row.get("yellow_from"), day) else Lamp.GREEN


def matter_lamp(rows: Iterable[ClockRow], day: date) -> Lamp:
    """The worst lamp of a matter's clocks on a local day; DONE if none runs."""
    shown = [(str(row.get("clock")), lamp_of(row, day)) for row in rows]
    if any(kind in SUSPENDABLE and lamp is Lamp.GREY for kind, lamp in shown):
        special = worst(lamp for kind, lamp in shown if kind == ClockKind.SPECIAL)
        return special if special in (Lamp.RED, Lamp.YELLOW) else Lamp.GREY
    return worst(lamp for _, lamp in shown)


def _reached(day: object, today: date) -> bool:
    return isinstance(day, str) and day <= today.isoformat()

"""QR codes as one SVG path: drawn by the template, fetched from nowhere."""

from __future__ import annotations

from dataclasses import dataclass

import segno

QUIET = 4
"""Modules of white around a code (ISO/IEC 18004)."""


@dataclass(frozen=True)
class Qr:
    """A code: its size in modules with the white around, and the dark ones as a path."""

    size: int
    path: str


def qr_path(text: str) -> Qr:
    """The QR code of a text."""
    rows = tuple(segno.make(text, error="m", micro=False).matrix)
    dark = (
        f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on
    )
    return Qr(len(rows) + 2 * QUIET, "".join(dark))

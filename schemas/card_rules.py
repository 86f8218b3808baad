"""Cards (牌): which breach or irregularity leads to which card, as data of the profile."""

from __future__ import annotations

from .base import StrictModel


class CardRules(StrictModel):
    """One section of a profile."""

"""Error accountability: limits, ladders and effects, as data of the profile."""

from __future__ import annotations

from .base import StrictModel


class FaultRules(StrictModel):
    """One section of a profile."""

"""Liability: who answers in which degree, and what range follows, as data of the profile."""

from __future__ import annotations

from .base import StrictModel


class LiabilityRules(StrictModel):
    """One section of a profile."""

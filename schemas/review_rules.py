"""Joint review: matter types, quorum and majority, as data of the profile."""

from __future__ import annotations

from .base import StrictModel


class ReviewRules(StrictModel):
    """One section of a profile."""

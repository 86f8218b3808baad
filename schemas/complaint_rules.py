"""Complaints: types with their own limits, as data of the profile."""

from __future__ import annotations

from .base import StrictModel


class ComplaintRules(StrictModel):
    """One section of a profile."""

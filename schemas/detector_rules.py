"""Detectors: patterns that are worth a lead, as data of the profile."""

from __future__ import annotations

from .base import StrictModel


class DetectorRules(StrictModel):
    """One section of a profile."""

"""Supervision matters: types, limits and chase sheets, as data of the profile."""

from __future__ import annotations

from .base import StrictModel


class SupervisionRules(StrictModel):
    """One section of a profile."""

"""A resolution as another matter knows it: what the entry of its signed minutes said (会审决议)."""

from __future__ import annotations

from .base import Code, Instant, Model


class Resolution(Model):
    """Outcome of a joint review, under the review's number."""

    number: Code
    matters: tuple[Code, ...]
    """Codes of the types of matter it decided."""
    outcome: Code
    """`passed` or `failed`."""
    at: Instant
    """When its minutes were signed."""

"""How refusals are worded, one file a procedure: code to Chinese and English, with the facts in braces."""

from __future__ import annotations

from rules.wording import card, complaint, fault, matters, report, review, supervision

WORDING: dict[str, tuple[str, str]] = {
    **card.WORDING,
    **complaint.WORDING,
    **fault.WORDING,
    **matters.WORDING,
    **report.WORDING,
    **review.WORDING,
    **supervision.WORDING,
}

__all__ = ["WORDING"]

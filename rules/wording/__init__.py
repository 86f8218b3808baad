"""How refusals are worded, one file a procedure: code to Chinese and English, with the facts in braces."""

from __future__ import annotations

from rules.wording import matters

WORDING: dict[str, tuple[str, str]] = {**matters.WORDING}

__all__ = ["WORDING"]

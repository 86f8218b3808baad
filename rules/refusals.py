"""Refusals: every reason why an act does not count, in words a clerk understands.

A refusal is a fact of the matter: it is recorded before it is told. Codes are stable; `rules.wording` has
their words.
"""

from __future__ import annotations

from rules.wording import WORDING


class Refusal(Exception):
    """An act that the rules do not allow.

    Attributes:
        code: stable code, a key of `WORDING`.
        message: Chinese first, English beside it.
    """

    def __init__(self, code: str, **facts: object) -> None:
        """Words the refusal with the facts of the matter."""
        zh, en = WORDING[code]
        self.code = code
        self.message = f"{zh.format(**facts)} / {en.format(**facts)}"
        super().__init__(self.message)


__all__ = ["WORDING", "Refusal"]

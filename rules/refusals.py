"""Refusals: every reason why an act does not count, in words a clerk understands.

A refusal is a fact of the matter: it is recorded before it is told. Codes are stable; `rules.wording` has
their words.
"""

from __future__ import annotations

from pydantic import JsonValue

from rules.wording import WORDING


class Refusal(Exception):
    """An act that the rules do not allow.

    Attributes:
        code: stable code, a key of `WORDING`.
        message: Chinese first, English beside it.
        details: what is recorded and told beside the sentence, as JSON values.
    """

    def __init__(self, code: str, **facts: object) -> None:
        """Words the refusal with the facts of the matter."""
        zh, en = WORDING[code]
        self.code = code
        self.message = f"{zh.format(**facts)} / {en.format(**facts)}"
        self.details: dict[str, JsonValue] = {}
        super().__init__(self.message)

    def showing(self, **details: JsonValue) -> Refusal:
        """This refusal, with details."""
        self.details = {**self.details, **details}
        return self


__all__ = ["WORDING", "Refusal"]

"""What a dry-run comes to: cases by the worst lamp they showed, item by item, and what a draft changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rules.dryrun import Verdict
from schemas.base import Model
from schemas.clocks import Lamp


class Counts(Model):
    """Cases by the worst lamp they showed."""

    green: int = 0
    yellow: int = 0
    red: int = 0
    unjudged: int = 0

    def plus(self, lamp: Lamp | None) -> Counts:
        """One case more."""
        name = lamp.value if lamp else "unjudged"
        return self.model_copy(update={name: getattr(self, name) + 1})

    def and_also(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in Counts.model_fields})


class Compared(Model):
    """One item, or all of them: what was recorded, what the rules in force give, what the draft would."""

    item: str
    name: str = ""
    name_en: str = ""
    cases: int = 0
    recorded: Counts = Counts()
    now: Counts = Counts()
    draft: Counts = Counts()
    unmatched: dict[str, int] = {}
    """Cases by stage that the draft does not match."""

    def plus(self, recorded: Lamp, now: Verdict, draft: Verdict) -> Compared:
        """One case more."""
        unmatched = dict(self.unmatched)
        for code in draft.unmatched:
            unmatched[code] = unmatched.get(code, 0) + 1
        return self.model_copy(
            update={
                "cases": self.cases + 1,
                "recorded": self.recorded.plus(recorded),
                "now": self.now.plus(now.lamp),
                "draft": self.draft.plus(draft.lamp),
                "unmatched": unmatched,
            }
        )

    def and_also(self, other: Compared) -> Compared:
        """Both together."""
        codes = {**self.unmatched, **other.unmatched}
        return self.model_copy(
            update={
                "cases": self.cases + other.cases,
                "recorded": self.recorded.and_also(other.recorded),
                "now": self.now.and_also(other.now),
                "draft": self.draft.and_also(other.draft),
                "unmatched": {
                    code: self.unmatched.get(code, 0) + other.unmatched.get(code, 0) for code in codes
                },
            }
        )


class Change(Model):
    """What the draft says otherwise."""

    key: str
    now: str
    draft: str


def changes(now: Any, draft: Any, key: str = "") -> Iterator[Change]:
    """Where two documents differ; lists of coded things are compared by code."""
    now, draft = _by_code(now), _by_code(draft)
    if isinstance(now, dict) and isinstance(draft, dict):
        for name in dict.fromkeys((*now, *draft)):
            yield from changes(now.get(name), draft.get(name), f"{key}.{name}" if key else str(name))
    elif now != draft:
        yield Change(key=key, now=_told(now), draft=_told(draft))


def _by_code(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not value:
        return value
    coded = all(isinstance(each, dict) and "code" in each for each in value)
    return {each["code"]: each for each in value} if coded else value


def _told(value: Any) -> str:
    return "–" if value is None else "{…}" if isinstance(value, dict) else str(value)

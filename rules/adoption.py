"""What may replace the calendar and the rules of a running matter (M21; domain 5.4).

A correction of the same thing, never another thing: a matter whose stages or time zone were exchanged under
it could not be counted on any more.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

from rules.refusals import Refusal
from schemas.clocks import Calendar, ClockKind
from schemas.profile import Rules

LONGEST_DAYS = 3660
"""A calendar covers ten years at most: its days are listed one by one whenever it is used."""

TOLD_TO_THE_APPLICANT = (ClockKind.PROMISE.value, ClockKind.STATUTORY.value)


def check_calendar(old: Calendar, new: Calendar) -> None:
    """Refuse a calendar of another place, or of no sensible stretch of years."""
    span = (new.last_day - new.first_day).days
    same_place = (old.jurisdiction, old.timezone) == (new.jurisdiction, new.timezone)
    if not same_place or not 0 <= span <= LONGEST_DAYS:
        raise Refusal("other_calendar", name=f"{old.jurisdiction} {old.timezone}")


def check_rules(old: Rules, new: Rules) -> None:
    """Refuse rules of another item, or with other stages than the matter is going through."""
    if _course(old) != _course(new):
        raise Refusal("other_item", item=old.item.code if old.item else "-")


def _course(rules: Rules) -> tuple[str, ...]:
    return (rules.item.code, *(stage.code for stage in rules.item.stages)) if rules.item else ()


def moved_later(old: Iterable[JsonValue], new: Iterable[JsonValue]) -> bool:
    """Whether a day the applicant was promised lies later now; rows as entries hold them."""
    pairs = [(o, n) for o, n in zip(old, new, strict=True) if isinstance(o, dict) and isinstance(n, dict)]
    return any(
        n["clock"] in TOLD_TO_THE_APPLICANT and not n["stopped"] and str(n["due"] or "") > str(o["due"] or "")
        for o, n in pairs
    )

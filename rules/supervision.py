"""What the rules say of a supervision matter: its type, its limit, its sheets, and who cares for it."""

from __future__ import annotations

from collections.abc import Collection

from rules.refusals import Refusal
from schemas.clocks import Limit
from schemas.profile import Post, Role, Rules
from schemas.supervision_rules import ChaseSheet, Level, SupervisionRules, SupervisionType

CARERS = (Role.SUPERVISION, Role.DISCIPLINE_SECRETARY)
"""Who cares for a matter, the first that did not do the work."""


def supervision_rules(rules: Rules) -> SupervisionRules:
    """The section of the profile; an empty one where there is none."""
    return rules.supervision or SupervisionRules()


def type_of(rules: Rules, code: str) -> SupervisionType:
    """The type of that code. Raises Refusal (`unknown_type`)."""
    for each in supervision_rules(rules).types:
        if each.code == code:
            return each
    raise Refusal("unknown_type", type=code)


def limit_of(type_: SupervisionType, days: int | None) -> Limit:
    """The limit as stated, else the type's own. Raises Refusal (`stated_limit`) for one the type forbids."""
    if days is None:
        return type_.limit
    if not type_.shortest <= days <= type_.longest:
        facts = {"type": type_.name, "shortest": type_.shortest, "longest": type_.longest}
        raise Refusal("stated_limit", days=days, **facts)
    return type_.limit.model_copy(update={"n": days})


def sheet_of(rules: Rules, level: Level) -> ChaseSheet:
    """The sheet of a level. Raises Refusal (`no_sheets`)."""
    for sheet in supervision_rules(rules).chase:
        if sheet.level is level:
            return sheet
    raise Refusal("no_sheets")


def next_level(rules: Rules, type_: SupervisionType, missed: Level | None) -> Level | None:
    """The sheet that follows a missed one; without one, that at which chasing begins; None after the last."""
    known = [sheet.level for sheet in supervision_rules(rules).chase]
    if missed is None:
        return next((level for level in type_.chase_from if level in known), None)
    after = known.index(missed) + 1 if missed in known else len(known)
    return known[after] if after < len(known) else None


def carer(rules: Rules, workers: Collection[str] = ()) -> Post:
    """The supervision office, or the discipline secretary where that office did the work itself."""
    found = [post for role in CARERS for post in rules.posts if role in post.roles]
    if not found:
        raise Refusal("unknown_post", post=Role.SUPERVISION.value)
    free = (post for post in found if not {post.a, post.b}.intersection(workers))
    return next(free, found[-1])

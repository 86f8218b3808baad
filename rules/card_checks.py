"""Is the part of a profile about cards fit to govern? A card on no basis, or on nobody, is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from schemas.clocks import Limit
from schemas.profile import Profile, Role

Finding = tuple[str, str]
"""Dotted key and reason."""

CODES = frozenset({"Y1", "Y2", "Y3", "Y4", "R1", "R2", "R3"})
"""The cards of domain 2.9."""


def card_findings(profile: Profile) -> Iterator[Finding]:
    """What is wrong with the cards of a profile; keys are those of `cards.yaml`."""
    rules, roles = profile.cards, {role.value for role in Role}
    for name, value in rules:
        if isinstance(value, Limit) and not value.basis.strip():
            yield name, "没有依据 / has no basis"
    for name in ("judges", "red_notice"):
        for role in getattr(rules, name):
            if role not in roles:
                yield f"{name}.{role}", f"没有职责 {role} / there is no role {role}"
    for row in rules.clocks:
        if row.card not in CODES:
            yield f"clocks.{row.code}.card", f"没有牌种 {row.card} / there is no card {row.card}"
    yield from _faults(profile)
    for name, listed in (("clocks", rules.clocks), ("triggers", rules.triggers)):
        for code, times in Counter(row.code for row in listed).items():
            if times > 1:
                yield f"{name}.{code}", "代码重复 / the code is given twice"


def _faults(profile: Profile) -> Iterator[Finding]:
    """A card names the fault that a lead would be about, so the list of faults must hold it."""
    known = {each.code for each in profile.faults.codes}
    rows = [(f"clocks.{row.code}", row.fault) for row in profile.cards.clocks]
    rows += [(f"triggers.{row.code}", row.fault) for row in profile.cards.triggers]
    for key, fault in rows:
        if fault not in known:
            yield f"{key}.fault", f"没有过错情形 {fault} / there is no fault {fault}"

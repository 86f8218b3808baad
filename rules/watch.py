"""Supervision of the supervisors (监督监督者): what they do, or leave undone, opens a lead too.

Which entries those are is data (`SupervisionRules.watched`): a card withdrawn, a chair who overrides a vote,
a limit of the supervision office itself that passes. A lead says that somebody has to look; it finds
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from schemas.entries import EntryDraft
from schemas.profile import Rules
from schemas.supervision_rules import Watch

SYSTEM = "system"

Lead = dict[str, JsonValue]
"""source, codes, about, accused, text, evidence."""


def lead(
    source: str,
    codes: Iterable[str],
    about: tuple[str, str],
    accused: Iterable[str],
    text: str,
    evidence: Iterable[tuple[str, str, int]],
    *,
    named: bool = False,
) -> Lead:
    """A lead as an entry holds it.

    Args:
        source: channel of discovery, a code of the profile's lead sources.
        codes: fault codes that come into question.
        about: (kind, number) of the matter in which it happened.
        accused: staff numbers.
        text: what is to be looked at; never a word of a sealed field.
        evidence: (kind, number, sequence) of the entries it rests on.
        named: somebody reported it by name, and is to be told what became of it.
    """
    return {
        "source": source,
        "codes": list(codes),
        "about": {"kind": about[0], "number": about[1]},
        "accused": list(accused),
        "text": text,
        "evidence": [{"kind": kind, "number": number, "seq": seq} for kind, number, seq in evidence],
        "named": named,
    }


def watched(entry: EntryDraft, rules: Rules, kind: str, number: str, seq: int) -> Lead | None:
    """The lead that an entry opens about a supervisor; None for almost every entry.

    Args:
        entry: what is being recorded.
        rules: the matter's rules; one without the section `supervision` is not watched.
        kind: kind of the matter that records it.
        number: its number.
        seq: the entry's place in the matter's chain.
    """
    who = behind(entry)
    found = next((each for each in _list(rules) if _is_meant(each, entry, who, rules)), None)
    if found is None:
        return None
    return lead(found.source, found.faults, (kind, number), (who,), found.text, ((kind, number, seq),))


def _list(rules: Rules) -> tuple[Watch, ...]:
    return rules.supervision.watched if rules.supervision else ()


def behind(entry: EntryDraft) -> str:
    """The person who acted, or on whose account the engine recorded something; empty for nobody."""
    return entry.actor if entry.actor != SYSTEM else entry.on_behalf_of or ""


def _is_meant(watch: Watch, entry: EntryDraft, who: str, rules: Rules) -> bool:
    if entry.type != watch.entry or not who or (watch.by_person and entry.actor == SYSTEM):
        return False
    if watch.roles and not holds(rules, who, watch.roles):
        return False
    return all(_text(entry.data, name) == value for name, value in watch.where.items())


def holds(rules: Rules, who: str, roles: Iterable[str]) -> bool:
    """Whether somebody is A or B officer of a post with one of these roles."""
    wanted = set(roles)
    return any(wanted.intersection(post.roles) for post in rules.posts if who in (post.a, post.b))


def _text(data: Mapping[str, JsonValue], path: str) -> str:
    """A field of the data as text, `card.code` for one inside another."""
    value: JsonValue = dict(data)
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return str(value).lower() if isinstance(value, bool) else str(value)

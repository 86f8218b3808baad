"""What the table is applied to: people with all that they were, and the facts the entries tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.liability_chain import DECIDED, SYSTEM, Event, Part, decisive, irregular, parts_of, people_of
from rules.liability_lateness import breaches, facts_of_lateness, parts_of_lateness, post_held_by
from rules.liability_table import Case
from schemas.liability import Finding
from schemas.liability_rules import FACTS, FaultGrade, FaultKind, LiabilityRules
from schemas.profile import Role, Rules


def case_of(
    events: Sequence[Event],
    found: tuple[Finding, ...],
    fault: FaultGrade,
    rules: LiabilityRules,
    house: Rules,
) -> Case:
    """People, facts and findings of one fault of a matter."""
    passed = breaches(events, house)
    late = [breach for breach in passed if breach.kind in fault.clocks]
    kind = FaultKind.LATENESS if late else fault.kind
    if kind is FaultKind.LATENESS:
        parts = parts_of_lateness(events, late, passed, house)
    else:
        parts = _done(events, fault, kind, rules)
    parts += _named(found, parts, rules, house, str(events[0]["subject"]))
    facts = {"kind": kind.value, **facts_of_lateness(events, late, passed, house), **_facts(events, house)}
    return Case(rules, facts, found, people_of(parts))


def _done(events: Sequence[Event], fault: FaultGrade, kind: FaultKind, rules: LiabilityRules) -> list[Part]:
    """By whom: the acts by which the fault is done; else the decision chain, but for faults of persons."""
    odd = [code for code, meant in rules.irregularities.items() if meant == fault.code]
    acts = fault.acts if any(event["type"] in fault.acts for event in events) else ()
    chain = parts_of(events, acts) if acts or kind is FaultKind.DECISION else []
    return [*chain, *irregular(events, odd)]


def _named(
    found: Iterable[Finding], parts: Sequence[Part], rules: LiabilityRules, house: Rules, matter: str
) -> list[Part]:
    """Whom findings name: in the capacity of the answer, else only as somebody to be examined."""
    names = {question.code: question.names for question in rules.questions}
    known = {part.officer for part in parts}
    named = []
    for finding in found:
        capacity = names[finding.question].get(finding.answer, "")
        if finding.who and (capacity or finding.who not in known):
            post = post_held_by(finding.who, house)
            named.append(Part(finding.who, capacity or "named", post, matter, finding.entry))
    return named


def _facts(events: Sequence[Event], house: Rules) -> dict[str, str]:
    facts = {"collective": "yes" if decisive(events) else "no", "decided_by": _decided_by(events)}
    if house.item is not None:
        stages = house.item.stages
        facts["approval_required"] = "yes" if any(s.role is Role.APPROVER for s in stages) else "no"
    return facts


def _decided_by(events: Sequence[Event]) -> str:
    """In which role the decision was made, whoever it was."""
    roles = [e.get("actorrole", "") for e in events if e["type"] == DECIDED and e["actor"] != SYSTEM]
    if not roles:
        return "nobody"
    return roles[-1] if roles[-1] in FACTS["decided_by"] else "other"

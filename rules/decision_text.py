"""The decision's text (处理决定书): all its parts, the degree that was found, nothing beyond the bureau.

Required: person, post; facts and evidence; degree, kind and basis; way and limit of remedy; authority,
number, date and seal (政务处分法 第45条). The bureau handles; a sanction it can only propose (domain 3.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rules.confirming import liable
from rules.refusals import Refusal
from rules.sanctions import check_measure, heavier
from schemas.fault_acts import DecideFault
from schemas.fault_measures import FaultOutcome, Measure, PersonDecision
from schemas.fault_rules import FaultRules
from schemas.liability import Row

PARTS = ("post", "facts", "evidence", "degree", "fault", "basis", "remedy")
"""What a decision says of a person besides his measures."""

HEADING = ("document", "authority", "seal")

FREE = frozenset({FaultOutcome.NO_FAULT, FaultOutcome.EXEMPT, FaultOutcome.WITHDRAWN})
"""Outcomes after which nobody bears a measure."""


def missing_parts(act: DecideFault) -> Iterator[str]:
    """Names of the parts that are not there, with the person they concern."""
    yield from (part for part in HEADING if not getattr(act, part).strip())
    for person in act.persons:
        parts = (part for part in PARTS if not _said(person, part))
        yield from (f"{person.officer}.{part}" for part in parts)


def _said(person: PersonDecision, part: str) -> bool:
    value = getattr(person, part)
    return any(each.strip() for each in value) if isinstance(value, tuple) else bool(value.strip())


def measures_of(act: DecideFault) -> tuple[Measure, ...]:
    """What the decision lays on each person."""
    return tuple(
        Measure(officer=each.officer, handling=each.handling, sanction=each.sanction, basis=each.basis)
        for each in act.persons
    )


def check_decision(
    act: DecideFault, rows: tuple[Row, ...], proposed: tuple[Measure, ...], today: date, rules: FaultRules
) -> None:
    """Refuse a decision that lacks a part, strays from what was found, or is heavier than was discussed."""
    if missing := list(missing_parts(act)):
        raise Refusal("decision_incomplete", parts="、".join(missing))
    if act.decided_on != today:
        raise Refusal("decision_date", day=act.decided_on, today=today)
    _check_persons(act, rows)
    measures = measures_of(act)
    for measure in measures:
        check_measure(measure, rules)
    if worse := list(heavier(measures, proposed, rules)):
        raise Refusal("heavier", officers="、".join(worse))
    _check_outcome(act)


def _check_persons(act: DecideFault, rows: tuple[Row, ...]) -> None:
    degrees = {row.officer: row.degree.value for row in rows}
    named = [each.officer for each in act.persons]
    if len(named) != len(set(named)):
        raise Refusal("row_twice", officers="、".join(sorted(named)))
    if act.outcome not in FREE and (missing := [who for who in liable(rows) if who not in named]):
        raise Refusal("person_undecided", officers="、".join(missing))
    for each in act.persons:
        if each.officer not in liable(rows) and (each.handling or each.sanction):
            raise Refusal("not_liable", officer=each.officer)
        if degrees.get(each.officer) != each.degree:
            raise Refusal("degree_differs", officer=each.officer, found=degrees.get(each.officer, "-"))


def _check_outcome(act: DecideFault) -> None:
    measured = any(each.handling or each.sanction for each in act.persons)
    proposes = any(each.sanction for each in act.persons)
    wanted = {
        FaultOutcome.HANDLED: measured and not proposes,
        FaultOutcome.SANCTION_PROPOSED: proposes,
    }.get(act.outcome, not measured)
    if not wanted:
        raise Refusal("outcome_differs", outcome=act.outcome.value)

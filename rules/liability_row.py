"""One row of a proposal: a person, what the rule says of him, and by which entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.liability_chain import Person
from rules.liability_grade import FREE, circumstances, ranges_of
from rules.liability_table import Case, answer_for
from rules.liability_words import because
from schemas.liability import Degree, Grade, Holding, Row
from schemas.liability_rules import ANYONE, Answer, FaultGrade, LiabilityRule


@dataclass(frozen=True)
class Verdict:
    """What is the same for all rows of a proposal."""

    matter: str
    item: str
    fault: FaultGrade
    rule: LiabilityRule | None
    grade: Grade | None
    held: Sequence[Holding]


def rows_of(case: Case, verdict: Verdict) -> tuple[Row, ...]:
    """A row for everybody who is examined, and for others who answer."""
    rows = [(person, _row(person, case, verdict)) for person in case.people]
    return tuple(row for person, row in rows if person.examined or row.degree not in FREE)


def _row(person: Person, case: Case, verdict: Verdict) -> Row:
    answer, degree = _said(person, case, verdict.rule)
    role = _role(answer, person)
    exempt = _exempt(person, case, verdict.grade) and degree not in FREE
    degree = Degree.NONE if exempt else degree
    grade = None if degree in FREE else verdict.grade
    heavier = circumstances(case, case.rules.heavier, person)
    lighter = (*(answer.lighter if answer else ()), *circumstances(case, case.rules.lighter, person))
    zh, en = because(verdict.rule, role, degree, exempt=exempt)
    part = next(each for each in person.parts if each.capacity == role)
    own, elsewhere = _cited(person, verdict.matter)
    return Row(
        officer=person.officer,
        post=part.post,
        role=role,
        capacities=person.capacities,
        on_behalf_of=part.on_behalf_of,
        degree=degree,
        grade=grade,
        ranges=ranges_of(case, verdict.fault, grade, degree, item=verdict.item, heavier=bool(heavier)),
        rule=verdict.rule.code if verdict.rule else "",
        heavier=() if degree in FREE else heavier,
        lighter=() if degree in FREE else tuple(dict.fromkeys(lighter)),
        days=sum(each.days for each in verdict.held if each.officer == person.officer),
        because_zh=zh,
        because_en=en,
        entries=own,
        elsewhere=elsewhere,
    )


def _said(person: Person, case: Case, rule: LiabilityRule | None) -> tuple[Answer | None, Degree]:
    if rule is None:
        return None, Degree.OPEN
    answer, undecided = answer_for(rule, person, case)
    if undecided:
        return None, Degree.OPEN
    return answer, answer.degree if answer else Degree.NONE


def _role(answer: Answer | None, person: Person) -> str:
    return person.capacities[0] if answer is None or answer.who == ANYONE else answer.who


def _exempt(person: Person, case: Case, grade: Grade | None) -> bool:
    return grade is Grade.GENERAL and bool(circumstances(case, case.rules.exempting, person))


def _cited(person: Person, matter: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The entries that show what he was, in this matter and elsewhere."""
    own = {part.seq for part in person.parts if part.subject == matter and part.seq}
    others = dict.fromkeys(
        f"{part.subject}#{part.seq}" for part in person.parts if part.subject not in (matter, "") and part.seq
    )
    return tuple(sorted(own)), tuple(others)

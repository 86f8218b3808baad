"""The decision table of liability, applied: a small closed set of conditions and one function that asks them.

A point of a condition is one of `schemas.liability_rules.FACTS`, which the entries tell, `present`, or a
question of the profile, which only findings answer. There are three truths: yes, no, and open. An open
condition is never guessed; it names the question somebody has to answer. The first rule that fits decides;
while an earlier one is open, none does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rules.liability_chain import Person
from schemas.liability import Finding
from schemas.liability_rules import (
    ANYONE,
    PRESENT,
    Answer,
    Condition,
    LiabilityRule,
    LiabilityRules,
    Question,
    Scope,
)

PASSIVE = frozenset({"principal", "recused", "absent_with_leave", "absent"})
"""Capacities of people who are examined although they did nothing."""

Asked = tuple[str, str]
"""(question, staff number): what is open; the number is empty for the matter as a whole."""


@dataclass
class Case:
    """What the table is applied to, and the questions met on the way."""

    rules: LiabilityRules
    facts: dict[str, str]
    findings: tuple[Finding, ...]
    people: tuple[Person, ...]
    asked: dict[Asked, list[str]] = field(default_factory=dict)
    """Open questions with the rules that wait for them."""

    def question(self, code: str) -> Question | None:
        """The profile's question with this code."""
        return next((each for each in self.rules.questions if each.code == code), None)

    def answers(self, code: str, who: str) -> frozenset[str]:
        """What was found on a question; more than one answer is a contradiction."""
        question = self.question(code)
        personal = question is not None and question.scope is Scope.PERSON
        found = (each for each in self.findings if each.question == code)
        return frozenset(each.answer for each in found if not personal or each.who in (who, ""))

    def holding(self, capacity: str) -> list[Person]:
        """People who had a capacity."""
        return [each for each in self.people if _is(each, capacity)]


@dataclass(frozen=True)
class Truth:
    """Yes, no, or open with the questions that would settle it."""

    holds: bool | None
    asks: tuple[Asked, ...] = ()


def first_rule(case: Case) -> LiabilityRule | None:
    """The first rule that fits; None while that is open, with the questions in `case`, or where none does."""
    for rule in case.rules.rules:
        if rule.kinds and case.facts["kind"] not in rule.kinds:
            continue
        truth = judge(rule.when, case)
        ask(case, truth.asks, rule.code)
        if truth.holds:
            return None if case.asked else rule
    return None


def answer_for(rule: LiabilityRule, person: Person, case: Case) -> tuple[Answer | None, bool]:
    """What the rule says of a person, and whether that is open."""
    for answer in rule.answers:
        if not _is(person, answer.who):
            continue
        truth = judge(answer.when, case, person.officer) if answer.when else Truth(holds=True)
        ask(case, truth.asks, rule.code)
        if truth.holds is None:
            return None, True
        if truth.holds:
            return answer, False
    return None, False


def _is(person: Person, capacity: str) -> bool:
    """Whether he had a capacity; `anyone` is everybody who took part in it himself."""
    if capacity != ANYONE:
        return capacity in person.capacities
    return person.examined and not PASSIVE.issuperset(person.capacities)


def ask(case: Case, questions: Iterable[Asked], rule: str) -> None:
    """Note open questions and the rule that waits for them."""
    for each in questions:
        waiting = case.asked.setdefault(each, [])
        if rule not in waiting:
            waiting.append(rule)


def judge(condition: Condition, case: Case, subject: str = "") -> Truth:
    """Whether a condition holds; points without `of` are asked of `subject`."""
    if condition.point:
        return _point(condition, case, subject)
    if condition.all:
        return _all([judge(each, case, subject) for each in condition.all])
    some = _any([judge(each, case, subject) for each in condition.any or condition.none])
    return some if condition.any else _not(some)


def _point(condition: Condition, case: Case, subject: str) -> Truth:
    if condition.point == PRESENT:
        there = "yes" if case.holding(condition.of) else "no"
        return Truth(there in condition.value)
    if condition.of:
        people = [each.officer for each in case.holding(condition.of) if not _is(each, condition.but)]
        nobody = [""] if condition.of == ANYONE and not case.people else []
        return _any([_asked(condition, case, who) for who in people or nobody])
    return _asked(condition, case, subject)


def _asked(condition: Condition, case: Case, who: str) -> Truth:
    code = condition.point
    if code in case.facts:
        return Truth(case.facts[code] in condition.value)
    found = case.answers(code, who)
    if len(found) == 1:
        return Truth(not found.isdisjoint(condition.value))
    if condition.presumed and not found:
        return Truth(holds=False)
    question = case.question(code)
    personal = question is not None and question.scope is Scope.PERSON
    return Truth(None, ((code, who if personal else ""),))


def _all(truths: Sequence[Truth]) -> Truth:
    if any(truth.holds is False for truth in truths):
        return Truth(holds=False)
    return _open(truths) or Truth(holds=True)


def _any(truths: Sequence[Truth]) -> Truth:
    if any(truth.holds for truth in truths):
        return Truth(holds=True)
    return _open(truths) or Truth(holds=False)


def _open(truths: Sequence[Truth]) -> Truth | None:
    asks = tuple(dict.fromkeys(each for truth in truths for each in truth.asks))
    return Truth(None, asks) if any(truth.holds is None for truth in truths) else None


def _not(truth: Truth) -> Truth:
    return truth if truth.holds is None else Truth(not truth.holds)

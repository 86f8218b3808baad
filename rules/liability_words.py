"""A proposal in words, Chinese and English: why each row is as it is, and what is still to be found out."""

from __future__ import annotations

from rules.liability_table import Case
from schemas.liability import Degree, Grade, OpenQuestion
from schemas.liability_rules import CAPACITIES, LiabilityRule

NO_RULE = "no_rule"
"""The open question where no rule of the table fits what was found."""

DEGREES: dict[Degree, tuple[str, str]] = {
    Degree.DIRECT: ("直接责任", "direct liability"),
    Degree.MAIN: ("主要领导责任", "main leadership liability"),
    Degree.IMPORTANT: ("重要领导责任", "important leadership liability"),
    Degree.NONE: ("不承担责任", "no liability"),
    Degree.OPEN: ("待查", "open"),
}

GRADES: dict[Grade, tuple[str, str]] = {
    Grade.GENERAL: ("一般", "general"),
    Grade.SERIOUS: ("严重", "serious"),
    Grade.ESPECIALLY_SERIOUS: ("特别严重", "especially serious"),
}

_WAITS = ("尚有待查明的问题，不作推定", "questions are open, and nothing is guessed")
_EXEMPT = ("情节轻微并及时纠正，免予处理", "minor and corrected at once: exempt")


def because(
    rule: LiabilityRule | None, role: str, degree: Degree, *, exempt: bool = False
) -> tuple[str, str]:
    """Why a row says what it says."""
    zh, en = CAPACITIES.get(role, (role, role))
    if rule is None or degree is Degree.OPEN:
        return f"{zh}：{_WAITS[0]}", f"{en}: {_WAITS[1]}"
    free = (
        tuple(f"；{text}" if n == 0 else f"; {text}" for n, text in enumerate(_EXEMPT))
        if exempt
        else ("", "")
    )
    return (
        f"{rule.zh}（{rule.basis}）；其为{zh}，{DEGREES[degree][0]}{free[0]}",
        f"{rule.en} ({rule.basis}); as {en}: {DEGREES[degree][1]}{free[1]}",
    )


def open_questions(case: Case, *, fitted: bool) -> tuple[OpenQuestion, ...]:
    """What is to be found out, in a fixed order; where nothing is open and no rule fits, that is told."""
    found = [_question(case, code, who, rules) for (code, who), rules in sorted(case.asked.items())]
    if not found and not fitted:
        found.append(_no_rule())
    return tuple(found)


def _question(case: Case, code: str, who: str, rules: list[str]) -> OpenQuestion:
    question = case.question(code)
    zh, en, answers = (question.zh, question.en, question.answers) if question else (code, code, ())
    return OpenQuestion(
        question=code,
        who=who,
        zh=zh,
        en=en,
        answers=answers,
        rules=tuple(rules),
        contradicted=len(case.answers(code, who)) > 1,
    )


def _no_rule() -> OpenQuestion:
    return OpenQuestion(
        question=NO_RULE,
        zh="责任表中没有与所查情形相符的规则，由人认定",
        en="no rule of the table fits what was found; people have to say",
        answers=(),
        rules=(),
    )

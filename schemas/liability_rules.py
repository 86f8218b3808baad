"""Liability: who answers in which degree, and what range follows, as data of the profile.

The table is evaluated by `rules.liability_table`; the words it may use are the closed lists of this module.
Other places weigh the same circumstances differently (an older local rule turns the degrees round): so, data.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from .base import Code, StrictModel
from .clocks import ClockKind
from .liability import Degree, Grade, MeasureRange

FACTS: dict[str, tuple[str, ...]] = {
    "kind": ("decision", "lateness", "personal"),  # 过错类别
    "late": ("yes", "no"),  # 有时限超时
    "statute_passed": ("yes", "no"),  # 法定时限已过
    "rectify_failed": ("yes", "no"),  # 黄牌逾期未整改
    "untaken": ("yes", "no"),  # 移交逾期未接收
    "late_handover": ("yes", "no"),  # 临期或逾期移交
    "suspended": ("yes", "no"),  # 曾停表
    "idle": ("yes", "no"),  # 责任人到期前无办理记录，而该岗有 B 岗
    "collective": ("yes", "no"),  # 经集体表决
    "decided_by": ("handler", "reviewer", "approver", "other", "nobody"),  # 由谁作出决定
    "approval_required": ("yes", "no"),  # 须经批准人
}
"""What the entries tell, with the values it may have. What they cannot tell is asked like a question."""

PRESENT, ANYONE = "present", "anyone"
"""The point that asks whether anybody had the capacity `of`; the capacity that everybody has."""

CAPACITIES: dict[str, tuple[str, str]] = {
    "handler": ("承办人", "handler"),
    "reviewer": ("审核人", "reviewer"),
    "approver": ("批准人", "approver"),
    "window": ("窗口人员", "window officer"),
    "registrar": ("登簿发证人", "registrar"),
    "city_government": ("市政府经办人", "city government officer"),
    "township": ("镇政府经办人", "township officer"),
    "joint_review": ("联席会审召集人", "joint review convener"),
    "office": ("办公室", "office"),
    "supervision_office": ("督查室", "supervision office"),
    "discipline_secretary": ("纪委书记", "discipline secretary"),
    "deputy_head": ("副局长", "deputy head"),
    "principal": ("被代岗的 A 岗", "A officer for whom the B officer acted"),
    "chair": ("会议主持人", "chair of the meeting"),
    "member_for": ("赞成该决定的成员", "member who voted for the decision"),
    "member_against": ("反对该决定的成员", "member who voted against the decision"),
    "member_abstained": ("弃权的成员", "member who abstained"),
    "absent_with_leave": ("请假缺席的成员", "member absent with leave"),
    "absent": ("缺席的成员", "absent member"),
    "recused": ("回避的成员", "recused member"),
    "clock_owner": ("到期日的时限责任人", "owner of the clock on its due day"),
    "chief": ("科室负责人", "section chief"),
    "deputy_in_charge": ("分管领导", "deputy head in charge"),
    "head": ("局长", "head of the bureau"),
    "sender": ("移交人", "sender of the hand-over"),
    "receiving_chief": ("接收科室负责人", "receiving chief"),
    "suspension_requester": ("停表申请人", "requester of the suspension"),
    "absent_a": ("未交接的缺岗 A 岗", "absent A officer who handed nothing over"),
    "orderer": ("下令人", "who gave the order"),
    "main_actor": ("主要行为人", "main actor"),
    "helper": ("次要行为人", "helper"),
    "named": ("记录或认定所及人员", "person named by an entry or a finding"),
}
"""What somebody can be in a matter."""


class FaultKind(StrEnum):
    """Whose fault it is to begin with."""

    DECISION = "decision"
    """That of a decision chain, in which everybody is examined (连带)."""
    LATENESS = "lateness"
    PERSONAL = "personal"


class Scope(StrEnum):
    """Whom a question is about."""

    MATTER = "matter"
    PERSON = "person"


class Question(StrictModel):
    """Something only investigators can tell."""

    code: Code
    scope: Scope
    zh: Code
    en: Code
    answers: tuple[Code, ...] = Field(min_length=2)
    names: dict[Code, Code] = Field(default_factory=dict)
    """Answer to capacity: whom a finding with this answer names has it (who gave the order)."""


class Condition(StrictModel):
    """One condition: exactly one of `point`, `all`, `any`, `none`.

    A point is a fact that the entries tell or a question that findings answer. With `of` it is asked of
    everybody in that capacity, and holds if it holds for one of them.
    """

    point: str = ""
    of: str = ""
    but: str = ""
    """Nobody who has also this capacity is asked."""
    value: tuple[Code, ...] = ()
    """The point has one of these values."""
    presumed: bool = False
    """While nobody has found anything it does not hold, and nothing is asked: what has to be pleaded."""
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()
    """None of these holds."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        said = [name for name in ("point", "all", "any", "none") if getattr(self, name)]
        if len(said) != 1 or bool(self.point) != bool(self.value) or (self.of and not self.point):
            raise ValueError("条件须为其一 / a condition is one of: point with value, all, any, none")
        return self


class Answer(StrictModel):
    """What a rule says of somebody; the first of its answers that fits him counts."""

    who: Code
    """A capacity, or `anyone`."""
    when: Condition | None = None
    """Points without `of` are asked of the person himself."""
    degree: Degree
    lighter: tuple[Code, ...] = ()
    """Mitigating circumstances that lie in the part he had."""


class LiabilityRule(StrictModel):
    """One row of the decision table; the first that fits a fault decides it."""

    code: Code
    zh: Code
    en: Code
    basis: Code
    kinds: tuple[FaultKind, ...] = ()
    """Kinds of fault it is for; empty: every kind."""
    when: Condition
    answers: tuple[Answer, ...] = ()
    """Whoever fits none of them has no liability."""


class FaultGrade(StrictModel):
    """What a fault weighs, and by which acts it is done."""

    code: Code
    kind: FaultKind
    grade: Grade
    instead: Grade | None = None
    """Its grade if `when` holds."""
    when: Condition | None = None
    clocks: tuple[ClockKind, ...] = ()
    """Clocks it is about: if one of them ran out it is a fault of lateness, whatever else it may be."""
    acts: tuple[Code, ...] = ()
    """Types of the entries by which it is done; empty: the whole decision chain."""


class GradeRange(StrictModel):
    """What may be proposed for a grade and degree."""

    grade: Grade
    degree: Degree
    ranges: tuple[MeasureRange, ...] = Field(min_length=1)
    basis: Code


class LandRange(StrictModel):
    """The special range for land approval and registration (违反土地管理规定行为处分办法)."""

    items: tuple[Code, ...] = ()
    faults: tuple[Code, ...] = ()
    basis: Code
    ordinary: MeasureRange
    heavier: MeasureRange
    """With an aggravating finding."""
    grave: MeasureRange
    """Of an especially serious fault."""


class LiabilityRules(StrictModel):
    """One section of a profile."""

    questions: tuple[Question, ...] = ()
    rules: tuple[LiabilityRule, ...] = ()
    grades: tuple[FaultGrade, ...] = ()
    ranges: tuple[GradeRange, ...] = ()
    land: LandRange | None = None
    heavier: tuple[Code, ...] = ()
    """Questions whose answer `yes` aggravates."""
    lighter: tuple[Code, ...] = ()
    """Questions whose answer `yes` mitigates."""
    exempting: tuple[Code, ...] = ()
    """Questions whose answer `yes` frees a person of a general fault (情节轻微并及时纠正)."""
    irregularities: dict[Code, Code] = Field(default_factory=dict)
    """Irregularity of a recorded log to the fault it may be."""

    @model_validator(mode="after")
    def _speaks_the_language(self) -> Self:
        """Every point, value and capacity is one of the closed lists or of the questions."""
        points = {question.code: question.answers for question in self.questions}
        known = {PRESENT: ("yes", "no"), **FACTS, **points}
        for where, condition in self._conditions():
            if condition.point and not set(condition.value) <= set(known.get(condition.point, ())):
                said = f"{condition.point} = {', '.join(condition.value)}"
                raise ValueError(f"{where}: 没有这样的要点 / there is no such point: {said}")
            for capacity in filter(None, (condition.of, condition.but)):
                _check_capacity(where, capacity)
        for code in (*self.heavier, *self.lighter, *self.exempting):
            if "yes" not in points.get(code, ()):
                raise ValueError(f"{code}: 没有这样的问题 / there is no such question")
        self._check_capacities()
        return self

    def _conditions(self) -> Iterator[tuple[str, Condition]]:
        own = [(rule.code, rule.when) for rule in self.rules]
        own += [(rule.code, each.when) for rule in self.rules for each in rule.answers if each.when]
        own += [(grade.code, grade.when) for grade in self.grades if grade.when]
        for where, condition in own:
            yield from ((where, each) for each in walk(condition))

    def _check_capacities(self) -> None:
        used = [(rule.code, answer.who) for rule in self.rules for answer in rule.answers]
        used += [(question.code, who) for question in self.questions for who in question.names.values()]
        for where, who in used:
            _check_capacity(where, who)


def walk(condition: Condition) -> Iterator[Condition]:
    """A condition and all that are inside it."""
    yield condition
    for inner in (*condition.all, *condition.any, *condition.none):
        yield from walk(inner)


def _check_capacity(where: str, capacity: str) -> None:
    if capacity not in (*CAPACITIES, ANYONE):
        raise ValueError(f"{where}: 没有这种身份 / there is no such capacity: {capacity}")

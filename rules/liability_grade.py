"""Grade and range (过错等级与处理幅度): what a fault weighs, and what may be proposed for it on which ladder.

Sources: bureau rules 3.5; 政务处分法 Art.7-13; for land, 违反土地管理规定行为处分办法.
"""

from __future__ import annotations

from collections.abc import Sequence

from rules.liability_chain import Person
from rules.liability_table import Case, ask, judge
from schemas.liability import Degree, Grade, Ladder, MeasureRange
from schemas.liability_rules import FaultGrade, LandRange

FREE = frozenset({Degree.NONE, Degree.OPEN})


def grade_of(fault: FaultGrade, case: Case) -> Grade | None:
    """What the fault weighs; None while that is open."""
    if fault.when is None or fault.instead is None:
        return fault.grade
    truth = judge(fault.when, case)
    ask(case, truth.asks, fault.code)
    if truth.holds is None:
        return None
    return fault.instead if truth.holds else fault.grade


def circumstances(case: Case, codes: Sequence[str], person: Person) -> tuple[str, ...]:
    """Which of these questions were answered with `yes` about a person, or about the matter as a whole."""
    return tuple(code for code in codes if case.answers(code, person.officer) == {"yes"})


def ranges_of(
    case: Case, fault: FaultGrade, grade: Grade | None, degree: Degree, *, item: str, heavier: bool
) -> tuple[MeasureRange, ...]:
    """What may be proposed; nothing where nobody answers or the grade is open."""
    if degree in FREE or grade is None:
        return ()
    found = (each for each in case.rules.ranges if (each.grade, each.degree) == (grade, degree))
    ranges = next((each.ranges for each in found), ())
    land = case.rules.land
    if land is None or fault.code not in land.faults or item not in land.items:
        return ranges
    return tuple(_narrowed(each, land, grade, heavier=heavier) for each in ranges)


def _narrowed(own: MeasureRange, land: LandRange, grade: Grade, *, heavier: bool) -> MeasureRange:
    """The special range within the general one; where they have nothing in common the general one stays."""
    if own.ladder is not Ladder.ADMINISTRATIVE:
        return own
    special = land.heavier if heavier else land.ordinary
    if grade is Grade.ESPECIALLY_SERIOUS:
        special = land.grave
    common = tuple(measure for measure in own.measures if measure in special.measures)
    return MeasureRange(ladder=own.ladder, measures=common) if common else own

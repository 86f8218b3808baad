"""Measures against a person: four ladders that are never mixed, their weight, and how long they last.

The bureau decides handling alone; a sanction is proposed, and what the competent organ decided is registered.
A period begins on the effective day and ends at 24:00 before its corresponding day, on a rest day too.
Sources: domain 3.6; 政务处分法 Art.7, 8, 16, 26; 行政机关公务员处分条例 Art.6-10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from rules.course import corresponding_day
from rules.refusals import Refusal
from schemas.fault_measures import CriminalRecord, Measure, PartyRecord, SanctionRecord
from schemas.fault_rules import CriminalStep, FaultRules, HandlingStep, PartyStep, SanctionStep

LADDERS = {
    "handling": "组织处理 / handling by the bureau",
    "sanctions": "处分 / administrative sanction",
    "party": "党纪处分 / Party discipline",
    "criminal": "刑事强制措施 / criminal measure",
}

NO_SANCTION = "none"
"""What is registered where the competent organ decided that there is no sanction."""

Weight = tuple[int, tuple[int, ...]]
"""Rank of the proposed sanction, then ranks of the handling, the heaviest first: a total order."""


def handling_of(code: str, rules: FaultRules) -> HandlingStep:
    """组织处理 by code or Chinese name. Raises Refusal, naming the ladder it belongs to."""
    for step in rules.handling:
        if code in (step.code, step.name):
            return step
    raise _elsewhere(code, "handling", rules)


def sanction_of(code: str, rules: FaultRules) -> SanctionStep:
    """处分 by code or Chinese name. Raises Refusal, naming the ladder it belongs to."""
    for step in rules.sanctions:
        if code in (step.code, step.name):
            return step
    raise _elsewhere(code, "sanctions", rules)


def party_of(code: str, rules: FaultRules) -> PartyStep:
    """党纪处分 by code or Chinese name. Raises Refusal, naming the ladder it belongs to."""
    for step in rules.party:
        if code in (step.code, step.name):
            return step
    raise _elsewhere(code, "party", rules)


def criminal_of(code: str, rules: FaultRules) -> CriminalStep:
    """刑事强制措施 by code or Chinese name. Raises Refusal, naming the ladder it belongs to."""
    for step in rules.criminal:
        if code in (step.code, step.name):
            return step
    raise _elsewhere(code, "criminal", rules)


def _elsewhere(code: str, wanted: str, rules: FaultRules) -> Refusal:
    for ladder, told in LADDERS.items():
        if ladder != wanted and any(code in (step.code, step.name) for step in getattr(rules, ladder)):
            return Refusal("wrong_ladder", measure=code, ladder=told, wanted=LADDERS[wanted])
    return Refusal("unknown_measure", measure=code, wanted=LADDERS[wanted])


def check_measure(measure: Measure, rules: FaultRules) -> None:
    """Refuse what is no handling of the bureau, and a proposal that is no administrative sanction."""
    for code in measure.handling:
        handling_of(code, rules)
    if measure.sanction:
        sanction_of(measure.sanction, rules)


def weight(measure: Measure | None, rules: FaultRules) -> Weight:
    """How heavy a measure is; nothing at all is the lightest."""
    if measure is None:
        return 0, ()
    sanction = sanction_of(measure.sanction, rules).rank if measure.sanction else 0
    return sanction, tuple(sorted((handling_of(code, rules).rank for code in measure.handling), reverse=True))


def heavier(new: Iterable[Measure], old: Iterable[Measure], rules: FaultRules) -> Iterator[str]:
    """Staff numbers of those for whom the new measures are heavier than the old ones."""
    before = {each.officer: each for each in old}
    return (each.officer for each in new if weight(each, rules) > weight(before.get(each.officer), rules))


# -- what other organs decided ------------------------------------------------------------


def check_sanction(record: SanctionRecord, earlier: Sequence[SanctionRecord], rules: FaultRules) -> None:
    """Refuse an organ that may not sanction, and a second sanction for one act (政务处分法 第16条)."""
    if record.sanction != NO_SANCTION:
        sanction_of(record.sanction, rules)
    if record.organ not in (*rules.employers, *rules.supervisory):
        raise Refusal("wrong_organ", organ=record.organ, wanted=LADDERS["sanctions"])
    if any(each.officer == record.officer and not each.revoked for each in earlier):
        raise Refusal("sanctioned_before", officer=record.officer)


def check_party(record: PartyRecord, rules: FaultRules) -> None:
    """Refuse what is no Party discipline, or an organ that is none of the Party's."""
    party_of(record.discipline, rules)
    if record.organ not in rules.party_organs:
        raise Refusal("wrong_organ", organ=record.organ, wanted=LADDERS["party"])


def check_criminal(record: CriminalRecord, rules: FaultRules) -> None:
    """Refuse what is no criminal measure, or an organ that is no judicial one."""
    criminal_of(record.measure, rules)
    if record.organ not in rules.judicial:
        raise Refusal("wrong_organ", organ=record.organ, wanted=LADDERS["criminal"])


def path_of(record: SanctionRecord, rules: FaultRules) -> str:
    """Which remedy is open against a sanction."""
    return "employer" if record.organ in rules.employers else "supervisory"


# -- periods ------------------------------------------------------------------------------


def period_end(start: date, months: int) -> date:
    """Last day of a period of `months` that begins on `start`: the day before its corresponding day.

    Where the last month has no such day, the month's last day (民法典 第202条). Never moved to a working day.
    """
    day = corresponding_day(start, months)
    return day if day.day != start.day else day - timedelta(days=1)


def sanctioned_until(code: str, effective: date, running: Iterable[date], rules: FaultRules) -> date | None:
    """Last day of a sanction's period; None where it has none.

    `running` are the last days of periods that still ran on the effective day. Where the law adds up
    (2008), the new period is what remains of the longest of them and the new one, at most the longest the
    law allows.
    """
    months = sanction_of(code, rules).months
    if months is None:
        return None
    law = rules.sanction_law
    open_until = max((day for day in running if day >= effective), default=None)
    if not law.adds_up or open_until is None:
        return period_end(effective, months)
    added = period_end(open_until + timedelta(days=1), months)
    return min(added, period_end(effective, law.longest_months))

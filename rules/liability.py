"""Liability (错批错办连带责任): from entries and findings, who would answer in which degree.

Pure: the same entries, findings and rules give the same bytes, whatever the order of the findings. Everybody
who signed or voted gets a row, also `none, because`. Where the entries cannot tell and nobody has found out,
the proposal is incomplete and says what is to be asked. It decides nothing: people confirm or change it.
Sources: bureau rules part 3.4 and 3.5 (L01-L14, LT1, LT2), which the profile holds as data; 公务员法 Art.60;
政务处分法 Art.9, 11-13; 重大行政决策程序暂行条例 Art.38.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.facts import digest_of
from rules.liability_case import case_of
from rules.liability_chain import Event, valid
from rules.liability_grade import grade_of
from rules.liability_lateness import holdings
from rules.liability_row import Verdict, rows_of
from rules.liability_table import first_rule
from rules.liability_words import open_questions
from schemas.errors import UsageError
from schemas.liability import Finding, Proposal
from schemas.liability_rules import FaultGrade, LiabilityRules
from schemas.profile import Rules


def propose(
    chain: Sequence[Event], findings: Iterable[Finding], fault: str, rules: LiabilityRules, house: Rules
) -> Proposal:
    """Who would answer for one fault of a matter.

    Args:
        chain: the entries of the matter in the order of its chain, and behind them those of the joint reviews
            that decided in it.
        findings: what investigators found, in any order.
        fault: code of the fault (`F07`).
        rules: the table of the profile.
        house: posts and calendar to measure by, with the profile's id, version and hash.

    Raises:
        UsageError: `unknown_fault`, `unknown_finding`, or `no_entries` for a matter without entries.
    """
    if not chain:
        raise UsageError("没有记录 / the matter has no entries", code="no_entries")
    kind, found = fault_in(rules, fault), sorted_findings(findings, rules)
    matter, events = str(chain[0]["subject"]), valid(chain)
    case = case_of(events, found, kind, rules, house)
    rule, held = first_rule(case), holdings(events, matter, house.calendar)
    fitted = rule is not None or bool(case.asked)
    rows = rows_of(case, Verdict(matter, _item(events, house), kind, rule, grade_of(kind, case), held))
    questions = open_questions(case, fitted=fitted)
    proposal = Proposal(
        matter=matter,
        fault=fault,
        profile=house.profile,
        profile_version=house.profile_version,
        profile_sha256=house.profile_sha256,
        last_seq=max(int(event["caseseq"]) for event in chain if event["subject"] == matter),
        rule=rule.code if rule else "",
        findings=found,
        rows=rows,
        held=held,
        incomplete=bool(questions),
        open_questions=questions,
        unproven=tuple(dict.fromkeys(each.question for each in found if not each.evidence)),
    )
    return proposal.model_copy(update={"digest": digest_of(proposal.model_dump(mode="json"))})


def fault_in(rules: LiabilityRules, fault: str) -> FaultGrade:
    """What the profile says of a fault. Raises UsageError (`unknown_fault`)."""
    for each in rules.grades:
        if each.code == fault:
            return each
    known = ", ".join(each.code for each in rules.grades) or "-"
    raise UsageError(
        f"没有过错代码 {fault}，现有：{known} / there is no fault {fault}; there are: {known}",
        code="unknown_fault",
    )


def sorted_findings(findings: Iterable[Finding], rules: LiabilityRules) -> tuple[Finding, ...]:
    """Findings in a fixed order, each once. Raises UsageError (`unknown_finding`)."""
    answers = {question.code: question.answers for question in rules.questions}
    found = {each.model_dump_json(): each for each in findings}
    for each in found.values():
        if each.answer not in answers.get(each.question, ()):
            known = ", ".join(answers.get(each.question, tuple(answers)))
            said = f"{each.question}={each.answer}"
            raise UsageError(
                f"没有这样的认定 {said}，可用：{known} / there is no such finding {said}; there are: {known}",
                code="unknown_finding",
            )
    return tuple(found[key] for key in sorted(found))


def _item(events: Sequence[Event], house: Rules) -> str:
    """Code of the service item, for the ranges that hold for some items only."""
    seen = (event["data"].get("view", {}).get("item") for event in events)
    return next((str(code) for code in seen if code), house.item.code if house.item else "")

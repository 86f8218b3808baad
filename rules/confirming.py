"""Confirming a liability proposal: people decide, the table only proposes.

Every person of the proposal has a row, also "none, because"; a row set otherwise needs its reason; what the
table could not tell may not be reported as if it could. Sources: domain 3.4, 3.5 (each fault graded,
heaviest applied).
"""

from __future__ import annotations

from collections.abc import Iterable

from rules.facts import digest_of
from rules.refusals import Refusal
from schemas.fault import Lead
from schemas.fault_acts import Report
from schemas.liability import NOT_IN_LOG, Degree, Grade, Proposal, Row

DEGREES = (Degree.NONE, Degree.IMPORTANT, Degree.MAIN, Degree.DIRECT)
"""From the lightest to the heaviest."""

GRADES = (Grade.GENERAL, Grade.SERIOUS, Grade.ESPECIALLY_SERIOUS)


def liable(rows: Iterable[Row]) -> tuple[str, ...]:
    """Staff numbers of those who answer, each once."""
    found = (row.officer for row in rows if row.degree in DEGREES[1:] and row.officer != NOT_IN_LOG)
    return tuple(dict.fromkeys(found))


def digest_over(proposals: tuple[Proposal, ...]) -> str:
    """What a report confirms: the digest of its proposal, or of the digests of all of them."""
    digests = [each.digest for each in proposals]
    return digests[0] if len(digests) == 1 else digest_of(digests)


def check_report(act: Report, lead: Lead) -> None:
    """Refuse a report that leaves a question open, a person out, or a change unexplained."""
    for proposal in act.proposals:
        if proposal.incomplete or proposal.open_questions:
            raise Refusal("proposal_incomplete", questions=_questions(proposal), fault=proposal.fault)
        if lead.about and proposal.matter != lead.about.number:
            raise Refusal("other_matter", matter=proposal.matter, about=lead.about.number)
    if act.proposals and act.digest != digest_over(act.proposals):
        raise Refusal("other_proposal")
    _check_faults(act, lead)
    _check_rows(act.rows, heaviest(act.proposals))


def _questions(proposal: Proposal) -> str:
    return "、".join(each.question for each in proposal.open_questions) or "-"


def _check_faults(act: Report, lead: Lead) -> None:
    """Every fault that was accepted is examined where the matter's entries can tell."""
    if lead.about is None or lead.about.kind != "case":
        return
    missing = sorted(set(lead.codes) - {each.fault for each in act.proposals})
    if missing:
        raise Refusal("fault_unexamined", faults="、".join(missing))


def _check_rows(rows: tuple[Row, ...], proposed: dict[str, Row]) -> None:
    named = [row.officer for row in rows]
    if twice := sorted({who for who in named if named.count(who) > 1}):
        raise Refusal("row_twice", officers="、".join(twice))
    if missing := [who for who in proposed if who not in named]:
        raise Refusal("row_missing", officers="、".join(missing))
    for row in rows:
        if row.degree is Degree.OPEN:
            raise Refusal("row_open", officer=row.officer)
        if changed(row, proposed.get(row.officer)) and not row.reason.strip():
            raise Refusal("change_unexplained", officer=row.officer)


def changed(row: Row, proposed: Row | None) -> bool:
    """Whether people set it otherwise than proposed; somebody whom the table does not know, too."""
    if proposed is None:
        return True
    return (row.degree, row.grade) != (proposed.degree, proposed.grade)


def heaviest(proposals: Iterable[Proposal]) -> dict[str, Row]:
    """The heaviest row of each person over all faults, by staff number (数错并罚从重)."""
    found: dict[str, Row] = {}
    for row in (row for proposal in proposals for row in proposal.rows):
        known = found.get(row.officer)
        if known is None or _weight(row) > _weight(known):
            found[row.officer] = row
    return found


def _weight(row: Row) -> tuple[int, int]:
    grade = GRADES.index(row.grade) + 1 if row.grade else 0
    return grade, DEGREES.index(row.degree) if row.degree in DEGREES else len(DEGREES)

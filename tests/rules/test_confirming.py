"""Confirming proposals: of several faults the heaviest counts, and nothing is left out (domain 3.4, 3.5)."""

from __future__ import annotations

import pytest

from rules.confirming import changed, check_report, digest_over, heaviest, liable
from rules.refusals import Refusal
from schemas.fault import Lead
from schemas.fault_acts import Report
from schemas.liability import NOT_IN_LOG, Degree, Grade, Proposal, Row


def row(officer: str, degree: str, grade: str | None = None, **said: object) -> Row:
    """One row of a handler."""
    about = {"officer": officer, "role": "handler", "degree": Degree(degree)}
    return Row.model_validate({**about, "grade": Grade(grade) if grade else None, **said})


def proposal(fault: str, *rows: Row, digest: str = "d") -> Proposal:
    """What the table proposes for one fault."""
    return Proposal(
        matter="LX-2037-000001",
        fault=fault,
        profile="current",
        profile_version="1",
        profile_sha256="0" * 64,
        last_seq=9,
        rows=rows,
        digest=digest,
    )


LATE = proposal("F04", row("1201", "D", "general"), row("1205", "none"), digest="late")
WRONG = proposal("F07", row("1201", "M", "serious"), row("1205", "I", "serious"), digest="wrong")


def report(*rows: Row) -> Report:
    """Both proposals, confirmed so."""
    both = (LATE, WRONG)
    about = {"id": "1", "officer": "1501", "post": "farmland-handler", "digest": digest_over(both)}
    return Report.model_validate({**about, "proposals": both, "rows": rows})


def test_each_fault_is_graded_and_the_heaviest_applied() -> None:
    """The grade counts before the degree; in whatever order the proposals come."""
    for proposals in ((LATE, WRONG), (WRONG, LATE)):
        rows = heaviest(proposals)
        assert {who: (each.degree.value, each.grade) for who, each in rows.items()} == {
            "1201": ("M", Grade.SERIOUS),
            "1205": ("I", Grade.SERIOUS),
        }
        check_report(report(*rows.values()), Lead(source="audit"))


def test_a_lighter_row_needs_its_reason() -> None:
    """Also where another fault's own row would have been as light."""
    rows = (LATE.rows[0], WRONG.rows[1])
    with pytest.raises(Refusal) as refusal:
        check_report(report(*rows), Lead(source="audit"))
    assert refusal.value.code == "change_unexplained"
    check_report(report(rows[0].model_copy(update={"reason": "情节轻"}), rows[1]), Lead(source="audit"))
    assert changed(rows[0], WRONG.rows[0])
    assert changed(rows[0], None)


def test_one_digest_stands_for_its_proposal_and_several_for_all() -> None:
    """In their order."""
    assert digest_over((LATE,)) == "late"
    assert digest_over((LATE, WRONG)) != digest_over((WRONG, LATE))


def test_who_answers() -> None:
    """Whoever has a degree; a person the record does not name cannot be served anything."""
    rows = (row("1201", "D", "general"), row("1205", "none"), row(NOT_IN_LOG, "D", "general"))
    assert liable(rows) == ("1201",)

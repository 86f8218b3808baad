"""The assessment of a whole log, held against what its import says of it."""

from __future__ import annotations

from ledger.db import Ledger
from schemas.liability import NOT_IN_LOG
from starter.assessment import assess
from starter.assessment_tables import by_unit
from starter.importing import Prepared, Summary
from starter.rulebook import load_profile


def check_assessment(ledger: Ledger, prepared: Prepared, summary: Summary) -> None:
    """Every late or irregular case has its cards and rows, and every one of them its entries."""
    found = assess(ledger, prepared, load_profile("current"))
    cards = [card for case in found.assessed for card in case.cards]
    proposals = [proposal for case in found.assessed for proposal in case.proposals]
    rows = [row for proposal in proposals for row in proposal.rows]
    assert found.cases == summary.cases
    assert summary.promise.overdue + summary.after_deadline >= found.late - summary.promise.unfinished
    assert sum(card.code == "R2" for card in cards) == summary.after_deadline
    assert sum(card.code == "Y4" for card in cards) == summary.irregularities["four_eyes"]
    assert sum(row.role == "deputy_in_charge" for row in rows) == summary.after_deadline
    assert {row.officer for row in rows if row.role in ("chief", "deputy_in_charge")} == {NOT_IN_LOG}
    assert sum(proposal.rule == "LT1" for proposal in proposals) == found.late
    assert all(case.proposals for case in found.assessed)
    assert all(proposal.rows for proposal in proposals)
    assert all(card.entries for card in cards)
    assert all(row.entries for row in rows)
    assert sum(each.figures["late"] for each in by_unit(found)) == found.late

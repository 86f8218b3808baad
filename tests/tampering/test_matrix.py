"""Whatever is done to the ledger is found, by the check that is named, at the place where it was done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ledger.errors import SignerRefusedError
from ledger.report import Label, Report
from tests.tampering.attacker import leaves_of, rewrite
from tests.tampering.bureau import Bureau, as_owner
from tests.tampering.damages import HALF, WHOLE, Place, Tampering, place
from tests.tampering.table import TABLE

each = pytest.mark.parametrize("tampering", TABLE, ids=lambda tampering: tampering.name)


def places(report: Report) -> set[Place]:
    """Everything that was found, and where."""
    return {(f.check, f.case, f.seq, f.index, f.size) for f in report.failures}


def test_before_anything_is_done_all_is_well(bureau: Bureau) -> None:
    alone = bureau.report()
    assert (alone.verified, alone.label, alone.failures) == (True, Label.SIGNED_ONLY, ())
    outside = bureau.report(note=WHOLE, policy=True)
    assert (outside.verified, outside.label, outside.failures) == (True, Label.ANCHORED, ())
    older = bureau.report(note=HALF)
    assert (older.verified, older.anchored.count, older.signed_only.count) == (True, HALF, WHOLE - HALF)


@each
def test_raw(bureau: Bureau, tampering: Tampering) -> None:
    with as_owner(bureau.ledger) as connection:
        tampering.raw(connection)
    report = bureau.report()
    assert not report.verified
    assert tampering.found <= places(report)


@each
def test_with_all_that_can_be_computed_made_to_fit(bureau: Bureau, tampering: Tampering) -> None:
    with as_owner(bureau.ledger) as connection:
        rewrite(connection, tampering.leaves(leaves_of(connection)))
    alone = bureau.report()
    assert places(alone) == tampering.always
    assert not alone.verified or tampering.seen is None
    if tampering.seen is None:
        return
    for outside in (bureau.report(note=tampering.seen), bureau.report(note=tampering.seen, policy=True)):
        assert not outside.verified
        assert place("note", size=tampering.seen) in places(outside)
    with pytest.raises(SignerRefusedError):
        bureau.signer.sign(bureau.ledger, datetime.now(UTC))

"""Reports regenerated: the same bytes after a redaction, and every change of what they come from is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from activities.report import compute, kept
from audit.report import regenerate
from ledger.db import Ledger, snapshot
from ledger.redact import Order, redact
from ledger.sealing.seal import seal_waiting
from ledger.tables import ledger_disclosure, ledger_entry
from rules.report.document import figure_of
from schemas.errors import NotFoundError, VerificationError
from starter.reports import document_of
from tests.audit.report_ledger import NUMBER, Reported, cases, reported
from tests.ledger.fixtures import ledger, new_url, url
from tests.ledger.support import MONDAY, draft, record, work
from tests.ledger.tampering import without_guards

__all__ = ["ledger", "new_url", "url"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where documents are kept."""
    return tmp_path / "reports"


@pytest.fixture
def report(ledger: Ledger, folder: Path) -> Reported:
    """The report of June over twelve cases, of which eight are of June."""
    cases(ledger, 12, months=(0, 0, 1))
    return reported(ledger, folder)


def again(ledger: Ledger, report: Reported) -> bytes:
    """The document, computed once more."""
    with snapshot(ledger.engine) as connection:
        return compute(connection, ledger.origin.name, report.basis, report.computed.made.range.last + 1).full


def found(ledger: Ledger, folder: Path | None) -> list[str]:
    """What differs."""
    with snapshot(ledger.engine) as connection:
        return [each.what for each in regenerate(connection, NUMBER, folder).divergences]


def test_it_is_the_month_of_the_ledger(report: Reported) -> None:
    document = report.computed.document
    assert figure_of(document, "received")["total"]["count"] == 8
    assert (document["ledger"]["first"], document["ledger"]["last"]) == (0, 23)
    assert set(figure_of(document, "accepted")["officers"]) == {"1102"}


def test_the_same_bytes_after_a_redaction(ledger: Ledger, folder: Path, report: Reported) -> None:
    """The keys and openings are gone, and none of them was needed."""
    for number in ("LX-0", "LX-3", "LX-11"):
        redact(ledger, Order(number, "个人信息保护法第四十七条", "1003", "1001"), MONDAY)
    seal_waiting(ledger)
    assert again(ledger, report) == report.computed.full
    with snapshot(ledger.engine) as connection:
        assert connection.execute(ledger_disclosure.select()).all()
        outcome = regenerate(connection, NUMBER, folder)
    assert outcome.identical
    assert (outcome.versions, outcome.entries, outcome.files) == (1, 24, 2)
    assert outcome.digest == report.computed.made.digest


def test_it_holds_no_personal_datum_and_no_opinion(ledger: Ledger, report: Reported) -> None:
    told = report.computed.full.decode() + report.computed.public.decode()
    assert "同意" not in told
    assert "name of LX" not in told
    with snapshot(ledger.engine) as connection:
        digests = [row.digest for row in connection.execute(ledger_disclosure.select())]
    assert len(digests) == 24
    assert not [digest for digest in digests if digest in told]


def test_what_is_recorded_later_changes_nothing(ledger: Ledger, folder: Path, report: Reported) -> None:
    data = {
        "view": {"kind": "case", "state": "received", "item": "LX-LS-01"},
        "before": "",
        "after": "received",
    }
    record(ledger, work("LX-late", "1", draft("case.registered", data=data)))
    seal_waiting(ledger)
    assert again(ledger, report) == report.computed.full
    assert found(ledger, folder) == []


def test_there_is_no_float_and_the_entry_is_small(ledger: Ledger, report: Reported) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(f"a float: {text}")

    json.loads(report.computed.full, parse_float=refuse)
    with snapshot(ledger.engine) as connection:
        row = connection.execute(ledger_entry.select().where(ledger_entry.c.type == "report.generated")).one()
    assert len(row.leaf) < 4_000


def test_a_changed_leaf_is_found(ledger: Ledger, folder: Path, report: Reported) -> None:
    with ledger.engine.begin() as connection:
        without_guards(connection)
        chosen = ledger_entry.select().where(ledger_entry.c.type == "case.registered").limit(1)
        row = connection.execute(chosen).one()
        changed = bytes(row.leaf).replace(b'"registry"', b'"planning"')
        assert changed != bytes(row.leaf)
        connection.execute(update(ledger_entry).where(ledger_entry.c.pos == row.pos).values(leaf=changed))
    assert set(found(ledger, None)) == {"root", "digest", "public_digest", "figures_digest"}


def test_a_changed_file_is_found_and_never_shown(ledger: Ledger, folder: Path, report: Reported) -> None:
    file = folder / f"{report.computed.made.digest}.json"
    file.write_bytes(file.read_bytes().replace(b'"count":8', b'"count":9'))
    assert found(ledger, folder) == ["file"]
    assert kept(folder, report.computed.made.digest) is None
    shown, _ = document_of(ledger, folder, NUMBER)
    assert figure_of(shown, "received")["total"]["count"] == 8
    assert found(ledger, folder) == []


def test_a_missing_file_is_computed_again(ledger: Ledger, folder: Path, report: Reported) -> None:
    for file in folder.iterdir():
        file.unlink()
    assert found(ledger, folder) == []
    shown, made = document_of(ledger, folder, NUMBER)
    assert (shown, made) == (report.computed.document, report.computed.made)
    assert kept(folder, made.digest) == report.computed.full


def test_an_entry_that_names_other_bytes_is_found(ledger: Ledger, folder: Path, report: Reported) -> None:
    made = report.computed.made.model_copy(update={"digest": "0" * 64})
    data = {"basis": report.basis.model_dump(mode="json"), "made": made.model_dump(mode="json")}
    view = {"view": {"kind": "report", "state": "generated"}}
    record(ledger, work(NUMBER, "2", draft("report.generated", data={**data, **view})))
    assert found(ledger, folder) == ["digest"]
    with pytest.raises(VerificationError) as error:
        document_of(ledger, folder, NUMBER)
    assert error.value.code == "report_differs"


def test_a_log_that_ends_too_early_is_said_to_be_too_short(ledger: Ledger, report: Reported) -> None:
    with snapshot(ledger.engine) as connection, pytest.raises(NotFoundError):
        compute(connection, ledger.origin.name, report.basis, 1000)
    with snapshot(ledger.engine) as connection, pytest.raises(NotFoundError):
        regenerate(connection, "BB-2026-07")

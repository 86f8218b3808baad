"""What may lawfully be in a ledger, and must not look like a forgery in its bundles; on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from ledger.bundle.check import check_bundle
from ledger.bundle.report import BundleReport
from ledger.db import Ledger
from ledger.histories import keep
from ledger.keys import case_key
from ledger.redact import Order, redact
from ledger.sealing import keeper
from ledger.sealing.duties import Keeping
from ledger.tables import ledger_history
from starter.sealing import seal
from tests.bundle.evidence import Evidence, history
from tests.bundle.forging import checks, put
from tests.ledger.support import draft, record, work
from tests.ledger.tampering import without_guards

ODD = "LX-9\n\n```sh\nrm -rf x\n```\n| \x1b[2J \u202e"
CASES = ("LX-1", "LX-1/2", "LX-2", "LX-3", ODD)


@pytest.fixture
def plain(ledger: Ledger, tmp_path: Path) -> Evidence:
    """Cases with a sealed field each, signed by nobody but the log."""
    for case in CASES:
        with ledger.engine.begin() as connection:
            personal = seal(case_key(connection, case), {"name": "张三丰"})
        record(ledger, work(case, "1", draft("case.registered", sealed=personal)))
    return Evidence(ledger, Keeping(ledger, tmp_path / "keys"))


def _checked(evidence: Evidence, out: Path, case: str | None = None) -> BundleReport:
    evidence.write(out, case, openings=True)
    report = check_bundle(out, evidence.policy)
    assert report.failures == ()
    assert report.own_guide
    return report


def test_redactions_of_several_cases(plain: Evidence, tmp_path: Path) -> None:
    """An extract holds the redaction of its case alone, out of a stream that all cases share."""
    for case in ("LX-2", "LX-1/2", "LX-1"):
        redact(plain.ledger, Order(case, "个人信息保护法第四十七条", "1101", "1203"), datetime.now(UTC))
    keeper.keep(plain.keeping, outside=False)
    for n, case in enumerate(("LX-1", "LX-1/2", "LX-2")):
        assert _checked(plain, tmp_path / f"{n}", case).openings == 0
        said = [json.loads(path.read_bytes()) for path in (tmp_path / f"{n}").glob("entry/*.json")]
        assert [each["data"]["case"] for each in said if each["type"] == "ledger.redaction"] == [case]
    assert _checked(plain, tmp_path / "log").openings == len(CASES) - 3


def test_a_history_kept_after_the_checkpoint(plain: Evidence, tmp_path: Path) -> None:
    """It is in the next bundle; in this one nothing signed could tell of it."""
    keeper.keep(plain.keeping, outside=False)
    with plain.ledger.engine.begin() as connection:
        keep(plain.ledger, connection, [history("LX-1")])
    assert _checked(plain, tmp_path / "early").histories == 0
    keeper.keep(plain.keeping, outside=False)
    assert _checked(plain, tmp_path / "late", "LX-1").histories == 1


def test_a_kept_history_that_was_spoilt_is_told(plain: Evidence, tmp_path: Path) -> None:
    """The bundle is written all the same, and says what is missing."""
    with plain.ledger.engine.begin() as connection:
        without_guards(connection)
        keep(plain.ledger, connection, [history("LX-1")])
        connection.execute(update(ledger_history).values(json_gzip=b"no gzip"))
    keeper.keep(plain.keeping, outside=False)
    plain.write(tmp_path / "log")
    assert checks(check_bundle(tmp_path / "log", plain.policy)) == {"history"}


def test_the_number_of_a_case_gives_no_command_to_the_reader(plain: Evidence, tmp_path: Path) -> None:
    keeper.keep(plain.keeping, outside=False)
    _checked(plain, tmp_path / "odd", ODD)
    page = (tmp_path / "odd" / "README.md").read_text(encoding="utf-8")
    (line,) = (line for line in page.splitlines() if "rm -rf" in line)
    assert line.startswith("内容 / contents")
    assert not {"\x1b", "\u202e"} & set(page)


def test_an_opening_of_what_was_redacted_later(plain: Evidence, tmp_path: Path) -> None:
    """Put back into a bundle that tells of the redaction, it is refused."""
    keeper.keep(plain.keeping, outside=False)
    assert _checked(plain, tmp_path / "before", "LX-2").openings == 1
    redact(plain.ledger, Order("LX-2", "个人信息保护法第四十七条", "1101", "1203"), datetime.now(UTC))
    keeper.keep(plain.keeping, outside=False)
    assert _checked(plain, tmp_path / "after", "LX-2").openings == 0
    for path in (tmp_path / "before").glob("openings/*"):
        put(tmp_path / "after", f"openings/{path.name}", path.read_bytes())
    assert checks(check_bundle(tmp_path / "after", plain.policy)) == {"redaction"}

"""Search: what may be found is found, by a name of two characters too; what is sealed is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from ledger.db import Ledger, open_database, snapshot
from ledger.redact import Order, redact, sweep
from readmodel.applicants import applicant_key_of, matters_of
from readmodel.project import rebuild
from readmodel.search import search
from readmodel.tables import matter, matter_search
from schemas.errors import UsageError
from tests.ledger.fixtures import SAMPLE, new_schema
from tests.ledger.support import MONDAY
from tests.readmodel.living import all_rows, case, tell

ITEMS = {"LX-DJ-01": "不动产抵押登记", "LX-DJ-02": "不动产转移登记"}
MAN = {"name": "欧阳某", "id_number": "37028519700101001x", "phone": "13900000000"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def bureau(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Matters of two applicants, and matters that are kept from somebody."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('search') / 'ledger.db'}"
    else:
        url = new_schema(request.getfixturevalue("postgresql"))
    ledger = open_database(url, SAMPLE)
    fill(ledger)
    yield ledger
    ledger.close()


def fill(ledger: Ledger) -> None:
    """The matters."""
    case(ledger, "LX-2026-000001", item="LX-DJ-01", personal=MAN, opinion="界址清楚，同意")
    woman = {"name": "王芳", "id_number": "370285198002020020"}
    case(ledger, "LX-2026-000002", item="LX-DJ-02", personal=woman)
    again = MAN | {"id_number": " 37028519700101001Ｘ", "topic": "何处办理采矿延续"}
    case(ledger, "ZX-2026-000001", kind="inquiry", personal=again)
    case(ledger, "TS-2026-000001", kind="complaint", personal=MAN, opinion="投诉窗口态度")
    case(ledger, "GC-2026-000001", kind="fault", personal=MAN, opinion="过错线索")
    lead = {"lead": {"codes": ["F16"]}, "opinion": "红牌移送", "view": {}}
    tell(ledger, "LX-2026-000002", "case.noted", **lead)
    tell(ledger, "LX-2026-000002", "case.noted", opinion="补正后予以受理", view={})


def found(ledger: Ledger, asked: str) -> set[str]:
    """Numbers of what is found."""
    with snapshot(ledger.engine) as connection:
        return {row.case_id for row in search(connection, asked, items=ITEMS).rows}


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("王芳", {"LX-2026-000002"}),
        ("欧阳某", {"LX-2026-000001", "ZX-2026-000001"}),
        ("欧阳", {"LX-2026-000001", "ZX-2026-000001"}),
        ("王", {"LX-2026-000002"}),
        ("LX-2026-000002", {"LX-2026-000002"}),
        ("lx-2026-0000", {"LX-2026-000001", "LX-2026-000002"}),
        ("抵押登记", {"LX-2026-000001"}),
        ("欧阳 抵押", {"LX-2026-000001"}),
        ("王芳 抵押", set()),
        ("界址清楚", {"LX-2026-000001"}),
        ("予以受理", {"LX-2026-000002"}),
        ("采矿延续", {"ZX-2026-000001"}),
        ("LX-DJ-02", {"LX-2026-000002"}),
        ("王某", set()),
        ("13900000000", set()),
        ("37028519700101001x", set()),
        ("", set()),
        ("，。 -", set()),
        ("' OR 1=1 --", set()),
        ('"', set()),
    ],
)
def test_a_matter_is_found_by_what_is_known_of_it(bureau: Ledger, asked: str, numbers: set[str]) -> None:
    assert found(bureau, asked) == numbers


def test_sealed_matters_and_what_tells_of_them_are_not_indexed(bureau: Ledger) -> None:
    for asked in ("投诉窗口", "过错线索", "红牌移送"):
        assert found(bureau, asked) == set()
    with snapshot(bureau.engine) as connection:
        indexed = set(connection.scalars(select(matter_search.c.case_id)))
    assert indexed == {"LX-2026-000001", "LX-2026-000002", "ZX-2026-000001"}


def test_a_whole_number_finds_its_matter_for_whoever_may_see_it(bureau: Ledger) -> None:
    assert found(bureau, "TS-2026-000001") == {"TS-2026-000001"}
    with snapshot(bureau.engine) as connection:
        page = search(connection, "TS-2026-000001", lambda rows: [row.kind == "case" for row in rows])
    assert page.rows == ()


def test_pages_are_full_of_what_may_be_seen(bureau: Ledger) -> None:
    with snapshot(bureau.engine) as connection:
        first = search(connection, "2026", limit=1)
        second = search(connection, "2026", limit=1, after=first.next)
        kept = search(connection, "2026", lambda rows: [row.kind == "inquiry" for row in rows], limit=1)
        with pytest.raises(UsageError):
            search(connection, "2026", after="no cursor")
    assert [row.case_id for row in (*first.rows, *second.rows)] == ["LX-2026-000002", "ZX-2026-000001"]
    assert [row.case_id for row in kept.rows] == ["ZX-2026-000001"]
    assert kept.next is None


def test_one_applicants_matters_join_but_for_what_is_kept_from_others(bureau: Ledger) -> None:
    with bureau.engine.begin() as connection:
        key = applicant_key_of(connection, "37028519700101001X")
        nobody = applicant_key_of(connection, "1")
        assert applicant_key_of(connection, "  ") is None
        assert key is not None
        assert nobody is not None
        assert [row.case_id for row in matters_of(connection, key)] == ["ZX-2026-000001", "LX-2026-000001"]
        assert matters_of(connection, nobody) == matters_of(connection, "") == []
        keyed = set(connection.scalars(select(matter.c.case_id).where(matter.c.applicant_key.is_not(None))))
    assert keyed == {"LX-2026-000001", "LX-2026-000002", "ZX-2026-000001"}


def test_the_digest_is_keyed_by_the_database_and_in_no_leaf(bureau: Ledger) -> None:
    with bureau.engine.begin() as connection:
        key = applicant_key_of(connection, MAN["id_number"]) or ""
        leaves = b"".join(bytes(row[0]) for row in connection.execute(text("SELECT leaf FROM ledger_entry")))
    assert len(key) == 64
    assert key.encode() not in leaves


def test_rows_of_every_table_are_the_same_after_a_rebuild(bureau: Ledger) -> None:
    before = all_rows(bureau)
    heard: list[int] = []
    with bureau.engine.begin() as connection:
        count = rebuild(connection, heard.append)
    assert sum(heard) == count > 5
    assert all_rows(bureau) == before
    assert found(bureau, "王芳") == {"LX-2026-000002"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_redaction_takes_name_and_key_out_of_the_rows(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = tmp_path / "ledger.db"
    url = f"sqlite:///{file}"
    if kind == "postgresql":
        url = new_schema(request.getfixturevalue("postgresql"))
    ledger = open_database(url, SAMPLE)
    fill(ledger)
    redact(ledger, Order("LX-2026-000001", "测试依据", "S008", "S009"), MONDAY)
    assert found(ledger, "欧阳") == {"ZX-2026-000001"}
    assert found(ledger, "界址清楚") == {"LX-2026-000001"}
    with ledger.engine.begin() as connection:
        row = connection.execute(select(matter).where(matter.c.case_id == "LX-2026-000001")).one()
        assert (row.applicant_key, row.applicant_masked) == (None, None)
        key = applicant_key_of(connection, MAN["id_number"]) or ""
        assert [each.case_id for each in matters_of(connection, key)] == ["ZX-2026-000001"]
    tell(ledger, "LX-2026-000001", "case.noted", opinion="遮蔽后批注", view={})
    assert found(ledger, "遮蔽后批注") == {"LX-2026-000001"}
    before = all_rows(ledger)
    with ledger.engine.begin() as connection:
        rebuild(connection)
    assert all_rows(ledger) == before
    assert found(ledger, "欧阳") == {"ZX-2026-000001"}
    if kind == "sqlite":
        redact(ledger, Order("ZX-2026-000001", "测试依据", "S008", "S009"), MONDAY)
        assert sweep(ledger.engine)
        assert "欧阳".encode() not in file.read_bytes()
    ledger.close()

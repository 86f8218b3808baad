"""The auditor's pages: search, proof checked on the spot, history beside ledger, replay, bundle, denials."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select, text

from ledger.bundle.check import check_bundle
from ledger.db import snapshot
from ledger.sealing.keeper import keep
from ledger.tables import ledger_entry
from starter.desk import Desk
from starter.keeping import keeping_of
from tests.web.boards import fault, yellow_card
from tests.web.casework import Course
from tests.web.officers import AUDITOR, STRANGER, SUPERVISOR, app_over, desk_at, officer
from web import auditing

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASE, FAULT = "LX-2026-000001", "GC-2026-000001"
ADMIN = "8002"


@dataclass(frozen=True)
class Office:
    """An application over a sealed and signed ledger, and a signed-in auditor."""

    app: FastAPI
    desk: Desk
    auditor: AsyncClient

    def position(self, case: str, seq: int) -> int:
        """Where an entry stands in the ledger."""
        columns = ledger_entry.c
        query = select(columns.pos).where(columns.case_id == case, columns.seq == seq)
        with snapshot(self.desk.ledger.engine) as connection:
            return int(connection.execute(query).scalar_one())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with desk_at(tmp_path_factory.mktemp("audit"), "06-20 10:00") as desk:
        Course(desk.ledger, CASE).register().accept()
        yellow_card(desk.ledger, CASE)
        fault(desk.ledger, FAULT, CASE)
        keep(keeping_of(desk.home, desk.ledger))
        app = app_over(desk)
        auditor = await officer(app, AUDITOR)
        yield Office(app, desk, auditor)
        await auditor.aclose()


async def test_the_ledger_is_searched_by_number_type_person_and_time(office: Office) -> None:
    for query, found, absent in (
        (f"number={CASE}", "case.accepted", "fault.registered"),
        ("type=fault.reported", "fault.reported", "case.accepted"),
        ("type=card.", "card.objected", "fault.reported"),
        ("person=1501", "fault.reported", "case.accepted"),
        ("since=2026-06-19&until=2026-06-19", "card.objection_rejected", "card.objected"),
    ):
        answer = await office.auditor.get(f"/audit?{query}")
        rows = answer.text.split("<tbody")[1]
        assert answer.status_code == 200
        assert (found in rows, absent in rows) == (True, False), query
    empty = await office.auditor.get("/audit?number=LX-2026-777777")
    assert "没有符合条件的记录" in empty.text


async def test_a_day_that_is_none_is_told_beside_the_field_and_kept(office: Office) -> None:
    answer = await office.auditor.get("/audit?since=gestern&number=LX-1")
    assert answer.status_code == 422
    assert ("不是日期" in answer.text, 'value="gestern"' in answer.text) == (True, True)


async def test_an_entry_is_proven_on_the_spot(office: Office) -> None:
    answer = await office.auditor.get(f"/audit/entries/{office.position(CASE, 2)}")
    assert answer.status_code == 200
    for told in ("现场核对成立", "按字节重算", "一致", "&#34;type&#34;:&#34;case.accepted&#34;"):
        assert told in answer.text, told


async def test_the_bytes_hash_to_the_leaf_hash_elsewhere_too(office: Office) -> None:
    pos = office.position(CASE, 2)
    leaf = await office.auditor.get(f"/audit/entries/{pos}/leaf")
    assert (
        sha256(b"\0" + leaf.content).hexdigest() in (await office.auditor.get(f"/audit/entries/{pos}")).text
    )
    assert (await office.auditor.get("/audit/entries/99999")).status_code == 404


async def test_the_newest_checkpoint_is_the_signed_note(office: Office) -> None:
    answer = await office.auditor.get("/audit/checkpoint")
    assert answer.text.startswith(office.desk.ledger.origin.name + "\n")
    assert "\n— " in answer.text


async def test_history_beside_ledger_says_what_is_not_kept(office: Office) -> None:
    """Nobody kept a history of these entries: they were put on record without an engine."""
    answer = await office.auditor.get(f"/audit/matters?number={CASE}")
    assert answer.status_code == 200
    assert "历史尚未存档" in answer.text
    assert (await office.auditor.get("/audit/matters?number=LX-2026-777777")).status_code == 404


async def test_a_replay_without_history_or_engine_says_so(office: Office) -> None:
    answer = await office.auditor.post("/audit/replay", data={"number": CASE})
    assert answer.status_code == 503
    assert "未能重放" in answer.text
    assert (await office.auditor.post("/audit/replay", data={"number": "LX-0"})).status_code == 404


async def test_a_bundle_is_one_file_that_verifies(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    answer = await office.auditor.post("/audit/bundle", data={"number": CASE})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(folder)
    report = check_bundle(folder)
    assert report.verified, report.failures
    assert report.case == CASE
    assert (await office.auditor.post("/audit/bundle", data={"number": "LX-0"})).status_code == 404


async def test_a_matter_with_too_many_entries_is_left_to_the_command_line(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "MOST_ENTRIES", 1)
    answer = await office.auditor.post("/audit/bundle", data={"number": CASE})
    assert (answer.status_code, f"yangguang audit bundle {CASE}" in answer.text) == (422, True)


async def test_who_asked_in_vain_is_listed(office: Office) -> None:
    stranger = await officer(office.app, STRANGER)
    assert (await stranger.get(f"/faults/{FAULT}")).status_code == 404
    assert (await stranger.get("/audit")).status_code == 403
    answer = await office.auditor.get("/audit/denials")
    assert f"吕采石 {STRANGER}" in answer.text
    assert FAULT in answer.text
    assert "GET /audit" in answer.text


async def test_the_auditors_desk_is_the_auditors_alone(office: Office) -> None:
    for who in (SUPERVISOR, ADMIN, "1001"):
        client = await officer(office.app, who)
        for path in ("/audit", "/audit/entries/1", f"/audit/matters?number={CASE}", "/audit/denials"):
            assert (await client.get(path)).status_code == 403, (who, path)
        assert (await client.post("/audit/bundle", data={"number": CASE})).status_code == 403


async def test_an_entry_that_was_changed_is_told_of(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A proof page that repeated a column would not see it."""
    async with desk_at(tmp_path_factory.mktemp("forged"), "06-20 10:00") as desk:
        Course(desk.ledger, CASE).register().accept()
        keep(keeping_of(desk.home, desk.ledger))
        with desk.ledger.engine.begin() as connection:
            for (name,) in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type='trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(
                text(
                    "UPDATE ledger_entry SET leaf = CAST(replace(leaf, '材料齐全', '材料不全') AS BLOB)"
                    " WHERE seq = 2"
                )
            )
        auditor = await officer(app_over(desk), AUDITOR)
        answer = await auditor.get("/audit?type=case.accepted")
        pos = answer.text.split("/audit/entries/")[1].split('"')[0]
        shown = await auditor.get(f"/audit/entries/{pos}")
    assert "不一致" in shown.text
    assert "包含证明不成立" in shown.text

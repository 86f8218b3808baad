"""Administration and system health: rules as data, the dry-run, two people, an engine that is away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient

from ledger.db import snapshot
from ledger.read import entries
from starter.desk import Desk
from starter.identity.grants import STREAM as GRANTS
from starter.releases import STREAM as PROFILES
from starter.rulebook import back_to_shipped, load_profile
from tests.web.casework import Course
from tests.web.officers import AUDITOR, SUPERVISOR, app_over, desk_at, officer
from tests.web.visiting import browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMIN, OTHER = "8002", "8003"
PLACES = ("items", "calendars", "posts", "grants", "rules", "rules/dry-run", "webhooks")
DRAFT = {"item": "LX-DJ-01", "items.LX-DJ-01.stages.H.limit.n": "1", "do": "try"}


@dataclass(frozen=True)
class Office:
    """An application over three cases of June 2026, with both admins signed in."""

    app: FastAPI
    desk: Desk
    admin: AsyncClient
    other: AsyncClient

    def told(self, stream: str) -> list[tuple[str, str]]:
        """(type, person) of the entries of one of the ledger's own streams."""
        with snapshot(self.desk.ledger.engine) as connection:
            return [(each.type, each.event["actor"]) for each in entries(connection, stream)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with desk_at(tmp_path_factory.mktemp("admin"), "06-20 10:00") as desk:
        for n, signed in enumerate(("06-15 15:00", "06-17 10:00"), 1):
            course = Course(desk.ledger, f"LX-2026-00000{n}").register().accept()
            course.sign("06-15 10:00")
            course.take_over("06-15 11:00")
            course.sign(signed)
        Course(desk.ledger, "LX-2026-000003", item="LX-LS-01", received="06-18 09:00").register()
        app = app_over(desk)
        yield Office(app, desk, await officer(app, ADMIN), await officer(app, OTHER))


@pytest.fixture(autouse=True)
def shipped() -> Iterator[None]:
    """No release of a test governs the next one."""
    yield
    back_to_shipped()


async def test_an_admin_sees_rules_and_nobody_else_does(office: Office) -> None:
    for place in PLACES:
        assert (await office.admin.get(f"/admin/{place}")).status_code == 200, place
    for who in (SUPERVISOR, AUDITOR, "1001"):
        client = await officer(office.app, who)
        for place in ("", *(f"/{each}" for each in PLACES)):
            assert (await client.get(f"/admin{place}")).status_code == 403, (who, place)


async def test_the_rules_are_told_as_they_are(office: Office) -> None:
    items = (await office.admin.get("/admin/items")).text
    assert "国有建设用地使用权抵押登记" in items
    assert "5 个工作日" in items
    posts = (await office.admin.get("/admin/posts")).text
    assert "窦督明 1901" in posts
    years = (await office.admin.get("/admin/calendars")).text
    assert "国务院办公厅关于2026年部分节假日安排的通知" in years


async def test_a_draft_is_tried_out_on_the_page(office: Office) -> None:
    """The handler's stage of two days made one: who took two would have been late."""
    answer = await office.admin.post("/admin/rules/dry-run", data=DRAFT)
    assert answer.status_code == 200
    result = answer.text.split('id="result"')[1]
    assert "items.LX-DJ-01.stages.H.limit.n" in result
    row = result.split("国有建设用地使用权抵押登记")[1].split("</tr>")[0]
    cells = [cell.split("<")[0] for cell in row.replace("<strong>", "").split('govuk-table__cell">')[1:]]
    cases, _, yellow_now, yellow, _, red_now, red, unjudged = cells[:8]
    assert (cases, yellow_now, yellow) == ("2", "1", "0")
    assert (red_now, red, unjudged) == ("0", "1", "0")


async def test_a_pasted_stage_is_merged_and_what_does_not_match_is_counted(office: Office) -> None:
    pasted = "items:\n- code: LX-DJ-01\n  decision_stage: R\n"
    answer = await office.admin.post("/admin/rules/dry-run", data={"do": "try", "yaml": pasted})
    assert answer.status_code == 200
    assert "items.LX-DJ-01.decision_stage" in answer.text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"items.LX-DJ-01.promise.n": "drei"}, "请写整数"),
        ({"items.LX-DJ-01.promise.n": "1"}, "超过承诺时限"),
        ({"since": "neulich"}, "不是日期"),
        ({"yaml": "items: [\n"}, "yaml"),
        ({"yaml": "patience: 3"}, "草案不可用"),
        ({"since": "2026-06-30", "until": "2026-06-01"}, "晚于"),
    ],
)
async def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    office: Office, typed: dict[str, str], told: str
) -> None:
    answer = await office.admin.post("/admin/rules/dry-run", data=DRAFT | typed)
    assert answer.status_code == 422
    assert told in answer.text
    assert all(value.splitlines()[0] in answer.text for value in typed.values())


async def test_one_admin_proposes_and_another_one_releases(office: Office) -> None:
    """Both names are on record; whoever proposed it is not offered the release and cannot force it."""
    typed = DRAFT | {"do": "propose", "version": "2026.9", "reason": "试行两个月"}
    assert (await office.admin.post("/admin/rules/dry-run", data=typed)).status_code == 303
    own = await office.admin.get("/admin/rules")
    assert ("须另一人放行" in own.text, "/admin/rules/release" in own.text) == (True, False)
    refused = await office.admin.post("/admin/rules/release", data={"number": "1"})
    assert (refused.status_code, "提议人不能自己放行" in refused.text) == (403, True)
    theirs = await office.other.get("/admin/rules")
    assert ('action="/admin/rules/release"' in theirs.text, "试行两个月" in theirs.text) == (True, True)
    assert (await office.other.post("/admin/rules/release", data={"number": "1"})).status_code == 303
    assert load_profile("current").version == "2026.9"
    assert f"已放行</strong>：{OTHER}" in (await office.admin.get("/admin/rules")).text
    assert office.told(PROFILES) == [("profile.proposed", ADMIN), ("profile.released", OTHER)]
    again = await office.other.post("/admin/rules/release", data={"number": "1"})
    assert again.status_code == 409


async def test_a_proposal_without_version_or_reason_is_told_beside_the_field(office: Office) -> None:
    for typed, told in (
        ({"version": ""}, "请写新的版本号"),
        ({"version": "2026.8", "reason": ""}, "请写明理由"),
    ):
        answer = await office.admin.post("/admin/rules/dry-run", data=DRAFT | {"do": "propose"} | typed)
        assert (answer.status_code, told in answer.text) == (422, True)


async def test_a_grant_is_given_and_ended_on_record(office: Office) -> None:
    grant = {"giver": "1201", "taker": "1202", "starts": "2026-06-20", "ends": "2026-06-30", "kinds": "case"}
    assert (await office.admin.post("/admin/grants", data=grant)).status_code == 303
    listed = (await office.admin.get("/admin/grants")).text
    number = listed.split("/admin/grants/SQ-")[1].split("/")[0]
    assert (await office.admin.post(f"/admin/grants/SQ-{number}/end")).status_code == 303
    assert "已终止" in (await office.admin.get("/admin/grants")).text
    assert office.told(GRANTS) == [("grant.given", ADMIN), ("grant.ended", ADMIN)]


async def test_a_grant_that_can_be_none_is_told_and_kept(office: Office) -> None:
    for change, told in (({"ends": "bald"}, "不是日期"), ({"taker": "1201"}, "不能授权给自己")):
        grant = {"giver": "1201", "taker": "1202", "starts": "2026-06-20", "ends": "2026-06-30"} | change
        answer = await office.admin.post("/admin/grants", data=grant)
        assert (answer.status_code, told in answer.text) == (422, True)
        assert 'value="1201"' in answer.text


# -- system -----------------------------------------------------------------------------------


async def test_health_tells_of_an_engine_that_is_away_and_goes_on_reading(office: Office) -> None:
    answer = await office.admin.get("/system")
    assert answer.status_code == 200
    for told in ("办理引擎联系不上：可以查看，暂不能办理", "尚未封存", "总账与历史对账", "最近见证"):
        assert told in answer.text, told


async def test_machines_are_told_little_and_without_signing_in(office: Office) -> None:
    machine = browser(office.app)
    alive, ready = await machine.get("/healthz"), await machine.get("/readyz")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    told = {"status": "ready", "database": True, "engine": False, "worker": False}
    assert (ready.status_code, ready.json()) == (200, told)


async def test_a_database_out_of_reach_is_unready(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with desk_at(tmp_path_factory.mktemp("gone"), "06-20 10:00") as desk:
        app = app_over(desk)
        with desk.ledger.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE ledger_entry RENAME TO gone")
        answer = await browser(app).get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)

"""Cards, joint reviews, fault cases, complaints, the supervision board: who sees what, and how it reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from fastapi import FastAPI

from ledger.db import snapshot
from readmodel.query import Filters, list_matters
from starter.desk import Desk
from tests.web.boards import fault, review, say, yellow_card
from tests.web.casework import Course
from tests.web.officers import AUDITOR, CHIEF, HANDLER, STRANGER, SUPERVISOR, app_over, desk_at, officer

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASE, CARD = "LX-2026-000001", "LX-2026-000001/Y1-1"
REVIEW, CALLED = "HS-2026-000001", "HS-2026-000002"
FAULT, SECRET = "GC-2026-000001", "GC-2026-000002"
MEMBER, HEAD, ADMIN = "1303", "1001", "8002"


@dataclass(frozen=True)
class House:
    """An application over a ledger with one matter of each kind, on 20 June 2026; its engine is away."""

    app: FastAPI
    desk: Desk

    async def page(self, staff_no: str, path: str) -> tuple[int, str]:
        """Status and text of a page for somebody."""
        answer = await (await officer(self.app, staff_no)).get(path)
        return answer.status_code, answer.text


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with desk_at(tmp_path_factory.mktemp("board"), "06-20 10:00") as desk:
        ledger = desk.ledger
        late = Course(ledger, CASE).register().accept()
        late.sign("06-15 10:00")
        late.take_over("06-15 11:00")
        yellow_card(ledger, CASE)
        Course(ledger, "LX-2026-000002", received="05-06 09:30").register().accept("05-06 09:40").suspend(
            "05-07 09:00"
        )
        bounced = Course(ledger, "LX-2026-000003", received="06-18 09:30").register()
        bounced.say("duty.declined", "06-18 10:00", "decline", reason="不属本科")
        review(ledger, REVIEW, CASE)
        review(ledger, CALLED, closed=False)
        fault(ledger, FAULT, CASE)
        fault(ledger, SECRET, CASE, noticed=False)
        yield House(app_over(desk), desk)


async def test_the_list_of_cards_is_filtered(house: House) -> None:
    status, text = await house.page(SUPERVISOR, "/cards?colour=yellow&officer=1201&status=open")
    assert (status, CARD in text, "时限逾期" in text, "张登科 1201" in text) == (200, True, True, True)
    for query in ("colour=red", "officer=1101", "status=revoked", "section=mining", "matter=LX-2026-000002"):
        status, text = await house.page(SUPERVISOR, f"/cards?{query}")
        assert (status, CARD in text) == (200, False), query
    assert (await house.page(SUPERVISOR, "/cards?colour=blue"))[0] == 422


async def test_a_card_tells_what_it_rests_on(house: House) -> None:
    """Trigger, the entries behind it, the rule version, the computed shares, objection and ruling."""
    status, text = await house.page(SUPERVISOR, f"/cards/{CARD}")
    assert status == 200
    for told in (
        "黄牌 Y1",
        "时限逾期",
        "电子监察预警纠错办法",
        f"/matters/case/{CASE}/entries/",
        "发督办牌 ←",
        f"current@{house.desk.profile.version}",
        "停电不是停表事由",
        "张登科 1201",
    ):
        assert told in text, told
    assert "由规则表按记录测算" in text or "规则表对此没有测算结果" in text


async def test_what_people_wrote_is_shown_and_not_run(house: House) -> None:
    _, text = await house.page(SUPERVISOR, f"/cards/{CARD}")
    assert "&lt;b&gt;当日停电&lt;/b&gt;" in text
    assert "<b>当日停电" not in text


async def test_a_card_is_shown_to_those_it_is_served_on_and_to_nobody_else(house: House) -> None:
    for who in (HANDLER, CHIEF, SUPERVISOR, AUDITOR):
        assert (await house.page(who, f"/cards/{CARD}"))[0] == 200, who
        assert CARD in (await house.page(who, "/cards"))[1]
    status, hidden = await house.page(STRANGER, f"/cards/{CARD}")
    absent = await house.page(STRANGER, "/cards/LX-2026-999999/Y1-1")
    assert (status, absent[0]) == (404, 404)
    assert (
        hidden.replace(CARD, "N").split("<h1")[1]
        == absent[1].replace("LX-2026-999999/Y1-1", "N").split("<h1")[1]
    )
    assert CARD not in (await house.page(STRANGER, "/cards"))[1]


async def test_without_an_engine_a_page_is_read_and_offers_no_forms(house: House) -> None:
    """The addressee could explain himself, but nobody would take it now."""
    _, text = await house.page(HANDLER, f"/cards/{CARD}")
    assert "办理引擎暂时没有回应" in text
    assert f'action="/cards/{CARD}/acts/reply"' not in text


async def test_an_act_without_an_engine_is_told_and_keeps_what_was_typed(house: House) -> None:
    client = await officer(house.app, HANDLER)
    answer = await client.post(
        f"/cards/{CARD}/acts/reply", data={"opinion": "系统故障已报修", "post": "registry-handler"}
    )
    assert answer.status_code == 422
    assert "引擎不可用" in answer.text
    unknown = await client.post(f"/cards/{CARD}/acts/burn", data={})
    assert (unknown.status_code, "没有“burn”这种操作" in unknown.text) == (422, True)


async def test_a_forged_form_is_refused(house: House) -> None:
    client = await officer(house.app, HANDLER)
    client.headers.pop("X-CSRF-Token")
    answer = await client.post(f"/cards/{CARD}/acts/reply", data={"opinion": "x"})
    assert answer.status_code == 403


# -- joint review -----------------------------------------------------------------------------


async def test_a_meeting_shows_quorum_ballots_and_dissent(house: House) -> None:
    status, text = await house.page(MEMBER, f"/reviews/{REVIEW}")
    assert status == 200
    assert '<meter min="0" max="3" low="2" value="3"' in text
    for told in ("已达法定人数", "周边成交价更高", "不同意见与弃权", "评估报告", "卫建中 1303"):
        assert told in text, told
    assert "2、1、0" in text


async def test_the_minutes_are_made_again_and_come_to_the_digest_on_record(house: House) -> None:
    status, text = await house.page(MEMBER, f"/reviews/{REVIEW}/minutes")
    assert status == 200
    assert "与总账所载摘要一致" in text
    assert "卫建中 (1303): 反对 / oppose — 偏低；理由 / reason: 周边成交价更高" in text


async def test_minutes_that_do_not_come_to_the_digest_are_not_shown_as_such(house: House) -> None:
    number = review(house.desk.ledger, "HS-2026-000009")
    said = {"act": "close_session", "meeting": 1, "outcome": "passed", "minutes": "0" * 64}
    say(house.desk.ledger, number, "review.closed", "06-17 10:00", "1001", **said)
    _, text = await house.page(SUPERVISOR, f"/reviews/{number}/minutes")
    assert "不一致" in text
    assert "oppose —" not in text


async def test_a_called_meeting_shows_the_time_until_it_begins(house: House) -> None:
    _, text = await house.page(MEMBER, f"/reviews/{CALLED}")
    assert "已过开会时间，尚未开会" in text
    assert "未达法定人数" in text
    assert (await house.page(MEMBER, f"/reviews/{CALLED}/minutes"))[0] == 404


async def test_reviews_are_listed_for_members_and_hidden_from_others(house: House) -> None:
    assert REVIEW in (await house.page(MEMBER, "/reviews"))[1]
    assert REVIEW not in (await house.page(STRANGER, "/reviews"))[1]
    assert (await house.page(STRANGER, f"/reviews/{REVIEW}"))[0] == 404


# -- fault cases ------------------------------------------------------------------------------


async def test_a_fault_case_shows_course_proposal_and_defence(house: House) -> None:
    status, text = await house.page(SUPERVISOR, f"/faults/{FAULT}")
    assert status == 200
    for told in (
        "直接责任",
        f"/matters/case/{CASE}/entries/3",
        "当日系统故障",
        "已告知，陈述申辩",
        "2026-06-18",
    ):
        assert told in text, told
    assert 'aria-current="step"><strong>已告知，陈述申辩' in text


async def test_the_accused_learns_nothing_before_the_notice_and_everything_after(house: House) -> None:
    """Not even that there is a case: he is answered as if there were none."""
    assert (await house.page(HANDLER, f"/faults/{FAULT}"))[0] == 200
    assert (await house.page(HANDLER, f"/faults/{SECRET}"))[0] == 404
    _, listed = await house.page(HANDLER, "/faults")
    assert (FAULT in listed, SECRET in listed) == (True, False)
    assert SECRET in (await house.page(SUPERVISOR, "/faults"))[1]


async def test_an_empty_defence_is_told_beside_the_field(house: House) -> None:
    client = await officer(house.app, HANDLER)
    answer = await client.post(
        f"/faults/{FAULT}/acts/defend", data={"points": " \n", "post": "registry-handler"}
    )
    assert (answer.status_code, "请至少写一条申辩意见" in answer.text) == (422, True)
    hidden = await client.post(
        f"/faults/{SECRET}/acts/defend", data={"points": "不是我", "post": "registry-handler"}
    )
    assert hidden.status_code == 404


# -- supervision and lists --------------------------------------------------------------------


async def test_the_board_shows_what_is_late_paused_and_bounced_and_nothing_ownerless(house: House) -> None:
    status, text = await house.page(SUPERVISOR, "/supervision")
    assert status == 200
    parts = {name: text.split(f'id="{name}"')[1].split("<h2")[0] for name in _PARTS}
    assert CASE in parts["red"]
    assert "LX-2026-000002" in parts["paused"]
    assert "44" in parts["paused"]
    assert "LX-2026-000003" in parts["bounced"]
    assert "每一件都有人负责" in parts["ownerless"]
    assert CARD in parts["waiting"]
    assert "BB-2026-05" in parts["due"]


_PARTS = ("red", "yellow", "soon", "paused", "bounced", "ownerless", "waiting", "due")


async def test_no_open_matter_is_without_an_owner(house: House) -> None:
    with snapshot(house.desk.ledger.engine) as connection:
        rows = list_matters(connection, Filters(open_only=True, limit=200)).rows
    assert rows
    assert all(row.owner for row in rows)


async def test_a_matter_that_loses_its_owner_is_shouted_about(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with desk_at(tmp_path_factory.mktemp("lost"), "06-20 10:00") as desk:
        Course(desk.ledger, "LX-2026-000001").register()
        say(desk.ledger, "LX-2026-000001", "case.noted", "06-15 12:00", view={"owner": ""})
        _, text = await House(app_over(desk), desk).page(SUPERVISOR, "/supervision")
    assert "有事项没有责任人" in text
    assert "LX-2026-000001" in text.split('id="ownerless"')[1]


async def test_boards_are_for_those_whose_places_they_are(house: House) -> None:
    """The table of places decides; what lies behind is seen through one's own eyes."""
    for path in ("/supervision", "/reports"):
        assert (await house.page(HANDLER, path))[0] == 403, path
        assert (await house.page(AUDITOR, path))[0] == 200, path
    for path in ("/cards", "/reviews", "/faults", "/complaints", "/supervision", "/reports"):
        assert (await house.page(ADMIN, path))[0] == 403, path


async def test_lists_without_anything_say_so(house: House) -> None:
    for path, told in (
        ("/complaints", "没有您可以查看的事项"),
        ("/supervision/matters", "没有您可以查看的事项"),
        ("/reports", "没有您可以查看的事项"),
    ):
        status, text = await house.page(SUPERVISOR, path)
        assert (status, told in text) == (200, True), path
    assert (await house.page(SUPERVISOR, "/reports/BB-2026-05"))[0] == 404


async def test_boards_speak_english_when_asked(house: House) -> None:
    client = await officer(house.app, SUPERVISOR)
    client.cookies.set("language", "en")
    for path, told in (
        ("/cards", "Cards that you may see"),
        (f"/cards/{CARD}", "Why it was issued"),
        (f"/reviews/{REVIEW}", "Quorum and vote"),
        (f"/faults/{FAULT}", "Liability proposal"),
        ("/supervision", "Cards awaiting reply"),
    ):
        text = (await client.get(path)).text
        assert told in text, path

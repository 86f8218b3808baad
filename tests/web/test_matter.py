"""The page of a matter, from ledger and read model alone: what it shows, to whom, and what it offers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient

from ledger.read import entries
from starter.desk import Desk
from starter.files import keep_file, use_files
from tests.web.casework import Course
from tests.web.officers import (
    AUDITOR,
    CHIEF,
    CLERK,
    HANDLER,
    REGISTRAR,
    STRANGER,
    app_over,
    desk_at,
    officer,
)
from tests.web.visiting import browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n"
NUMBER, WAITING, CLOSED = "LX-2026-000001", "LX-2026-000002", "LX-2026-000003"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Wednesday, 17 June 2026: one case before its chief, one just taken in, one closed."""
    async with desk_at(tmp_path_factory.mktemp("matter")) as made:
        case = Course(made.ledger, NUMBER).register().accept().sign("06-15 09:45", opinion="材料齐全")
        case.take_over("06-15 10:00").suspend("06-15 11:00").resume("06-16 11:00")
        case.sign("06-16 15:00", agrees=False, opinion="不同意，权属不清")
        case.refused("06-16 16:00", "decide", STRANGER, "本环节由岗位负责 / this stage belongs to another")
        Course(made.ledger, WAITING).register()
        done = Course(made.ledger, CLOSED).register().accept().sign("06-15 10:00")
        done.decide("06-15 11:00").close("06-15 12:00")
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(desk: Desk) -> FastAPI:
    return app_over(desk)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chief(app: FastAPI) -> AsyncClient:
    return await officer(app, CHIEF)


def words(html: str) -> str:
    """What is read of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def test_the_page_names_lamp_both_limits_owner_and_rules(chief: AsyncClient) -> None:
    page = words((await chief.get(f"/matters/case/{NUMBER}")).text)
    assert "临期 办理中 · 环节 审核 · 移交时限：今日到期" in page
    assert "承诺办结 2026-06-24" in page
    assert "法定期限 2026-07-29" in page
    assert "责任人 张登科 1201（登记承办岗）" in page
    assert "规则版本 current@" in page


async def test_a_suspension_moves_the_promise_and_every_day_of_it_is_told(chief: AsyncClient) -> None:
    page = words((await chief.get(f"/matters/case/{NUMBER}")).text)
    assert "2026-06-16 不计 停表" in page
    assert "2026-06-19 不计 端午节" in page
    assert "2026-06-24 5 工作日" in page


async def test_the_recorded_dates_are_shown_where_the_course_cannot_be_told(desk: Desk, app: FastAPI) -> None:
    odd = Course(desk.ledger, "LX-2026-000009").register().accept()
    odd.say("case.noted", "06-15 10:00", "note", clocks=_moved(desk, odd))
    client = await officer(app, CLERK)
    page = words((await client.get("/matters/case/LX-2026-000009")).text)
    assert "2026-06-30" in page
    assert "仅凭记录不能逐日还原此时限" in page


def _moved(desk: Desk, course: Course) -> list[dict[str, object]]:
    """The clocks on record, with a promise that nothing on record explains."""
    with desk.reading() as connection:
        last = entries(connection, course.number)[-1].data["clocks"]
    return [row | {"due": "2026-06-30"} if row["clock"] == "promise" else row for row in last]


async def test_the_newest_entry_comes_first_unless_asked_otherwise(chief: AsyncClient) -> None:
    newest = (await chief.get(f"/matters/case/{NUMBER}")).text.partition('id="timeline"')[2]
    oldest = (await chief.get(f"/matters/case/{NUMBER}?order=oldest")).text.partition('id="timeline"')[2]
    order = [int(n) for n in re.findall(r'id="entry-(\d+)"', newest)]
    assert order == sorted(order, reverse=True)
    assert [int(n) for n in re.findall(r'id="entry-(\d+)"', oldest)] == order[::-1]


async def test_a_filter_never_hides_dissent_or_refusals(chief: AsyncClient) -> None:
    page = (await chief.get(f"/matters/case/{NUMBER}?show=clock")).text.partition('id="timeline"')[2]
    assert "不同意，权属不清" in page
    assert "操作被拒" in page
    assert "材料齐全" not in page
    assert "批准停表" in page


async def test_every_entry_says_who_when_and_where_it_is_proven(chief: AsyncClient) -> None:
    answer = await chief.get(f"/matters/case/{NUMBER}/entries/2")
    assert answer.status_code == 200
    page = words(answer.text)
    assert "王迎春 1101" in page
    assert "与字节相符" in page
    assert "case.accepted" in page


async def test_an_entry_that_is_not_there_is_not_found(chief: AsyncClient) -> None:
    assert (await chief.get(f"/matters/case/{NUMBER}/entries/99")).status_code == 404


async def test_no_two_elements_of_a_page_share_an_id(chief: AsyncClient) -> None:
    for address in ("", "/acts/sign_stage", "/entries/2"):
        ids = re.findall(r'\sid="([^"]+)"', (await chief.get(f"/matters/case/{NUMBER}{address}")).text)
        assert len(set(ids)) == len(ids)


async def test_the_strip_and_its_table_say_the_same(chief: AsyncClient) -> None:
    page = (await chief.get(f"/matters/case/{NUMBER}")).text
    assert page.count('class="yg-strip__holder ') == 2
    assert page.count('class="yg-strip__pause"') == 1
    assert "王迎春 1101 窗口受理岗 2026-06-15 09:30 2026-06-15 10:00" in words(page)
    assert "临期日 2026-06-23" in words(page)


async def test_the_owner_of_the_stage_is_offered_its_acts_and_told_why_not_others(chief: AsyncClient) -> None:
    page = (await chief.get(f"/matters/case/{NUMBER}")).text
    assert f'href="/matters/case/{NUMBER}/acts/sign_stage"' in page
    assert f'href="/matters/case/{NUMBER}/acts/take_over"' in page
    assert f'href="/matters/case/{NUMBER}/decide"' not in page
    assert "批准延期 ：岗位 registry-chief 无权" in words(page)


async def test_whoever_signed_as_handler_is_not_offered_the_review(app: FastAPI) -> None:
    client = await officer(app, HANDLER)
    page = (await client.get(f"/matters/case/{NUMBER}")).text
    assert f'href="/matters/case/{NUMBER}/acts/sign_stage"' not in page
    assert "本环节由岗位 registry-chief 负责" in words(page)


async def test_a_closed_matter_offers_nothing(app: FastAPI) -> None:
    client = await officer(app, CLERK)
    page = (await client.get(f"/matters/case/{CLOSED}")).text
    assert "本件已经结束，不能再办理" in page
    assert "/acts/" not in page


async def test_an_auditor_reads_and_is_offered_nothing(app: FastAPI) -> None:
    client = await officer(app, AUDITOR)
    answer = await client.get(f"/matters/case/{NUMBER}")
    assert answer.status_code == 200
    assert "/acts/" not in answer.text


async def test_who_may_not_see_a_matter_is_answered_as_if_it_were_not_there(app: FastAPI, desk: Desk) -> None:
    client = await officer(app, REGISTRAR)
    hidden, missing = [
        await client.get(f"/matters/complaint/{number}") for number in (NUMBER, "TS-2026-000001")
    ]
    assert hidden.status_code == missing.status_code == 404
    told = [each.text.replace(NUMBER, "#").replace("TS-2026-000001", "#") for each in (hidden, missing)]
    assert re.sub(r"[0-9a-f]{40,}", "", told[0]) == re.sub(r"[0-9a-f]{40,}", "", told[1])


async def test_a_stranger_to_the_section_does_not_see_the_case_and_his_try_is_on_record(
    app: FastAPI, desk: Desk
) -> None:
    client = await officer(app, STRANGER)
    assert (await client.get(f"/matters/case/{WAITING}")).status_code == 404
    with desk.reading() as connection:
        denied = [each.data["asked"] for each in entries(connection, "denials")]
    assert WAITING in denied


async def test_only_those_who_hold_the_matter_see_the_applicant_in_clear(
    app: FastAPI, chief: AsyncClient
) -> None:
    holder = await officer(app, HANDLER)
    assert "13800001234" in (await holder.get(f"/matters/case/{NUMBER}")).text
    masked = (await chief.get(f"/matters/case/{NUMBER}")).text
    assert "海川机械厂" not in masked
    assert "海川**" in masked
    assert "***1234" in masked


async def test_nobody_is_shown_anything_before_he_signs_in(app: FastAPI) -> None:
    answer = await browser(app).get(f"/matters/case/{NUMBER}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_news_are_counted_and_never_moved_into_the_page(chief: AsyncClient) -> None:
    assert "有 2 条新记录" in (await chief.get(f"/matters/case/{NUMBER}/news?after=6")).text
    assert not (await chief.get(f"/matters/case/{NUMBER}/news?after=99")).text.strip()


async def test_the_page_is_there_in_english(chief: AsyncClient) -> None:
    answer = await chief.get(f"/matters/case/{NUMBER}", headers={"Accept-Language": "en"})
    page = words(answer.text)
    assert "On time" in page
    assert "How this date came about" in page
    assert "Promised by 2026-06-24" in page


async def test_an_act_form_without_the_engine_says_so_and_keeps_what_was_typed(chief: AsyncClient) -> None:
    address = f"/matters/case/{NUMBER}/acts/note"
    page = await chief.get(address)
    assert page.status_code == 200
    assert "办理引擎暂时联系不上" in page.text
    sent = await chief.post(
        address, data={"_id": "web-1", "_post": "registry-chief", "opinion": "已电话核实"}
    )
    assert sent.status_code == 503
    assert "办理引擎暂时联系不上" in sent.text
    assert "已电话核实" in sent.text
    assert 'value="web-1"' in sent.text
    assert "现在只能查看，不能办理" in (await chief.get(f"/matters/case/{NUMBER}")).text


async def test_what_is_missing_is_told_beside_its_field(chief: AsyncClient) -> None:
    answer = await chief.post(
        f"/matters/case/{NUMBER}/acts/return_stage",
        data={"_id": "web-2", "_post": "registry-chief", "to": "H", "reason": " 。"},
    )
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert 'id="to-error"' not in answer.text
    assert '<option value="H" selected>' in answer.text


async def test_there_is_no_page_for_what_is_no_act(chief: AsyncClient) -> None:
    assert (await chief.get(f"/matters/case/{NUMBER}/acts/undo")).status_code == 404


async def test_a_card_has_a_page_though_its_number_holds_a_slash(desk: Desk, app: FastAPI) -> None:
    number = f"{NUMBER}/Y1-1"
    view: dict[str, object] = {"kind": "card", "state": "served", "owner": "1901", "owner_post": "supervisor"}
    view |= {"section": "supervision", "about": NUMBER, "closed": False}
    card = Course(desk.ledger, number)
    card.say("card.registered", "06-16 09:00", "register", view=view | {"people": [["addressee", HANDLER]]})
    client = await officer(app, HANDLER)
    page = await client.get(f"/matters/card/{number}")
    assert page.status_code == 200
    assert f'href="/matters/card/{number}/acts/reply"' in page.text
    form = await client.get(f"/matters/card/{number}/acts/reply")
    assert "书面说明" in form.text
    assert (await client.get(f"/matters/card/{number}/entries/1")).status_code == 200


async def test_a_file_is_given_out_to_those_who_see_its_matter_alone(desk: Desk, app: FastAPI) -> None:
    kept = keep_file(desk.home, desk.ledger, BytesIO(PDF), desk.now(), 1 << 20)
    use_files(desk.ledger, NUMBER, [(kept.sha256, "申请书.pdf")])
    address = f"/matters/case/{NUMBER}/files/{kept.sha256}"
    client = await officer(app, CHIEF)
    given = await client.get(address)
    assert given.content == PDF
    assert given.headers["content-disposition"].startswith("attachment")
    assert (await (await officer(app, STRANGER)).get(address)).status_code == 404
    assert (await client.get(f"/matters/case/{NUMBER}/files/{'0' * 64}")).status_code == 404

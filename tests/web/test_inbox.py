"""The inbox: four lists, worst lamp first, filtered and paged, and what an empty one says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient

from starter.desk import Desk
from tests.web.casework import Course
from tests.web.officers import AUDITOR, CHIEF, CLERK, HANDLER, app_over, desk_at, officer
from web.routes import inbox as page_of_inbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATE, SOON, EASY, PAUSED, DONE, OTHER = (f"LX-2026-{n:06d}" for n in range(1, 7))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Wednesday, 24 June 2026; the handler has four cases, each with another lamp."""
    async with desk_at(tmp_path_factory.mktemp("inbox"), "06-24 10:00") as made:
        for number, day in ((LATE, "06-12"), (SOON, "06-22"), (EASY, "06-24")):
            case = Course(made.ledger, number, received=f"{day} 09:00").register()
            case.accept(f"{day} 09:10").sign(f"{day} 09:20").take_over(f"{day} 09:30")
        paused = Course(made.ledger, PAUSED, received="06-24 09:00").register().accept("06-24 09:10")
        paused.sign("06-24 09:20").take_over("06-24 09:30").suspend("06-24 09:40", days=20)
        done = Course(made.ledger, DONE, received="06-15 09:00").register().accept("06-15 09:10")
        done.sign("06-15 09:20").take_over("06-15 09:30").sign("06-15 09:40")
        done.decide("06-15 10:00").close("06-15 11:00")
        Course(made.ledger, OTHER, item="LX-CX-01", received="06-24 09:00").register()
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(desk: Desk) -> FastAPI:
    return app_over(desk)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def handler(app: FastAPI) -> AsyncClient:
    return await officer(app, HANDLER)


def numbers(html: str) -> list[str]:
    """Numbers of the rows, as they are listed."""
    return re.findall(r'href="/matters/\w+/([\w-]+)">\1</a>', html)


def lamps(html: str) -> list[str]:
    return re.findall(r"yg-lamp yg-lamp--(\w+)", html)


async def test_the_worst_lamp_comes_first_and_every_lamp_has_a_word(handler: AsyncClient) -> None:
    page = (await handler.get("/inbox")).text
    assert numbers(page) == [LATE, SOON, EASY, PAUSED]
    assert lamps(page) == ["red", "yellow", "green", "grey"]
    assert "逾期" in page
    assert "个工作日" in page


async def test_a_row_leads_to_the_matter_and_to_what_is_to_be_done(handler: AsyncClient) -> None:
    page = (await handler.get("/inbox")).text
    assert f'href="/matters/case/{EASY}/acts/sign_stage"' in page
    assert (await handler.get(f"/matters/case/{EASY}/acts/sign_stage")).status_code == 200


async def test_names_of_applicants_are_masked(handler: AsyncClient) -> None:
    page = (await handler.get("/inbox")).text
    assert "海川**" in page
    assert "海川机械厂" not in page


async def test_the_tabs_count_what_they_hold(app: FastAPI, handler: AsyncClient) -> None:
    page = (await handler.get("/inbox")).text
    held = dict(re.findall(r'href="/inbox\?tab=(\w+)"[^>]*>\S+ (\d+)<', page))
    for tab, n in held.items():
        listed = numbers((await handler.get(f"/inbox?tab={tab}")).text)
        assert len(listed) == int(n)
    deputy = await officer(app, "1202")
    assert set(numbers((await deputy.get("/inbox?tab=team")).text)) == {LATE, SOON, EASY, PAUSED}


async def test_done_matters_are_in_the_last_tab_of_those_who_worked_on_them(handler: AsyncClient) -> None:
    page = (await handler.get("/inbox?tab=done")).text
    assert numbers(page) == [DONE]
    assert lamps(page) == ["done"]


async def test_the_clerk_waits_for_others(app: FastAPI) -> None:
    client = await officer(app, CLERK)
    waiting = numbers((await client.get("/inbox?tab=waiting")).text)
    assert {LATE, SOON, EASY, PAUSED} <= set(waiting)
    assert OTHER not in waiting


async def test_a_filter_that_leaves_nothing_says_so_and_how_many_there_are(handler: AsyncClient) -> None:
    page = (await handler.get("/inbox?item=LX-CX-01")).text
    assert not numbers(page)
    assert "筛选之后没有事项；这一栏本身有 4 件" in page
    assert '<option value="LX-CX-01" selected>' in page


async def test_an_empty_inbox_says_what_why_and_next(app: FastAPI) -> None:
    client = await officer(app, "1605")
    page = (await client.get("/inbox")).text
    assert "没有等您办理的事项" in page
    assert "您经手的事项还没有办结的" in (await client.get("/inbox?tab=done")).text


async def test_pages_follow_one_another_without_a_gap(
    handler: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of_inbox._read, "__defaults__", (2,))
    first = (await handler.get("/inbox")).text
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward
    second = (await handler.get(unescape(onward[1]))).text
    assert numbers(first) + numbers(second) == [LATE, SOON, EASY, PAUSED]
    assert 'rel="next"' not in second


async def test_a_cursor_of_another_list_is_refused(handler: AsyncClient) -> None:
    assert (await handler.get("/inbox?after=bm9uZQ")).status_code == 422


async def test_news_tell_how_many_came_since(handler: AsyncClient) -> None:
    early = (await handler.get("/inbox/news", params={"since": "2026-06-24T00:00:00+08:00"})).text
    assert "有 2 条新记录" in early
    late = (await handler.get("/inbox/news", params={"since": "2026-06-24T10:00:00+08:00"})).text
    assert not late.strip()
    assert (await handler.get("/inbox/news", params={"since": "gestern"})).status_code == 422


async def test_an_auditor_has_no_inbox(app: FastAPI) -> None:
    client = await officer(app, AUDITOR)
    assert (await client.get("/inbox")).status_code == 403


async def test_two_characters_of_a_name_find_the_matters_somebody_may_see(
    app: FastAPI, handler: AsyncClient
) -> None:
    found = numbers((await handler.get("/search", params={"q": "海川"})).text)
    assert LATE in found
    assert numbers((await handler.get("/search", params={"q": SOON})).text) == [SOON]
    miner = await officer(app, "1601")
    nothing = await miner.get("/search", params={"q": "海川"})
    assert not numbers(nothing.text)
    assert "没有找到您能查看的事项" in nothing.text


async def test_an_empty_question_lists_nothing(handler: AsyncClient) -> None:
    page = await handler.get("/search", params={"q": "  "})
    assert page.status_code == 200
    assert not numbers(page.text)


async def test_leaving_without_the_engine_says_of_each_matter_that_it_was_not_handed_over(
    app: FastAPI,
) -> None:
    client = await officer(app, CHIEF)
    assert "没有要移交的" in (await client.get("/leave")).text
    holder = await officer(app, HANDLER)
    answer = await holder.post("/leave", data={"since": "2026-06-25", "until": "2026-06-30"})
    assert answer.status_code == 503
    assert answer.text.count("未移交") == 4
    assert 'value="2026-06-25"' in answer.text

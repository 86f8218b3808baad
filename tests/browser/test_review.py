"""A joint review held in browsers: three members sign in, vote, and sign the minutes that they read.

Its meeting is days ahead, so the desk stands over the tests' engine, where time passes when a test says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from starter.desk import Desk
from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE_MS
from tests.web.deciding import bureau_over
from tests.workflows import review_desk
from tests.workflows.house import House
from web.ports import HOST, free_port
from web.serving import serve

pytestmark = pytest.mark.asyncio(loop_scope="session")

MEMBER, OTHER, CHAIR = "1303", "1002", "1001"


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[str]:
    """A desk in this process, at an address of its own."""
    port, stop, ready = free_port(), asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(desk, port, stop, ready.set))
    await ready.wait()
    try:
        yield f"http://{HOST}:{port}"
    finally:
        stop.set()
        await serving


@pytest_asyncio.fixture(loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()


async def seated(chromium: Browser, address: str, officer: str) -> Page:
    """A member at a browser of his own."""
    context = await chromium.new_context(base_url=address, locale="zh-CN")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto("/sign-in")
    await page.locator(f'input[name="officer"][value="{officer}"]').check()
    await page.get_by_role("main").get_by_role("button").last.click()
    await expect(page.locator(".yg-header__visitor")).to_contain_text("退出")
    return page


async def does(page: Page, number: str, act: str, **typed: str) -> None:
    """Open the review, fill in the form of an act and send it; it is recorded."""
    await page.goto(f"/reviews/{number}")
    form = page.locator(f'form[action$="/acts/{act}"]')
    around = page.locator("details", has=form)
    if not await form.is_visible():
        await around.locator("summary").click()
    for name, value in typed.items():
        field = form.locator(f'[name="{name}"]')
        is_list = await field.evaluate("field => field.tagName") == "SELECT"
        await (field.select_option(value) if is_list else field.fill(value))
    await form.get_by_role("button").click()
    await expect(
        page.locator(".govuk-notification-banner, .govuk-panel, [role=status]").first
    ).to_be_visible()


async def test_a_meeting_from_its_opening_to_the_signed_minutes(
    house: House, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Quorum, a dissent with its reason, the chair last, and minutes that say so."""
    file = await review_desk.review(house)
    number = file.number
    await review_desk.convene(file, members=review_desk.seats(MEMBER, OTHER, CHAIR))
    await file.until("06-18 09:00")
    bureau = bureau_over(house, tmp_path_factory.mktemp("meeting"))
    async with served(bureau.app.state.desk) as address:
        pages = {who: await seated(chromium, address, who) for who in (MEMBER, OTHER, CHAIR)}
        for who in (OTHER, MEMBER, CHAIR):
            await does(pages[who], number, "attend", leave="false")
        await does(pages[OTHER], number, "vote", choice="agree", opinion="依据充分")
        against = {"choice": "oppose", "opinion": "证据不足", "reason": "缺现场勘验"}
        await does(pages[MEMBER], number, "vote", **against)
        await does(pages[CHAIR], number, "vote", choice="agree", opinion="同意")
        await does(pages[CHAIR], number, "close_session", defer="false")
        for who in (OTHER, MEMBER, CHAIR):
            await does(pages[who], number, "sign_minutes")
        page = pages[MEMBER]
        await page.goto(f"/reviews/{number}/minutes")
        await expect(page.get_by_role("main")).to_contain_text("缺现场勘验")

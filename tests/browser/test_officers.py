"""People of the bureau at the desk: decide, answer a card, audit."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.desk import sign_in

KEYS_AT_MOST = 300
"""Tabs to reach something: more than any page has stops."""


def to(page: Page, wanted: str) -> None:
    """Move the focus with the Tab key until it is on what a selector names."""
    for _ in range(KEYS_AT_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", wanted):
            return
    raise AssertionError(f"{wanted} is not reached by keyboard on {page.url}")


def open_case(page: Page, number: str, kind: str = "case") -> None:
    page.goto(f"/matters/{kind}/{number}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)


def waiting(page: Page) -> str:
    """Number of the first matter of the inbox."""
    page.goto("/inbox")
    return page.locator("table tbody a").first.inner_text()


def test_handle_and_decide_with_the_keyboard_alone(page: Page) -> None:
    """From the inbox to the signed decision without a mouse; no single key decides."""
    sign_in(page, "1203")
    number = waiting(page)
    to(page, f'a[href="/matters/case/{number}"]')
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    to(page, 'a[href$="/decide"]')
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("决定")
    to(page, 'input[name="outcome"]')
    page.keyboard.press("Space")
    to(page, 'textarea[name="opinion"]')
    page.keyboard.type("准予登记，已登簿")
    to(page, "form button:not(.yg-link)")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("复核决定")
    to(page, 'button[value="confirm"]')
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-panel__title")).to_contain_text("决定")
    open_case(page, number)
    expect(page.get_by_role("main")).to_contain_text("准予登记，已登簿")


def test_the_second_of_two_who_decide_sees_the_first_ones_act(page: Page, context: BrowserContext) -> None:
    """Two windows on one case: one wins, the other is told by whom and keeps what he typed."""
    sign_in(page, "1101")
    page.goto("/inbox")
    number = page.locator("table tbody tr", has_text="海川").locator("a").first.inner_text()
    other = context.new_page()
    here = f"/matters/case/{number}/acts/accept"
    for each in (page, other):
        each.goto(here)
        each.locator('textarea[name="opinion"]').fill("材料齐全")
    for each in (page, other):
        each.locator("main form button.govuk-button").last.click()
        each.wait_for_load_state()
    expect(page.locator(".govuk-panel__title")).to_be_visible()
    expect(other.get_by_role("main")).to_contain_text("1101")
    assert other.locator(".govuk-panel__title").count() == 0


def test_a_card_is_seen_and_answered(page: Page) -> None:
    """Who was served reads why, and explains himself in writing; the supervisor reads it."""
    sign_in(page, "1101")
    page.goto("/cards?status=open")
    page.locator("table tbody a").first.click()
    card = page.get_by_role("heading", level=1).inner_text()
    expect(page.get_by_role("main")).to_contain_text("为何发牌")
    page.locator("details", has=page.locator('form[action$="/acts/reply"]')).locator("summary").click()
    page.locator('form[action$="/acts/reply"] textarea[name="opinion"]').fill("停电补录，已于当日补办")
    page.locator('form[action$="/acts/reply"] button').click()
    expect(page.get_by_role("main")).to_contain_text("停电补录，已于当日补办")
    sign_in(page, "1901")
    page.goto(f"/cards/{card}")
    expect(page.get_by_role("main")).to_contain_text("停电补录，已于当日补办")


def test_audit_and_verify(page: Page) -> None:
    """An auditor finds an entry, checks its proof, lays history beside ledger and replays."""
    sign_in(page, "8001")
    page.goto("/audit?number=LX-2026-000003")
    page.locator("table tbody a").first.click()
    expect(page.get_by_role("main")).to_contain_text("现场核对成立")
    page.get_by_role("link", name="历史与总账对照").click()
    page.get_by_role("button", name="重放并核对").click()
    expect(page.get_by_role("main")).to_contain_text("全部通过")


def test_who_is_not_meant_to_see_it_is_told_nothing(page: Page) -> None:
    """The administrator has no right in any matter, and a citizen none in the bureau's pages."""
    page.goto("/inbox")
    assert "/sign-in" in page.url
    sign_in(page, "8002")
    answer = page.goto("/matters/case/LX-2026-000003")
    assert answer is not None
    assert answer.status in (403, 404)

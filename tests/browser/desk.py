"""What every visitor does in the browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def sign_in(page: Page, officer: str) -> None:
    """Choose a sample officer, as the password-less list of a sample home offers."""
    page.goto("/sign-in")
    page.locator(f'input[name="officer"][value="{officer}"]').check()
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.locator(".yg-header__visitor")).to_contain_text("退出")


def lines(page: Page) -> dict[str, str]:
    """The summary list of a page: what stands beside each name."""
    rows = page.locator(".govuk-summary-list__row")
    return {
        row.locator("dt").inner_text().strip(): row.locator("dd").first.inner_text().strip()
        for row in rows.all()
    }

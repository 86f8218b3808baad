"""Every page by its rules: no violation that axe finds, and no sideways scrolling at 320 pixels."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.desk import sign_in

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CASE = "/matters/case/LX-2026-000003"
PAGES = {
    "": (
        "/",
        "/items",
        "/items/LX-DJ-01",
        "/apply/LX-DJ-01",
        "/lookup",
        "/verify",
        "/transparency",
        "/complain",
        "/rate",
        "/help",
        "/sign-in",
        "/problems",
        "/nothing-here",
    ),
    "1101": (
        "/inbox",
        "/inbox?tab=team",
        CASE,
        f"{CASE}/entries/1",
        "/counter",
        "/leave",
        "/search?q=海川",
        "/cards",
    ),
    "1203": (f"{CASE}/decide", f"{CASE}/acts/note"),
    "1901": ("/supervision", "/cards", "/faults", "/complaints", "/reviews", "/reports"),
    "8001": (
        "/audit",
        "/audit/entries/1",
        "/audit/matters?number=LX-2026-000003",
        "/audit/denials",
        "/system",
    ),
    "8002": (
        "/admin",
        "/admin/items",
        "/admin/calendars",
        "/admin/posts",
        "/admin/grants",
        "/admin/rules",
        "/admin/rules/dry-run",
        "/admin/webhooks",
    ),
}


@pytest.mark.parametrize("officer", PAGES)
def test_pages_keep_the_rules(page: Page, officer: str) -> None:
    """WCAG 2.0 to 2.2, A and AA, as far as a machine can tell; and pages reflow."""
    if officer:
        sign_in(page, officer)
    for path in PAGES[officer]:
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(path)
        assert answer is not None
        assert answer.status in (200, 404), (path, answer.status)
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{path} is {wide} pixels wide"

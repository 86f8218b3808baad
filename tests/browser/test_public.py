"""A citizen at the desk: applies, looks up where it stands and why then, verifies what he took home."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import lines

ITEM = "/apply/LX-DJ-01"


def applied(page: Page, name: str) -> tuple[str, str]:
    """Fill in the form to its end; gives number and lookup code."""
    page.goto(ITEM)
    page.locator("#name").fill(name)
    page.locator("#id_number").fill("370285199001010011")
    _on(page)
    page.locator("#phone").fill("053288000000")
    _on(page)
    for box in page.locator(".govuk-checkboxes__input").all():
        box.check()
    _on(page)
    page.locator('button[name="go"][value="send"]').click()
    number = page.locator(".govuk-panel__body strong").inner_text()
    return number, page.locator("code.yg-code").inner_text()


def _on(page: Page) -> None:
    page.locator('button[name="go"][value="next"]').click()


def test_apply_and_look_up(page: Page, tmp_path: Path) -> None:
    """From the application to the reason for its date, and the receipt that proves itself."""
    number, code = applied(page, "宋问路")
    expect(page.get_by_role("heading", level=1)).to_have_text("已登记收件")
    promised = lines(page)["承诺日期"]
    assert "为什么是这一天" in promised
    assert code not in page.locator("svg.yg-qr").inner_html()
    with page.expect_download() as saving:
        page.get_by_role("button", name="保存回执（JSON）").click()
    receipt = tmp_path / "receipt.json"
    saving.value.save_as(receipt)

    page.goto("/lookup")
    page.locator("#number").fill(number)
    page.locator("#code").fill(code.lower())
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(number)
    expect(page.get_by_role("main")).to_contain_text("窗口受理岗")

    page.goto("/verify")
    page.locator("#file").set_input_files(receipt)
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("回执成立")
    expect(page.get_by_role("main")).to_contain_text(number)


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(page: Page) -> None:
    page.goto(ITEM)
    page.locator("#id_number").fill("370285199001010011")
    _on(page)
    expect(page.locator("#name-error")).to_be_visible()
    expect(page.locator("#id_number")).to_have_value("370285199001010011")
    assert page.title().startswith("错误：")


def test_wrong_number_and_wrong_code_are_answered_alike(page: Page) -> None:
    number, _ = applied(page, "安知路")
    answers = []
    for asked in (number, "LX-2026-999999"):
        page.goto("/lookup")
        page.locator("#number").fill(asked)
        page.locator("#code").fill("AAAAAAAAAA")
        page.get_by_role("button", name="查询", exact=True).click()
        answers.append(page.get_by_role("main").inner_text().replace(asked, ""))
    assert answers[0] == answers[1]


def test_in_english(browser: Browser, address: str) -> None:
    """The same way for somebody whose browser asks for English; the switch leads back to Chinese."""
    context = browser.new_context(base_url=address, locale="en-GB")
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("link", name="Sunshine Land")).to_be_visible()
    number, code = applied(page, "Song Wenlu")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/lookup")
    page.locator("#number").fill(number)
    page.locator("#code").fill(code)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("main")).to_contain_text(number)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    context.close()

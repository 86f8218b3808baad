"""The report as a page: one file that fetches nothing, with the table beside every chart."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from rules.report.document import Document, public
from starter.report_page import tenths, write_page
from starter.rulebook import load_profile
from tests.rules.report_events import Log

PROFILE = load_profile("current")


def document() -> Document:
    """A month with two sections, a late record and three lamps."""
    log = Log()
    for n in range(5):
        log.case(f"LX-{n}", "06-01 09:00", section=("registry", "land-use")[n % 2])
        log.result(f"LX-{n}", "06-20 09:00", n + 2, recorded="07-02 09:00" if n == 4 else "06-20 09:00")
    clock = {"clock": "promise", "yellow_from": "2026-06-29", "red_from": "2026-07-01", "stopped": False}
    for n, changes in enumerate(({}, {"breached": True}, {"suspended": True})):
        log.add(f"LX-{n}", "case.noted", "06-21 09:00", clocks=[{**clock, **changes}])
    return log.report()


class Tags(HTMLParser):
    """All tags, and whether they close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in ("meta", "br", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect",):
            assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_nothing() -> None:
    page = write_page(document(), PROFILE, "已签发")
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href|url)\s*[=(]", page)
    assert not {"script", "img", "link", "iframe"} & set(tags.seen)


def test_every_chart_has_its_table_and_every_lamp_its_word_and_shape() -> None:
    page = write_page(document(), PROFILE)
    for section in re.findall(r"<section.*?</section>", page, re.DOTALL):
        if "<svg" in section:
            assert "<table>" in section.partition("</svg>")[2]
    lamps = re.search(r'<section id="lamps">.*?</section>', page, re.DOTALL)
    assert lamps is not None
    for told in ("▲ 临期", "⬣ 逾期", "‖ 暂停", "due soon", "overdue", "paused"):
        assert told in lamps[0]


def test_chinese_first_names_beside_codes_and_late_records_shown() -> None:
    page = write_page(document(), PROFILE)
    assert page.index("督查月报") < page.index("monthly")
    assert '不动产登记科 <span class="en">registry</span>' in page
    assert '其中期后补录 <span class="en">late records</span> 1' in page
    assert "廉政党课 (M17)" in page
    assert "未保存" in page
    assert "不动产登记科" not in write_page(document(), None)


def test_the_same_document_gives_the_same_page() -> None:
    assert write_page(document(), PROFILE) == write_page(document(), PROFILE)


def test_the_public_page_names_nobody() -> None:
    page = write_page(public(document()), PROFILE)
    assert "1101" not in page
    assert "LX-0" not in page
    assert "数量过小不公开" in page


@pytest.mark.parametrize(
    ("days", "told"), [(0, "0.0"), (15, "1.5"), (-15, "-1.5"), (-5, "-0.5"), (100, "10.0"), (None, "")]
)
def test_tenths_of_a_day(days: int | None, told: str) -> None:
    assert tenths(days) == told

"""What the public pages rest on, without any request: forms, words, open data."""

from __future__ import annotations

import pytest

from starter.rulebook import load_profile
from web.language import CHINESE, ENGLISH
from web.pages import half
from web.public import application as form_of
from web.public.catalogue import fee, is_open, item_here, length, published
from web.public.open_data import as_csv, tenths
from web.public.openness import Line, Openness
from web.public.papers import Known, reused
from web.public.qr import QUIET, qr_path

PROFILE = load_profile("current")
DEALS = item_here(PROFILE, "LX-DJ-01")
WELL = {"name": "孙小满", "id_number": "370285199001011234", "phone": "0535-1234567"}


@pytest.mark.parametrize(
    ("sentence", "zh", "en"),
    [
        ("没有 / there is none", "没有", "There is none"),
        ("只有一半", "只有一半", "只有一半"),
        ("甲 / b / c", "甲 / b / c", "甲 / b / c"),
        ("没有 张三 / no 张三", "没有 张三 / no 张三", "没有 张三 / no 张三"),
    ],
)
def test_of_a_sentence_in_two_languages_one_half_is_shown(sentence: str, zh: str, en: str) -> None:
    assert (half(sentence, CHINESE), half(sentence, ENGLISH)) == (zh, en)


def test_an_items_pages_follow_from_its_rules() -> None:
    assert form_of.steps(DEALS) == ("who", "contact", "papers", "check")
    assert form_of.steps(item_here(PROFILE, "LX-KC-01")) == ("who", "contact", "expiry", "papers", "check")
    assert [is_open(item) for item in published(PROFILE, "LX-GD")] == [False, True]


@pytest.mark.parametrize(
    ("step", "field", "typed"),
    [
        ("who", "name", ""),
        ("who", "id_number", ""),
        ("who", "id_number", "<script>"),
        ("contact", "phone", "1234"),
        ("papers", "pages.identity", "0"),
        ("papers", "pages.identity", "1001"),
        ("papers", "pages.identity", "１"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(step: str, field: str, typed: str) -> None:
    given = WELL | {"has.identity": "on", "pages.identity": "2"}
    assert form_of.wrong(DEALS, given, step) == {}
    assert list(form_of.wrong(DEALS, given | {field: typed}, step)) == [field]


def test_a_day_is_written_as_a_day() -> None:
    permit = item_here(PROFILE, "LX-KC-01")
    assert form_of.wrong(permit, {"expires_on": "2026-12-31"}, "expiry") == {}
    assert list(form_of.wrong(permit, {"expires_on": "2026-02-30"}, "expiry")) == ["expires_on"]


def test_fields_that_belong_to_no_page_are_not_taken() -> None:
    sent = {"name": " 孙\x00小满 ", "officer": "1001", "token": "short", "sha.identity": "x" * 300}
    typed = form_of.taken(DEALS, sent)
    assert typed["name"] == "孙小满"
    assert "officer" not in typed
    assert typed["token"] != "short"
    assert len(typed["sha.identity"]) == form_of.MAX_FIELD


def test_the_key_of_a_submission_does_not_give_its_token_away() -> None:
    key = form_of.business_key({"token": "a" * 24}, "web")
    assert key.startswith("web/")
    assert "aaaa" not in key
    assert key == form_of.business_key({"token": "a" * 24}, "web")
    assert key != form_of.business_key({"token": "b" * 24}, "web")


def test_only_the_same_paper_is_taken_over_from_another_matter() -> None:
    homestead, registering = item_here(PROFILE, "LX-ZJ-01"), item_here(PROFILE, "LX-DJ-03")
    known = [Known(material.code, 2, "") for material in homestead.materials]
    typed = reused(registering, homestead, known, "LX-2026-000009", {})
    same = {
        m.code
        for m in homestead.materials
        if (m.code, m.name) in {(n.code, n.name) for n in registering.materials}
    }
    assert {name.removeprefix("has.") for name in typed if name.startswith("has.")} == same
    assert "application" not in same


def test_limits_and_fees_are_said_in_words() -> None:
    assert fee(DEALS) == ("不超过 550.00 元", "at most 550.00 yuan")
    assert fee(item_here(PROFILE, "LX-DJ-03"))[1] == "free of charge"
    assert length(DEALS.acceptance) == ("当场", "on the spot")
    assert length(item_here(PROFILE, "LX-GD-01").statutory)[1] == "no number of days set by law"


def test_a_cell_of_open_data_is_never_a_formula() -> None:
    line = Line(by="item", code="X", name="=1+1", name_en='say "so"', cases=7, kept=6, rate_tenths=857)
    table = Openness(as_of=1, small_from=5, lines=(line,), open_cases=0, overdue_cases=0, open_cards={})
    assert as_csv(table).splitlines()[1] == 'item,X,"\'=1+1","say ""so""",7,6,85.7,,'
    assert tenths(None) == ""


def test_a_qr_code_has_white_around_it() -> None:
    code = qr_path("https://land.example/verify?number=LX-2026-000001")
    assert f"M{QUIET} {QUIET}h1" in code.path
    assert f"M{QUIET - 1} " not in code.path

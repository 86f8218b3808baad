"""Search terms: one function for what is written and what is asked, so that what is there is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.terms import Asked, asked_in, masked, terms_of


def found(asked: str, *texts: str) -> bool:
    """Whether a question finds texts, as the databases find them."""
    terms = terms_of(*texts)
    return all(
        any(term.startswith(each.term) if each.begins else term == each.term for term in terms)
        for each in asked_in(asked)
    )


def test_chinese_gives_bigrams_and_its_last_character() -> None:
    assert terms_of("张三丰") == ("三丰", "丰", "张三")
    assert terms_of("王") == ("王",)


def test_words_and_numbers_are_taken_whole_and_in_one_form() -> None:
    assert terms_of("LX-2026-000123", "ＡＢＣ１２") == ("000123", "2026", "abc12", "lx")
    assert terms_of("Straße", "STRASSE") == ("strasse",)


def test_scripts_are_told_apart_without_blanks() -> None:
    assert terms_of("办理A4纸") == ("a4", "办理", "理", "纸")


@pytest.mark.parametrize(
    "asked", ["欧阳", "阳锋", "欧", "锋", "欧阳锋", "lx-2026", "LX-2026-0001", "抵押 欧阳"], ids=repr
)
def test_what_is_there_is_found(asked: str) -> None:
    assert found(asked, "欧阳锋", "LX-2026-000123", "不动产抵押登记")


@pytest.mark.parametrize("asked", ["欧锋", "锋欧", "张三", "LX-2027", "欧阳 张三"], ids=repr)
def test_what_is_not_there_is_not_found(asked: str) -> None:
    assert not found(asked, "欧阳锋", "LX-2026-000123", "不动产抵押登记")


@given(st.text(), st.text())
def test_every_piece_of_a_text_is_found_in_it(before: str, after: str) -> None:
    text = f"{before}王小明{after}"
    assert found("王小明", text)
    assert found("小", text)


@given(st.text())
def test_terms_are_made_of_letters_and_digits_alone(text: str) -> None:
    for term in terms_of(text):
        assert all(character.isalnum() or character in "々〇" for character in term)
    assert [each for each in asked_in(text) if not each.term] == []


def test_a_question_is_no_longer_than_it_narrows() -> None:
    assert asked_in("  ，。 ") == ()
    assert asked_in("王") == (Asked("王", begins=True),)
    assert len(asked_in(" ".join(f"w{n}" for n in range(1000)))) == 64


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王某", "王*"), ("欧阳某某", "欧***"), ("青岛某某实业公司", "青岛**公司"), ("", ""), ("李", "李")],
)
def test_a_name_is_shown_to_others_in_part(name: str, shown: str) -> None:
    assert masked(name) == shown

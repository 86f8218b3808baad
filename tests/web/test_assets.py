"""What is shipped with the pages: vendored files by their sums, English for every word, nothing from outside.

Templates are looked at as files, so that a page that no test visits is held to the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from web import errors
from web.language import ENGLISH, LOCALE, catalogue
from web.pages import HERE, STATIC, environment

TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
VENDOR = STATIC / "vendor"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def named(path: Path) -> str:
    return path.relative_to(HERE / "templates").as_posix()


def test_vendored_files_are_the_ones_that_the_list_names() -> None:
    lines = (line.split() for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    listed = {name: digest for digest, name in lines}
    there = {path.name for path in VENDOR.iterdir()} - {"SHA256SUMS"}
    assert set(listed) == there
    for name, digest in listed.items():
        assert sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def messages(text: str) -> Iterator[str]:
    """Everything a template says."""
    for _, _, said in environment(ENGLISH).extract_translations(text):  # type: ignore[attr-defined]
        yield from (each for each in ((said,) if isinstance(said, str) else said or ()) if each)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_word_of_a_template_has_its_english(path: Path) -> None:
    english = catalogue(ENGLISH)
    words = {each for each in messages(path.read_text(encoding="utf-8")) if CHINESE.search(each)}
    assert {each for each in words if english.gettext(each) == each} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_chinese_stands_in_a_template_outside_a_message(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    outside = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    # The name of the language itself is written in it.
    assert CHINESE.findall(outside.replace("中文", "")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_has_no_inline_script_or_style_and_fetches_nothing_from_outside(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_form_that_changes_something_bears_the_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, flags=re.DOTALL):
        assert "csrf()" in form, form[:200]


def test_the_words_of_errors_have_their_english() -> None:
    english = catalogue(ENGLISH)
    words = {*errors.TITLES.values(), *errors.ADVICE.values()}
    assert {each for each in words if english.gettext(each) == each} == set()


def test_no_catalogue_says_a_word_in_another_way_than_the_others() -> None:
    said: dict[str, dict[str, str]] = {}
    for path in sorted((LOCALE / ENGLISH).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=ENGLISH):
                if message.id:
                    said.setdefault(str(message.id), {})[path.name] = str(message.string)
    assert {zh: by for zh, by in said.items() if len(set(by.values())) > 1} == {}


def test_stylesheets_fetch_nothing_from_outside() -> None:
    for path in STATIC.rglob("*.css"):
        found = re.findall(r"url\(([^)]*)\)", path.read_text(encoding="utf-8"))
        assert [each for each in found if "//" in each and "data:" not in each] == [], path.name

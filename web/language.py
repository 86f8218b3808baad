"""Languages of the pages: Chinese is written in the templates, others are gettext catalogues beside them.

Simplified Chinese unless somebody asks: by the switch (a cookie) or by what the browser prefers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from starlette.requests import HTTPConnection

CHINESE, ENGLISH = "zh_CN", "en"
COOKIE = "language"
LOCALE = Path(__file__).parent / "locale"
HTML_LANG = {CHINESE: "zh-CN", ENGLISH: "en"}


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """All catalogues (`locale/<language>/*.po`) of a language as one; none are needed for Chinese."""
    merged: NullTranslations = NullTranslations()
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as source:
            read = read_po(source, locale=language)
        compiled = BytesIO()
        write_mo(compiled, read)
        compiled.seek(0)
        part = Translations(fp=compiled)
        merged = merged.merge(part) if isinstance(merged, Translations) else part
    return merged


def language_of(connection: HTTPConnection) -> str:
    """The language of an answer: the switch first, then `Accept-Language`, else Chinese."""
    chosen = connection.cookies.get(COOKIE)
    if chosen in HTML_LANG:
        return chosen
    asked = [part.split(";")[0].strip() for part in connection.headers.get("accept-language", "").split(",")]
    return _negotiated(tuple(asked))


@lru_cache(maxsize=512)
def _negotiated(asked: Sequence[str]) -> str:
    wanted = [tag.replace("-", "_") for tag in asked if tag and tag != "*"]
    if not wanted or wanted[0].lower().startswith("zh"):
        return CHINESE
    return negotiate_locale(wanted, [ENGLISH, CHINESE, "zh"]) == ENGLISH and ENGLISH or CHINESE

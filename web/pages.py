"""Pages rendered: one environment, one way to answer with a template, the same in both languages.

Templates say `_('中文')`; a template never decides what may be shown: it gets what may be shown.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader

from starter.desk import Desk
from starter.identity.visitor import visitor_of
from web.language import CHINESE, HTML_LANG, catalogue, language_of
from web.menu import menu
from web.security import csrf_input

HERE = Path(__file__).parent
STATIC = HERE / "static"


@lru_cache
def environment(language: str) -> Environment:
    """The templates in a language."""
    made = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(HERE / "templates"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["asset"] = asset
    made.globals["menu"] = menu
    made.globals["pick"] = lambda zh, en: zh if language == CHINESE else en or zh
    made.filters["said"] = lambda text: half(str(text), language)
    return made


def half(text: str, language: str) -> str:
    """Of a sentence "中文 / English" the half in a language; the whole where it is not of that form."""
    zh, slash, en = text.partition(" / ")
    if not slash or " / " in en or not en.isascii():
        return text
    return zh if language == CHINESE else en[:1].upper() + en[1:]


@lru_cache
def asset(name: str) -> str:
    """Address of a file under web/static, with the digest of its bytes: it may be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Answer with a page in the visitor's language.

    Every template has `desk`, `visitor`, `path`, `language`, `html_lang` and `csrf()` besides what is given
    here, `pick(zh, en)` for names that data have in both languages, and the filter `said` for errors.
    """
    language = language_of(request)
    desk: Desk = request.app.state.desk
    shared = {
        "desk": desk,
        "visitor": visitor_of(request),
        "path": request.url.path,
        "language": language,
        "html_lang": HTML_LANG[language],
        "csrf": lambda: csrf_input(request),
    }
    body = environment(language).get_template(template).render(shared | context)
    return HTMLResponse(
        body, status, headers={"Cache-Control": "no-store", "Content-Language": HTML_LANG[language]}
    )

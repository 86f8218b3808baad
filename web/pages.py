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
from web.language import HTML_LANG, catalogue, language_of
from web.menu import menu

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
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["asset"] = asset
    made.globals["menu"] = menu
    return made


@lru_cache
def asset(name: str) -> str:
    """Address of a file under web/static, with the digest of its bytes: it may be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Answer with a page in the visitor's language.

    Every template has `desk`, `visitor`, `path`, `language` and `html_lang` besides what is given here.
    """
    language = language_of(request)
    desk: Desk = request.app.state.desk
    shared = {
        "desk": desk,
        "visitor": visitor_of(request),
        "path": request.url.path,
        "language": language,
        "html_lang": HTML_LANG[language],
    }
    body = environment(language).get_template(template).render(shared | context)
    return HTMLResponse(
        body, status, headers={"Cache-Control": "no-store", "Content-Language": HTML_LANG[language]}
    )

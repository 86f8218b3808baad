"""An application as it is filled in, page by page: what was typed travels in the form, nothing is kept.

Names and numbers of people are stored sealed or not at all, so a half-filled form lives in the browser alone:
every page carries the answers of the others in hidden fields. Pure: no request, no ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from schemas.matters import Channel
from schemas.profile import Item, Material

Typed = dict[str, str]
Errors = dict[str, str]

MAX_FIELD = 200
MAX_PAGES = 1000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

WHO, CONTACT, EXPIRY, PAPERS, CHECK = "who", "contact", "expiry", "papers", "check"

TITLES = {
    WHO: ("申请人是谁？", "Who applies?"),
    CONTACT: ("怎样联系申请人？", "How can the applicant be reached?"),
    EXPIRY: ("原许可证何时到期？", "When does the permit expire?"),
    PAPERS: ("提交哪些材料？", "Which papers are handed in?"),
    CHECK: ("核对后提交", "Check your answers"),
}

CHANNELS = (Channel.WINDOW, Channel.VISIT, Channel.PHONE, Channel.LETTER, Channel.ON_SITE)
"""How an application can reach a counter."""


def steps(item: Item) -> tuple[str, ...]:
    """The pages of an item's application, one thing each."""
    wanted = (
        (WHO, True),
        (CONTACT, True),
        (EXPIRY, item.renewal),
        (PAPERS, bool(item.materials)),
        (CHECK, True),
    )
    return tuple(step for step, has in wanted if has)


def fields(item: Item, step: str) -> tuple[str, ...]:
    """Names of the fields asked on a page."""
    match step:
        case "who":
            return ("name", "id_number", "channel")
        case "contact":
            return ("phone", "address")
        case "expiry":
            return ("expires_on",)
        case "papers":
            return tuple(name for material in item.materials for name in paper_fields(material))
    return ()


def paper_fields(material: Material) -> tuple[str, ...]:
    """Ticked, how many pages, the file's hash and name, and with which matter it was handed in before."""
    return tuple(f"{name}.{material.code}" for name in ("has", "pages", "sha", "file", "from"))


def new_token() -> str:
    """Names one application from its first page on: sent twice, it is registered once."""
    return token_urlsafe(18)


def business_key(typed: Typed, way: str) -> str:
    """The intake's own key. The token itself opens the receipt and is nowhere kept."""
    return f"{way}/{sha256(typed['token'].encode()).hexdigest()[:32]}"


def taken(item: Item, form: Mapping[str, Any]) -> Typed:
    """What a browser sent, as far as it belongs to this application."""
    known = {name for step in steps(item) for name in fields(item, step)}
    typed = {name: plain(form[name])[:MAX_FIELD] for name in known if isinstance(form.get(name), str)}
    token = form.get("token")
    typed["token"] = token if isinstance(token, str) and _TOKEN.fullmatch(token) else new_token()
    return typed


def plain(text: str) -> str:
    """What was typed, without blanks around it and without the one character that no database takes."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()


def carried(item: Item, typed: Typed, step: str) -> Typed:
    """What a page sends along unseen: all that is asked elsewhere."""
    shown = set(fields(item, step))
    kept = {f"{name}.{m.code}" for m in item.materials for name in ("sha", "file", "from")}
    return {name: value for name, value in sorted(typed.items()) if name not in shown or name in kept}


def wrong(item: Item, typed: Typed, step: str) -> Errors:
    """What is wrong on a page, by field."""
    return dict(_wrong(item, typed, step))


def _wrong(item: Item, typed: Typed, step: str) -> Iterator[tuple[str, str]]:
    match step:
        case "who":
            yield from _who(typed)
        case "contact":
            digits = sum(each.isdigit() for each in typed.get("phone", ""))
            if digits < 5:
                yield (
                    "phone",
                    "请填写能联系到您的电话号码 / Give a telephone number at which you can be reached",
                )
        case "expiry":
            if _day(typed.get("expires_on", "")) is None:
                yield "expires_on", "请填写日期，例如 2026-12-31 / Give a date such as 2026-12-31"
        case "papers":
            for material in item.materials:
                yield from _paper(typed, material)


def _who(typed: Typed) -> Iterator[tuple[str, str]]:
    if not typed.get("name"):
        yield "name", "请填写申请人姓名或者单位名称 / Give the name of the applicant or of the organisation"
    number = typed.get("id_number", "")
    if not number:
        yield "id_number", "请填写证件号码 / Give the number of the identity paper"
    elif not re.fullmatch(r"[0-9A-Za-z()（）-]{5,40}", number):
        yield (
            "id_number",
            "证件号码只含数字和字母，不少于五位 / It has digits and letters only, five at least",
        )


def _paper(typed: Typed, material: Material) -> Iterator[tuple[str, str]]:
    if not typed.get(f"has.{material.code}"):
        return
    pages = typed.get(f"pages.{material.code}", "")
    if not (pages.isascii() and pages.isdigit() and 1 <= int(pages) <= MAX_PAGES):
        yield (
            f"pages.{material.code}",
            f"“{material.name}”的页数应为 1 至 {MAX_PAGES} / "
            f"Pages of {material.code}: a number from 1 to {MAX_PAGES}",
        )


def missing(item: Item, typed: Typed) -> list[Material]:
    """Papers of the list that are not ticked."""
    return [material for material in item.materials if not typed.get(f"has.{material.code}")]


def pieces(item: Item, typed: Typed) -> list[dict[str, Any]]:
    """The papers as the register takes them."""
    return [
        {
            "code": material.code,
            "pages": int(typed[f"pages.{material.code}"]),
            "sha256": _hash(typed, material),
        }
        for material in item.materials
        if typed.get(f"has.{material.code}")
    ]


def files(item: Item, typed: Typed) -> list[tuple[str, str]]:
    """(hash, name) of the files sent with this application."""
    found = (
        (_hash(typed, m), typed.get(f"file.{m.code}") or m.name)
        for m in item.materials
        if typed.get(f"has.{m.code}")
    )
    return [(digest, name) for digest, name in found if digest]


def _hash(typed: Typed, material: Material) -> str | None:
    given = typed.get(f"sha.{material.code}", "")
    return given if _SHA256.fullmatch(given) else None


def expires_on(typed: Typed) -> date | None:
    """Last day of the permit that is to be renewed."""
    return _day(typed.get("expires_on", ""))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

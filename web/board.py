"""What the boards share: whose eyes, a form sent as an act, and what is asked of the engine only in passing.

A board is read from the ledger; the engine is asked for the digest of the facts, so that what is signed is
what was seen. Where it does not answer in time the page is shown without forms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse

from schemas.entries import Receipt
from schemas.errors import NotFoundError, YangguangError
from schemas.profile import Profile
from starter.acting import do_act
from starter.api.router import desk_of
from starter.desk import Desk
from starter.identity.eyes import eyes_for
from starter.identity.visitor import Visitor, visitor_of
from starter.sight import Eyes

PATIENCE = 3.0
"""Seconds for the engine to answer while a page waits."""

NOT_FIELDS = frozenset({"csrf", "done"})
"""Fields of a form that are none of the act's."""


def looking(request: Request) -> tuple[Desk, Visitor, Eyes]:
    """Desk, visitor and his eyes."""
    desk, visitor = desk_of(request), visitor_of(request)
    with desk.reading() as connection:
        return desk, visitor, eyes_for(connection, desk, visitor)


async def facts_now(desk: Desk, kind: str, number: str) -> str | None:
    """Digest of the facts of a matter as they stand; None where the engine does not say in time."""
    try:
        status = await asyncio.wait_for(desk.client.status(kind, number), PATIENCE)
    except (YangguangError, TimeoutError):
        return None
    return status.facts


def new_act_id() -> str:
    """The id a form bears, so that a second click has no second effect."""
    return f"web-{token_hex(10)}"


async def typed_in(request: Request) -> dict[str, str]:
    """What was typed into a form: texts only."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and name not in NOT_FIELDS}


async def send(request: Request, kind: str, number: str, name: str, typed: Mapping[str, Any]) -> Receipt:
    """The act of a form. Raises like `do_act`."""
    fields = {key: value for key, value in typed.items() if value not in ("", None)}
    fields.setdefault("id", new_act_id())
    return await do_act(desk_of(request), visitor_of(request), kind, number, name, fields)


def done(href: str, receipt: Receipt) -> RedirectResponse:
    """Back to the page, which says what is on record now."""
    return RedirectResponse(f"{href}?done={receipt.caseseq}", 303)


def field_of(error: YangguangError, known: Mapping[str, Any]) -> str:
    """The field a refusal is about: its code, or what its sentence begins with; empty where it is none."""
    begins = error.message.partition(":")[0]
    for name in (begins, error.code.removesuffix("_required")):
        if name in known:
            return name
    return ""


def wrong(error: YangguangError, known: Mapping[str, Any]) -> dict[str, str]:
    """The refusal beside its field; what is there not to be seen stays so."""
    if isinstance(error, NotFoundError):
        raise error
    return {field_of(error, known): error.message}


def posts_of(profile: Profile, codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """(code, name) of the posts somebody may act in."""
    named = {each.code: each.name for each in profile.posts}
    return [(code, named.get(code, code)) for code in codes]

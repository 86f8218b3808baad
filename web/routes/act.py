"""Any act of any matter as a page: a form made from the act's own message, sent through the one door."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from schemas.entries import Receipt
from starter.api.router import desk_of
from starter.identity.guard import Area, allow
from starter.identity.visitor import visitor_of
from web.act_form import OVER, STALE, ActForm, new_form, send, sent_form, since_seen
from web.acting import facts_now
from web.casefile import CaseFile, read_file
from web.names import act_words
from web.pages import page
from web.reach import found
from web.routes.matter import head_of

router = APIRouter(dependencies=[Depends(allow(Area.CASE))])


@router.get("/matters/{kind}/{number:path}/acts/{name}")
async def act_page(request: Request, kind: str, number: str, name: str) -> Response:
    """The form of an act, bound to the facts as they are now."""
    desk = desk_of(request)
    file = await asyncio.to_thread(read_file, desk, visitor_of(request), kind, number)
    if name == "decide":
        return RedirectResponse(f"/matters/{kind}/{number}/decide", 303)
    form = new_form(file, name, "")
    if form.posts:
        facts = await facts_now(desk, kind, number)
        found(request, away=not facts)
        form = replace(form, facts=facts, away=not facts)
    return shown(request, file, name, form)


@router.post("/matters/{kind}/{number:path}/acts/{name}")
async def do(request: Request, kind: str, number: str, name: str) -> Response:
    """Do the act, or show its form again with what is wrong."""
    desk, visitor = desk_of(request), visitor_of(request)
    file = await asyncio.to_thread(read_file, desk, visitor, kind, number)
    form = sent_form(file, name, await request.form())
    if name == "decide":
        return RedirectResponse(f"/matters/{kind}/{number}/decide", 303)
    came = await send(desk, visitor, file, name, form)
    found(request, away=isinstance(came, ActForm) and came.away)
    if isinstance(came, Receipt):
        return done(request, file, name, came)
    after = await asyncio.to_thread(read_file, desk, visitor, kind, number)
    again = await renewed(request, after, came) if came.refused in STALE | OVER else came
    return shown(request, after, name, again, status_of(again))


async def renewed(request: Request, file: CaseFile, form: ActForm) -> ActForm:
    """The refused form over the file as it is now: what changed, and the facts that are signed next."""
    changed = since_seen(file, form, visitor_of(request))
    if not changed:
        return form
    facts = await facts_now(desk_of(request), file.row.kind or "", file.row.case_id)
    return replace(form, changed=changed, facts=facts, seen=file.row.last_seq, stage=file.row.stage or "")


def status_of(form: ActForm) -> int:
    """How an answer that shows a form again is marked."""
    if form.away:
        return 503
    if form.changed or form.refused in STALE:
        return 412
    return 409 if form.refused == "already_decided" else 422


def shown(request: Request, file: CaseFile, name: str, form: ActForm, status: int = 200) -> Response:
    """The page of a form."""
    words = act_words(file.row.kind or "", name)
    head = head_of(file)
    return page(request, "officer/act.html", status=status, **head, form=form, act_name=name, act_words=words)


def done(request: Request, file: CaseFile, name: str, receipt: Receipt) -> Response:
    """What was recorded, with its receipt."""
    words = act_words(file.row.kind or "", name)
    return page(request, "officer/done.html", **head_of(file), act_words=words, receipt=receipt)

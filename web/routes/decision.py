"""The decision page: bound to the facts shown, reviewed before it is signed, never decided by a single key.

Who decides has proven of late who he is. If the file changed while he read, he sees what changed and may look
again with what he typed; if somebody else has decided, he sees that decision.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fastapi import APIRouter, Depends, Request, Response

from schemas.entries import Receipt
from starter.api.router import desk_of
from starter.identity.guard import Area, allow, require_recent
from starter.identity.visitor import visitor_of
from web.act_form import OVER, STALE, ActForm, new_form, read, send, sent_form, since_seen
from web.acting import facts_now
from web.casefile import CaseFile, materials_of, read_file
from web.pages import page
from web.reach import found
from web.routes.act import done, renewed, status_of
from web.routes.matter import head_of
from web.timeline import Line

ACT = "decide"

router = APIRouter(dependencies=[Depends(allow(Area.DECISION))])


@router.get("/matters/{kind}/{number:path}/decide")
async def decision_page(request: Request, kind: str, number: str) -> Response:
    """What is to be decided, and the form to do it."""
    file = await _file(request, kind, number)
    form = new_form(file, ACT, "")
    if form.posts:
        facts = await facts_now(desk_of(request), kind, number)
        found(request, away=not facts)
        form = replace(form, facts=facts, away=not facts)
    return _shown(request, file, form)


@router.post("/matters/{kind}/{number:path}/decide")
async def decide(request: Request, kind: str, number: str) -> Response:
    """Review what was typed, go back to it, or sign it."""
    visitor = require_recent(request)
    sent = await request.form()
    file = await _file(request, kind, number)
    form, go = sent_form(file, ACT, sent), str(sent.get("_go") or "review")
    if go == "edit":
        return _shown(request, file, form)
    if go != "confirm" and (winner := _winner(file, form)):
        return _lost(request, file, form, winner)
    what = read(form, visitor.id)
    if what.errors:
        return _shown(request, file, replace(form, errors=what.errors), 422)
    if go != "confirm":
        return await _review(request, file, form)
    return await _confirm(request, file, form)


async def _review(request: Request, file: CaseFile, form: ActForm) -> Response:
    """The last look before signing; a file that changed meanwhile is shown first."""
    facts = form.facts or await facts_now(desk_of(request), file.row.kind or "", file.row.case_id)
    if not facts:
        return _shown(request, file, replace(form, away=True), 503)
    if since_seen(file, form, visitor_of(request)):
        again = await renewed(request, file, form)
        return _shown(request, file, again, status_of(again))
    return page(request, "officer/review.html", **head_of(file), form=replace(form, facts=facts))


async def _confirm(request: Request, file: CaseFile, form: ActForm) -> Response:
    desk, visitor = desk_of(request), visitor_of(request)
    came = await send(desk, visitor, file, ACT, form)
    found(request, away=isinstance(came, ActForm) and came.away)
    if isinstance(came, Receipt):
        return done(request, file, ACT, came)
    after = await _file(request, file.row.kind or "", file.row.case_id)
    if came.refused in STALE | OVER and (winner := _winner(after, came)):
        return _lost(request, after, came, winner)
    again = await renewed(request, after, came) if came.refused in STALE | OVER else came
    return _shown(request, after, again, status_of(again))


def _winner(file: CaseFile, form: ActForm) -> Line | None:
    """A decision that took effect after the form was shown."""
    names = {f"{file.row.kind}.decided", "case.upper_result"}
    decided = {entry.seq for entry in file.entries if entry.type in names and entry.seq > form.seen}
    own = {e.seq for e in file.entries if e.data.get("actid") == form.id}
    return next((line for line in file.lines if line.seq in decided - own), None)


def _lost(request: Request, file: CaseFile, form: ActForm, winner: Line) -> Response:
    """Somebody else decided first: his act, and what was typed here."""
    head = head_of(file)
    context = {"winner": winner, "said": form.said, "recorded": bool(form.refused)}
    return page(request, "officer/decided.html", status=409, **head, **context)


def _shown(request: Request, file: CaseFile, form: ActForm, status: int = 200) -> Response:
    papers = materials_of(file)
    return page(request, "officer/decide.html", status=status, **head_of(file), form=form, materials=papers)


async def _file(request: Request, kind: str, number: str) -> CaseFile:
    return await asyncio.to_thread(read_file, desk_of(request), visitor_of(request), kind, number)

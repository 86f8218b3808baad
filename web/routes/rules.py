"""Rule versions (规则版本): the dry-run of a draft, and two people who release it; both are on record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from ledger.db import OriginKind
from rules.explain import UNITS
from schemas.errors import UsageError, YangguangError
from schemas.profile import Item, Profile
from starter.api.router import DeskHere, desk_of
from starter.desk import Desk
from starter.dryrun import DryRun, compare
from starter.identity.guard import Area, allow, require_recent
from starter.identity.visitor import visitor_of
from starter.releases import proposals, propose, release
from starter.rulebook import examine, list_profiles, load_profile
from web.board import field_of, typed_in
from web.dry_run_form import draft_of, fields_of, period_of
from web.names import names_of
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.ADMIN))])

PATIENCE = 60.0
"""Seconds for a dry-run on a page; a longer ledger is for the command line."""

_running = asyncio.Semaphore(1)


@router.get("/admin/rules")
async def rules(request: Request, desk: DeskHere) -> Response:
    """Rule versions: those installed, those proposed, those released."""

    def read() -> tuple[dict[str, Any], Any]:
        with desk.reading() as connection:
            return {name: examine(name) for name in list_profiles()}, proposals(connection)

    installed, proposed = await asyncio.to_thread(read)
    names = names_of(desk.profile)
    return page(
        request, "admin/rules.html", installed=installed, proposed=proposed, profile=desk.profile, names=names
    )


@router.get("/admin/rules/dry-run")
async def dry_run(request: Request) -> Response:
    """The form of the dry-run and, once something was typed, what it gives."""
    typed = {name: value for name, value in request.query_params.items() if name != "csrf"}
    return await _dry_run(request, typed)


@router.post("/admin/rules/dry-run")
async def try_out(request: Request) -> Response:
    """Try a draft out; with `propose` it is proposed together with what came of it."""
    typed = await typed_in(request)
    if typed.get("do") != "propose":
        return await _dry_run(request, typed)
    require_recent(request)
    try:
        desk = desk_of(request)
        in_force = load_profile(desk.profile.id)
        draft, found = await _tried(desk, in_force, typed)
        by, reason = visitor_of(request).id, typed.get("reason", "")
        await asyncio.to_thread(
            lambda: propose(
                desk.home, desk.ledger, in_force, draft, found, by=by, reason=reason, now=desk.now()
            )
        )
    except YangguangError as error:
        return await _dry_run(request, typed, error)
    return RedirectResponse("/admin/rules", 303)


@router.post("/admin/rules/release")
async def let_go(request: Request, number: Annotated[int, Form(ge=1)]) -> Response:
    """Release what somebody else proposed; it holds for new matters from now on."""
    require_recent(request)
    desk, by = desk_of(request), visitor_of(request).id
    in_force = load_profile(desk.profile.id)
    released = await asyncio.to_thread(
        lambda: release(desk.home, desk.ledger, in_force, number, by=by, now=desk.now())
    )
    request.app.state.desk = replace(desk, profile=released)
    return RedirectResponse("/admin/rules", 303)


# -- the dry-run -------------------------------------------------------------------------------


async def _dry_run(
    request: Request, typed: Mapping[str, str], problem: YangguangError | None = None
) -> Response:
    desk = desk_of(request)
    profile = load_profile(desk.profile.id)
    item = _item(profile, typed.get("item", ""))
    found: DryRun | None = None
    if typed.get("do") and problem is None:
        try:
            _, found = await _tried(desk, profile, typed)
        except YangguangError as error:
            problem = error
    fields = fields_of(profile, item)
    values = {each.key: str(each.now) for each in fields} | dict(typed)
    errors = (
        {field_of(problem, {**values, "yaml": "", "version": "", "reason": ""}): problem.message}
        if problem
        else {}
    )
    return page(
        request,
        "admin/dry_run.html",
        status=422 if problem else 200,
        profile=profile,
        item=item,
        fields=fields,
        units=UNITS,
        typed=values,
        errors=errors,
        found=found,
    )


async def _tried(desk: Desk, profile: Profile, typed: Mapping[str, str]) -> tuple[Profile, DryRun]:
    """The draft and its dry-run. Raises UsageError; `too_slow` for a ledger that is too long for a page."""
    draft = draft_of(profile, fields_of(profile, _item(profile, typed.get("item", ""))), typed)
    period = period_of(typed, desk.today())
    at = None if desk.ledger.origin.kind is OriginKind.SIMULATION else desk.now()
    stopped = asyncio.Event()

    def work() -> DryRun:
        def advance(n: int) -> None:
            if stopped.is_set():
                raise UsageError("已停止 / stopped", code="too_slow")

        with desk.reading() as connection:
            instead = typed.get("instead", "").strip()
            return compare(connection, profile, draft, period, at, instead=instead, advance=advance)

    async with _running:
        try:
            return draft, await asyncio.wait_for(asyncio.to_thread(work), PATIENCE)
        except TimeoutError:
            stopped.set()
            raise UsageError(
                "总账过长，请用命令行试算 / too long a ledger for a page: use `yangguang profile dry-run`",
                code="too_slow",
            ) from None


def _item(profile: Profile, code: str) -> Item | None:
    return next((each for each in profile.items if each.code == code), None)

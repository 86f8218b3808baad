"""The auditor's desk (审计): search, proof, history beside ledger, replay, bundle, and who asked in vain."""

from __future__ import annotations

import asyncio
import shutil
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from audit.verdicts import RunAudit, Verdict
from ledger.read import entries
from ledger.sealing.stored import newest_note
from schemas.errors import NotFoundError, UsageError, YangguangError
from starter.api.router import desk_of
from starter.identity.guard import Area, allow
from starter.sight import STREAM, Eyes, visible
from web.auditing import packed, replayed
from web.beside import Run, runs_beside
from web.board import looking
from web.ledger_search import Asked, Hit, Hits, entry_at, search
from web.names import Words, names_of
from web.pages import page
from web.proof import ShownProof, proof_of
from web.timeline import local

router = APIRouter(dependencies=[Depends(allow(Area.AUDIT))])

CHECKS: dict[str, Words] = {
    "integrity": Words("历史未被改动", "the history is unchanged"),
    "structure": Words("结构成立", "its structure holds"),
    "completeness": Words("与总账一一对应", "ledger and history tell of the same"),
    "replay": Words("可以重放", "it replays"),
    "strict": Words("重放得出同样的记录", "replaying it gives the same entries"),
}
VERDICTS: dict[str, Words] = {
    Verdict.PASS: Words("通过", "pass"),
    Verdict.FAIL: Words("不符", "FAIL"),
    Verdict.NOT_APPLICABLE: Words("不适用", "not applicable"),
}


@router.get("/audit")
async def audit(
    request: Request,
    number: str = "",
    type: str = "",
    person: str = "",
    since: str = "",
    until: str = "",
    after: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    """Search the ledger; newest first."""
    typed = {"number": number.strip(), "type": type.strip(), "person": person.strip()}
    typed |= {"since": since.strip(), "until": until.strip()}
    asked = Asked.model_validate({**typed, "after": after})

    def read() -> Hits:
        desk, _, eyes = looking(request)
        with desk.reading() as connection:
            return search(connection, eyes, asked)

    errors: dict[str, str] = {}
    try:
        found = await asyncio.to_thread(read)
    except UsageError as error:
        found, errors = Hits((), None), {"since": error.message}
    return page(
        request,
        "audit/search.html",
        status=422 if errors else 200,
        found=found,
        typed=typed,
        errors=errors,
        filtered={name: value for name, value in typed.items() if value},
        names=names_of(desk_of(request).profile),
        local=local,
    )


@router.get("/audit/entries/{pos}")
async def entry(request: Request, pos: int) -> Response:
    """One entry: its canonical bytes, its hash, and its inclusion proof, checked on the spot."""
    hit, proof = await asyncio.to_thread(_proven, request, pos)
    names = names_of(desk_of(request).profile)
    return page(request, "audit/entry.html", hit=hit, entry=hit.entry, proof=proof, names=names)


@router.get("/audit/entries/{pos}/leaf")
async def leaf(request: Request, pos: int) -> Response:
    """The bytes themselves, to be hashed elsewhere."""
    hit, _ = await asyncio.to_thread(_proven, request, pos)
    headers = {"Content-Disposition": f'attachment; filename="entry-{pos}.json"'}
    return Response(hit.entry.leaf, media_type="application/octet-stream", headers=headers)


@router.get("/audit/matters")
async def beside(request: Request, number: str = "") -> Response:
    """A matter's kept histories beside its entries; replay and bundle from there."""
    number = number.strip()
    runs, count = await asyncio.to_thread(_beside, request, number)
    return page(request, "audit/matter.html", number=number, runs=runs, count=count, local=local)


@router.post("/audit/replay")
async def replay(request: Request, number: Annotated[str, Form(max_length=120)]) -> Response:
    """Replay every run of a matter in a child process; the result is a page, not a promise."""
    number = number.strip()
    await asyncio.to_thread(_may_see, request, number)
    runs, problem = list[RunAudit](), ""
    try:
        runs = await replayed(desk_of(request), number)
    except NotFoundError:
        raise
    except YangguangError as error:
        problem = error.message
    passed = bool(runs) and not any(each.failed for each in runs)
    return page(
        request,
        "audit/replay.html",
        status=503 if problem else 200,
        number=number,
        runs=runs,
        passed=passed,
        problem=problem,
        checks=CHECKS,
        verdicts=VERDICTS,
    )


@router.post("/audit/bundle")
async def bundle(request: Request, number: Annotated[str, Form(max_length=120)]) -> Response:
    """The evidence of one matter as a zip, to be verified elsewhere with tools that are not ours."""
    desk, _, eyes = await asyncio.to_thread(looking, request)
    folder, packed_file = await packed(desk, eyes, number.strip())
    name = f"evidence-{number.strip().replace('/', '_')}.zip"
    thrown = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(packed_file, media_type="application/zip", filename=name, background=thrown)


@router.get("/audit/denials")
async def denials(request: Request, after: Annotated[int | None, Query(ge=0)] = None) -> Response:
    """Who asked for what he may not see: one entry a person, route and hour."""

    def read() -> Hits:
        desk, _, eyes = looking(request)
        with desk.reading() as connection:
            return search(connection, eyes, Asked(number=STREAM, after=after))

    found, names = await asyncio.to_thread(read), names_of(desk_of(request).profile)
    return page(request, "audit/denials.html", found=found, names=names, local=local)


@router.get("/audit/checkpoint")
async def checkpoint(request: Request) -> Response:
    """The newest signed checkpoint as it is signed."""

    def read() -> bytes | None:
        with desk_of(request).reading() as connection:
            note = newest_note(connection)
            return note.encode() if note else None

    found = await asyncio.to_thread(read)
    if found is None:
        raise NotFoundError("尚无检查点 / nothing is signed yet", code="nothing_signed")
    return PlainTextResponse(found)


def _proven(request: Request, pos: int) -> tuple[Hit, ShownProof]:
    desk, _, eyes = looking(request)
    with desk.reading() as connection:
        hit = entry_at(connection, eyes, pos)
        return hit, proof_of(connection, hit.entry)


def _beside(request: Request, number: str) -> tuple[tuple[Run, ...], int]:
    desk, _, eyes = looking(request)
    if not number:
        return (), 0
    with desk.reading() as connection:
        _check(connection, eyes, number)
        timeline = list(visible(connection, eyes, entries(connection, number)))
        return runs_beside(connection, number, timeline), len(timeline)


def _may_see(request: Request, number: str) -> None:
    desk, _, eyes = looking(request)
    with desk.reading() as connection:
        _check(connection, eyes, number)


def _check(connection: Connection, eyes: Eyes, number: str) -> None:
    if not eyes.sees(connection, number):
        raise NotFoundError(f"没有 {number} / there is no matter {number}")

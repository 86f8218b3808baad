"""The page of a matter of any kind, and of each of its entries: what is on record, what can be done now."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from schemas.errors import NotFoundError
from starter.acting import require_seen
from starter.api.files import send_file
from starter.api.router import desk_of
from starter.files import Kept, file_of
from starter.identity.guard import Area, allow
from starter.identity.visitor import visitor_of
from web.casefile import OPEN_KINDS, CaseFile, materials_of, read_file
from web.names import CARD_STATES, CHANNELS, Words, kind_name, state_words
from web.pages import page
from web.proof import ShownProof, proof_of, standing_of
from web.reach import is_away
from web.timeline import GROUPS, shown

router = APIRouter(dependencies=[Depends(allow(Area.CASE))])
# Numbers of cards and fault cases hold slashes: the page of a matter is the last of its addresses.


@router.get("/matters/{kind}/{number:path}/entries/{seq}")
async def entry_page(request: Request, kind: str, number: str, seq: int) -> Response:
    """One entry: its words, its bytes, and what proves it."""
    file, proof = await asyncio.to_thread(_with_proof, request, kind, number, seq)
    line = next(each for each in file.lines if each.seq == seq)
    return page(request, "officer/entry.html", **head_of(file), line=line, proof=proof)


@router.get("/matters/{kind}/{number:path}/news")
async def news(request: Request, kind: str, number: str, after: int = 0) -> Response:
    """How many entries came since a page was read; a part of the page, told politely."""
    file = await asyncio.to_thread(read_file, desk_of(request), visitor_of(request), kind, number)
    fresh = sum(line.seq > after for line in file.lines)
    return page(request, "officer/news.html", fresh=fresh, href=f"/matters/{kind}/{number}")


@router.get("/matters/{kind}/{number:path}/files/{sha256}")
async def paper(request: Request, kind: str, number: str, sha256: str) -> Response:
    """A file of the matter: saved, never shown in the page."""
    desk = desk_of(request)
    return send_file(desk, await asyncio.to_thread(_paper, request, kind, number, sha256))


@router.get("/matters/{kind}/{number:path}")
async def matter_page(
    request: Request,
    kind: str,
    number: str,
    show: str = "",
    order: Annotated[str, Query(pattern="^(oldest)?$")] = "",
) -> Response:
    """Everything about one matter, from the ledger and the read model."""
    file, (place, size) = await asyncio.to_thread(_with_standing, request, kind, number)
    return page(
        request,
        "officer/matter.html",
        **head_of(file),
        timeline=shown(file.lines, show, oldest_first=order == "oldest"),
        show=show if show in GROUPS else "",
        oldest=order == "oldest",
        groups=GROUPS,
        materials=materials_of(file),
        card_states=CARD_STATES,
        place=place,
        tree_size=size,
        away=is_away(request),
    )


def head_of(file: CaseFile) -> dict[str, Any]:
    """What every page about a matter says at its head."""
    row, names = file.row, file.names
    kind = row.kind or ""
    channel = row.channel or ""
    return {
        "file": file,
        "row": row,
        "names": names,
        "kind": kind,
        "number": row.case_id,
        "kind_words": kind_name(kind),
        "state": state_words(kind, row.state),
        "item": names.item(row.item),
        "stage": names.stage(row.item, row.stage),
        "channel": CHANNELS.get(channel, Words(channel, channel)),
        "here": f"/matters/{kind}/{row.case_id}",
    }


def _with_standing(request: Request, kind: str, number: str) -> tuple[CaseFile, tuple[int | None, int]]:
    desk = desk_of(request)
    file = read_file(desk, visitor_of(request), kind, number)
    with desk.reading() as connection:
        return file, standing_of(connection, file.entries)


def _with_proof(request: Request, kind: str, number: str, seq: int) -> tuple[CaseFile, ShownProof]:
    desk = desk_of(request)
    file = read_file(desk, visitor_of(request), kind, number)
    entry = next((each for each in file.entries if each.seq == seq), None)
    if entry is None:
        raise NotFoundError(f"没有第 {seq} 条记录 / {number} has no entry {seq}")
    with desk.reading() as connection:
        return file, proof_of(connection, entry)


def _paper(request: Request, kind: str, number: str, sha256: str) -> Kept:
    if kind not in OPEN_KINDS:
        raise NotFoundError(f"没有此文件 / {number} has no such file")
    desk = desk_of(request)
    require_seen(desk, visitor_of(request), "matter file", kind, number)
    with desk.reading() as connection:
        return file_of(connection, number, sha256)

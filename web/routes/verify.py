"""Verifying a receipt: paste or send it; and what the address in a receipt's QR code says.

Here the server checks, which proves less than checking it oneself; the page says so.
"""

from __future__ import annotations

import asyncio
import hmac

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from ledger.read import entries
from ledger.receipt import MAX_BYTES
from ledger.sealing.stored import log_index
from starter.api.router import DeskHere
from starter.desk import Desk
from starter.identity.guard import Area, allow
from web.pages import page
from web.public.verifying import judged

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])


@router.get("/verify")
async def ask(request: Request, desk: DeskHere, number: str = "", leaf: str = "") -> Response:
    """The form; with the number and leaf hash of a QR code, whether this ledger holds just that."""
    scanned = await asyncio.to_thread(_scanned, desk, number[:60], leaf[:64]) if number and leaf else None
    return page(request, "verify/ask.html", scanned=scanned, number=number[:60], leaf=leaf[:64], errors={})


@router.post("/verify")
async def verify(request: Request) -> Response:
    """What the receipt proves, or which check it fails."""
    async with request.form(max_files=1, max_fields=5, max_part_size=2 * MAX_BYTES) as form:
        raw = await _sent(form.get("file")) or _typed(form.get("text"))
    if not raw:
        wrong = {"text": "请粘贴回执内容或者选择文件 / Paste the receipt or choose its file"}
        return page(request, "verify/ask.html", status=422, scanned=None, number="", leaf="", errors=wrong)
    verdict = await asyncio.to_thread(judged, raw)
    return page(request, "verify/verdict.html", verdict=verdict)


async def _sent(file: object) -> bytes:
    return await file.read(2 * MAX_BYTES + 1) if isinstance(file, UploadFile) and file.filename else b""


def _typed(text: object) -> bytes:
    # A browser sends line ends as CR LF; the receipt was written with LF.
    return text.replace("\r\n", "\n").strip().encode() if isinstance(text, str) else b""


def _scanned(desk: Desk, number: str, leaf: str) -> dict[str, object]:
    """Whether the number was registered with these bytes; no other is told anything of it."""
    with desk.reading() as connection:
        first = entries(connection, number.strip().upper(), limit=1)
        found = bool(first) and hmac.compare_digest(first[0].leaf_hash, leaf.lower())
        index = log_index(connection, first[0].id) if found else None
    return {"found": found, "index": index}

"""The receipt: a page that can be bookmarked and asks for the code, with all the proof there is by now.

Whoever was just registered sees it without typing: the code waits for a few minutes in a cookie that is sent
to this page alone.
"""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from ledger.notes import Policy, parse_policy
from ledger.receipt import verify_receipt
from ledger.receipt_words import STANDINGS
from readmodel.query import MatterRow
from schemas.errors import YangguangError
from schemas.receipts import ReceiptDocument
from starter.api.problems import problem_of
from starter.api.router import DeskHere
from starter.desk import Desk
from starter.identity.guard import Area, allow
from starter.receipt_page import FIELDS, write_document, write_page
from starter.receipts import issue
from web.pages import page
from web.public.application import plain
from web.public.found import found_by
from web.public.qr import qr_path

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])

COOKIE = "receipt"
MINUTES = 10


def to_receipt(number: str, code: str) -> Response:
    """On to the receipt of what was just registered."""
    answer = RedirectResponse(f"/receipts/{quote(number)}", 303)
    answer.set_cookie(
        COOKIE,
        f"{number}.{code}",
        max_age=MINUTES * 60,
        path="/receipts",
        httponly=True,
        samesite="strict",
    )
    return answer


@router.get("/receipts/{number}")
async def receipt(request: Request, desk: DeskHere, number: str) -> Response:
    """The receipt of what was registered just now; for everybody else the form that asks for its code."""
    given, _, code = request.cookies.get(COOKIE, "").partition(".")
    if given != number:
        return page(request, "receipt/ask.html", number=number[:60], errors={})
    return await _show(request, desk, number, code, new=True)


@router.post("/receipts/{number}")
async def receipt_by_code(
    request: Request,
    desk: DeskHere,
    number: str,
    code: Annotated[str, Form(max_length=40)] = "",
    save: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The receipt, or one of its files, for whoever has the code."""
    if not save:
        return await _show(request, desk, number, code)
    try:
        document = await _issued(request, desk, number, code)
    except YangguangError as error:
        return _again(request, number, error)
    return await asyncio.to_thread(_file, document, save)


async def _show(request: Request, desk: Desk, number: str, code: str, *, new: bool = False) -> Response:
    try:
        document = await _issued(request, desk, number, code)
    except YangguangError as error:
        return _again(request, number, error)
    proven = await asyncio.to_thread(verify_receipt, document)
    shape, zh, en = STANDINGS[proven.standing]
    where = verify_address(request, desk, document)
    return page(
        request,
        "receipt/receipt.html",
        receipt=document,
        standing={"shape": shape, "zh": zh, "en": en},
        fields=[(FIELDS.get(each.name, (each.name, each.name)), each.value) for each in document.openings],
        qr=qr_path(where),
        where=where,
        new=new,
    )


async def _issued(request: Request, desk: Desk, number: str, code: str) -> ReceiptDocument:
    def make(connection: Connection, row: MatterRow) -> ReceiptDocument:
        return issue(connection, row.case_id, plain(code), _policy(desk))

    return await found_by(request, desk, number, code, make)


def verify_address(request: Request, desk: Desk, document: ReceiptDocument) -> str:
    """Where the receipt can be checked: number and leaf hash are in it, the code never is."""
    base = desk.home.url or str(request.base_url).rstrip("/")
    asked = urlencode({"number": document.number, "leaf": document.entry.leaf_hash})
    return f"{base}/verify?{asked}"


def _policy(desk: Desk) -> Policy | None:
    file = desk.home.policy
    return parse_policy(file.read_bytes()) if file.exists() else None


def _file(document: ReceiptDocument, save: str) -> Response:
    as_page = save == "page"
    text, ending = (write_page(document), "html") if as_page else (write_document(document), "json")
    return Response(
        text,
        media_type="text/html; charset=utf-8" if as_page else "application/json",
        headers={
            "Content-Disposition": f'attachment; filename="receipt-{document.number}.{ending}"',
            "Cache-Control": "no-store",
        },
    )


def _again(request: Request, number: str, error: YangguangError) -> Response:
    made = page(
        request,
        "receipt/ask.html",
        status=problem_of(error).status,
        number=number[:60],
        errors={"code": error.message},
    )
    made.headers.update(getattr(error, "headers", None) or {})
    return made

"""Intake over HTTP: a case, an inquiry, a complaint, and what was missing of a case.

Without sign-in it is online and received by the window. A repetition under the same Idempotency-Key gets the
same answer, and the business key made of it meets the same matter where the answer was lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response

from readmodel.query import get_matter
from schemas.acts import Attachment, Piece, Resubmit
from schemas.complaint import ComplaintRequest
from schemas.errors import NotFoundError, NotPermittedError, UsageError
from schemas.intake import CaseRequest, InquiryRequest, IntakeReceipt
from schemas.profile import ItemType
from starter.acting import post_for
from starter.api.bodies import (
    Intake,
    NewCase,
    NewComplaint,
    NewInquiry,
    Paper,
    Started,
    Supplement,
    Supplemented,
)
from starter.api.examples import (
    CASE,
    COMPLAINT,
    INQUIRY,
    STARTED,
    SUPPLEMENT,
    SUPPLEMENTED,
    answered,
    shown,
)
from starter.api.idempotency import request_id
from starter.api.paging import position
from starter.api.params import Number
from starter.api.reaching import address_of, reach
from starter.api.receiving import COMPLAINTS, WINDOW, received, receiver
from starter.api.router import PREFIX, Asking, DeskHere
from starter.complaints import start_complaint
from starter.desk import Desk
from starter.file_tickets import file_for
from starter.file_types import SUFFIXES
from starter.files import Kept, use_files
from starter.identity.guard import Area, allow
from starter.identity.visitor import Visitor, VisitorKind
from starter.identity.vouching import client_for
from starter.rulebook import item_of

router = APIRouter(tags=["intake"], dependencies=[Depends(allow(Area.API_PUBLIC))])


@dataclass(frozen=True)
class Brought:
    """Papers and files that came with a request."""

    pieces: tuple[Piece, ...]
    attachments: tuple[Attachment, ...]
    files: tuple[tuple[str, str], ...]
    """Digest and name of every file, those of papers among them."""


@router.post("/cases", status_code=201, summary="申请 / apply for an item", responses=answered(STARTED, 201))
async def start_case(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    body: Annotated[NewCase, Body(openapi_examples=shown(CASE))],
) -> Started:
    """Register an application; the answer is the receipt: number, lookup code and promised day."""
    item = item_of(desk.profile, body.item)
    if item.type is ItemType.INTERNAL and visitor.kind is VisitorKind.PUBLIC:
        raise UsageError(
            f"{item.code} 不由申请启动 / {item.code} is not applied for", code="not_for_applicants"
        )
    brought = await _brought(desk, visitor, body.materials, body.files)
    asked = CaseRequest(
        **_common(request, body, received(desk.profile, visitor, body, WINDOW)),
        item=body.item,
        materials=brought.pieces,
        expires_on=body.expires_on,
        attachments=brought.attachments,
    )
    return await _started(desk, response, await client_for(desk, visitor).start_case(asked), brought)


@router.post("/inquiries", status_code=201, summary="咨询 / ask", responses=answered(STARTED, 201))
async def start_inquiry(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    body: Annotated[NewInquiry, Body(openapi_examples=shown(INQUIRY))],
) -> Started:
    """Register a question; whoever receives it answers for it until another has taken it over."""
    brought = await _brought(desk, visitor, (), body.files)
    asked = InquiryRequest(
        **_common(request, body, received(desk.profile, visitor, body, WINDOW)),
        topic=body.topic,
        attachments=brought.attachments,
    )
    return await _started(desk, response, await client_for(desk, visitor).start_inquiry(asked), brought)


@router.post("/complaints", status_code=201, summary="投诉 / complain", responses=answered(STARTED, 201))
async def start_complaint_(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    body: Annotated[NewComplaint, Body(openapi_examples=shown(COMPLAINT))],
) -> Started:
    """Register a complaint, an anonymous one too: who complains and what about is sealed."""
    brought = await _brought(desk, visitor, (), body.files)
    where = received(desk.profile, visitor, body, COMPLAINTS, body.accused)
    asked = ComplaintRequest(
        **_common(request, body, where),
        type=body.type,
        topic=body.topic,
        accused=body.accused,
        sections=body.sections,
        about=body.about,
        attachments=brought.attachments,
    )
    return await _started(desk, response, await start_complaint(client_for(desk, visitor), asked), brought)


@router.post(
    "/cases/{number}/supplement",
    summary="补正、补交 / hand in what was missing",
    responses=answered(SUPPLEMENTED),
)
async def supplement(
    request: Request,
    desk: DeskHere,
    visitor: Asking,
    number: Number,
    body: Annotated[Supplement, Body(openapi_examples=shown(SUPPLEMENT))],
) -> Supplemented:
    """Hand in what was missing; with its lookup code, or as a system or an officer who sees the case."""
    await asyncio.to_thread(_reach_case, desk, visitor, number, body.code, address_of(request))
    officer, post = _supplementing(desk, visitor, body)
    brought = await _brought(desk, visitor, body.materials, body.files)
    act = Resubmit(
        id=request_id(request),
        officer=officer,
        post=post,
        materials=brought.pieces,
        satisfied=body.satisfied,
        attachments=brought.attachments,
    )
    receipt = await client_for(desk, visitor).act("case", number, "resubmit", act)
    as_of = await asyncio.to_thread(_use, desk, number, brought)
    return Supplemented(number=number, receipt=receipt, as_of=as_of)


def _reach_case(desk: Desk, visitor: Visitor, number: str, code: str, address: str) -> None:
    """The case is there; an intake system needs no code, it acts for the window."""
    if visitor.kind is VisitorKind.SYSTEM and not code:
        with desk.reading() as connection:
            row = get_matter(connection, number)
    else:
        row = reach(desk, visitor, number, code, address).row
    if row is None:
        raise NotFoundError(f"没有 {number} / there is no {number}")
    if row.kind != "case":
        raise UsageError(f"{number} 不是办件 / {number} is no case", code="not_a_case")


def _supplementing(desk: Desk, visitor: Visitor, body: Supplement) -> tuple[str, str]:
    """Who takes the papers in: the window for the public, himself for an officer, whom a system names."""
    if visitor.kind is VisitorKind.OFFICER:
        return visitor.id, post_for(desk.profile, visitor.id, body.post or "")
    if visitor.kind is VisitorKind.SYSTEM and body.officer:
        return body.officer, post_for(desk.profile, body.officer, body.post or "")
    if visitor.kind is not VisitorKind.SYSTEM and (body.officer or body.post or body.satisfied):
        raise NotPermittedError(
            "officer、post、satisfied 只能由已登记的系统注明 / only a registered system may name these",
            code="systems_only",
        )
    return receiver(desk.profile, WINDOW)


def _common(request: Request, body: Intake, where: dict[str, Any]) -> dict[str, Any]:
    return {"business_key": request_id(request), "applicant": body.applicant} | where


async def _brought(desk: Desk, visitor: Visitor, papers: Sequence[Paper], tickets: Sequence[str]) -> Brought:
    """What came along. Raises UsageError (`bad_ticket`)."""
    return await asyncio.to_thread(_redeemed, desk, caller_of(visitor), papers, tickets)


def _redeemed(desk: Desk, caller: str, papers: Sequence[Paper], tickets: Sequence[str]) -> Brought:
    pieces: list[Piece] = []
    files: list[tuple[str, str]] = []
    for paper in papers:
        kept = file_for(desk.ledger, caller, paper.file) if paper.file else None
        pieces.append(Piece(code=paper.code, pages=paper.pages, sha256=kept.sha256 if kept else None))
        files += [(kept.sha256, _name(paper.code, kept))] if kept else []
    further = [file_for(desk.ledger, caller, ticket) for ticket in tickets]
    named = [(kept.sha256, _name(f"attachment-{n}", kept)) for n, kept in enumerate(further, 1)]
    attachments = tuple(Attachment(name=name, sha256=digest) for digest, name in named)
    return Brought(tuple(pieces), attachments, tuple(files + named))


def _name(stem: str, kept: Kept) -> str:
    """Names that people give files may tell who they are: the ledger gets another."""
    return f"{stem}.{SUFFIXES[kept.media_type]}"


def caller_of(visitor: Visitor) -> str:
    """For whom a ticket is made."""
    return f"{visitor.kind}:{visitor.id}"


async def _started(desk: Desk, response: Response, given: IntakeReceipt, brought: Brought) -> Started:
    as_of = await asyncio.to_thread(_use, desk, given.number, brought)
    links = {
        "receipt": f"{PREFIX}/receipts/{given.number}",
        "lookup": f"{PREFIX}/lookup?number={given.number}",
    }
    response.headers["Location"] = links["receipt"]
    response.headers["Cache-Control"] = "no-store"
    return Started(**dict(given), links=links, as_of=as_of)


def _use(desk: Desk, number: str, brought: Brought) -> int:
    use_files(desk.ledger, number, brought.files)
    with desk.reading() as connection:
        return position(connection)

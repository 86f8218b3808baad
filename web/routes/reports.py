"""Reports (报表): the list, a report with its acts, and the documents to view and download.

The document is taken from the home or computed again from the ledger; rows of matters that the visitor may
not see are left out of what he gets, the numbers stay what they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from ledger.canonical import canonical
from rules.procedures import state_name
from rules.report.document import Document
from rules.report.sheet import sheet
from schemas.errors import NotFoundError, UsageError
from schemas.profile import Profile
from starter.api.router import desk_of
from starter.identity.guard import Area, allow
from starter.identity.visitor import visitor_of
from starter.report_page import write_page
from starter.reports import document_of, edition, is_generated, seen_by
from starter.rulebook import load_profile
from web.board import looking
from web.casefile import CaseFile, read_file
from web.listing import list_page
from web.names import state_words
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.REPORTS))])

KIND = "report"
FORMATS = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


@router.get("/reports")
async def reports(request: Request, open: bool = False, after: str = "") -> Response:
    """The reports that the visitor may see."""
    return await list_page(request, KIND, "报表", "/reports", open_only=open, after=after, about=False)


@router.get("/reports/{number}")
async def report(request: Request, number: str) -> Response:
    """A report: where it stands, who reviewed and signed it, its documents."""

    def read() -> tuple[CaseFile, bool]:
        desk = desk_of(request)
        file = read_file(desk, visitor_of(request), KIND, number)
        with desk.reading() as connection:
            return file, is_generated(connection, number)

    file, made = await asyncio.to_thread(read)
    latest = next((each.data["made"] for each in reversed(file.entries) if "made" in each.data), None)
    return page(
        request,
        "reports/report.html",
        file=file,
        row=file.row,
        number=number,
        names=file.names,
        state=state_words(KIND, file.row.state),
        generated=made,
        made=latest,
        others=file.offers.possible,
    )


@router.get("/reports/{number}/document.{form}")
async def document(request: Request, number: str, form: str, public: bool = False) -> Response:
    """The document itself: a page to read, a table to reckon with, or the document as data."""
    if form not in FORMATS:
        raise NotFoundError(f"没有 {form} 格式 / there is no format {form}")
    text = await asyncio.to_thread(_written, request, number, form, public)
    name = f"{number}-public.{form}" if public else f"{number}.{form}"
    kind = "inline" if form == "html" else "attachment"
    headers = {"Content-Disposition": f'{kind}; filename="{name}"', "Cache-Control": "no-store"}
    if form == "html":
        # The report is one file with a style of its own, to be kept and mailed; nothing in it may run.
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return Response(text, media_type=FORMATS[form], headers=headers)


def _written(request: Request, number: str, form: str, public: bool) -> str:
    desk, visitor, eyes = looking(request)
    state = read_file(desk, visitor, KIND, number).row.state or ""
    found, _ = document_of(desk.ledger, desk.home.reports, number)
    with desk.reading() as connection:
        shown = edition(found if public else seen_by(connection, eyes, found), for_all=public)
    write: dict[str, Callable[[], Any]] = {
        "html": lambda: write_page(shown, _profile(found), state_name(KIND, state)),
        "csv": lambda: sheet(shown),
        "json": lambda: canonical(shown).decode(),
    }
    return str(write[form]())


def _profile(found: Document) -> Profile | None:
    """The profile under which the report was made, for the names in it; None where it is not at hand."""
    with suppress(UsageError):
        profile = load_profile(found["rules"]["profile"].partition("@")[0])
        return profile if profile.sha256 == found["rules"]["profile_sha256"] else None
    return None

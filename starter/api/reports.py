"""Reports (督查报告) over HTTP: begun for a period, and their documents as JSON, CSV or a page.

The document is the one whose digest the ledger names; rows of matters that whoever asks may not see are left
out of the full edition, and persons out of the public one.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from ledger.canonical import canonical
from rules.procedures import state_name
from rules.report.document import Document
from rules.report.periods import period_of
from rules.report.sheet import sheet
from schemas.base import Code
from schemas.errors import UsageError
from schemas.profile import Profile
from schemas.report import PeriodKind
from starter.acting import post_for
from starter.api.begin import BEGUN, GUARD, Begun, begun
from starter.api.bodies import Body as Strict
from starter.api.examples import answered, shown
from starter.api.params import Number
from starter.api.router import Asking, DeskHere
from starter.identity.eyes import eyes_for
from starter.identity.guard import Area, allow
from starter.identity.vouching import client_for
from starter.report_page import write_page
from starter.reports import document_of, edition, seen_by, start_report
from starter.rulebook import load_profile
from starter.sight import look

router = APIRouter(tags=["matters: report"])


class Format(StrEnum):
    """What a report is written as."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"


class Edition(StrEnum):
    """For whom."""

    FULL = "full"
    PUBLIC = "public"


class NewReport(Strict):
    """The period to report on."""

    period: PeriodKind
    of: Code
    """`2026-W25`, `2026-06`, `2026-Q2`, or a day in it."""
    post: Code | None = None


MEDIA = {Format.JSON: "application/json", Format.CSV: "text/csv; charset=utf-8", Format.HTML: "text/html"}
_DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "文件 / the document",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {"period": "month", "of": "2026-06", "cases": {"closed": 12}},
            },
            "text/csv": {"schema": {"type": "string"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
}
_NEW: dict[str, Any] = {"period": "month", "of": "2026-06"}


@router.post(
    "/reports",
    status_code=201,
    summary="生成督查报告 / begin the report of a period",
    responses=answered(BEGUN, 201),
    dependencies=[GUARD],
)
async def begin_report(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    body: Annotated[NewReport, Body(openapi_examples=shown(_NEW))],
) -> Begun:
    """Begin the report of a period that has ended, or meet the one that is there."""
    post = post_for(desk.profile, visitor.id, body.post or "")
    period = period_of(body.period, body.of)
    given = await start_report(client_for(desk, visitor), period, officer=visitor.id, post=post)
    return begun(response, "reports", given)


@router.get(
    "/reports/{number}/document",
    summary="督查报告全文 / the document of a report",
    response_class=Response,
    responses=_DOCUMENT,
    dependencies=[Depends(allow(Area.API_REPORTS))],
)
def document(
    desk: DeskHere,
    visitor: Asking,
    number: Number,
    format: Annotated[Format, Query()] = Format.JSON,  # noqa: A002 - the parameter's name
    edition_: Annotated[Edition, Query(alias="edition")] = Edition.FULL,
) -> Response:
    """The latest version, as an attachment; computed again from the ledger where it is not kept."""
    with desk.reading() as connection:
        eyes = eyes_for(connection, desk, visitor)
        row = look(connection, eyes, "report", number)
        found, made = document_of(desk.ledger, desk.home.reports, number)
        chosen = edition(seen_by(connection, eyes, found), for_all=edition_ is Edition.PUBLIC)
    writing: dict[Format, Callable[[], str]] = {
        Format.JSON: lambda: canonical(chosen).decode(),
        Format.CSV: lambda: sheet(chosen),
        Format.HTML: lambda: write_page(chosen, _profile(found), state_name("report", row.state or "")),
    }
    name = f"{number}-public" if edition_ is Edition.PUBLIC else number
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}.{format}"',
        "X-Content-Type-Options": "nosniff",
        "Yangguang-Document-Digest": made.digest,
    }
    return Response(writing[format](), media_type=MEDIA[format], headers=headers)


def _profile(found: Document) -> Profile | None:
    """The profile under which the report was made, for the names in it; None where it is not at hand."""
    try:
        profile = load_profile(found["rules"]["profile"].partition("@")[0])
    except UsageError:
        return None
    return profile if profile.sha256 == found["rules"]["profile_sha256"] else None

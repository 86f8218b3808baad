"""Files over HTTP: handed in for a ticket, given out to whoever may see the matter they belong to.

They are given out as attachments of their own kind: nothing that people hand in is ever shown by a browser as
a page of this house.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Path, Request, Response, UploadFile
from fastapi.responses import FileResponse

from schemas.base import StrictModel
from schemas.errors import NotFoundError
from starter.api import examples
from starter.api.intake import caller_of
from starter.api.paging import position
from starter.api.params import SHA256, Code, Number
from starter.api.reaching import address_of, reach
from starter.api.router import Asking, DeskHere
from starter.desk import Desk
from starter.file_tickets import ticket_for
from starter.file_types import SUFFIXES
from starter.files import MAX_FILE, Kept, file_of, files_of, keep_file, path_of, sweep_files
from starter.identity.guard import Area, allow
from starter.identity.visitor import Visitor

router = APIRouter(tags=["files"], dependencies=[Depends(allow(Area.API_PUBLIC))])

Digest = Annotated[str, Path(pattern=SHA256, description="SHA-256")]


class Uploaded(StrictModel):
    """A file that was taken in."""

    ticket: str
    """Names the file in an application, a supplement or an act; for a day, and for whoever handed it in."""
    sha256: str
    media_type: str
    size: int


class ListedFile(StrictModel):
    """A file of a matter."""

    name: str
    sha256: str
    media_type: str
    size: int
    href: str


class FileList(StrictModel):
    """The files of a matter."""

    files: tuple[ListedFile, ...]
    as_of: int


@router.post(
    "/files",
    status_code=201,
    summary="上传文件 / hand in a file",
    responses=examples.answered(examples.FILE, 201),
)
async def upload(
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    file: Annotated[UploadFile, File(description="PDF, PNG, JPEG, TIFF, OFD, DOCX, XLSX; 10 MiB")],
) -> Uploaded:
    """Keep a file under the digest of its bytes; its type is told by them."""
    kept = await asyncio.to_thread(_keep, desk, file)
    response.headers["Cache-Control"] = "no-store"
    ticket = ticket_for(desk.ledger, caller_of(visitor), kept)
    return Uploaded(ticket=ticket, sha256=kept.sha256, media_type=kept.media_type, size=kept.size)


@router.get(
    "/cases/{number}/files",
    summary="卷宗文件 / files of a matter",
    responses=examples.answered({"files": [], "as_of": 88213}),
)
async def listed(
    request: Request, response: Response, desk: DeskHere, visitor: Asking, number: Number, code: Code = None
) -> FileList:
    """The files of a matter, for whoever may see it or has its code."""
    response.headers["Cache-Control"] = "no-store"

    def read() -> FileList:
        reached = reach(desk, visitor, number, code, address_of(request))
        response.headers.update(reached.headers)
        with desk.reading() as connection:
            found = files_of(connection, number)
            return FileList(files=tuple(_listed(request, each) for each in found), as_of=position(connection))

    return await asyncio.to_thread(read)


@router.get(
    "/cases/{number}/files/{sha256}",
    summary="下载文件 / a file",
    response_class=Response,
    responses={
        200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in SUFFIXES}}
    },
)
async def download(
    request: Request, desk: DeskHere, visitor: Asking, number: Number, sha256: Digest, code: Code = None
) -> Response:
    """The bytes, for whoever may see the matter or has its code."""
    kept = await asyncio.to_thread(_find, desk, visitor, number, sha256, code, address_of(request))
    return send_file(desk, kept)


def send_file(desk: Desk, kept: Kept) -> Response:
    """A file as it is given out: saved, never shown. Raises NotFoundError where its bytes are gone."""
    path = path_of(desk.home, kept.sha256)
    if not path.is_file():
        raise NotFoundError("文件已依法销毁 / the file has been destroyed by law", code="not_found")
    headers: dict[str, Any] = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return FileResponse(path, media_type=kept.media_type, filename=kept.name or kept.sha256, headers=headers)


def _keep(desk: Desk, file: UploadFile) -> Kept:
    sweep_files(desk.home, desk.ledger, desk.now())
    return keep_file(desk.home, desk.ledger, file.file, desk.now(), MAX_FILE)


def _find(desk: Desk, visitor: Visitor, number: str, sha256: str, code: str | None, address: str) -> Kept:
    reach(desk, visitor, number, code, address)
    with desk.reading() as connection:
        return file_of(connection, number, sha256)


def _listed(request: Request, kept: Kept) -> ListedFile:
    return ListedFile(
        name=kept.name,
        sha256=kept.sha256,
        media_type=kept.media_type,
        size=kept.size,
        href=f"{request.url.path}/{kept.sha256}",
    )

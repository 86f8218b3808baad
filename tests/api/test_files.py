"""Files: told by their bytes, named by tickets, given to whoever may see the matter, erased by redaction."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient

from ledger.redact import Order, redact
from schemas.errors import UsageError
from starter.api.tables import kept_file
from starter.desk import Desk
from starter.file_tickets import file_for
from starter.files import UNUSED_FOR, erase_files, keep_file, path_of, sweep_files, use_files
from tests.api.desks import AS_SYSTEM, app_for, asking, desk_in, key
from tests.web.casework import Course

pytestmark = pytest.mark.asyncio(loop_scope="module")

PDF = b"%PDF-1.7 an application"
CODE = "7KQ2M9XRTB"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A desk without an engine."""
    async with desk_in(tmp_path_factory.mktemp("files")) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(desk: Desk) -> FastAPI:
    """Its application."""
    return app_for(desk)


@pytest_asyncio.fixture(loop_scope="module")
async def public(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody who asks."""
    async with asking(app) as client:
        yield client


def archive(*names: str) -> bytes:
    """A ZIP archive with these members."""
    made = io.BytesIO()
    with ZipFile(made, "w") as written:
        for name in names:
            written.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"II*\x00....", "image/tiff"),
        (archive("OFD.xml"), "application/ofd"),
        (
            archive("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ],
)
async def test_the_type_of_a_file_is_told_by_its_bytes(
    public: AsyncClient, content: bytes, media_type: str
) -> None:
    """Its name and what the sender says of it do not count."""
    sent = {"file": ("virus.exe", content, "text/html")}
    answer = await public.post("/files", files=sent, headers=key())
    assert answer.status_code == 201
    told = answer.json()
    assert (told["media_type"], told["size"]) == (media_type, len(content))
    assert told["sha256"] == sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html><script>alert(1)</script>", 415, "file_type"),
        (b"MZ\x90\x00", 415, "file_type"),
        (b"PK\x03\x04 broken", 415, "file_type"),
        (archive("anything.txt"), 415, "file_type"),
        (archive("word/document.xml", "word/vbaProject.bin"), 415, "file_type"),
        (b"", 422, "empty_file"),
        (PDF + b"x" * (10 << 20), 413, "too_large"),
    ],
)
async def test_other_files_are_not_taken_and_leave_nothing_behind(
    public: AsyncClient, desk: Desk, content: bytes, status: int, code: str
) -> None:
    """Pages, programs, macros, empty and oversized files."""
    answer = await public.post("/files", files={"file": ("a.pdf", content)}, headers=key())
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not path_of(desk.home, sha256(content).hexdigest()).exists()
    assert list((desk.home.path / "files").glob(".draft-*")) == []


async def test_a_ticket_is_of_whoever_handed_the_file_in(public: AsyncClient, desk: Desk) -> None:
    """Knowing a digest, or another's ticket, is no right to a file."""
    answer = await public.post("/files", files={"file": ("a.pdf", PDF)}, headers=key() | AS_SYSTEM)
    ticket = answer.json()["ticket"]
    assert file_for(desk.ledger, "system:intake-1", ticket).sha256 == sha256(PDF).hexdigest()
    for caller, shown in (("public:", ticket), ("system:intake-1", sha256(PDF).hexdigest())):
        with pytest.raises(UsageError) as refused:
            file_for(desk.ledger, caller, shown)
        assert refused.value.code == "bad_ticket"


async def test_a_file_is_given_out_to_be_saved_by_whoever_may_see_its_matter(
    public: AsyncClient, desk: Desk
) -> None:
    """By the lookup code; never without, and not through another matter."""
    kept = keep_file(desk.home, desk.ledger, io.BytesIO(PDF), desk.now(), 1000)
    for number in ("LX-2026-000021", "LX-2026-000022"):
        Course(desk.ledger, number, code=CODE).register()
    use_files(desk.ledger, "LX-2026-000021", [(kept.sha256, "application.pdf")])
    listed = await public.get("/cases/LX-2026-000021/files", params={"code": CODE})
    (line,) = listed.json()["files"]
    assert (line["name"], line["sha256"]) == ("application.pdf", kept.sha256)
    address = line["href"].removeprefix("/api/v1")
    answer = await public.get(address, params={"code": CODE})
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    for other, code in ((address, "WRONG"), (address, ""), (address.replace("21/", "22/"), CODE)):
        refused = await public.get(other, params={"code": code} if code else {})
        assert refused.status_code == 404


async def test_redaction_erases_the_bytes_unless_another_matter_uses_them(desk: Desk) -> None:
    """Content-addressed: two may have handed in the same paper."""
    own = keep_file(desk.home, desk.ledger, io.BytesIO(PDF + b"own"), desk.now(), 1000)
    shared = keep_file(desk.home, desk.ledger, io.BytesIO(PDF + b"shared"), desk.now(), 1000)
    for number in ("LX-2026-000031", "LX-2026-000032"):
        Course(desk.ledger, number, code=CODE).register()
        use_files(desk.ledger, number, [(shared.sha256, "a.pdf")])
    use_files(desk.ledger, "LX-2026-000031", [(own.sha256, "b.pdf")])
    redact(desk.ledger, Order("LX-2026-000031", "个人信息保护法第47条", "1001", "1005"), desk.now())
    assert erase_files(desk.home, desk.ledger, "LX-2026-000031") == 1
    assert not path_of(desk.home, own.sha256).exists()
    assert path_of(desk.home, shared.sha256).exists()
    assert erase_files(desk.home, desk.ledger, "LX-2026-000032") == 1
    assert not path_of(desk.home, shared.sha256).exists()


async def test_what_was_never_used_is_thrown_away_after_two_days(tmp_path: Path, url: str) -> None:
    """On either database; what a matter uses stays."""
    async with desk_in(tmp_path, url) as desk:
        now = desk.now()
        used = keep_file(desk.home, desk.ledger, io.BytesIO(PDF), now, 1000)
        unused = keep_file(desk.home, desk.ledger, io.BytesIO(PDF + b"2"), now, 1000)
        use_files(desk.ledger, "LX-2026-000001", [(used.sha256, "a.pdf"), (used.sha256, "a.pdf")])
        assert sweep_files(desk.home, desk.ledger, now) == 0
        assert sweep_files(desk.home, desk.ledger, now + UNUSED_FOR + timedelta(minutes=1)) == 1
        assert (path_of(desk.home, used.sha256).exists(), path_of(desk.home, unused.sha256).exists()) == (
            True,
            False,
        )
        with desk.ledger.engine.connect() as connection:
            assert [row.sha256 for row in connection.execute(kept_file.select())] == [used.sha256]


async def test_two_who_hand_in_the_same_bytes_at_once_both_get_a_ticket(
    public: AsyncClient, desk: Desk
) -> None:
    """One file, two tickets."""
    sent = [public.post("/files", files={"file": ("a.pdf", PDF + b"!")}, headers=key()) for _ in range(4)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {201}
    assert path_of(desk.home, sha256(PDF + b"!").hexdigest()).read_bytes() == PDF + b"!"

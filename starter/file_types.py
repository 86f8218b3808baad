"""Which files are taken, told by their bytes: neither a name nor what the sender says of it counts.

None of them can run anything in a browser, and none may bring macros.
"""

from __future__ import annotations

from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from schemas.errors import UsageError

SUFFIXES = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "application/ofd": "ofd",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
"""Media types that are taken, with the ending of their names."""

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_ZIP = b"PK\x03\x04"
_INSIDE = {
    "OFD.xml": "application/ofd",
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Types that are archives, told by a member each has."""

_MEMBERS = 10_000


def media_type_of(file: BinaryIO) -> str:
    """The type of a file by its bytes; it is left at its beginning. Raises UsageError (`file_type`)."""
    head = file.read(16)
    file.seek(0)
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if not found and head.startswith(_ZIP):
        found = _archive(file)
        file.seek(0)
    if not found:
        known = "、".join(sorted(suffix.upper() for suffix in SUFFIXES.values()))
        raise UsageError(
            f"不接收这种文件，只收 {known} / this type of file is not taken; these are: {known}",
            code="file_type",
        )
    return found


def _archive(file: BinaryIO) -> str:
    try:
        with ZipFile(file) as archive:
            names = set(archive.namelist()[:_MEMBERS])
    except (BadZipFile, ValueError, NotImplementedError):
        return ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    return next((kind for member, kind in _INSIDE.items() if member in names), "")

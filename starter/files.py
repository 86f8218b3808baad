"""Files people hand in: kept by the digest of their bytes in a folder of the home, never replaced.

The ledger holds the digests; the bytes lie here so that a redaction can destroy them. Who hands a file in
gets a ticket for it: knowing a digest, which many may read in the ledger, is no right to the file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, delete, select

from ledger.db import Ledger
from ledger.dialect import upsert
from ledger.entry import instant
from schemas.errors import NotFoundError, UsageError
from starter.api.tables import kept_file, kept_file_use
from starter.file_types import media_type_of
from starter.home import Home

MAX_FILE = 10 << 20
"""Bytes of a file, however it is handed in."""

UNUSED_FOR = timedelta(days=2)
"""Files that no matter uses by then are thrown away."""

_CHUNK = 1 << 16
_PRIVATE_FOLDER = 0o700


@dataclass(frozen=True)
class Kept:
    """A file in the store."""

    sha256: str
    media_type: str
    size: int
    name: str = ""
    """What it is called in the matter asked about."""


def keep_file(home: Home, ledger: Ledger, source: BinaryIO, now: datetime, limit: int) -> Kept:
    """Keep the bytes of `source`; the same bytes are kept once.

    Raises UsageError: `file_type` for bytes of no type that is taken, `too_large`, `empty_file`.
    """
    folder = home.path / "files"
    folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")
    with os.fdopen(descriptor, "w+b") as written:
        try:
            digest, size = _copy(source, written, limit)
            kept = Kept(digest, media_type_of(written), size)
            path = path_of(home, digest)
            path.parent.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            with ledger.engine.begin() as connection:
                _note(connection, kept, now)
                Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
    return kept


def path_of(home: Home, sha256: str) -> Path:
    """Where the bytes of this digest lie, or would lie."""
    return home.path / "files" / sha256[:2] / sha256


def find_file(connection: Connection, sha256: str) -> Kept | None:
    """A kept file by its digest."""
    row = connection.execute(select(kept_file).where(kept_file.c.sha256 == sha256)).first()
    return Kept(row.sha256, row.media_type, row.size) if row else None


def use_files(ledger: Ledger, case: str, files: Sequence[tuple[str, str]]) -> None:
    """From now on these files (digest, name) belong to a matter, and stay as long as it is not redacted."""
    if not files:
        return
    rows = [{"sha256": digest, "case_id": case, "name": name} for digest, name in files]
    with ledger.engine.begin() as connection:
        used = upsert(kept_file_use, postgresql=connection.dialect.name == "postgresql")
        connection.execute(used.on_conflict_do_nothing(), rows)


def files_of(connection: Connection, case: str) -> list[Kept]:
    """The files of a matter, by name."""
    query = (
        select(kept_file, kept_file_use.c.name)
        .join(kept_file_use, kept_file_use.c.sha256 == kept_file.c.sha256)
        .where(kept_file_use.c.case_id == case)
        .order_by(kept_file_use.c.name, kept_file.c.sha256)
    )
    rows = connection.execute(query)
    return [Kept(row.sha256, row.media_type, row.size, row.name) for row in rows]


def file_of(connection: Connection, case: str, sha256: str) -> Kept:
    """A file of a matter. Raises NotFoundError where the matter has none of this digest."""
    for kept in files_of(connection, case):
        if kept.sha256 == sha256:
            return kept
    raise NotFoundError(f"{case} 没有此文件 / {case} has no such file")


def erase_files(home: Home, ledger: Ledger, case: str) -> int:
    """Destroy the bytes of a redacted matter's files, but for those that another matter uses; how many."""
    with ledger.engine.begin() as connection:
        digests = select(kept_file_use.c.sha256).where(kept_file_use.c.case_id == case)
        mine = set(connection.scalars(digests))
        connection.execute(delete(kept_file_use).where(kept_file_use.c.case_id == case))
        return _drop(home, connection, mine)


def sweep_files(home: Home, ledger: Ledger, now: datetime) -> int:
    """Throw away what was handed in and never used; how many."""
    with ledger.engine.begin() as connection:
        used = select(kept_file_use.c.sha256)
        old = select(kept_file.c.sha256).where(
            kept_file.c.kept < instant((now - UNUSED_FOR).astimezone(UTC)), kept_file.c.sha256.not_in(used)
        )
        return _drop(home, connection, set(connection.scalars(old.limit(500))))


def _note(connection: Connection, kept: Kept, now: datetime) -> None:
    row = {
        "sha256": kept.sha256,
        "media_type": kept.media_type,
        "size": kept.size,
        "kept": instant(now.astimezone(UTC)),
    }
    noted = upsert(kept_file, postgresql=connection.dialect.name == "postgresql").values(row)
    again = {"kept": row["kept"]}  # handed in once more: its time begins anew
    connection.execute(noted.on_conflict_do_update(index_elements=["sha256"], set_=again))


def _drop(home: Home, connection: Connection, digests: set[str]) -> int:
    """Delete those that no matter uses: the row first, so that nobody takes up a file without bytes."""
    if not digests:
        return 0
    used = set(connection.scalars(select(kept_file_use.c.sha256).where(kept_file_use.c.sha256.in_(digests))))
    free = digests - used
    connection.execute(delete(kept_file).where(kept_file.c.sha256.in_(free)))
    for digest in free:
        path_of(home, digest).unlink(missing_ok=True)
    return len(free)


def _copy(source: BinaryIO, target: BinaryIO, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while portion := source.read(_CHUNK):
        size += len(portion)
        if size > limit:
            raise UsageError(f"文件过大，至多 {limit} 字节 / at most {limit} bytes a file", code="too_large")
        digest.update(portion)
        target.write(portion)
    if not size:
        raise UsageError("文件是空的 / the file is empty", code="empty_file")
    target.flush()
    os.fsync(target.fileno())
    target.seek(0)
    return digest.hexdigest(), size

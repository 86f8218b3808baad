"""Notes that a command is given in a file."""

from __future__ import annotations

from pathlib import Path

from ledger.notes import Note, parse_note
from ledger.notes.note import MAX_BYTES
from schemas.errors import UsageError


def read_note(path: Path) -> Note:
    """The note in a file, of which no more is read than a note may have. Raises UsageError, NoteError."""
    try:
        with path.open("rb") as file:
            return parse_note(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise UsageError(f"{path}: 无法读取 / cannot be read: {error.strerror}", code="bad_note") from None

"""Signed notes (C2SP signed-note v1.0.0): a text, a blank line, and lines that each bear one signature.

Parsing accepts what the specification allows and nothing else, because two readings of the same bytes would
be two notes. Whether a signature holds is asked of keys (`ledger.notes.keys`), never of the note.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ledger.merkle import HASH_BYTES, MAX_SIZE
from schemas.errors import VerificationError

MAX_BYTES = 1 << 20
"""Longer notes are refused unread; a thousand post-quantum signatures fit."""

MAX_SIGNATURES = 128

_DASH = "\N{EM DASH} "
_KEY_ID_BYTES = 4
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NOT_IN_NAMES = re.compile(r"[\s+\x00-\x1f\ud800-\udfff]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteError(VerificationError):
    """Bytes that are no signed note, or a note whose signatures do not hold."""

    default_code = "bad_note"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who claims to have signed, and the claim."""

    name: str
    key_id: bytes
    """Four bytes; with the name they tell which key and which algorithm."""
    signature: bytes
    """What the algorithm made; cosignatures begin with their time."""

    @property
    def line(self) -> str:
        """The line with its newline."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures, verified or not."""

    text: str
    """Ends with a newline."""
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The bytes of the note."""
        return (self.text + "\n" + "".join(each.line for each in self.signatures)).encode()

    def signed_also(self, signatures: Iterable[Signature]) -> Note:
        """The same note with more signatures; those it bears already are not repeated."""
        new = (each for each in signatures if each not in self.signatures)
        return replace(self, signatures=(*self.signatures, *dict.fromkeys(new)))


def parse_note(raw: bytes) -> Note:
    """Read a note. Raises NoteError for anything else, naming what is wrong."""
    if len(raw) > MAX_BYTES:
        raise NoteError(f"签名文件过大 / a note of {len(raw)} bytes, at most {MAX_BYTES} are read")
    try:
        content = raw.decode()
    except UnicodeDecodeError as error:
        raise NoteError(f"不是 UTF-8 / a note must be UTF-8: {error.reason}") from None
    if _CONTROL.search(content):
        raise NoteError("含控制字符 / a note must not contain control characters")
    text, blank, lines = content.rpartition("\n\n")
    if not blank:
        raise NoteError("没有签名 / not a signed note: a blank line and signature lines are missing")
    return Note(text + "\n", parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Read signature lines, at least one, each with its newline. Raises NoteError."""
    *found, rest = lines.split("\n")
    if rest or not found:
        raise NoteError("缺完整的签名行 / a signature line that ends with a newline is missing")
    if len(found) > MAX_SIGNATURES:
        raise NoteError(f"签名过多 / {len(found)} signatures, at most {MAX_SIGNATURES} are read")
    return tuple(_signature(line) for line in found)


def is_key_name(name: str) -> bool:
    """Whether a key may be named so: not empty, no space of any alphabet, no plus, no control character.

    Nothing more is asked, because notes of strangers may bear names we would not give.
    """
    return bool(name) and not _NOT_IN_NAMES.search(name)


def decode_number(text: str) -> int:
    """A size or an index in ASCII decimal, of which there is one spelling only. Raises ValueError."""
    if not _NUMBER.fullmatch(text) or int(text) >= MAX_SIZE:
        raise ValueError(f"not a number below {MAX_SIZE} without leading zeros")
    return int(text)


def decode_hash(text: str) -> bytes:
    """A SHA-256 hash in base64. Raises ValueError."""
    raw = decode_base64(text)
    if len(raw) != HASH_BYTES:
        raise ValueError(f"{len(raw)} bytes are no hash")
    return raw


def decode_base64(text: str) -> bytes:
    """Bytes of standard base64, of which there is one spelling only. Raises ValueError."""
    raw = b64decode(text, validate=True)
    if b64encode(raw).decode() != text:
        raise ValueError("not the canonical base64 of its bytes")
    return raw


def _signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise NoteError(f"签名行格式不符 / not a signature line: {line!r:.80}")
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        raw = decode_base64(encoded)
    except ValueError:
        raise NoteError(f"签名行格式不符 / not base64 in a signature line: {line!r:.80}") from None
    if not space or not is_key_name(name) or len(raw) <= _KEY_ID_BYTES:
        raise NoteError(f"签名行格式不符 / not a signature line: {line!r:.80}")
    return Signature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])

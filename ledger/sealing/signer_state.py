"""What the signer remembers of what it signed, outside the database that it does not trust.

One JSON file, written through before a signature is let go. Who restores an older database meets a signer
that knows better; that is why this file must never be put back to an older state together with the database.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import orjson

from ledger.entry import instant
from ledger.errors import SignerRefusedError
from ledger.merkle import Frontier
from ledger.notes import Checkpoint, NoteError, parse_checkpoint, parse_note
from ledger.sealing.durable import alone, write_durably


@dataclass(frozen=True, slots=True)
class Signed:
    """The last checkpoint that was signed: its note, its tree, and when that was last looked at."""

    note: str
    frontier: tuple[bytes, ...]
    """Roots of the perfect subtrees of the signed tree, largest first."""
    at: datetime
    """When it was signed, or last found to be still the newest; no later signature may claim less."""

    @property
    def checkpoint(self) -> Checkpoint:
        """What was signed."""
        return parse_checkpoint(parse_note(self.note.encode()).text)

    def tree(self) -> Frontier:
        """The signed tree, to be grown."""
        return Frontier(self.checkpoint.size, self.frontier)

    def seen(self, at: datetime) -> Signed:
        """The same checkpoint, looked at again."""
        return replace(self, at=at)


@dataclass(frozen=True, slots=True)
class SignerState:
    """The file."""

    path: Path

    def alone(self) -> AbstractContextManager[float]:
        """Keep other signers out; gives the seconds that took. Raises UnavailableError (`busy`)."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return alone(self.path.with_name(f".{self.path.name}.lock"))

    def read(self) -> Signed | None:
        """What was signed last; None where there is no file. Raises SignerRefusedError for a broken one."""
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return _parse(raw)
        except (ValueError, KeyError, TypeError, NoteError) as error:
            said = f"签名状态损坏 / the signer's state {self.path} is broken, bring it back from your backup"
            raise SignerRefusedError(f"{said}: {error}") from None

    def write(self, signed: Signed) -> None:
        """Remember it, whatever happens next."""
        checkpoint = signed.checkpoint
        document = {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "frontier": [b64encode(each).decode() for each in signed.frontier],
            "note": signed.note,
            "signed": instant(signed.at),
        }
        write_durably(self.path, orjson.dumps(document, option=orjson.OPT_INDENT_2))


def _parse(raw: bytes) -> Signed:
    document = orjson.loads(raw)
    frontier = tuple(b64decode(each, validate=True) for each in document["frontier"])
    signed = Signed(document["note"], frontier, datetime.fromisoformat(document["signed"]))
    checkpoint = signed.checkpoint
    told = (document["origin"], document["size"], document["root"])
    if told != (checkpoint.origin, checkpoint.size, checkpoint.root.hex()):
        raise ValueError("it contradicts its note")
    if signed.tree().root() != checkpoint.root or signed.at.utcoffset() is None:
        raise ValueError("its tree is not the one that was signed")
    return signed

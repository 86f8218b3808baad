"""What a keyring says of its keys: which there are, what sizes they may sign, and what is still to be told.

One JSON file, replaced whole: whoever reads it sees the keyring before a change or after it, nothing
between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from ledger.entry import instant
from ledger.notes import BadKeyError, VerifierKey, parse_vkey
from schemas.errors import UsageError


class KeyringError(UsageError):
    """The keyring is missing, half there or not what it says: keys are never made anew on its account."""

    default_code = "bad_keyring"


class Action(StrEnum):
    """What can happen to a key."""

    GENERATE = "generate"
    ROTATE = "rotate"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key and the sizes of checkpoints it may sign, first to last; `last` is None while it is in use."""

    key: VerifierKey
    first: int = 1
    last: int | None = None

    @property
    def active(self) -> bool:
        """Whether new checkpoints are signed with it."""
        return self.last is None


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What happened to a key, who asked for it and when."""

    action: Action
    kept: KeptKey
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Index:
    """All keys, oldest first, and the changes that ledger and policy file may not know of yet."""

    origin: str
    keys: tuple[KeptKey, ...]
    untold: tuple[KeyChange, ...]

    def encode(self) -> bytes:
        """The bytes of the file."""
        document = {
            "origin": self.origin,
            "keys": [_document(each) for each in self.keys],
            "untold": [
                _document(each.kept) | {"action": each.action, "actor": each.actor, "at": instant(each.at)}
                for each in self.untold
            ],
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def parse_index(raw: bytes) -> Index:
    """Read the file. Raises KeyringError for anything else."""
    try:
        document = orjson.loads(raw)
        keys = tuple(_kept(each) for each in document["keys"])
        untold = tuple(_change(each) for each in document["untold"])
        return Index(str(document["origin"]), keys, untold)
    except (ValueError, KeyError, TypeError, AttributeError, BadKeyError) as error:
        said = f"{type(error).__name__}: {error}"
        raise KeyringError(f"密钥目录无法读取 / not the index of a keyring: {said}") from None


def _document(kept: KeptKey) -> dict[str, Any]:
    return {"vkey": kept.key.vkey, "first": kept.first, "last": kept.last}


def _kept(document: dict[str, Any]) -> KeptKey:
    last = document["last"]
    return KeptKey(parse_vkey(document["vkey"]), int(document["first"]), None if last is None else int(last))


def _change(document: dict[str, Any]) -> KeyChange:
    at = datetime.fromisoformat(document["at"])
    return KeyChange(Action(document["action"]), _kept(document), str(document["actor"]), at)

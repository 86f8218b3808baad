"""Keys of the desk, in the home's folder of keys: a secret that seals cookies and forms, and a signing key.

With the signing key the desk vouches for the acts of those who signed in at it; its public half travels in
the rules of every matter that begins here. A new one is put before the old ones in `desk.pub`: matters that
began before go on under those they know until new rules are adopted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from itsdangerous import URLSafeTimedSerializer
from joserfc.jwk import OKPKey

from starter.home import Home

SECRET, SIGNING, PUBLIC = "desk.secret", "desk.key", "desk.pub"
_BYTES = 32


@dataclass(frozen=True)
class DeskKeys:
    """What a home's web processes seal and sign with; they share the folder."""

    secret: bytes = field(repr=False)
    signing: OKPKey = field(repr=False)

    def serializer(self, purpose: str) -> URLSafeTimedSerializer:
        """Signs and dates text that a browser keeps for us; text for one purpose serves no other."""
        return URLSafeTimedSerializer(self.secret, salt=f"yangguang {purpose}")

    def token(self, purpose: str, text: str) -> str:
        """A token that follows from `text`, which nobody without the secret can make."""
        return hmac.new(self.secret, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=32)
def desk_keys(home: Home) -> DeskKeys:
    """The keys of a home, made on first use and kept for the life of the process."""
    secret = _kept(home.keys / SECRET, lambda: secrets.token_hex(_BYTES))
    signing = OKPKey.import_key(json.loads(_kept(home.keys / SIGNING, _new_key)))
    return DeskKeys(bytes.fromhex(secret), signing)


def public_keys(home: Home) -> tuple[str, ...]:
    """The public keys that matters beginning here know the desk by, the present one first."""
    told = _kept(home.keys / PUBLIC, lambda: _public(desk_keys(home).signing))
    return tuple(told.split())


def _public(key: OKPKey) -> str:
    return str(key.as_dict(private=False)["x"])


def _new_key() -> str:
    return json.dumps(OKPKey.generate_key("Ed25519", private=True).as_dict(private=True))


def _kept(path: Path, make: Callable[[], str]) -> str:
    """What a file holds; it is written once, by whoever needs it first."""
    if not path.exists():
        _write_once(path, make())
    return path.read_text(encoding="ascii").strip()


def _write_once(path: Path, text: str) -> None:
    # Linking refuses an existing name, so of two first processes one wins and both read its file.
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()

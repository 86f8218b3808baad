"""The delivery key: secrets of webhooks and mail addresses lie in the database as ciphertexts only.

The key is a file of the home, so that a copy of the database gives away neither. Every machine that delivers
needs the same file; without it nothing can be signed, and what waits goes on waiting.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Malformed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes, token_hex

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.errors import UnavailableError

NAME = "delivery.secret"
_BYTES = 32
_NONCE = 12


@dataclass(frozen=True)
class Vault:
    """Seals texts for one place each: a ciphertext moved to another row does not open."""

    key: bytes = field(repr=False)

    def seal(self, place: str, text: str) -> str:
        """Ciphertext of a text."""
        nonce = token_bytes(_NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, text.encode(), place.encode())
        return urlsafe_b64encode(nonce + sealed).decode()

    def open(self, place: str, sealed: str) -> str:
        """The text again. Raises UnavailableError where this is not the key it was sealed with."""
        try:
            raw = urlsafe_b64decode(sealed)
            return AESGCM(self.key).decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError, Malformed):
            raise UnavailableError(
                f"投递密钥与密文不符 / the delivery key does not open {place}", code="delivery_key"
            ) from None


def vault_in(keys: Path) -> Vault:
    """The vault of a home's folder of keys, made on first use."""
    path = keys / NAME
    if not path.exists():
        _make(path)
    return _read(path)


def find_vault(keys: Path) -> Vault | None:
    """The vault of a home's folder of keys, where there is one."""
    path = keys / NAME
    return _read(path) if path.exists() else None


def _read(path: Path) -> Vault:
    return Vault(bytes.fromhex(path.read_text(encoding="ascii").strip()))


def _make(path: Path) -> None:
    # Linking refuses an existing name, so of two first processes one wins and both read its file.
    draft = path.with_name(f".{path.name}-{token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(token_hex(_BYTES) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()

"""Sealing of personal data before anything is sent: digests in the leaf, openings beside it.

The opening is `b64url(JSON [salt, name, value])` (RFC 9901 disclosure), its digest goes into the
leaf, and the opening travels encrypted with AES-SIV (RFC 5297) under the matter's key. Salt and
ciphertext follow from key and content alone, so that a repeated submission is the same submission,
and destroying the key makes every copy unreadable, exported histories included.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.keys import CaseKey
from schemas.entries import SealedField

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which are misread on paper and misheard on the phone."""

CODE_LENGTH = 10


def seal(key: CaseKey, fields: dict[str, str]) -> tuple[SealedField, ...]:
    """Seal the fields that hold anything."""
    return tuple(_sealed(key, name, value) for name, value in fields.items() if value)


def open_sealed(key: CaseKey, field: SealedField) -> tuple[str, str]:
    """(name, value) of a sealed field; raises `cryptography.exceptions.InvalidTag` if it was altered."""
    opening = AESSIV(_derive(key, b"seal", 64)).decrypt(_decode(field.ciphertext), [field.digest.encode()])
    _, name, value = json.loads(_decode(opening.decode()))
    return str(name), str(value)


def lookup_code(key: CaseKey) -> str:
    """The applicant's lookup code: the same for every repetition of his submission."""
    raw = _derive(key, b"lookup", CODE_LENGTH)
    return "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in raw)


def lookup_digest(number: str, code: str) -> str:
    """What is kept of a lookup code: SHA-256 (hex) over number and code."""
    return hashlib.sha256(f"{number}\n{code}".encode()).hexdigest()


def _sealed(key: CaseKey, name: str, value: str) -> SealedField:
    content = json.dumps([name, value], ensure_ascii=False).encode()
    salt = _encode(hmac.new(_derive(key, b"salt", 32), content, hashlib.sha256).digest()[:16])
    opening = _encode(json.dumps([salt, name, value], ensure_ascii=False, separators=(",", ":")).encode())
    digest = _encode(hashlib.sha256(opening.encode()).digest())
    ciphertext = AESSIV(_derive(key, b"seal", 64)).encrypt(opening.encode(), [digest.encode()])
    return SealedField(name=name, digest=digest, ciphertext=_encode(ciphertext), key_id=key.key_id)


def _derive(key: CaseKey, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"yangguang/" + purpose).derive(key.key)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""Openings of sealed fields: what lets a salted digest in a leaf say its name and value again.

An opening is `b64url(JSON [salt, name, value])` and its digest the base64url SHA-256 of that ASCII
string (RFC 9901 disclosure). Beside the leaf it lies encrypted with AES-SIV (RFC 5297) under the
matter's key, with the digest as associated data. Salt and ciphertext follow from key and content alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.keys import CaseKey
from schemas.errors import VerificationError

MAX_OPENING = 1 << 17
"""Characters; longer openings are refused unread (a field of the intake is much shorter)."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_SALT_BYTES = 16


class BadOpeningError(VerificationError):
    """Bytes that open no digest, or not this one."""

    default_code = "bad_opening"


@dataclass(frozen=True, slots=True)
class Opening:
    """A personal field in clear, with the salt that keeps its digest from being guessed."""

    text: str
    """The opening as it is hashed: base64url of JSON [salt, name, value]."""
    name: str
    value: str

    @property
    def digest(self) -> str:
        """What the leaf holds of it, under `_sd`."""
        return opening_digest(self.text)


def opening_digest(text: str) -> str:
    """Digest of an opening: base64url SHA-256 of its ASCII characters, without padding."""
    return _encode(hashlib.sha256(text.encode()).digest())


def parse_opening(text: str) -> Opening:
    """Read an opening in clear. Raises BadOpeningError for anything else."""
    if len(text) > MAX_OPENING or not _BASE64URL.fullmatch(text):
        raise BadOpeningError(f"不是密封字段的原文 / not an opening: {text!r:.80}")
    try:
        content = json.loads(_decode(text))
    except (ValueError, RecursionError):
        raise BadOpeningError(f"密封字段的原文无法读取 / an opening cannot be read: {text!r:.80}") from None
    match content:
        case [str(), str(name), str(value)]:
            return Opening(text, name, value)
    raise BadOpeningError(
        f"密封字段的原文格式不符 / an opening is [salt, name, value], this is not: {text!r:.80}"
    )


def make_opening(key: CaseKey, name: str, value: str) -> Opening:
    """The one opening a field has under a case's key."""
    content = json.dumps([name, value], ensure_ascii=False).encode()
    salt = hmac.new(derive(key, b"salt", 32), content, hashlib.sha256).digest()[:_SALT_BYTES]
    plain = json.dumps([_encode(salt), name, value], ensure_ascii=False, separators=(",", ":"))
    return Opening(_encode(plain.encode()), name, value)


def encrypt_opening(key: CaseKey, opening: Opening) -> str:
    """The opening under the case's key, base64url: a row of `ledger_disclosure`."""
    sealed = _cipher(key).encrypt(opening.text.encode(), [opening.digest.encode()])
    return _encode(sealed)


def decrypt_opening(key: CaseKey, digest: str, ciphertext: str) -> Opening:
    """The opening of a digest. Raises BadOpeningError where the three do not belong together."""
    return parse_opening(opened(key, digest, ciphertext))


def opened(key: CaseKey, digest: str, ciphertext: str) -> str:
    """The text that has this digest. Raises BadOpeningError where the three do not belong together."""
    try:
        plain = _cipher(key).decrypt(_decode(ciphertext), [digest.encode()]).decode()
    except (InvalidTag, ValueError):
        raise BadOpeningError(f"密封字段打不开 / the opening of {digest:.43} cannot be decrypted") from None
    if opening_digest(plain) != digest:
        raise BadOpeningError(f"密封字段与摘要不符 / the opening is not that of {digest:.43}")
    return plain


def lookup_digest(number: str, code: str) -> str:
    """What is kept of a lookup code: SHA-256 (hex) over number and code."""
    return hashlib.sha256(f"{number}\n{code}".encode()).hexdigest()


@lru_cache(maxsize=64)
def _cipher(key: CaseKey) -> AESSIV:
    """Kept for the fields of a case, which come together."""
    return AESSIV(derive(key, b"seal", 64))


def derive(key: CaseKey, purpose: bytes, length: int) -> bytes:
    """Key material for one purpose (HKDF-SHA-256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"yangguang/" + purpose).derive(key.key)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None

"""Sealing of personal data before anything is sent: digests in the leaf, openings beside it.

What an opening is and how it is encrypted says `ledger.openings`. Salt and ciphertext follow from key
and content alone, so that a repeated submission is the same submission, and destroying the key makes
every copy unreadable, exported histories included.
"""

from __future__ import annotations

from ledger.keys import CaseKey
from ledger.openings import decrypt_opening, derive, encrypt_opening, make_opening
from schemas.entries import SealedField

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which are misread on paper and misheard on the phone."""

CODE_LENGTH = 10


def seal(key: CaseKey, fields: dict[str, str]) -> tuple[SealedField, ...]:
    """Seal the fields that hold anything."""
    return tuple(_sealed(key, name, value) for name, value in fields.items() if value)


def open_sealed(key: CaseKey, field: SealedField) -> tuple[str, str]:
    """(name, value) of a sealed field; raises `BadOpeningError` if it was altered."""
    opening = decrypt_opening(key, field.digest, field.ciphertext)
    return opening.name, opening.value


def lookup_code(key: CaseKey) -> str:
    """The applicant's lookup code: the same for every repetition of his submission."""
    raw = derive(key, b"lookup", CODE_LENGTH)
    return "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in raw)


def _sealed(key: CaseKey, name: str, value: str) -> SealedField:
    opening = make_opening(key, name, value)
    ciphertext = encrypt_opening(key, opening)
    return SealedField(name=name, digest=opening.digest, ciphertext=ciphertext, key_id=key.key_id)

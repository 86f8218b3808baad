"""A value that stays closed until somebody's recorded act releases it (密封值)."""

from __future__ import annotations

from pydantic import Field

from .base import Code, Model


class SealedValue(Model):
    """One secret as messages and entries hold it: salted digest and ciphertext, never the value.

    The format is that of a sealed field (`schemas.entries.SealedField`), but the key is one of its own,
    so that nothing that opens a matter's personal data opens this.
    """

    name: Code
    """`reserve_price`, `informant`."""
    digest: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    ciphertext: str = Field(pattern=r"^[A-Za-z0-9_-]{22,16000}$")
    """base64url, under the key `key_id`."""
    key_id: Code

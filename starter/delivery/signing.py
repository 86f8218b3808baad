"""Signatures of webhooks as the Standard Webhooks specification has them: HMAC-SHA256 and Ed25519.

A receiver who checks the Ed25519 signature holds nothing with which he, or whoever robs him, could forge
an event. While secrets are rotated both the new and the old ones sign, so that neither side has to hurry.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.errors import VerificationError

HMAC, ED25519 = "v1", "v1a"
TOLERANCE = timedelta(minutes=5)
"""A receiver refuses what is older or newer: an event overheard today is worth nothing tomorrow."""

_HMAC_SECRET, _PRIVATE, _PUBLIC = "whsec_", "whsk_", "whpk_"
_HMAC_BYTES = 32


@dataclass(frozen=True)
class Secret:
    """What one scheme signs with, in the specification's spelling; it never shows in a log line."""

    scheme: str
    text: str = field(repr=False)
    public: str = ""
    """`whpk_...` of Ed25519: that may be shown to anybody."""


def new_secrets() -> tuple[Secret, Secret]:
    """A fresh secret of each scheme."""
    key = Ed25519PrivateKey.generate()
    public = _PUBLIC + b64encode(key.public_key().public_bytes_raw()).decode()
    return (
        Secret(HMAC, _HMAC_SECRET + b64encode(token_bytes(_HMAC_BYTES)).decode()),
        Secret(ED25519, _PRIVATE + b64encode(key.private_bytes_raw()).decode(), public),
    )


def headers_for(secrets: Iterable[Secret], event: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message, with one signature a secret."""
    stamp = str(int(at.timestamp()))
    signed = _signed(event, stamp, body)
    return {
        "webhook-id": event,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"{each.scheme},{_sign(each, signed)}" for each in secrets),
    }


def verify(key: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """What a receiver does, with `whsec_...` or `whpk_...`. Raises VerificationError."""
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise VerificationError(
            "时间戳超出五分钟 / the timestamp is more than five minutes away", code="old_timestamp"
        )
    signed = _signed(headers.get("webhook-id", ""), stamp, body)
    given = [each.partition(",") for each in headers.get("webhook-signature", "").split()]
    if not any(_matches(key, scheme, value, signed) for scheme, _, value in given):
        raise VerificationError("签名不符 / no signature fits", code="bad_signature")


def _signed(event: str, stamp: str, body: bytes) -> bytes:
    return f"{event}.{stamp}.".encode() + body


def _sign(secret: Secret, signed: bytes) -> str:
    if secret.scheme == ED25519:
        key = Ed25519PrivateKey.from_private_bytes(b64decode(secret.text.removeprefix(_PRIVATE)))
        return b64encode(key.sign(signed)).decode()
    key_bytes = b64decode(secret.text.removeprefix(_HMAC_SECRET))
    return b64encode(hmac.digest(key_bytes, signed, hashlib.sha256)).decode()


def _matches(key: str, scheme: str, value: str, signed: bytes) -> bool:
    if scheme == HMAC and key.startswith(_HMAC_SECRET):
        return hmac.compare_digest(_sign(Secret(HMAC, key), signed), value)
    if scheme == ED25519 and key.startswith(_PUBLIC):
        try:
            public = Ed25519PublicKey.from_public_bytes(b64decode(key.removeprefix(_PUBLIC)))
            public.verify(b64decode(value), signed)
        except (InvalidSignature, ValueError):
            return False
        return True
    return False

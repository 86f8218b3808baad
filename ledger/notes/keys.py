"""Keys of logs and witnesses: what they sign, how they are written down, whether a signature holds.

Three kinds (C2SP signed-note v1.0.0 and tlog-cosignature v1.1): a log's plain Ed25519, a witness's
time-stamped Ed25519, and time-stamped ML-DSA-44, which both may use and quantum computers do not break.
Names and key ids follow from name, kind and public key, so that a signature is never tried with a wrong key.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ledger.notes.checkpoint import parse_checkpoint
from ledger.notes.note import Note, NoteError, Signature, decode_base64, is_key_name
from schemas.errors import UsageError

_TIME_BYTES = 8
_MAX_TIME = 253_402_300_799
"""The last second of the year 9999; later times are no times (they would not fit a datetime)."""


class KeyKind(IntEnum):
    """The signature type byte of C2SP signed-note."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_MLDSA44 = 0x06

    @property
    def timed(self) -> bool:
        """Whether a signature says when it was made."""
        return self is not KeyKind.ED25519


_PUBLIC_BYTES = {KeyKind.ED25519: 32, KeyKind.COSIGNATURE_ED25519: 32, KeyKind.COSIGNATURE_MLDSA44: 1312}


class BadKeyError(UsageError):
    """Text or a file that is no key."""

    default_code = "bad_key"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under the name it signs with."""

    name: str
    kind: KeyKind
    public: bytes

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || LF || kind || public key), first four bytes."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as one line of text: name+id+material."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def __str__(self) -> str:
        """Short enough for a table and a sentence."""
        return f"{self.name}+{self.key_id.hex()}"

    def pem(self) -> bytes:
        """The public key as SubjectPublicKeyInfo, for openssl."""
        key: Ed25519PublicKey | MLDSA44PublicKey
        if self.kind is KeyKind.COSIGNATURE_MLDSA44:
            key = MLDSA44PublicKey.from_public_bytes(self.public)
        else:
            key = Ed25519PublicKey.from_public_bytes(self.public)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def made(self, signature: Signature) -> bool:
        """Whether the signature claims to be of this key."""
        return signature.name == self.name and signature.key_id == self.key_id

    def verify(self, text: str, signature: Signature) -> datetime | None:
        """When the text was signed, in UTC. Raises NoteError.

        None where the kind tells no time, and where the signer told none: the time 0 stands for "I do not
        say that this tree is the largest I have seen" (C2SP tlog-cosignature).
        """
        if not self.made(signature):
            raise NoteError(f"不是此钥所签 / signed by {signature.name!r:.80}, not by {self}")
        at, raw = _split(self.kind, signature.signature)
        try:
            if self.kind is KeyKind.COSIGNATURE_MLDSA44:
                post_quantum = MLDSA44PublicKey.from_public_bytes(self.public)
                post_quantum.verify(raw, _message(self.name, self.kind, text, at))
            else:
                key = Ed25519PublicKey.from_public_bytes(self.public)
                key.verify(raw, _message(self.name, self.kind, text, at))
        except (InvalidSignature, ValueError):
            raise NoteError(f"签名无效 / the signature of {self} does not hold") from None
        except UnsupportedAlgorithm:
            raise NoteError(f"本机无法验证 {self} / {self.kind.name} cannot be verified here") from None
        return datetime.fromtimestamp(at, UTC) if at else None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key under its name. It never shows in a log line."""

    name: str
    kind: KeyKind
    _private: Ed25519PrivateKey | MLDSA44PrivateKey

    def __repr__(self) -> str:
        """Which key, never its secret."""
        return f"SigningKey({self.verifier})"

    @property
    def verifier(self) -> VerifierKey:
        """What others verify with."""
        return VerifierKey(self.name, self.kind, self._private.public_key().public_bytes_raw())

    def sign(self, text: str, at: datetime) -> Signature:
        """Sign the text of a checkpoint; `at` (whole seconds count) is what a time-stamped kind claims."""
        seconds = int(at.timestamp()) if self.kind.timed else None
        raw = self._private.sign(_message(self.name, self.kind, text, seconds))
        stamp = b"" if seconds is None else seconds.to_bytes(_TIME_BYTES, "big")
        return Signature(self.name, self.verifier.key_id, stamp + raw)

    def pem(self) -> bytes:
        """The private key as unencrypted PKCS #8; whoever stores it sees to who may read it."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def generate_key(name: str, kind: KeyKind) -> SigningKey:
    """A new key. Raises BadKeyError for a name no key may have, or a kind this machine cannot make."""
    if not _is_name(name):
        raise BadKeyError(f"钥名不可用 / not usable as the name of a key: {name!r:.80}")
    try:
        post_quantum = kind is KeyKind.COSIGNATURE_MLDSA44
        return SigningKey(
            name, kind, MLDSA44PrivateKey.generate() if post_quantum else Ed25519PrivateKey.generate()
        )
    except UnsupportedAlgorithm:
        raise BadKeyError("本机不支持 ML-DSA-44 / ML-DSA-44 is not available on this machine") from None


def load_key(name: str, kind: KeyKind, pem: bytes) -> SigningKey:
    """A private key read back. Raises BadKeyError where the bytes are no key of this kind."""
    wanted = MLDSA44PrivateKey if kind is KeyKind.COSIGNATURE_MLDSA44 else Ed25519PrivateKey
    try:
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKeyError(f"私钥无法读取 / not a private key, or a locked one: {name!r:.80}") from None
    if not isinstance(private, wanted) or not _is_name(name):
        raise BadKeyError(f"私钥种类不符 / not a {kind.name} key of {name!r:.80}")
    return SigningKey(name, kind, private)


def parse_vkey(text: str) -> VerifierKey:
    """Read a verifier key. Raises BadKeyError where it is none, or its id does not follow from it."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        material = decode_base64(encoded)
        key = VerifierKey(name, KeyKind(material[0]), material[1:])
    except (ValueError, IndexError):
        raise BadKeyError(f"公钥格式不符 / not a verifier key of a known kind: {text!r:.80}") from None
    if not _is_name(name) or len(key.public) != _PUBLIC_BYTES[key.kind]:
        raise BadKeyError(f"公钥格式不符 / not a verifier key: {text!r:.80}")
    if key.key_id.hex() != key_id:
        raise BadKeyError(f"公钥编号不符 / the id is not that of the key: {text!r:.80}")
    return key


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds: whose it is, and when it says it was made."""

    key: VerifierKey
    signature: Signature
    at: datetime | None


def verify_note(note: Note, keys: tuple[VerifierKey, ...]) -> tuple[Verified, ...]:
    """All signatures of known keys. Raises NoteError if one of them does not hold, or there is none.

    Signatures of unknown keys are ignored, even under a known name, as the specification demands.
    """
    found = tuple(
        Verified(key, signature, key.verify(note.text, signature))
        for signature in note.signatures
        for key in keys
        if key.made(signature)
    )
    if not found:
        raise NoteError("没有已知的签名 / no signature of a known key")
    return found


def _is_name(name: str) -> bool:
    """Whether we know a key by this name: one that can be printed, because it is."""
    return is_key_name(name) and name.isprintable()


def _split(kind: KeyKind, signature: bytes) -> tuple[int | None, bytes]:
    if not kind.timed:
        return None, signature
    at = int.from_bytes(signature[:_TIME_BYTES], "big")
    if len(signature) <= _TIME_BYTES or at > _MAX_TIME:
        raise NoteError("签名时间格式不符 / the signature has no usable time")
    return at, signature[_TIME_BYTES:]


def _message(name: str, kind: KeyKind, text: str, at: int | None) -> bytes:
    """The bytes that are signed."""
    if kind is KeyKind.ED25519:
        return text.encode()
    if kind is KeyKind.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    checkpoint = parse_checkpoint(text)
    return b"".join(
        (
            b"subtree/v1\n\0",
            _short(name),
            (at or 0).to_bytes(8, "big"),
            _short(checkpoint.origin),
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _short(text: str) -> bytes:
    """A string behind its length in one byte (RFC 8446 section 3.4)."""
    raw = text.encode()
    if not 0 < len(raw) < 256:
        raise NoteError(f"名称过长 / a name of {len(raw)} bytes, at most 255: {text!r:.80}")
    return bytes([len(raw)]) + raw

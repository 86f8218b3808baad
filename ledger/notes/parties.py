"""Whom a policy names: logs, witnesses, groups of witnesses, time-stamp authorities (C2SP tlog-policy).

Names and addresses are octets that mean nothing outside the file; those that are not UTF-8 are kept as lone
surrogates (PEP 383), so that no two names become one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ledger.merkle import MAX_SIZE
from ledger.notes.keys import KeyKind, VerifierKey
from schemas.errors import UsageError

NONE = "none"
"""The quorum that asks for no cosignature; nobody else may have this name."""

MAX_WORD = 2048
"""Bytes of a name or an address."""

_LOG_KINDS = (KeyKind.ED25519, KeyKind.COSIGNATURE_MLDSA44)
_WITNESS_KINDS = (KeyKind.COSIGNATURE_ED25519, KeyKind.COSIGNATURE_MLDSA44)
_NOT_IN_WORDS = re.compile(rb"[\x00-\x20\x7f]")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class BadPolicyError(UsageError):
    """A file that is no policy, or names that make none."""

    default_code = "bad_policy"


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key of a log, and the checkpoints it may sign. Raises BadPolicyError."""

    key: VerifierKey
    """Its name is the log's origin."""
    first: int = 0
    last: int | None = None
    """Smallest and largest size it may sign, both included; None where there is no largest."""
    url: str = ""

    def __post_init__(self) -> None:
        """Only what can be written down."""
        _check_key(self.key, _LOG_KINDS)
        _check_word(self.url)
        if not 0 <= self.first <= (MAX_SIZE - 1 if self.last is None else self.last) < MAX_SIZE:
            raise BadPolicyError(f"大小范围不成立 / {self.key}: no sizes from {self.first} to {self.last}")

    def may_sign(self, size: int) -> bool:
        """Whether a checkpoint of this size is for this key to sign."""
        return self.first <= size and (self.last is None or size <= self.last)


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness and the name its policy gives it. Raises BadPolicyError."""

    name: str
    key: VerifierKey
    url: str = ""
    """Submission prefix (C2SP tlog-witness); empty where nobody is to submit."""

    def __post_init__(self) -> None:
        """Only what can be written down."""
        _check_key(self.key, _WITNESS_KINDS)
        _check_name(self.name)
        _check_word(self.url)


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses, or groups of them, of which `k` are enough. Raises BadPolicyError."""

    name: str
    k: int
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        """Only what can be written down."""
        _check_name(self.name)
        if not 1 <= self.k <= len(self.members):
            raise BadPolicyError(f"{self.name!r:.80}: 人数不成立 / {self.k} of {len(self.members)} cannot be")

    @property
    def threshold(self) -> str:
        """`k` as it is written."""
        return {len(self.members): "all", 1: "any"}.get(self.k, str(self.k))


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamp authority (RFC 3161), known by its trusted root certificate. Raises BadPolicyError."""

    url: str
    """Where it answers; empty where nobody is to ask."""
    fingerprint: str
    """SHA-256 of the certificate's DER, in lower-case hex."""

    def __post_init__(self) -> None:
        """Only what can be written down."""
        _check_word(self.url)
        if not _FINGERPRINT.fullmatch(self.fingerprint):
            raise BadPolicyError(
                f"证书指纹格式不符 / not a SHA-256 in lower-case hex: {self.fingerprint!r:.80}"
            )


def _check_name(name: str) -> None:
    """Raises BadPolicyError unless a witness or a group may be named so."""
    _check_word(name)
    if name in ("", NONE):
        raise BadPolicyError(f"名称不可用 / not usable as the name of a witness or a group: {name!r}")


def _check_word(word: str) -> None:
    """What reads back as itself: octets in UTF-8 or lone surrogates, never both for the same octet."""
    try:
        raw = word.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        raw = b" "
    if _NOT_IN_WORDS.search(raw) or raw.decode(errors="surrogateescape") != word:
        raise BadPolicyError(f"含空白或控制字符 / this cannot stand in a policy: {word!r:.80}")
    if len(raw) > MAX_WORD:
        raise BadPolicyError(f"过长 / {len(raw)} bytes, at most {MAX_WORD}: {word!r:.80}")


def _check_key(key: VerifierKey, kinds: tuple[KeyKind, ...]) -> None:
    _check_word(key.name)
    if key.kind not in kinds:
        wanted = ", ".join(each.name for each in kinds)
        raise BadPolicyError(f"{key}: 密钥种类不符 / a key of kind {key.kind.name}, wanted is {wanted}")

"""Time-stamps of the newest checkpoint (RFC 3161): a licensed authority says that the note was there then.

The token is over the whole note as it stood, signatures and cosignatures included; note and answer (a
TimeStampResp in DER, as `openssl ts -verify` reads it) are kept side by side. An authority is trusted through
the root certificate whose SHA-256 the policy names, and through no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import Connection, select

from ledger.anchors.exchange import AwayError, address, post
from ledger.db import Ledger, snapshot
from ledger.dialect import is_postgresql, upsert
from ledger.entry import instant
from ledger.notes import Note, parse_checkpoint
from ledger.notes.policy import Authority, Policy
from ledger.sealing.stored import newest_note
from ledger.tables import ledger_token
from schemas.errors import UsageError, VerificationError, YangguangError

MAX_TOKEN_BYTES = 1 << 16
"""Longer answers are refused unread; a token with a long chain of certificates has a tenth of it."""


APART = timedelta(minutes=5)
"""A token whose time is further from the clock here is not taken: honest entries would look misdated."""


class TokenError(VerificationError):
    """A time-stamp token does not prove that the note was there at a time."""

    default_code = "bad_token"


class BadRootError(UsageError):
    """A file that holds no certificate."""

    default_code = "bad_root"


@dataclass(frozen=True, slots=True)
class Stamped:
    """How it went with one authority: when it stamped which size, or what the problem is (code, sentence)."""

    authority: str
    size: int
    at: datetime | None
    problem: str = ""
    told: str = ""


def stamp(
    ledger: Ledger,
    policy: Policy,
    roots: Sequence[bytes],
    *,
    http: httpx.Client,
    now: Callable[[], datetime],
) -> tuple[Stamped, ...]:
    """Have the newest note stamped by each authority with a URL that has not stamped its size yet.

    `roots` are PEM files. How often is the caller's to decide. Raises BadRootError, NoteError, and what the
    database raises; what an authority does is told in its answer.
    """
    known = [each for pem in roots for each in load_roots(pem)]
    with snapshot(ledger.engine) as connection:
        note = newest_note(connection)
        size = parse_checkpoint(note.text).size if note else 0
        owing = _owing(connection, policy, size)
    if note is None:
        return ()
    return tuple(_ask(ledger, size, note, each, known, http, now) for each in owing)


def verify_token(token: bytes, note: bytes, roots: Sequence[x509.Certificate]) -> datetime:
    """When the note was there at the latest, says an authority under one of `roots`. Raises TokenError."""
    return _verified(token, note, roots, None)


def load_roots(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises BadRootError."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadRootError(f"证书无法读取 / not a certificate in PEM: {error}") from None


def trusted_roots(roots: Iterable[x509.Certificate], authority: Authority) -> list[x509.Certificate]:
    """Those of the certificates that the policy names for this authority."""
    return [each for each in roots if each.fingerprint(SHA256()).hex() == authority.fingerprint]


def _owing(connection: Connection, policy: Policy, size: int) -> list[Authority]:
    columns = ledger_token.c
    stamped = set(connection.scalars(select(columns.authority).where(columns.size == size)))
    return [each for each in policy.authorities if each.url and each.url not in stamped]


def _ask(
    ledger: Ledger,
    size: int,
    note: Note,
    authority: Authority,
    known: Iterable[x509.Certificate],
    http: httpx.Client,
    now: Callable[[], datetime],
) -> Stamped:
    raw = note.encode()
    try:
        roots = trusted_roots(known, authority)
        if not roots:
            told = f"缺时间戳机构的根证书 / no root certificate {authority.fingerprint} is at hand"
            raise TokenError(told, code="unknown_root")
        token, at = _fetch(raw, authority, roots, http)
        _check_clock(authority, at, now())
    except YangguangError as error:
        return Stamped(authority.url, size, None, error.code, error.message)
    with ledger.engine.begin() as connection:
        _keep(connection, size, authority, raw, token, at)
    return Stamped(authority.url, size, at)


def _fetch(
    note: bytes, authority: Authority, roots: Sequence[x509.Certificate], http: httpx.Client
) -> tuple[bytes, datetime]:
    """A new token over the note, verified. The nonce makes sure that the answer is to this request."""
    request = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256).build()
    url = address(authority.url)
    answer = post(http, url, request.as_bytes(), "application/timestamp-query", most=MAX_TOKEN_BYTES)
    if answer.status != 200:
        raise AwayError(f"时间戳机构未答复 / {url} answers {answer.status} {answer.text!r}", code="away")
    return answer.body, _verified(answer.body, note, roots, request.nonce)


def _verified(token: bytes, note: bytes, roots: Sequence[x509.Certificate], nonce: int | None) -> datetime:
    if len(token) > MAX_TOKEN_BYTES:
        raise TokenError(f"时间戳过大 / a token of {len(token)} bytes, at most {MAX_TOKEN_BYTES} are read")
    if not roots:
        raise TokenError("缺根证书 / no root certificate to check the time-stamp with", code="unknown_root")
    try:
        response = decode_timestamp_response(token)
        _check_granted(response)
        verifier = VerifierBuilder(roots=list(roots), nonce=nonce).build()
        verifier.verify_message(response, note)
        return response.tst_info.gen_time.astimezone(UTC)
    except TokenError:
        raise
    except Exception as error:  # the package lets through whatever its parsers raise at a stranger's bytes
        raise TokenError(f"时间戳不成立 / the time-stamp does not hold: {error!s:.200}") from None


def _check_clock(authority: Authority, at: datetime, now: datetime) -> None:
    if abs(at - now) > APART:
        told = f"时间戳机构的时钟不符 / {authority.url} says {at}, here it is {now.astimezone(UTC)}"
        raise TokenError(told, code="authority_clock")


def _check_granted(response: TimeStampResponse) -> None:
    if response.status:
        said = " ".join(response.status_string)
        raise TokenError(f"时间戳机构拒绝 / the authority refused ({response.status}): {said!r:.200}")


def _keep(
    connection: Connection, size: int, authority: Authority, note: bytes, token: bytes, at: datetime
) -> None:
    row = {
        "size": size,
        "authority": authority.url,
        "note": note.decode(),
        "token": token,
        "stamped": instant(at),
    }
    statement = upsert(ledger_token, postgresql=is_postgresql(connection))
    connection.execute(statement.on_conflict_do_nothing(), row)

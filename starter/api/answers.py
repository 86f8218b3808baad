"""Answers that were given, by Idempotency-Key: kept for two days, shared by all processes.

An answer can hold a lookup code. It is kept under a key that follows from the caller's own key and body: who
does not repeat the request cannot read it, whoever reads the table.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ledger.db import Ledger
from ledger.entry import instant
from schemas.errors import ConflictError, UsageError
from starter.api.tables import api_answer

KEPT = timedelta(hours=48)
LEASE = timedelta(minutes=2)
"""After this long whoever was answering is taken for dead; the engine sees that nothing is done twice."""

SWEEPING = "00"
"""Scopes are digests: one request in 256 also clears away what has expired."""

_NONCE = b"\0" * 12
"""Each key encrypts one answer: it follows from the request, and the first answer is the only one."""


@dataclass(frozen=True)
class Asked:
    """A request with its key: where it is kept, what it said, and what opens its answer."""

    scope: str
    said: str
    opens: bytes

    @property
    def id(self) -> str:
        """Id for what the request starts in the engine, the same at every repetition."""
        return f"api-{self.scope[:40]}"


@dataclass(frozen=True)
class Given:
    """An answer as it was sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def asked(caller: str, route: str, key: str, body: bytes) -> Asked:
    """A request; `body` is its digest."""
    scope = hashlib.sha256(f"{caller}\n{route}\n{key}".encode()).hexdigest()
    said = hmac.new(key.encode(), b"said" + body, hashlib.sha256).hexdigest()
    opens = hmac.new(key.encode(), b"opens" + scope.encode() + body, hashlib.sha256).digest()
    return Asked(scope, said, opens)


def begin(ledger: Ledger, request: Asked, now: datetime) -> Given | None:
    """Take the request to be answered; or the answer it got before.

    Raises UsageError (`key_reused`) for another body, ConflictError (`in_flight`) while it is being answered.
    """
    try:
        with ledger.engine.begin() as connection:
            if request.scope.startswith(SWEEPING):
                connection.execute(delete(api_answer).where(api_answer.c.begun < _text(now - KEPT)))
            row = {"scope": request.scope, "said": request.said, "begun": _text(now)}
            connection.execute(insert(api_answer).values(row))
    except IntegrityError:
        with ledger.engine.begin() as connection:
            return _again(connection, request, now)
    return None


def finish(ledger: Ledger, request: Asked, given: Given) -> None:
    """Keep the answer."""
    told = orjson.dumps([given.status, given.headers])
    sealed = AESGCMSIV(request.opens).encrypt(_NONCE, len(told).to_bytes(4, "big") + told + given.body, None)
    with ledger.engine.begin() as connection:
        mine = api_answer.c.scope == request.scope
        connection.execute(update(api_answer).where(mine).values(answer=sealed))


def forget(ledger: Ledger, request: Asked) -> None:
    """Nothing came of it: the same key may come again, with another body too."""
    with ledger.engine.begin() as connection:
        unanswered = (api_answer.c.scope == request.scope, api_answer.c.answer.is_(None))
        connection.execute(delete(api_answer).where(*unanswered))


def _again(connection: Connection, request: Asked, now: datetime) -> Given | None:
    mine = api_answer.c.scope == request.scope
    found = connection.execute(select(api_answer).where(mine).with_for_update()).first()
    if found is None:
        raise _in_flight()
    if found.begun < _text(now - KEPT):
        anew = {"said": request.said, "begun": _text(now), "answer": None}
        connection.execute(update(api_answer).where(mine).values(anew))
        return None
    if not hmac.compare_digest(found.said, request.said):
        raise UsageError(
            "同一 Idempotency-Key 曾用于另一内容 / the Idempotency-Key was used with another body",
            code="key_reused",
        )
    if found.answer is not None:
        return _opened(request, bytes(found.answer))
    if found.begun >= _text(now - LEASE):
        raise _in_flight()
    connection.execute(update(api_answer).where(mine).values(begun=_text(now)))
    return None


def _opened(request: Asked, sealed: bytes) -> Given:
    try:
        plain = AESGCMSIV(request.opens).decrypt(_NONCE, sealed, None)
    except InvalidTag:
        raise ConflictError("所存答复无法打开 / the kept answer cannot be opened") from None
    split = 4 + int.from_bytes(plain[:4], "big")
    status, headers = orjson.loads(plain[4:split])
    return Given(status, tuple((name, value) for name, value in headers), plain[split:])


def _text(moment: datetime) -> str:
    return instant(moment.astimezone(UTC))


def _in_flight() -> ConflictError:
    return ConflictError(
        "同一键的请求仍在办理 / a request with this key is still being answered", code="in_flight"
    )

"""Idempotency-Key on every POST of the API, for all its routes at once: here, and not in each of them.

The key's scope is caller, route and key. The same key with the same body gets the first answer, with another
body 422, while it is being answered 409. Ids in the engine are made of it (`request_id`), so that what this
table forgot or a dying process left half done is still done once only. Bodies are bounded here as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from tempfile import SpooledTemporaryFile

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.db import Ledger
from schemas.errors import UsageError, YangguangError
from starter.api.answers import Asked, Given, asked, begin, finish, forget
from starter.api.problems import answer, problem_of
from starter.desk import Desk
from starter.files import MAX_FILE
from starter.identity.visitor import VisitorKind, visitor_of

HEADER = "idempotency-key"
REPLAYED = "Idempotency-Replayed"
MAX_BODY = 1 << 20
MAX_BODIES = {"/api/v1/files": MAX_FILE + (1 << 16), "/api/v1/verify": 3 << 20}
"""Bytes of a body, by address; of all others `MAX_BODY`."""

PREFIX = "/api/"
KEPT_STATUS = frozenset({200, 201, 403, 409, 412})
"""Answers that a repetition gets again. Whatever else was answered, nothing was done: it may come again."""

_KEY = re.compile(r"[!-~]{1,200}")
_PUBLIC_KEY_LENGTH = 16
"""The public shares one scope: nobody's key may be one that another would think of."""
_IN_MEMORY = 1 << 18
_CHUNK = 1 << 16
_KEPT_HEADERS = ("content-type", "location", "link", "etag", "cache-control")


class Idempotency:
    """Around the API's routes, inside of whoever says who asks."""

    def __init__(self, app: ASGIApp) -> None:
        """Around the routes."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a POST once."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        try:
            body, digest = await _read(scope, receive)
        except UsageError as error:
            await answer(problem_of(error, scope["path"]))(scope, receive, send)
            return
        with body:
            inner = _again(body, receive)
            if scope["method"] != "POST":
                await self.app(scope, inner, send)
            else:
                await self._once(scope, inner, send, digest)

    async def _once(self, scope: Scope, receive: Receive, send: Send, digest: bytes) -> None:
        ledger = _desk(scope).ledger
        try:
            request = _asked(scope, digest)
            known = await asyncio.to_thread(begin, ledger, request, _desk(scope).now())
        except YangguangError as error:
            await answer(problem_of(error, scope["path"]))(scope, receive, send)
            return
        if known is not None:
            await _replay(known)(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = request.id
        caught = _Caught()
        try:
            await self.app(scope, receive, caught)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(forget, ledger, request))
            raise
        await asyncio.shield(_keep(ledger, request, caught))
        for message in caught.messages:
            await send(message)


def request_id(request: Request) -> str:
    """Id for what this POST begins in the engine: the same whenever it is repeated."""
    found: str = request.state.request_id
    return found


class _Caught:
    """An answer held back until it is kept: who was told has it for good."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def given(self) -> Given:
        start = self.messages[0]
        headers = Headers(raw=start["headers"])
        kept = tuple((name, headers[name]) for name in _KEPT_HEADERS if name in headers)
        return Given(start["status"], kept, b"".join(m.get("body", b"") for m in self.messages[1:]))


async def _keep(ledger: Ledger, request: Asked, caught: _Caught) -> None:
    given = caught.given if caught.messages else None
    if given is not None and given.status in KEPT_STATUS:
        await asyncio.to_thread(finish, ledger, request, given)
    else:
        await asyncio.to_thread(forget, ledger, request)


def _desk(scope: Scope) -> Desk:
    desk: Desk = scope["app"].state.desk
    return desk


def _asked(scope: Scope, digest: bytes) -> Asked:
    key = Headers(scope=scope).get(HEADER, "")
    visitor = visitor_of(HTTPConnection(scope))
    named = visitor.kind is not VisitorKind.PUBLIC
    if not _KEY.fullmatch(key) or (not named and len(key) < _PUBLIC_KEY_LENGTH):
        raise UsageError(
            "须有 Idempotency-Key：至多 200 个可见 ASCII 字符，公众至少 16 个 /"
            " an Idempotency-Key is required: up to 200 visible ASCII characters, of the public 16 or more",
            code="idempotency_key_required",
        )
    return asked(f"{visitor.kind}:{visitor.id}", f"POST {scope['path']}", key, digest)


def _replay(known: Given) -> Response:
    made = Response(known.body, known.status, headers=dict(known.headers))
    made.headers[REPLAYED] = "true"
    return made


async def _read(scope: Scope, receive: Receive) -> tuple[SpooledTemporaryFile[bytes], bytes]:
    """The body, as long as it may be, and its digest. Raises UsageError (`too_large`)."""
    limit = MAX_BODIES.get(scope["path"], MAX_BODY)
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    body: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by the caller
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        portion, more = message.get("body", b""), message.get("more_body", False)
        size += len(portion)
        if size > limit:
            body.close()
            raise _too_large(limit)
        body.write(portion)
    return body, _digest(body, headers.get("content-type", ""), scope["query_string"])


def _digest(body: SpooledTemporaryFile[bytes], form: str, query: bytes) -> bytes:
    """Digest of what was sent; the boundary of a form's parts, which clients draw anew, is no part of it."""
    kind, _, rest = form.partition(";")
    boundary = rest.partition("boundary=")[2].strip(' "').encode()
    body.seek(0)
    digest = hashlib.sha256(kind.strip().lower().encode() + b"\n" + query + b"\n")
    if boundary:
        digest.update(body.read().replace(boundary, b""))
    else:
        while portion := body.read(_CHUNK):
            digest.update(portion)
    body.seek(0)
    return digest.digest()


def _again(body: SpooledTemporaryFile[bytes], receive: Receive) -> Receive:
    """The body once more, portion by portion; then whatever the client does."""
    ended = False

    async def read() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        portion = body.read(_CHUNK)
        ended = len(portion) < _CHUNK
        return {"type": "http.request", "body": portion, "more_body": not ended}

    return read


def _too_large(limit: int) -> UsageError:
    return UsageError(
        f"内容过大，至多 {limit} 字节 / the body is too large: at most {limit} bytes", code="too_large"
    )

"""Everybody comes in through here: a session's cookie or a bearer token is made into a `Visitor`.

Written for ASGI itself, so that streams are not held up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from itsdangerous import BadSignature
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.errors import UnavailableError
from starter.api.problems import answer, problem_of
from starter.desk import Desk
from starter.identity.errors import BadTokenError
from starter.identity.keys import DeskKeys
from starter.identity.sessions import find_session
from starter.identity.visitor import PUBLIC, Visitor

COOKIE = "yangguang"
SECURE_COOKIE = "__Host-yangguang"
_COOKIE_PURPOSE = "session"

Bearer = Callable[[str], Awaitable[Visitor]]
"""Makes a system's access token into a visitor; raises BadTokenError."""


class Entering:
    """Puts `visitor`, `secret` and `csrf` into the state of each request."""

    def __init__(self, app: ASGIApp, desk: Desk, keys: DeskKeys, bearer: Bearer | None = None) -> None:
        """`bearer` is None where no provider vouches for systems."""
        self.app, self.desk, self.keys, self.bearer = app, desk, keys, bearer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who it is and pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        try:
            state["visitor"], secret = await self._who(HTTPConnection(scope))
            state["secret"], state["csrf"] = secret, self.keys.token("csrf", secret) if secret else ""
        except (BadTokenError, UnavailableError) as problem:
            refused = answer(problem_of(problem, scope["path"]))
            if isinstance(problem, BadTokenError):
                refused.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            await refused(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _who(self, connection: HTTPConnection) -> tuple[Visitor, str]:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if self.bearer is None:
                raise BadTokenError("此处不接受令牌 / no tokens are accepted here")
            return await self.bearer(token.strip()), ""
        secret = self._secret(connection)
        if not secret:
            return PUBLIC, ""
        found = await asyncio.to_thread(find_session, self.desk, secret)
        return (found, secret) if found else (PUBLIC, "")

    def _secret(self, connection: HTTPConnection) -> str:
        sealed = connection.cookies.get(cookie_name(connection), "")
        try:
            text = self.keys.serializer(_COOKIE_PURPOSE).loads(sealed) if sealed else ""
        except BadSignature:
            return ""
        return text if isinstance(text, str) else ""


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the browser came by HTTPS: to us, or to the proxy that the settings name."""
    desk: Desk = connection.app.state.desk
    return connection.url.scheme in ("https", "wss") or desk.home.url.startswith("https:")


def cookie_name(connection: HTTPConnection) -> str:
    """The session's cookie; by HTTPS under the prefix that no other host can set."""
    return SECURE_COOKIE if is_secure(connection) else COOKIE


def remember(answer: Response, connection: HTTPConnection, keys: DeskKeys, secret: str) -> None:
    """Hand the browser its session, for as long as it is open."""
    answer.set_cookie(
        cookie_name(connection),
        str(keys.serializer(_COOKIE_PURPOSE).dumps(secret)),
        httponly=True,
        samesite="strict",
        secure=is_secure(connection),
        path="/",
    )


def forget(answer: Response, connection: HTTPConnection) -> None:
    """Take the session from the browser."""
    secure = is_secure(connection)
    answer.delete_cookie(cookie_name(connection), path="/", httponly=True, samesite="strict", secure=secure)

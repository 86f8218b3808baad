"""What keeps pages safe: headers on every answer, and no form or call from another site's page.

A changing request of a signed-in browser needs the token of its session (`csrf()` in every form, or the
header `X-CSRF-Token`); what the browser itself says of where a request comes from is checked besides.
Bearer tokens need none of it: no browser sends them by itself.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import Request
from markupsafe import Markup
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.api.problems import answer, problem_of
from starter.desk import Desk
from starter.identity.errors import ForgedFormError

CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SECURE_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}


class Safely:
    """Headers on every answer; requests that another site's page made are refused."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        """`desk` knows under which address this home is seen."""
        self.app = app
        self.headers = HEADERS | (SECURE_HEADERS if desk.home.url.startswith("https:") else {})
        if desk.home.oidc:
            # Browsers hold a form to this list even where it is only sent on from here.
            provider = "{0.scheme}://{0.netloc}".format(urlsplit(desk.home.oidc.issuer))
            policy = self.headers["Content-Security-Policy"]
            own = policy.replace("form-action 'self'", f"form-action 'self' {provider}")
            self.headers = self.headers | {"Content-Security-Policy": own}
        self.own = urlsplit(desk.home.url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] not in SAFE and self._is_foreign(Headers(scope=scope)):
            await answer(problem_of(_forged(), scope["path"]))(scope, receive, sending)
            return
        await self.app(scope, receive, sending)

    def _is_foreign(self, headers: Headers) -> bool:
        if headers.get("authorization"):
            return False
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return True
        origin = headers.get("origin")
        # `null` is what a browser says where the page's policy keeps the origin back.
        return origin is not None and urlsplit(origin).netloc not in (headers.get("host"), self.own or None)


async def csrf_checked(request: Request) -> None:
    """A dependency of the whole application: a signed-in browser's changing request bears its token."""
    token: str = getattr(request.state, "csrf", "")
    if request.method in SAFE or not token:
        return
    given = request.headers.get(CSRF_HEADER) or (await request.form()).get(CSRF_FIELD)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), token.encode()):
        raise _forged()


def _forged() -> ForgedFormError:
    return ForgedFormError(
        "表单不是从本站页面提交的，请刷新后重试 / not sent from a page of this desk: reload it"
    )


def csrf_input(connection: HTTPConnection) -> Markup:
    """What `{{ csrf() }}` puts into a form: the token of the visitor's session."""
    token: str = getattr(connection.state, "csrf", "")
    return (
        Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token) if token else Markup()
    )

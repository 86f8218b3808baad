"""Signing in at the provider of identities: OpenID Connect, authorization code with PKCE (S256), by Authlib.

The provider says who somebody is; what he may do here follows from his posts. When he proved it is the
provider's word too (`auth_time`): a long session there does not make a fresh proof here.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.deprecate import AuthlibDeprecationWarning
from httpx import HTTPError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from schemas.errors import NotPermittedError, UnavailableError
from starter.desk import Desk
from starter.home import Home, Oidc

SECRET_FILE = "oidc.secret"
WELL_KNOWN = "/.well-known/openid-configuration"
CALLBACK = "/sign-in/callback"
PATIENCE = 10.0
"""Seconds that the provider has for an answer."""


@dataclass(frozen=True)
class Vouched:
    """Somebody the provider vouches for: of the bureau, or an applicant."""

    staff_no: str
    id_number: str = field(repr=False)
    """Identity number of an applicant; it is kept nowhere."""
    proven: datetime
    """When he proved who he is."""


class Provider:
    """The provider of a home, as one web process uses it: its keys and addresses are asked for once."""

    def __init__(self, home: Home, settings: Oidc) -> None:
        """Nothing is asked of the provider yet."""
        self.settings, self.url = settings, home.url
        secret = _secret(home.keys / SECRET_FILE)
        self.client = _registry().register(
            "desk",
            client_id=settings.client,
            client_secret=secret,
            server_metadata_url=settings.issuer.rstrip("/") + WELL_KNOWN,
            client_kwargs={
                "scope": "openid profile",
                "code_challenge_method": "S256",
                "timeout": PATIENCE,
                "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
            },
        )

    async def metadata(self) -> dict[str, Any]:
        """What the provider says of itself. Raises UnavailableError where it says nothing, or is another."""
        try:
            found: dict[str, Any] = await self.client.load_server_metadata()
        except (HTTPError, ValueError, AuthlibBaseError) as problem:
            raise _away(problem) from problem
        if found.get("issuer") != self.settings.issuer:
            raise UnavailableError(
                f"统一身份的签发者不是 {self.settings.issuer} / the provider is not {self.settings.issuer}",
                code="wrong_issuer",
            )
        return found

    async def send_away(self, request: Request, *, again: bool) -> Response:
        """Send the browser to the provider; `again`: he has to prove anew who he is."""
        await self.metadata()
        fresh = {"prompt": "login", "max_age": "0"} if again else {}
        back = (self.url or str(request.base_url)).rstrip("/") + CALLBACK
        answer: Response = await self.client.authorize_redirect(request, back, **fresh)
        return answer

    async def coming_back(self, request: Request, desk: Desk) -> Vouched:
        """Whom the provider vouches for. Raises NotPermittedError where that is nobody."""
        await self.metadata()
        try:
            token = await self.client.authorize_access_token(request)
        except HTTPError as problem:
            raise _away(problem) from problem
        except (AuthlibBaseError, JoseError, ValueError, TypeError) as problem:
            raise NotPermittedError(
                f"统一身份登录未成功 / signing in at the provider failed: {_short(problem)}",
                code="not_vouched",
            ) from problem
        claims = dict(token.get("userinfo") or {})
        staff_no = str(claims.get(self.settings.staff_claim) or "")
        id_number = (
            str(claims.get(self.settings.applicant_claim) or "") if self.settings.applicant_claim else ""
        )
        if not staff_no and not id_number:
            raise NotPermittedError(
                f"统一身份未给出工号（{self.settings.staff_claim}） / the provider names no staff number",
                code="no_staff_number",
            )
        return Vouched(staff_no, id_number, _proven(claims, desk.now()))


def _registry() -> Any:
    """Authlib's clients: loaded only where there is a provider, and without telling every user of this
    program that the library will prefer another name of the HTTP client it uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AuthlibDeprecationWarning)
        from authlib.integrations.starlette_client import OAuth  # noqa: PLC0415
    return OAuth()


def provider_of(home: Home) -> Provider | None:
    """The provider of a home; None where it has none."""
    return Provider(home, home.oidc) if home.oidc else None


def _proven(claims: dict[str, Any], now: datetime) -> datetime:
    told = claims.get("auth_time")
    if isinstance(told, (int, float)) and told > 0:
        return min(now, datetime.fromtimestamp(told, UTC))
    return now


def _secret(path: Path) -> str | None:
    """The client's secret; a public client has none, PKCE binds its codes."""
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def _away(problem: Exception) -> UnavailableError:
    return UnavailableError(
        f"统一身份暂时不可用 / the provider of identities is out of reach: {_short(problem)}",
        code="no_provider",
    )


def _short(problem: Exception) -> str:
    told = str(problem).partition("\n")[0]
    return (told or type(problem).__name__)[:200]

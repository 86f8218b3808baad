"""Systems come with an access token that the provider gave them (client credentials, RFC 6749 and 9068).

A token is believed if the provider signed it, made it for this desk, and the settings of the home list the
system; the provider's keys are asked for again when a token names one that is not known, but not often.
"""

from __future__ import annotations

import time

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from schemas.areas import WebRole
from schemas.errors import UnavailableError
from starter.identity.errors import BadTokenError
from starter.identity.oidc import PATIENCE, Provider
from starter.identity.visitor import Visitor, VisitorKind

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519"]
"""Signatures only: a secret shared with the provider, or no signature at all, vouches for nothing."""

ASK_AGAIN_AFTER = 60.0
"""Seconds between two looks at the provider's keys."""

LEEWAY = 60
LONGEST = 8_192


class Systems:
    """Makes access tokens into visitors."""

    def __init__(self, provider: Provider) -> None:
        """`provider` vouches for the systems of its home's settings."""
        self.provider = provider
        self._keys: KeySet | None = None
        self._asked = -ASK_AGAIN_AFTER

    async def __call__(self, token: str) -> Visitor:
        """The system that shows a token. Raises BadTokenError, or UnavailableError without the provider."""
        settings = self.provider.settings
        claims = await self._claims(token)
        client = str(claims.get("client_id") or claims.get("azp") or claims.get("sub") or "")
        if client not in settings.systems:
            raise BadTokenError("令牌不属于已登记的系统 / the token is of no system that is registered here")
        return Visitor(
            VisitorKind.SYSTEM, client, client, frozenset({WebRole.SYSTEM}), how="client_credentials"
        )

    async def _claims(self, token: str) -> jwt.Claims:
        settings = self.provider.settings
        if not token or len(token) > LONGEST:
            raise BadTokenError("令牌无法读取 / this is no token")
        expected = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience or settings.client},
            exp={"essential": True},
        )
        try:
            claims = (await self._decoded(token)).claims
            expected.validate(claims)
        except (JoseError, ValueError) as problem:
            raise BadTokenError(f"令牌无效 / the token is not valid: {type(problem).__name__}") from problem
        return claims

    async def _decoded(self, token: str) -> jwt.Token:
        keys = await self._provider_keys()
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            if not self._may_ask():
                raise
            self._keys = None  # the provider may have changed its keys
            return jwt.decode(token, await self._provider_keys(), algorithms=ALGORITHMS)

    def _may_ask(self) -> bool:
        return time.monotonic() - self._asked >= ASK_AGAIN_AFTER

    async def _provider_keys(self) -> KeySet:
        if self._keys is None:
            self._asked = time.monotonic()
            where = (await self.provider.metadata())["jwks_uri"]
            try:
                async with httpx.AsyncClient(timeout=PATIENCE) as asking:
                    answer = (await asking.get(where)).raise_for_status().json()
                self._keys = KeySet.import_key_set(answer)
            except (httpx.HTTPError, JoseError, ValueError) as problem:
                raise UnavailableError(
                    "统一身份的公钥取不到 / the keys of the provider are out of reach", code="no_provider"
                ) from problem
        return self._keys

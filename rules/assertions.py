"""Who vouches that an act is really its officer's: the desk at which he signed in, by its signature.

An assertion is a compact JWS (Ed25519, RFC 7515 and 8037) over matter, act, officer, digest of what is said,
and how and when he signed in. The desk's public keys travel with the matter's rules; one is named by its
thumbprint (RFC 7638). Everything is decided from the arguments: a replay finds the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from rules.refusals import Refusal

ALGORITHM = "Ed25519"


def claims_of(
    *,
    matter: str,
    act_id: str,
    officer: str,
    said: str,
    grant: str,
    how: str,
    session: str,
    proven: int,
    at: int,
) -> dict[str, Any]:
    """What is signed; the names are those of JWT and OpenID Connect where they have one."""
    return {
        "sub": officer,
        "jti": act_id,
        "matter": matter,
        "said": said,
        "grant": grant,
        "amr": how,
        "sid": session,
        "auth_time": proven,
        "iat": at,
    }


def public_key(x: str) -> OKPKey:
    """A desk's public key from the text that rules carry it in (`x` of its JWK)."""
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})


def vouched(
    assertion: str, keys: Iterable[str], *, matter: str, act_id: str, officer: str, said: str, grant: str = ""
) -> Mapping[str, Any] | None:
    """The claims of an assertion on exactly this act; None where there is none that could be checked here.

    Raises Refusal (`bad_assertion`) for one by a known desk that does not hold, or is about something else.
    """
    key = _key_of(assertion, keys)
    if key is None:
        return None
    try:
        claims = json.loads(jws.deserialize_compact(assertion, key, algorithms=[ALGORITHM]).payload)
    except (JoseError, ValueError) as problem:
        raise Refusal("bad_assertion", act=act_id) from problem
    wanted = {"matter": matter, "jti": act_id, "sub": officer, "said": said, "grant": grant}
    if not isinstance(claims, dict) or any(claims.get(name) != value for name, value in wanted.items()):
        raise Refusal("bad_assertion", act=act_id)
    return claims


def _key_of(assertion: str, keys: Iterable[str]) -> OKPKey | None:
    """The key an assertion names, if it is one of those that count here."""
    if not assertion:
        return None
    try:
        header = jws.extract_compact(assertion.encode()).headers()
    except (JoseError, ValueError):
        return None
    known = (public_key(x) for x in keys)
    return next((key for key in known if key.thumbprint() == header.get("kid")), None)

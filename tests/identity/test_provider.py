"""Signing in at a real provider: code flow with PKCE for people, client credentials for systems."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from ledger.read import entries
from starter.identity.guard import Area, allow, require_recent
from starter.identity.tables import desk_carried, desk_session
from starter.identity.visitor import Visitor, visitor_of
from starter.sight import STREAM
from tests.identity.conftest import Provider, back_from, through_the_provider
from tests.identity.provider import AUDIENCE, DESK, INTAKE, SECRET, STRANGER
from tests.web.visiting import BASE, browser

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module", autouse=True)
def _own_routes(real: FastAPI) -> None:
    """Routes that tell who came in."""
    router = APIRouter()

    @router.get("/test/who", dependencies=[Depends(allow(Area.PUBLIC))])
    async def who(request: Request) -> dict[str, Any]:
        visitor: Visitor = visitor_of(request)
        return {"id": visitor.id, "roles": sorted(visitor.roles), "how": visitor.how, "name": visitor.name}

    @router.post("/test/decide", dependencies=[Depends(allow(Area.DECISION))])
    async def decide(request: Request) -> dict[str, str]:
        require_recent(request)
        return {"opinion": str((await request.form()).get("opinion"))}

    @router.get("/api/v1/test/intake", dependencies=[Depends(allow(Area.API_INTAKE))])
    async def intake(request: Request) -> dict[str, str]:
        return {"id": visitor_of(request).id}

    real.include_router(router)


async def test_an_officer_signs_in_at_the_provider_with_pkce(real: FastAPI) -> None:
    client, back = await through_the_provider(real, "1301")
    assert back.status_code == 200
    assert 'content="0; url=/items"' in back.text
    who = (await client.get("/test/who")).json()
    assert who == {"id": "1301", "roles": ["handler"], "how": "oidc", "name": "陈用之"}


async def test_the_session_cookie_is_strict_and_for_no_script(real: FastAPI) -> None:
    _, back = await through_the_provider(real, "1301")
    cookie = next(c for c in back.headers.get_list("set-cookie") if c.startswith("yangguang="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


async def test_an_auditor_is_who_the_settings_appoint(real: FastAPI) -> None:
    client, _ = await through_the_provider(real, "8801")
    assert (await client.get("/test/who")).json()["roles"] == ["auditor"]


async def test_an_applicant_signs_in_and_his_number_is_kept_nowhere(real: FastAPI) -> None:
    client, _ = await through_the_provider(real, "citizen")
    who = (await client.get("/test/who")).json()
    assert who["roles"] == ["applicant"]
    assert len(who["id"]) == 64
    other, _ = await through_the_provider(real, "citizen")
    assert (await other.get("/test/who")).json()["id"] == who["id"]
    with real.state.desk.reading() as connection:
        assert "370285199001010017" not in str(connection.execute(select(desk_session)).all())
    assert (await client.get("/account")).status_code == 200
    assert (await client.get("/inbox")).status_code == 403
    with real.state.desk.reading() as connection:
        assert entries(connection, STREAM) == []


@pytest.mark.parametrize("who", ["9999", "nobody"])
async def test_whom_the_bureau_does_not_know_is_not_let_in(real: FastAPI, who: str) -> None:
    client, back = await through_the_provider(real, who)
    assert back.status_code == 403
    assert (await client.get("/test/who")).json()["id"] == ""


async def test_the_provider_refuses_a_code_without_its_verifier(real: FastAPI, provider: Provider) -> None:
    """The provider itself demands PKCE: else a stolen code would be enough."""
    client = browser(real)
    away = await client.post("/sign-in/start", data={"next": "/"})
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    code = await _code(away, "1301")
    stolen = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{BASE}/sign-in/callback"}
    for verifier in ({}, {"code_verifier": "x" * 50}):
        answer = httpx.post(f"{provider.issuer}/token/", data=stolen | verifier, auth=(DESK, SECRET))
        assert answer.status_code == 400, answer.text
    plain = re.sub(r"&code_challenge(_method)?=[^&]*", "", away.headers["location"])
    away.headers["location"] = plain
    assert "error=invalid_request" in str(await _way_back(away, "1301"))


async def test_a_code_brought_by_another_browser_is_worth_nothing(real: FastAPI) -> None:
    away = await browser(real).post("/sign-in/start", data={"next": "/"})
    code = await _code(away, "1301")
    state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
    other = browser(real)
    refused = await other.get(f"/sign-in/callback?code={code}&state={state}")
    assert refused.status_code == 403
    assert (await other.get("/test/who")).json()["id"] == ""


async def test_a_real_home_has_no_sign_in_without_a_password(real: FastAPI) -> None:
    client = browser(real)
    assert 'name="officer"' not in (await client.get("/sign-in")).text
    assert (await client.post("/sign-in", data={"officer": "1301"})).status_code == 403


async def test_what_was_typed_survives_the_way_over_the_provider(real: FastAPI) -> None:
    client, _ = await through_the_provider(real, "1301")
    desk = real.state.desk
    with desk.writing() as connection:
        old = (datetime.now(UTC) - timedelta(minutes=16)).isoformat(timespec="microseconds")
        connection.execute(desk_session.update().values(proven=old))
    token = _field((await client.get("/sign-in")).text, "csrf")
    asked = await client.post("/test/decide", data={"csrf": token, "opinion": "同意，依据齐全"})
    assert asked.status_code == 401
    carried = _field(asked.text, "carried")
    away = await client.post("/sign-in/start", data={"csrf": token, "next": "/", "carried": carried})
    assert "prompt=login" in away.headers["location"]
    with desk.reading() as connection:
        boxes = connection.execute(select(desk_carried.c.box)).scalars().all()
    assert len(boxes) == 1
    assert "同意".encode() not in boxes[0]
    back = await back_from(client, away, "1301")
    assert "同意，依据齐全" in back.text
    assert 'action="/test/decide"' in back.text
    fresh = _field(back.text, "csrf")
    done = await client.post("/test/decide", data={"csrf": fresh, "opinion": "同意，依据齐全"})
    assert done.json() == {"opinion": "同意，依据齐全"}


async def test_a_system_comes_in_with_a_token_of_the_provider(real: FastAPI, provider: Provider) -> None:
    granted = provider.token(INTAKE)
    assert granted.status_code == 200, granted.text
    client = browser(real)
    bearer = {"Authorization": f"Bearer {granted.json()['access_token']}"}
    assert (await client.get("/api/v1/test/intake", headers=bearer)).json() == {"id": INTAKE}
    assert (await client.get("/test/who", headers=bearer)).json()["roles"] == ["system"]
    assert (await client.get("/api/v1/test/intake")).status_code == 401


async def test_a_system_that_is_not_registered_here_is_refused(real: FastAPI, provider: Provider) -> None:
    token = provider.token(STRANGER).json()["access_token"]
    await _refused(real, token)


async def test_a_wrong_secret_gets_no_token_of_the_provider(provider: Provider) -> None:
    answer = httpx.post(
        f"{provider.issuer}/token/", data={"grant_type": "client_credentials"}, auth=(INTAKE, "wrong")
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "somebody else"},
        {"iss": "http://127.0.0.1:1/o"},
        {"exp": 1},
        {"exp": None},
        {},
    ],
)
async def test_a_forged_or_stale_token_is_refused(
    real: FastAPI, provider: Provider, changed: dict[str, Any]
) -> None:
    """Signed by a key that is not the provider's; each would be refused for what it says as well."""
    later = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    claims = {"iss": provider.issuer, "aud": AUDIENCE, "client_id": INTAKE, "exp": later, **changed}
    claims = {name: value for name, value in claims.items() if value is not None}
    own = RSAKey.generate_key(2048)
    await _refused(real, jwt.encode({"alg": "RS256"}, claims, own))
    shared = OctKey.import_key("secret-of-the-client-that-is-long-enough")
    await _refused(real, jwt.encode({"alg": "HS256"}, claims, shared))
    await _refused(real, "not.a.token")


async def test_a_token_opens_no_page_of_the_staff(real: FastAPI, provider: Provider) -> None:
    bearer = {"Authorization": f"Bearer {provider.token(INTAKE).json()['access_token']}"}
    answer = await browser(real).post("/test/decide", headers=bearer)
    assert answer.status_code == 403


async def _refused(real: FastAPI, token: str) -> None:
    answer = await browser(real).get("/test/who", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_token"
    assert "invalid_token" in answer.headers["www-authenticate"]


async def _code(away: httpx.Response, who: str) -> str:
    """The code that the provider would have sent back with the browser."""
    return parse_qs(urlsplit(await _way_back(away, who)).query)["code"][0]


async def _way_back(away: httpx.Response, who: str) -> str:
    """Where the provider sends the browser back to."""

    class Caught(Exception):  # noqa: N818
        """The way back."""

    class Catching:
        """Stands where the browser comes back to."""

        async def get(self, where: str) -> httpx.Response:
            raise Caught(where)

    with pytest.raises(Caught) as caught:
        await back_from(Catching(), away, who)  # type: ignore[arg-type]
    return str(caught.value)


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found[1]

"""Sessions are short, cookies strict, forms the desk's own, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends, FastAPI, Request
from httpx import AsyncClient
from sqlalchemy import select

from ledger.db import OriginKind
from schemas.errors import NotPermittedError, UsageError
from starter.identity.carrying import Carried, open_carried, put_away, seal_carried, take_back
from starter.identity.guard import Area, allow, require_recent
from starter.identity.keys import DeskKeys, desk_keys
from starter.identity.roles import person_of
from starter.identity.sessions import end_sessions_of
from starter.identity.tables import desk_session
from tests.web.visiting import app_of, browser, desk_of, home_of, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Clock:
    """A time that a test moves."""

    now = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """A sample home with routes that tell who came in."""
    router = APIRouter()

    @router.get("/test/who", dependencies=[Depends(allow(Area.PUBLIC))])
    async def who(request: Request) -> dict[str, str]:
        return {"id": request.state.visitor.id, "session": request.state.visitor.session}

    @router.post("/test/decide", dependencies=[Depends(allow(Area.DECISION))])
    async def decide(request: Request) -> dict[str, list[str]]:
        require_recent(request)
        form = await request.form()
        return {name: [str(value) for value in form.getlist(name)] for name in form}

    async with app_of(tmp_path_factory.mktemp("sessions")) as made:
        made.include_router(router)
        yield made


@pytest.fixture
def clock(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The desk's time in a test's hand: the application reads it from its desk."""
    moved = Clock()
    monkeypatch.setitem(app.state.desk.__dict__, "now", lambda: moved.now)
    return moved


async def test_a_session_ends_with_idleness(app: FastAPI, clock: Clock) -> None:
    client = await sign_in(browser(app), "1101")
    for _ in range(3):
        clock.now += timedelta(minutes=29)
        assert await _who(client) == "1101"
    clock.now += timedelta(minutes=31)
    assert await _who(client) == ""


async def test_a_session_ends_after_its_hours_however_busy(app: FastAPI, clock: Clock) -> None:
    client = await sign_in(browser(app), "1101")
    for _ in range(26):
        clock.now += timedelta(minutes=20)
        assert await _who(client) == "1101"
    clock.now += timedelta(minutes=20)
    assert await _who(client) == ""


async def test_signing_out_ends_the_session_on_the_server(app: FastAPI) -> None:
    client = await sign_in(browser(app), "1101")
    kept = dict(client.cookies)
    await client.post("/sign-out")
    assert await _who(client) == ""
    client.cookies.update(kept)
    assert await _who(client) == ""


async def test_signing_in_again_ends_the_session_before(app: FastAPI) -> None:
    client = await sign_in(browser(app), "1101")
    before = dict(client.cookies)
    await sign_in(client, "1301")
    assert await _who(client) == "1301"
    other = browser(app)
    other.cookies.update(before)
    assert await _who(other) == ""


async def test_somebody_can_be_signed_out_everywhere(app: FastAPI) -> None:
    clients = [await sign_in(browser(app), "1501") for _ in range(2)]
    assert end_sessions_of(app.state.desk.ledger, "1501") == 2
    assert [await _who(client) for client in clients] == ["", ""]


async def test_the_database_knows_no_secret_and_no_name(app: FastAPI) -> None:
    client = await sign_in(browser(app), "1101")
    sealed = str(client.cookies["yangguang"])
    secret = str(desk_keys(app.state.desk.home).serializer("session").loads(sealed))
    with app.state.desk.reading() as connection:
        rows = connection.execute(select(desk_session)).all()
    assert secret not in str(rows)
    assert "王迎春" not in str(rows)


@pytest.mark.parametrize("cookie", ["", "x", "IjEi.abc.def", "é".encode().decode("latin-1")])
async def test_a_forged_cookie_is_nobody(app: FastAPI, cookie: str) -> None:
    answer = await browser(app).get("/test/who", headers={b"cookie": f"yangguang={cookie}".encode("latin-1")})
    assert answer.json()["id"] == ""


async def test_the_cookie_of_a_home_behind_https_is_bound_to_its_host(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with app_of(tmp_path_factory.mktemp("https"), url="https://127.0.0.1") as made:
        client = browser(made, base="https://127.0.0.1")
        answer = await client.post("/sign-in", data={"officer": "1101"})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-yangguang=")
        assert "Secure" in cookie
        assert "max-age=31536000" in answer.headers["strict-transport-security"]


async def test_a_form_without_the_sessions_token_is_refused(app: FastAPI) -> None:
    client = await sign_in(browser(app), "1301")
    token = client.headers.pop("X-CSRF-Token")
    strange = (await sign_in(browser(app), "1401")).headers["X-CSRF-Token"]
    for given in ({}, {"csrf": ""}, {"csrf": strange}, {"csrf": "é"}):
        refused = await client.post("/test/decide", data=given)
        assert refused.status_code == 403
        assert "forged_form" in refused.text or "本站页面" in refused.text
    done = await client.post("/test/decide", data={"csrf": token, "opinion": "同意"})
    assert done.json()["opinion"] == ["同意"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.invalid"},
        {"Origin": "null"},
    ],
)
async def test_a_form_of_another_site_is_refused_even_with_the_token(
    app: FastAPI, headers: dict[str, str]
) -> None:
    client = await sign_in(browser(app), "1301")
    assert (await client.post("/test/decide", headers=headers)).status_code == 403
    assert (await client.post("/sign-in", data={"officer": "1101"}, headers=headers)).status_code == 403


async def test_every_answer_bears_the_headers_that_keep_pages_safe(app: FastAPI) -> None:
    client = browser(app)
    for path in ("/", "/no-such-page", "/static/yangguang.css", "/api/v1/items"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
    assert "no-store" in (await client.get("/sign-in")).headers["cache-control"]


async def test_no_page_to_sign_in_has_script_or_style_in_line(app: FastAPI) -> None:
    text = (await browser(app).get("/sign-in")).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son\w+=|\sstyle=|<style", text)


async def test_a_decision_wants_a_fresh_proof_and_keeps_what_was_typed(app: FastAPI, clock: Clock) -> None:
    client = await sign_in(browser(app), "1301")
    clock.now += timedelta(minutes=16)
    typed = {"opinion": '同意 <b>"引号"</b>\n第二行', "basis": ["第一条", "第二条"]}
    asked = await client.post("/test/decide", data=typed)
    assert asked.status_code == 401
    carried = _field(asked.text, "carried")
    again = await client.post("/sign-in", data={"officer": "1301", "carried": carried})
    assert again.status_code == 200
    assert 'action="/test/decide"' in again.text
    client.headers["X-CSRF-Token"] = _field(again.text, "csrf")
    fields = _textareas(again.text)
    assert fields["opinion"] == [typed["opinion"]]
    done = await client.post("/test/decide", data=fields)
    assert [v.replace("\r", "") for v in done.json()["opinion"]] == [typed["opinion"]]
    assert done.json()["basis"] == typed["basis"]


async def test_what_one_typed_is_not_given_to_another(app: FastAPI, clock: Clock) -> None:
    client = await sign_in(browser(app), "1301")
    clock.now += timedelta(minutes=16)
    carried = _field((await client.post("/test/decide", data={"opinion": "机密"})).text, "carried")
    other = await client.post("/sign-in", data={"officer": "1401", "carried": carried})
    assert other.status_code == 303
    assert "机密" not in other.text


async def test_a_form_sent_after_the_session_ended_survives_too(app: FastAPI, clock: Clock) -> None:
    client = await sign_in(browser(app), "1301")
    clock.now += timedelta(hours=2)
    asked = await client.post("/test/decide", data={"opinion": "写了很久"})
    assert asked.status_code == 401
    again = await client.post("/sign-in", data={"officer": "1301", "carried": _field(asked.text, "carried")})
    assert "写了很久" in again.text


async def test_sealed_text_is_opened_once_by_its_browser_alone(app: FastAPI, clock: Clock) -> None:
    desk, keys = app.state.desk, desk_keys(app.state.desk.home)
    sealed = seal_carried(keys, Carried("/x", "1301", (("opinion", "同意"),)))
    assert open_carried(keys, sealed, "1301") == Carried("/x", "1301", (("opinion", "同意"),))
    assert open_carried(keys, sealed, "1401") is None
    assert open_carried(DeskKeys(b"another", keys.signing), sealed, "1301") is None
    ticket = put_away(desk, sealed)
    assert take_back(desk, ticket.partition(".")[0] + ".wrong") == ""
    ticket = put_away(desk, sealed)
    assert take_back(desk, ticket) == sealed
    assert take_back(desk, ticket) == ""
    ticket = put_away(desk, sealed)
    clock.now += timedelta(minutes=16)
    assert take_back(desk, ticket) == ""


@pytest.mark.parametrize(
    ("next_", "goes"),
    [
        ("/inbox", "/inbox"),
        ("//evil.invalid", "/"),
        ("https://evil.invalid", "/"),
        ("/\\evil.invalid", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
    ],
)
async def test_signing_in_leads_nowhere_else(app: FastAPI, next_: str, goes: str) -> None:
    answer = await browser(app).post("/sign-in", data={"officer": "1101", "next": next_})
    assert answer.headers["location"] == goes


async def test_signing_in_without_a_password_is_for_this_machine_alone(app: FastAPI) -> None:
    for client in (browser(app, address="192.0.2.7"), browser(app, base="http://rebound.invalid")):
        assert (await client.post("/sign-in", data={"officer": "1101"})).status_code == 403


async def test_a_stranger_is_told_so_beside_the_field(app: FastAPI) -> None:
    answer = await browser(app).post("/sign-in", data={"officer": "7777"})
    assert answer.status_code == 422
    assert "7777" in answer.text


async def test_an_account_that_holds_a_post_cannot_be_appointed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    desk = await desk_of(
        home_of(tmp_path_factory.mktemp("appointed"), OriginKind.REAL, admins="1301, 8802", auditors="8801")
    )
    with pytest.raises(UsageError) as both:
        person_of(desk.home, desk.profile, "1301")
    assert both.value.code == "separated_roles"
    assert person_of(desk.home, desk.profile, "8802").roles == {"admin"}
    assert person_of(desk.home, desk.profile, "8801").roles == {"auditor"}
    with pytest.raises(NotPermittedError):
        person_of(desk.home, desk.profile, "8001")  # invented people are of sample homes
    desk.ledger.close()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("session_hours", "0"),
        ("proof_minutes", "soon"),
        ("oidc_issuer", "ftp://x"),
        ("url", "https://user@host"),
        ("oidc_client", "alone"),
    ],
)
async def test_a_wrong_setting_is_told(
    tmp_path_factory: pytest.TempPathFactory, setting: str, value: str
) -> None:
    with pytest.raises(UsageError):
        home_of(tmp_path_factory.mktemp("settings"), OriginKind.SAMPLE, **{setting: value})


async def _who(client: AsyncClient) -> str:
    return str((await client.get("/test/who")).json()["id"])


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found[1]


def _textareas(page: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<textarea name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL):
        fields.setdefault(name, []).append(unescape(value))
    return fields

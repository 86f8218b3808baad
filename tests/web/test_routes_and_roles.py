"""Every route x every role, for seeing and for doing: the guard lets in whom the table of places names.

The guards of the application itself are called, one for each route that it serves; what lies behind them is
tested with the pages. A route without a guard fails here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import product
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.requests import Request

from ledger.read import entries
from rules.policy import AREAS
from schemas.areas import Area, WebRole
from starter.api.router import PREFIX
from starter.identity.errors import SignInNeededError
from starter.identity.guard import DeniedError, Guard
from starter.identity.roles import person_of, sample_people
from starter.identity.visitor import PUBLIC, Visitor, VisitorKind
from starter.sight import STREAM
from tests.web.visiting import app_of, browser, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITHOUT_GUARD = {f"{PREFIX}/openapi.json", "/static"}
"""The description of the API and the files of the pages: the same for everybody."""

SEEING = "GET"

DECIDING = frozenset({WebRole.COUNTER, WebRole.HANDLER, WebRole.CHIEF, WebRole.PANEL, WebRole.LEADER})
RULES = frozenset({Area.ADMIN, Area.SYSTEM, Area.API_WEBHOOKS})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """The application over a sample home."""
    async with app_of(tmp_path_factory.mktemp("routes")) as made:
        yield made


async def test_every_route_has_exactly_one_guard(app: FastAPI) -> None:
    wrong = {path: [g.area for g in found] for path, _, found in _routes(app) if len(found) != 1}
    assert wrong == {}


async def test_the_guards_of_all_routes_let_in_whom_the_table_names(app: FastAPI) -> None:
    """The whole product: some hundreds of routes, eleven roles."""
    answers: dict[tuple[Area, str, WebRole], bool] = {}
    asked = 0
    for path, methods, guards in _routes(app):
        for guard, method, role in product(guards, methods, WebRole):
            place = (guard.area, method, role)
            if place not in answers:
                answers[place] = await _let_in(app, guard, role, method)
            access = AREAS[guard.area]
            expected = role in (access.see if method == SEEING else access.do)
            assert answers[place] is expected, (path, *place)
            asked += 1
    assert asked > 1000


async def test_the_denials_of_one_person_at_one_place_are_one_entry_an_hour(app: FastAPI) -> None:
    client = await sign_in(browser(app), "8002")
    for _ in range(3):
        assert (await client.get("/inbox")).status_code == 403
    denied = [(each["actor"], each["data"]["route"]) for each in _denials(app.state.desk.ledger)]
    assert denied.count(("8002", "GET /inbox")) in (1, 2)  # two, where the hour turned meanwhile


async def test_nobody_can_flood_the_ledger_without_signing_in(app: FastAPI) -> None:
    before = len(_denials(app.state.desk.ledger))
    client = browser(app)
    page = await client.get("/inbox?tab=team")
    assert page.status_code == 303
    assert page.headers["location"] == "/sign-in?next=/inbox%3Ftab%3Dteam"
    api = await client.get(f"{PREFIX}/cases")
    assert (api.status_code, api.json()["code"]) == (401, "sign_in_needed")
    assert api.headers["www-authenticate"] == "Bearer"
    assert len(_denials(app.state.desk.ledger)) == before


async def test_no_role_both_decides_and_edits_the_rules() -> None:
    for area, access in AREAS.items():
        for roles in (access.see, access.do):
            if area in RULES:
                assert not roles & DECIDING, area
        if WebRole.ADMIN in access.do | access.see:
            assert area in {*RULES, Area.PROFILE} or WebRole.PUBLIC in access.do | access.see, area


async def test_an_auditor_reads_and_writes_nothing() -> None:
    writes = {area for area, access in AREAS.items() if WebRole.AUDITOR in access.do}
    public = {area for area, access in AREAS.items() if WebRole.PUBLIC in access.do}
    assert writes - public == {Area.AUDIT, Area.SEARCH, Area.PROFILE}


async def test_every_sample_officer_has_the_roles_of_his_posts(app: FastAPI) -> None:
    desk = app.state.desk
    people = {each.id: each for each in sample_people(desk.home, desk.profile)}
    assert all(each.roles and each.name for each in people.values())
    wanted = {
        "1001": {WebRole.LEADER, WebRole.PANEL},
        "1101": {WebRole.COUNTER},
        "1301": {WebRole.HANDLER},
        "1303": {WebRole.CHIEF, WebRole.PANEL},
        "1803": {WebRole.PANEL, WebRole.HANDLER},
        "1901": {WebRole.SUPERVISOR, WebRole.CHIEF},
        "8001": {WebRole.AUDITOR},
        "8002": {WebRole.ADMIN},
    }
    assert {who: set(people[who].roles) for who in wanted} == wanted
    assert person_of(desk.home, desk.profile, "1002").posts == ("head", "deputy-land", "deputy-law")


def _routes(app: FastAPI) -> Iterator[tuple[str, list[str], list[Guard]]]:
    """(path, methods, guards) of all that the application serves."""
    for route in iter_route_contexts(app.routes):
        path = str(route.path)
        if path not in WITHOUT_GUARD:
            yield path, sorted((route.methods or set()) - {"HEAD"}), list(_guards(route.dependant))


def _guards(dependant: Dependant) -> Iterator[Guard]:
    for each in dependant.dependencies:
        if isinstance(each.call, Guard):
            yield each.call
        yield from _guards(each)


async def _let_in(app: FastAPI, guard: Guard, role: WebRole, method: str) -> bool:
    visitor = PUBLIC if role is WebRole.PUBLIC else _visitor(role)
    state: dict[str, Any] = {"visitor": visitor}
    scope = {"type": "http", "method": method, "path": "/x", "app": app, "state": state, "headers": []}
    try:
        await guard(Request(scope))
    except (DeniedError, SignInNeededError):
        return False
    return True


def _visitor(role: WebRole) -> Visitor:
    kinds = {WebRole.SYSTEM: VisitorKind.SYSTEM, WebRole.APPLICANT: VisitorKind.APPLICANT}
    kind = kinds.get(role, VisitorKind.OFFICER)
    return Visitor(kind, id=f"test-{role}", roles=frozenset({role}))


def _denials(ledger: Any) -> list[dict[str, Any]]:
    with ledger.engine.connect() as connection:
        return [entry.event for entry in entries(connection, STREAM)]

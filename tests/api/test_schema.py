"""The description holds: whatever is sent, no answer is a crash and none is undocumented (schemathesis).

A simulated home without its engine, asked through ASGI. Examples are bounded and the same at every run: those
of the description, and some that are made.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ledger.db import OriginKind, open_database
from schemas.areas import WebRole
from starter.api.events import watch_of
from starter.desk import Desk
from starter.home import open_home
from starter.identity.visitor import Visitor, VisitorKind
from starter.rulebook import load_profile
from tests.api.desks import AS_SYSTEM, SYSTEM, app_for, away
from tests.web.casework import Course

CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)
UNAVAILABLE = 503
"""Documented, for the engine is away; every other server error is a crash."""

HEAD = Visitor(
    VisitorKind.OFFICER, "1001", "局长", frozenset(WebRole), ("head",), proven_at=datetime.now(UTC)
)
"""Somebody with every role there is, who has just proven who he is."""

AS_HEAD = {"Authorization": f"Bearer {HEAD.id}"}
BY_SYSTEMS = ("intake", "files")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A desk with the case that the description's examples name."""
    home = open_home(tmp_path_factory.mktemp("schema") / "home", OriginKind.SIMULATION)
    ledger = open_database(home.database_url, home.origin)
    Course(ledger, "LX-2026-000001", code="7KQ2M9XRTB").register().accept()
    desk = Desk(home, ledger, asyncio.run(away(ledger)), load_profile("current"))
    made = app_for(desk, SYSTEM, HEAD)
    watch_of(made).longest = 0  # a stream that tells what there is, and ends
    yield made
    ledger.close()


def test_no_answer_is_a_crash_and_none_is_undocumented(app: FastAPI) -> None:
    """Of any operation, by its own examples and by made ones; of acts, which work alike, every eighth."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    acts = [each for each in operations if _tag(each).startswith("acts")]
    answered: Counter[int] = Counter()
    for operation in [each for each in operations if each not in acts]:
        for described in operation.get_strategies_from_examples():
            _ask(described, _headers(operation), 1, answered)
        _ask(operation.as_strategy(), _headers(operation), 2, answered)
    for operation in acts[::8]:
        _ask(operation.as_strategy(), AS_HEAD, 1, answered)
    assert {200, 404, 422, UNAVAILABLE} <= set(answered)
    assert sum(answered.values()) > 150


def _tag(operation: Any) -> str:
    return str((operation.tags or [""])[0])


def _headers(operation: Any) -> dict[str, str]:
    return AS_SYSTEM if _tag(operation) in BY_SYSTEMS else AS_HEAD


def _ask(cases: Any, headers: dict[str, str], examples: int, answered: Counter[int]) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=cases)
    def ask(case: Any) -> None:
        answer = case.call(headers=headers)
        answered[answer.status_code] += 1
        checks = CHECKS if answer.status_code == UNAVAILABLE else (not_a_server_error, *CHECKS)
        case.validate_response(answer, checks=list(checks))

    ask()

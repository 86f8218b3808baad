"""Matters of every stored course on a real engine, and desks to audit them at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import delete

from audit.children import Children
from ledger.tables import ledger_entry, ledger_history
from tests.audit.desks import Desk
from tests.audit.forging_both import stolen
from tests.ledger.fixtures import postgresql
from tests.replay.courses import COURSES
from tests.workflows.house import House

__all__ = ["postgresql"]


@pytest.fixture(scope="session")
def children() -> Iterator[Children]:
    """Two processes for all tests."""
    with Children(2) as pool:
        yield pool


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def numbers(house: House) -> AsyncIterator[dict[str, str]]:
    """Matters of every stored course, and their numbers."""
    handles = await asyncio.gather(*(course(house) for course in COURSES.values()))
    yield {name: handle.id.partition("/")[2] for name, handle in zip(COURSES, handles, strict=True)}


@pytest.fixture
def desk(house: House, children: Children) -> Desk:
    """Beside the bureau's own ledger."""
    return Desk(house, house.ledger, children)


@pytest.fixture
def thief(house: House, numbers: dict[str, str], children: Children, tmp_path: Path) -> Iterator[Desk]:
    """Beside a copy of it that a test may change."""
    copy = stolen(house.ledger, tmp_path)
    with copy.engine.begin() as connection:  # what a worker has kept meanwhile would decide too much here
        connection.execute(delete(ledger_history))
        connection.execute(delete(ledger_entry).where(ledger_entry.c.type == "case.history"))
    yield Desk(house, copy, children)
    copy.close()

"""Fixtures of the tests of delivery: a ledger a test, a receiver, and what sends to it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from ledger.db import Ledger, open_database
from starter.delivery.sending import Sender
from tests.delivery.house import Desk
from tests.delivery.receiver import Receiver
from tests.ledger.fixtures import SAMPLE, new_schema, postgresql

__all__ = ["postgresql"]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger, made once: copying it takes less than migrating."""
    path = tmp_path_factory.mktemp("delivery") / "empty.db"
    open_database(f"sqlite:///{path}", SAMPLE).close()
    return path


@pytest.fixture
def file_ledger(empty_file: Path, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger on SQLite."""
    shutil.copy(empty_file, tmp_path / "ledger.db")
    ledger = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.close()


@pytest.fixture
def desk(file_ledger: Ledger) -> Desk:
    """A house without any matter."""
    return Desk(file_ledger)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A house without any matter, on each kind of database."""
    if request.param == "sqlite":
        yield Desk(request.getfixturevalue("file_ledger"))
        return
    ledger = open_database(new_schema(request.getfixturevalue("postgresql")), SAMPLE)
    yield Desk(ledger)
    ledger.close()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that is up."""
    opened = Receiver()
    await opened.up()
    yield opened
    await opened.down()


@pytest_asyncio.fixture
async def sender() -> AsyncIterator[Sender]:
    """What sends."""
    async with Sender() as opened:
        yield opened

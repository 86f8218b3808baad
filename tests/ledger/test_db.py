"""Opening: durable settings, one origin for ever, clear words for what cannot be a ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect, select, text
from sqlalchemy.exc import DBAPIError

import readmodel.numbers
import readmodel.tables
import starter.api.tables
import starter.delivery.tables
import starter.identity.tables
from ledger import tables
from ledger.db import Ledger, Origin, OriginKind, connect, open_database, snapshot, upgrade
from ledger.tables import ledger_entry
from schemas.errors import ConflictError, UnavailableError, UsageError, YangguangError
from tests.ledger.fixtures import SAMPLE, NewUrl
from tests.ledger.support import leaves, record, work

PARTS: tuple[Any, ...] = (
    tables,
    readmodel.tables,
    readmodel.numbers,
    starter.api.tables,
    starter.delivery.tables,
    starter.identity.tables,
)


def _is_of_ours(name: str | None, kind: str, parents: Any) -> bool:
    """How search terms are indexed is each database's own affair."""
    indexed = parents.get("table_name") == "matter_search" and name in ("id", None)
    return not indexed and not (name or "").startswith(("matter_fts", "matter_search_gin"))


def test_the_migrations_make_the_tables_the_code_uses(ledger: Ledger) -> None:
    whole = MetaData()
    for part in PARTS:
        for table in part.metadata.tables.values():
            table.to_metadata(whole)
    with ledger.engine.begin() as connection:
        options = {"compare_type": True, "include_name": _is_of_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, whole) == []


def test_many_may_open_a_new_database_at_once(new_url: NewUrl) -> None:
    url = new_url()
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: open_database(url, SAMPLE), range(6)))
    record(opened[0], work("LX-1"))
    assert len(leaves(opened[5])) == 1
    for ledger in opened:
        upgrade(ledger.engine)
        ledger.close()


def test_the_origin_is_fixed_when_the_ledger_is_made(ledger: Ledger) -> None:
    url = ledger.engine.url.render_as_string(hide_password=False)
    again = open_database(url)
    assert again.origin == SAMPLE
    again.close()
    with pytest.raises(ConflictError) as caught:
        open_database(url, Origin(SAMPLE.name, OriginKind.REAL))
    assert caught.value.code == "origin_mismatch"


@pytest.mark.parametrize("name", ["", "has space", "a+b", "x" * 201, "阳光"])
def test_an_origin_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="origin"):
        open_database(f"sqlite:///{tmp_path / 'l.db'}", Origin(name, OriginKind.REAL))


def test_a_new_ledger_needs_an_origin(url: str) -> None:
    with pytest.raises(UsageError, match="needs an origin"):
        open_database(url)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("no url", UsageError),
        ("mysql://localhost/x", UsageError),
        ("sqlite://", UsageError),
        ("sqlite:///:memory:", UsageError),
        ("sqlite:////no/such/folder/l.db", UsageError),
        ("postgresql://user:secret@127.0.0.1:1/nobody", UnavailableError),
    ],
)
def test_what_cannot_be_opened_is_told_clearly(url: str, kind: type[YangguangError]) -> None:
    with pytest.raises(kind) as caught:
        open_database(url, SAMPLE)
    assert " / " in caught.value.message
    assert "secret" not in caught.value.message


def test_another_kind_of_file_is_no_ledger(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are notes, " * 100)
    with pytest.raises(UsageError, match=r"notes\.txt.*not a database"):
        open_database(f"sqlite:///{file}", SAMPLE)
    assert file.read_text().startswith("these are notes")


def test_sqlite_commits_survive_a_power_cut(tmp_path: Path) -> None:
    ledger = open_database(f"sqlite:///{tmp_path / 'l.db'}", SAMPLE)
    with ledger.engine.begin() as connection:
        asked = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
        assert asked == {"journal_mode": "wal", "synchronous": 2}
        assert connection.scalar(text("PRAGMA busy_timeout")) == 30000
    ledger.close()


def test_readers_hold_up_no_writer(ledger: Ledger) -> None:
    record(ledger, work("LX-1"))
    with snapshot(ledger.engine) as connection:
        assert len(connection.execute(select(ledger_entry)).all()) == 1
        record(ledger, work("LX-1", "2"))
        assert len(connection.execute(select(ledger_entry)).all()) == 1
    assert len(leaves(ledger)) == 2


def test_reading_never_makes_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a b%20#.db'}"
    engine = connect(url, read_only=True)
    with pytest.raises(UsageError), snapshot(engine) as connection:
        connection.execute(text("SELECT 1"))
    assert list(tmp_path.iterdir()) == []
    open_database(url, SAMPLE).close()
    with snapshot(engine) as connection:
        assert connection.execute(select(ledger_entry)).all() == []
        with pytest.raises(DBAPIError, match="readonly"):
            connection.execute(text("CREATE TABLE more (a)"))
    engine.dispose()


def test_the_read_model_lies_in_the_same_database(ledger: Ledger) -> None:
    assert {"matter", "matter_clock", "matter_card"} <= set(inspect(ledger.engine).get_table_names())

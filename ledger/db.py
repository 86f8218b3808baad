"""Opening the database so that a commit means a commit, and bringing its tables up to date.

SQLite: WAL, `synchronous=FULL` (NORMAL may lose commits at a power cut), 30 s busy timeout, and
BEGIN IMMEDIATE through the event hooks SQLAlchemy documents for this, because a transaction that
starts reading and then wants to write fails instead of waiting. PostgreSQL needs none of it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError

from ledger.dialect import is_postgresql
from ledger.entry import instant
from ledger.tables import ledger_meta
from schemas.errors import ConflictError, UnavailableError, UsageError, YangguangError

MIGRATIONS = Path(__file__).parent / "migrations"

_UPGRADE_LOCK = 0x79616E67
"""Key of the PostgreSQL advisory lock that lets one process at a time change tables."""

_alembic_is_not_reentrant = Lock()

# Names an origin as C2SP signed notes name a key: printable, without space and plus.
_ORIGIN = re.compile(r"[!-*,-~]{1,200}")


class OriginKind(StrEnum):
    """Where the acts of a ledger come from; every leaf carries the origin's name, this goes with it."""

    REAL = "real"
    SAMPLE = "sample"
    SIMULATION = "simulation"
    """Time is simulated: the ledger takes it from the workflow instead of its own clock."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Name (a URI reference such as `land.example/ledger`) and kind of a ledger, fixed when it is created."""

    name: str
    kind: OriginKind


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger: where it is, who it says it is, and what its clock tolerates."""

    engine: Engine
    origin: Origin
    tolerance: timedelta
    """How far a workflow's clock may run ahead of the ledger's."""
    clock: Callable[[], datetime]
    """Time of recording where the database has no clock of its own (SQLite)."""

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(
    url: str,
    origin: Origin | None = None,
    *,
    tolerance: timedelta = timedelta(seconds=60),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Ledger:
    """Open a ledger, creating it or bringing its tables up to date as needed.

    `url` is `sqlite:///file` or `postgresql://...`. A new ledger needs an `origin`; an existing one
    keeps its own and refuses another (ConflictError). Raises UsageError for a URL or file that cannot
    be a ledger, UnavailableError for a database out of reach.
    """
    engine = connect(url)
    try:
        with _told_clearly(engine.url):
            upgrade(engine)
            with engine.begin() as connection:
                adopted = _adopt_origin(connection, origin, clock)
    except YangguangError:
        engine.dispose()
        raise
    return Ledger(engine, adopted, tolerance, clock)


def connect(url: str, *, read_only: bool = False) -> Engine:
    """An engine with the settings of this module; nothing is opened or created yet.

    `read_only` opens an SQLite file without ever creating or changing it.
    """
    address = _address(url)
    if address.get_backend_name() == "postgresql":
        return create_engine(address, pool_pre_ping=True)
    if read_only:
        file = quote(str(address.database))
        address = URL.create("sqlite", database=f"file:{file}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(address)
    event.listen(engine, "connect", _read_only_pragmas if read_only else _pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest revision; safe when several processes start at once."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _alembic_is_not_reentrant, engine.begin() as connection:
        _one_at_a_time(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that reads one consistent state and holds up no writer."""
    options: dict[str, Any] = {"read_only": True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _told_clearly(engine.url), engine.connect() as connection:
        yield connection.execution_options(**options)


def unavailable(error: DBAPIError) -> bool:
    """Whether a database error lies in the connection, the disk or a lock, and not in what was asked."""
    if error.connection_invalidated:
        return True
    # SQLite calls a wrong statement an operational error as well: its own code tells them apart.
    wrong_statement = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return isinstance(error, (OperationalError, InterfaceError)) and not wrong_statement


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        raise UsageError(f"数据库地址无法识别 / not a database URL: {url!r}") from None
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise UsageError(f"不支持的数据库 / database not supported: {backend} (sqlite, postgresql)")
    if not address.database or address.database == ":memory:":
        raise UsageError("总账需要文件 / the ledger needs a file: sqlite:///path")
    return address


def _one_at_a_time(connection: Connection) -> None:
    """Until the transaction ends; on SQLite BEGIN IMMEDIATE has seen to it."""
    if is_postgresql(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})


def _adopt_origin(connection: Connection, wanted: Origin | None, clock: Callable[[], datetime]) -> Origin:
    """The stored origin, written first where there is none yet."""
    _one_at_a_time(connection)
    stored = read_origin(connection)
    if stored is None:
        return _write_origin(connection, wanted, clock())
    if wanted is not None and wanted != stored:
        raise ConflictError(
            f"总账来源不符 / the ledger belongs to another origin: {stored.name} ({stored.kind}),"
            f" not {wanted.name} ({wanted.kind})",
            code="origin_mismatch",
        )
    return stored


def read_origin(connection: Connection) -> Origin | None:
    """The origin a ledger was created with; None for a database that holds none."""
    meta = {row.key: row.value for row in connection.execute(select(ledger_meta))}
    if "origin" not in meta:
        return None
    return Origin(meta["origin"], OriginKind(meta["kind"]))


def _write_origin(connection: Connection, origin: Origin | None, now: datetime) -> Origin:
    if origin is None:
        raise UsageError("新建总账须说明来源 / a new ledger needs an origin")
    if not _ORIGIN.fullmatch(origin.name):
        raise UsageError(f"来源名称不可用 / not usable as the name of an origin: {origin.name!r}")
    meta = {"origin": origin.name, "kind": origin.kind.value, "created": instant(now.astimezone(UTC))}
    connection.execute(insert(ledger_meta), [{"key": key, "value": value} for key, value in meta.items()])
    return origin


def _pragmas(dbapi: Any, _: Any) -> None:
    # The driver must not open transactions behind SQLAlchemy's back.
    dbapi.isolation_level = None
    # The timeout first: the first switch to WAL needs the file to itself for a moment. What is deleted is
    # overwritten, from the first page on: pages that split leave copies of destroyed keys behind otherwise.
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        dbapi.execute(f"PRAGMA {pragma}").close()


def _read_only_pragmas(dbapi: Any, _: Any) -> None:
    dbapi.isolation_level = None
    for pragma in ("busy_timeout=30000", "query_only=ON"):
        dbapi.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


@contextmanager
def _told_clearly(url: URL) -> Iterator[None]:
    """Turn a driver's error into one sentence that names the database, without its password."""
    try:
        yield
    except DBAPIError as error:
        place = url.render_as_string(hide_password=True)
        said = f"数据库不可用 / database cannot be used: {place}: {error.orig}"
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY):
            raise UsageError(said) from error
        if unavailable(error):
            raise UnavailableError(said) from error
        raise

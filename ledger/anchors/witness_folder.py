"""A witness's folder, which is its own: private keys, and one SQLite file with what it trusts and has seen.

The file is made once, with the keys. It is never made anew where it is missing: a witness that forgot
what it signed would vouch for a forked log.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from ledger.notes import BadKeyError, KeyKind, SigningKey, VerifierKey, generate_key, load_key, parse_vkey
from schemas.errors import ConflictError, NotFoundError, UnavailableError, UsageError

LOG_KINDS = (KeyKind.ED25519, KeyKind.COSIGNATURE_MLDSA44)
"""What a log signs with."""

_KEY_FILES = {KeyKind.COSIGNATURE_ED25519: "ed25519.pem", KeyKind.COSIGNATURE_MLDSA44: "mldsa44.pem"}
_STATE = "witness.db"
_LOCK_SECONDS = 30

_TABLES = """
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE witness (name TEXT NOT NULL);
CREATE TABLE trusted (vkey TEXT NOT NULL PRIMARY KEY, origin TEXT NOT NULL);
CREATE TABLE latest (
    origin TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
    time INTEGER NOT NULL, note BLOB NOT NULL
);
COMMIT;
"""


@dataclass(frozen=True, slots=True)
class Witness:
    """An open witness. Safe to use from several threads, and beside other processes."""

    folder: Path
    name: str
    keys: tuple[SigningKey, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest checkpoint of a log: size, root, when it was cosigned, the note with the cosignatures."""

    size: int
    root: bytes
    at: datetime
    note: bytes


@dataclass(frozen=True, slots=True)
class WitnessedLog:
    """A log, the keys that are trusted to speak for it, and what was seen of it last."""

    origin: str
    keys: tuple[VerifierKey, ...]
    seen: Seen | None


def init_witness(folder: Path, name: str) -> Witness:
    """Make a witness with new keys. Raises BadKeyError, and ConflictError where the folder holds anything."""
    keys = tuple(_new_keys(name))
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Made aside and moved, so that a folder which is there is a whole witness.
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        _fill(draft, name, keys)
        draft.rename(folder)
    except OSError as error:
        raise ConflictError(
            f"{folder} 不能新建见证 / cannot make a witness there: {error.strerror}"
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Witness(folder, name, keys)


def open_witness(folder: Path) -> Witness:
    """Open a witness. Raises NotFoundError where there is none, BadKeyError, UnavailableError."""
    if not (folder / _STATE).is_file():
        raise NotFoundError(f"{folder} 不是见证目录 / {folder} keeps no witness: {_STATE} is missing")
    with transaction(folder) as database:
        (name,) = database.execute("SELECT name FROM witness").fetchone()
    found = ((kind, folder / file) for kind, file in _KEY_FILES.items())
    keys = tuple(load_key(name, kind, path.read_bytes()) for kind, path in found if path.is_file())
    if not keys:
        raise NotFoundError(f"{folder} 没有私钥 / the witness in {folder} has no private key")
    return Witness(folder, name, keys)


def trust(witness: Witness, key: VerifierKey) -> None:
    """Take a key as one of the log it is named after. Raises UsageError for a kind no log signs with."""
    if key.kind not in LOG_KINDS:
        raise UsageError(f"不是日志的公钥 / {key} is a {key.kind.name} key, which no log signs with")
    with transaction(witness.folder) as database:
        database.execute("INSERT OR IGNORE INTO trusted VALUES (?, ?)", (key.vkey, key.name))


def distrust(witness: Witness, key: VerifierKey) -> None:
    """No longer take a key; what was seen of its log stays. Raises NotFoundError for a key not trusted."""
    with transaction(witness.folder) as database:
        if not database.execute("DELETE FROM trusted WHERE vkey = ?", (key.vkey,)).rowcount:
            raise NotFoundError(f"未曾信任此公钥 / the key {key} is not trusted")


def logs(witness: Witness) -> tuple[WitnessedLog, ...]:
    """All logs the witness trusts or has seen, by origin."""
    with transaction(witness.folder) as database:
        found = database.execute("SELECT origin FROM trusted UNION SELECT origin FROM latest ORDER BY 1")
        return tuple(log_in(database, origin) for (origin,) in found.fetchall())


def log_in(database: sqlite3.Connection, origin: str) -> WitnessedLog:
    """A log by its origin, within a transaction; without keys where it is unknown."""
    keys = database.execute("SELECT vkey FROM trusted WHERE origin = ? ORDER BY 1", (origin,)).fetchall()
    row = database.execute("SELECT size, root, time, note FROM latest WHERE origin = ?", (origin,)).fetchone()
    seen = row and Seen(row[0], row[1], datetime.fromtimestamp(row[2], UTC), row[3])
    return WitnessedLog(origin, tuple(parse_vkey(vkey) for (vkey,) in keys), seen)


@contextmanager
def transaction(folder: Path) -> Iterator[sqlite3.Connection]:
    """Have the state to oneself; what is written is on the disk when this ends. Raises UnavailableError."""
    try:
        with closing(_connect(folder / _STATE)) as database:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")  # closing without it undoes everything
    except sqlite3.Error as error:
        raise UnavailableError(f"见证的状态不可用 / the witness's state cannot be used: {error}") from error


def _connect(file: Path) -> sqlite3.Connection:
    # Mode rw opens what is there and creates nothing.
    address = f"file:{quote(str(file))}?mode=rw"
    database = sqlite3.connect(address, timeout=_LOCK_SECONDS, isolation_level=None, uri=True)
    database.execute("PRAGMA synchronous = FULL")
    return database


def _new_keys(name: str) -> Iterator[SigningKey]:
    yield generate_key(name, KeyKind.COSIGNATURE_ED25519)
    try:
        yield generate_key(name, KeyKind.COSIGNATURE_MLDSA44)
    except BadKeyError:  # this machine cannot make one; the name was good enough for the first
        return


def _fill(folder: Path, name: str, keys: tuple[SigningKey, ...]) -> None:
    for key in keys:
        _write_private(folder / _KEY_FILES[key.kind], key.pem())
    _write_private(folder / _STATE, b"")
    with closing(_connect(folder / _STATE)) as database:
        database.executescript(_TABLES)
        database.execute("INSERT INTO witness VALUES (?)", (name,))


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

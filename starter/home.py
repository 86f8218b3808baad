"""The home folder (数据目录): everything one installation keeps, in one place and private to its user.

A home is what backup, move and delete mean for an operator, so nothing is written outside it.
It is a *sample* home when it was made by mere first use (sample organisation, password-less
sign-in, loopback only), a *simulation* or a *real* one when somebody asked for that; the kind is
written down once and never guessed again.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import tempfile
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ledger.db import Origin, OriginKind
from schemas.errors import UnavailableError, UsageError

DEFAULT_HOME = Path(".yangguang")
"""Where the home lies when neither `--home` nor YANGGUANG_HOME names one."""

_SIGNER = ("here", "elsewhere")

_SETTINGS = {
    "kind": re.compile(".*"),
    "origin": re.compile(".*"),
    "database": re.compile(".*"),
    "signer": re.compile("|".join(_SIGNER)),
    "stamp_hours": re.compile("[1-9][0-9]{0,3}"),
}
"""Keys of `home.toml`, all text, and what each may say; kind and origin are looked at more closely."""

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


@dataclass(frozen=True)
class Home:
    """An open home: its place and what `home.toml` says of it."""

    path: Path
    """Absolute path of the folder."""
    origin: Origin
    """Name and kind of this home's ledger; the name is drawn once, then fixed."""
    database_url: str
    """SQLAlchemy URL of ledger and read model; by default the file `ledger.db` of the home."""
    signs: bool = True
    """Whether the log is signed from this home; False where a process of another user or machine does it."""
    stamp_every: timedelta = timedelta(hours=24)
    """How often a time-stamp authority of the policy is asked, at most."""

    @property
    def kind(self) -> OriginKind:
        """Sample homes invent people and skip passwords, simulation homes skip time, real ones neither."""
        return self.origin.kind

    @property
    def engine_db(self) -> Path:
        """The embedded engine's own database: histories and timers."""
        return self.path / "engine.db"

    @property
    def engine_note(self) -> Path:
        """Where the running engine says how it is reached."""
        return self.path / "engine.json"

    @property
    def logs(self) -> Path:
        """Folder of log files."""
        return self.path / "logs"

    @property
    def keys(self) -> Path:
        """Folder of signing and sealing keys."""
        return self.path / "keys"

    @property
    def reports(self) -> Path:
        """Folder of the supervision office's reports; each file bears the digest of its bytes."""
        return self.path / "reports"

    @property
    def policy(self) -> Path:
        """The policy file: by which keys, witnesses and authorities this ledger is to be judged."""
        return self.keys / "policy"


def home_path(chosen: Path | None = None) -> Path:
    """Absolute path of the home: `chosen`, else YANGGUANG_HOME, else `./.yangguang`."""
    return (chosen or Path(os.environ.get("YANGGUANG_HOME") or DEFAULT_HOME)).expanduser().resolve()


def open_home(chosen: Path | None = None, kind: OriginKind = OriginKind.SAMPLE) -> Home:
    """Open the home, making one of `kind` on first use; an existing home keeps its kind.

    Raises UsageError where `home.toml` cannot be read, UnavailableError where the folder cannot be made.
    """
    path = home_path(chosen)
    try:
        _make_folders(path)
        if (path / "ledger.db").exists() and not (path / "home.toml").exists():
            raise UsageError(
                f"{path} 有总账而无 home.toml，不能另立来源 / {path} holds a ledger but no home.toml: "
                "put the file back; another origin would not be this ledger's",
                code="home_without_settings",
            )
        _write_once(path / "home.toml", _first_settings(kind))
    except OSError as error:
        raise UnavailableError(f"无法建立数据目录 / cannot make the home {path}: {error.strerror}") from error
    return _read_home(path)


def try_lock(path: Path) -> int | None:
    """Lock `path` against other processes; gives the descriptor that holds the lock, None where it is held.

    The lock falls when the last process closes the descriptor, so that handing it to a child
    keeps the lock for as long as the child lives, however this process ends.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Replace `path` in one step, readable by this user alone."""
    draft = _draft(path, text)
    draft.replace(path)


def _make_folders(path: Path) -> None:
    path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    for folder in (path, path / "logs", path / "keys"):
        folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(_PRIVATE_FOLDER)


def _first_settings(kind: OriginKind) -> str:
    return (
        "# Settings of this Yangguang home. Keep `origin`: the ledger is signed under that name.\n"
        f'kind = "{kind}"\n'
        f'origin = "{kind}-{secrets.token_hex(4)}.yangguang.invalid/ledger"\n'
        '# database = "postgresql+psycopg://user@host/name"   (default: ledger.db in this folder)\n'
    )


def _write_once(path: Path, text: str) -> None:
    # Linking refuses an existing name, so of two first commands one wins and both read its file.
    if path.exists():
        return
    draft = _draft(path, text)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _draft(path: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as draft:
        draft.write(text)
        draft.flush()
        os.fsync(draft.fileno())
    return Path(name)


def _read_home(path: Path) -> Home:
    settings = _read_settings(path / "home.toml")
    return Home(
        path=path,
        origin=Origin(settings["origin"], OriginKind(settings["kind"])),
        database_url=settings.get("database") or f"sqlite:///{path / 'ledger.db'}",
        signs=settings.get("signer", _SIGNER[0]) == _SIGNER[0],
        stamp_every=timedelta(hours=int(settings.get("stamp_hours", "24"))),
    )


def _read_settings(path: Path) -> dict[str, str]:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} 无法读取 / cannot be read: {error}") from error
    if settings.get("kind") not in set(OriginKind):
        raise UsageError(f"{path}: kind 只能是 / must be one of: {', '.join(OriginKind)}")
    for key, value in settings.items():
        if key not in _SETTINGS or not isinstance(value, str):
            raise UsageError(f"{path}: 不认识的设置 / unknown setting `{key}`")
        if not _SETTINGS[key].fullmatch(value):
            raise UsageError(f"{path}: {key} 的值不可用 / not a value for `{key}`: {value!r:.80}")
    if not settings.get("origin"):
        raise UsageError(f"{path}: 缺少 origin / origin is missing")
    return settings

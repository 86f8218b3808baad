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
    "url": re.compile(r"https?://[^\s/?#@]+"),
    "auditors": re.compile(r"[\w.-]+(\s*,\s*[\w.-]+)*"),
    "admins": re.compile(r"[\w.-]+(\s*,\s*[\w.-]+)*"),
    "session_idle_minutes": re.compile("[1-9][0-9]{0,3}"),
    "session_hours": re.compile("[1-9][0-9]?"),
    "proof_minutes": re.compile("[1-9][0-9]{0,2}"),
    "oidc_issuer": re.compile(r"https?://\S+"),
    "oidc_client": re.compile(r"\S+"),
    "oidc_staff_claim": re.compile(r"[\w.:/-]+"),
    "oidc_applicant_claim": re.compile(r"[\w.:/-]+"),
    "oidc_audience": re.compile(r"\S+"),
    "oidc_systems": re.compile(r"\S+(\s*,\s*\S+)*"),
    "smtp": re.compile(r"smtps?://\S+"),
    "mail_from": re.compile(r"[^\s@<>]+@[^\s@<>]+"),
}
"""Keys of `home.toml`, all text, and what each may say; kind and origin are looked at more closely."""

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


@dataclass(frozen=True)
class Oidc:
    """The provider of identities (OpenID Connect) that this home trusts."""

    issuer: str
    client: str
    """Client id under which this desk is known there; its secret is the file `keys/oidc.secret`."""
    staff_claim: str = "staff_no"
    """Claim of the ID token that holds the staff number."""
    applicant_claim: str = ""
    """Claim that holds the identity number of an applicant; empty where only staff sign in there."""
    audience: str = ""
    """What access tokens of systems must be made for; empty: the client id."""
    systems: tuple[str, ...] = ()
    """Client ids of the systems that may come in."""


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
    url: str = ""
    """Address of the desk as browsers see it, where that is not loopback."""
    auditors: tuple[str, ...] = ()
    """Accounts that may read all and write nothing."""
    admins: tuple[str, ...] = ()
    """Accounts that keep rules and installation and have no right in any matter."""
    session_idle: timedelta = timedelta(minutes=30)
    """How long somebody may do nothing and stay signed in."""
    session_for: timedelta = timedelta(hours=9)
    """How long somebody stays signed in at most."""
    proof_for: timedelta = timedelta(minutes=15)
    """How long after signing in somebody may decide without proving again who he is."""
    oidc: Oidc | None = None
    """The provider that says who people and systems are; none in a sample home."""
    smtp: str = ""
    """The server that takes notices as mails, `smtp://user:password@host:587`; none: no mail is sent."""
    mail_from: str = ""
    """The address that mails come from."""

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
        url=settings.get("url", ""),
        auditors=_words(settings.get("auditors", "")),
        admins=_words(settings.get("admins", "")),
        session_idle=timedelta(minutes=int(settings.get("session_idle_minutes", "30"))),
        session_for=timedelta(hours=int(settings.get("session_hours", "9"))),
        proof_for=timedelta(minutes=int(settings.get("proof_minutes", "15"))),
        oidc=_oidc(settings, path),
        smtp=settings.get("smtp", ""),
        mail_from=settings.get("mail_from", ""),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _oidc(settings: dict[str, str], path: Path) -> Oidc | None:
    named = [key for key in settings if key.startswith("oidc_")]
    if not named:
        return None
    if not {"oidc_issuer", "oidc_client"} <= set(named):
        raise UsageError(f"{path}: 缺少 / missing: oidc_issuer, oidc_client", code="oidc_settings")
    return Oidc(
        settings["oidc_issuer"],
        settings["oidc_client"],
        settings.get("oidc_staff_claim", "staff_no"),
        settings.get("oidc_applicant_claim", ""),
        settings.get("oidc_audience", ""),
        _words(settings.get("oidc_systems", "")),
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

"""Files that outlive a power cut, secrets that do not outlive their use, and one process at a time.

Whoever signs must remember what he signed, whatever happens to the machine: a file is replaced whole, and
the folder that names it is written through as well.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import UnavailableError

PATIENCE = 30.0
"""Seconds somebody waits for another process before he gives up."""

_ASK_AGAIN = 0.02


def write_durably(path: Path, raw: bytes) -> None:
    """Replace `path` in one step, readable by this user alone, and on the disk when this returns."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Write through which names a folder holds."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def destroy(path: Path) -> None:
    """Overwrite a secret and remove it; no matter when it is gone already.

    Disks that write elsewhere than told (flash, snapshots) may keep a copy: that takes tools of their own.
    """
    if not path.exists():
        return
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


@contextmanager
def alone(lock: Path) -> Iterator[float]:
    """Keep other processes and threads out while the body runs; the lock falls when this process dies.

    Gives the seconds it had to wait, exactly 0 where nobody was in the way.

    Raises UnavailableError (code `busy`) where somebody else keeps it for longer than PATIENCE.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _wait_for(descriptor, lock)
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, lock: Path) -> float:
    began, waited = time.monotonic(), 0.0
    while not _locked(descriptor):
        waited = time.monotonic() - began
        if waited >= PATIENCE:
            said = f"另一进程占用 / another process has kept {lock} for {PATIENCE:.0f} s"
            raise UnavailableError(said, code="busy")
        time.sleep(_ASK_AGAIN)
    return waited


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

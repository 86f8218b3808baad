"""What forgers do to a bundle; they repair its list, too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger.bundle.report import BundleReport


def change(folder: Path, how: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest."""
    path = folder / "manifest.json"
    listed = json.loads(path.read_bytes())
    how(listed)
    path.write_text(json.dumps(listed))


def forge(folder: Path, name: str, how: Callable[[bytes], bytes]) -> None:
    """Change a file and what the manifest says of it."""
    content = how((folder / name).read_bytes())
    (folder / name).write_bytes(content)
    told = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    change(folder, lambda listed: listed["files"].update({name: told}))


def first(folder: Path, pattern: str) -> str:
    """The first file of a bundle that fits."""
    return str(min(folder.glob(pattern)).relative_to(folder))


def checks(report: BundleReport) -> set[str]:
    """Names of the checks that failed."""
    assert not report.verified
    return {each.check for each in report.failures}


def flip(at: int) -> Callable[[bytes], bytes]:
    """Change one byte."""
    return lambda raw: raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def swapped(raw: bytes) -> bytes:
    """The first two entries of an entry bundle in the other order."""
    one = 2 + int.from_bytes(raw[:2], "big")
    two = one + 2 + int.from_bytes(raw[one : one + 2], "big")
    return raw[one:two] + raw[:one] + raw[two:]


def left_out(folder: Path, *names: str) -> None:
    """Take files out of a bundle and its list."""
    for name in names:
        (folder / name).unlink()
    change(folder, lambda listed: [listed["files"].pop(name) for name in names])


def put(folder: Path, name: str, content: bytes) -> None:
    """Put a file into a bundle and its list."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    forge(folder, name, lambda raw: raw)

"""Reading a bundle that comes from a stranger: only files that a bundle has, each once, none too large.

Names come from the folder, never from the manifest; links and devices are refused, whatever they point to.
The folder itself may be reached through a link: whoever checks it named it.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from ledger.bundle.layout import MANIFEST, MANIFEST_LINE, MAX_FILES, Manifest, limit_of
from schemas.errors import VerificationError

_DEEPEST = 8
"""Folders within folders: an entry tile of the largest log lies seven deep."""


class BundleError(VerificationError):
    """A bundle that cannot be trusted to be one."""

    default_code = "bad_bundle"


def read_manifest(folder: Path, files: int) -> Manifest:
    """The list of what should be there, no longer than so many files need. Raises BundleError."""
    raw = read_file(folder, MANIFEST, (files + 2) * MANIFEST_LINE)
    try:
        return Manifest.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        told = f"{'.'.join(map(str, first['loc']))!r:.200}: {first['msg']}"
        raise BundleError(f"清单无法读取 / {MANIFEST} cannot be read: {told:.400}") from None


def scan(folder: Path) -> dict[str, int]:
    """Name and size of every file there is but the manifest. Raises BundleError for what no bundle holds."""
    found: dict[str, int] = {}
    _scan(folder, "", 0, found)
    found.pop(MANIFEST, None)
    return found


def _scan(folder: Path, prefix: str, depth: int, found: dict[str, int]) -> None:
    if depth > _DEEPEST:
        raise BundleError(f"{prefix!r:.200}: 目录过深 / folders nested too deep")
    items = _items(folder, prefix)
    if prefix and not items:
        raise BundleError(f"{prefix!r:.200}: 空目录 / an empty folder; a bundle has none")
    for item in items:
        name = prefix + item.name
        about = item.stat(follow_symlinks=False)
        if stat.S_ISDIR(about.st_mode):
            _scan(folder / item.name, f"{name}/", depth + 1, found)
            continue
        _check_kind(name, about)
        found[name] = about.st_size
        if len(found) > MAX_FILES:
            raise BundleError(f"文件过多 / more than {MAX_FILES} files")


def _items(folder: Path, prefix: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name; of a folder with too much in it only so much as tells."""
    try:
        with os.scandir(folder) as items:
            return sorted(islice(items, MAX_FILES + 2), key=lambda item: item.name)
    except OSError as error:
        told = f"无法读取 / cannot be read: {error.strerror}"
        raise BundleError(f"{prefix or str(folder)!r:.200}: {told}") from None


def _check_kind(name: str, about: os.stat_result) -> None:
    if stat.S_ISLNK(about.st_mode) or about.st_nlink > 1:
        raise BundleError(f"{name!r:.200}: 是链接 / is a link; a bundle has none")
    if not stat.S_ISREG(about.st_mode):
        raise BundleError(f"{name!r:.200}: 不是普通文件 / is no regular file")
    if name == MANIFEST:
        return
    limit = limit_of(name)
    if limit is None:
        raise BundleError(f"{name!r:.200}: 多余的文件 / no bundle has a file of this name")
    if about.st_size > limit:
        raise BundleError(f"{name}: 文件过大 / {about.st_size} bytes, at most {limit}")


def compare(manifest: Manifest, found: dict[str, int]) -> list[tuple[str, str]]:
    """(file, what is wrong) for everything missing, added or of another size than listed."""
    wrong = [
        (name, "缺文件 / listed, but not there") for name in sorted(manifest.files.keys() - found.keys())
    ]
    wrong += [
        (name, "多余的文件 / there, but not listed") for name in sorted(found.keys() - manifest.files.keys())
    ]
    for name, file in sorted(manifest.files.items()):
        if name in found and found[name] != file.bytes:
            wrong.append((name, f"大小不符 / {found[name]} bytes, {file.bytes} listed"))
    return wrong


def read_file(folder: Path, name: str, limit: int | None = None) -> bytes:
    """A file's bytes, never through a link and never more than its kind may have. Raises BundleError."""
    most = limit if limit is not None else limit_of(name)
    if most is None:
        raise BundleError(f"{name!r:.200}: 多余的文件 / no bundle has a file of this name")
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise BundleError(f"{name}: 不是普通文件 / is no regular file")
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise BundleError(f"{name}: 无法读取 / cannot be read: {said}") from None
    if len(content) > most:
        raise BundleError(f"{name}: 文件过大 / more than {most} bytes")
    return content


def read_listed(folder: Path, manifest: Manifest, name: str) -> bytes:
    """A file as the manifest lists it. Raises BundleError where it is missing or another one."""
    if name not in manifest.files:
        raise BundleError(f"{name}: 缺文件 / is not in this bundle")
    content = read_file(folder, name)
    if sha256(content).hexdigest() != manifest.files[name].sha256:
        raise BundleError(f"{name}: 内容不符 / not the file that was written: its digest is another")
    return content

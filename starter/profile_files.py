"""A rule profile as files: where profiles lie, how they are merged, what is wrong with them.

A profile is a folder: `profile.yaml` (identity, thresholds, grounds of suspension),
`organisation.yaml` (sections, posts, officers), a file for each other part of the rules (`cards.yaml`,
`liability.yaml` and so on) and `items/`, one file an item, named by its code.
A profile that says `extends: current` states only what differs. **Merge rule**: mappings merge key
by key; lists of things with a `code` (officers: `staff_no`) merge by it, new ones come last;
anything else, a list of plain words too, replaces what was there. Nothing can be removed.

Nothing is guessed: a file, key or type that is not expected is a problem, and all are reported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rules.checks import Problem, check
from schemas.errors import UsageError
from schemas.profile import SECTIONS, Profile
from starter.strict_yaml import parse_mapping

SHIPPED = Path(str(resources.files("rules").joinpath("profiles")))
"""Folder of the profiles that come with the package."""

MAIN, ORGANISATION, ITEMS = "profile.yaml", "organisation.yaml", "items"
IDENTITY = ("id", "version", "effective_from")
"""What a profile must say itself, even if it extends another."""

_STAFFED = frozenset({"sections", "posts", "officers"})
_FILE_OF = {f"{name}.yaml": name for name in SECTIONS}
_ALLOWED = {
    MAIN: frozenset(Profile.model_fields) - _STAFFED - {ITEMS, "sha256", *SECTIONS} | {"extends"},
    ORGANISATION: _STAFFED,
}
_REASONS = {"missing": "缺少 / is missing", "extra_forbidden": "不认识的键 / unknown key"}


@dataclass
class Reading:
    """What came of reading one profile: a fit profile, or the problems that keep it from being one."""

    profile: Profile | None = None
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """Path inside a profile's folder to the file, as shown, that has the last word."""

    def add(self, file: str, key: str, reason: str) -> None:
        """Note a problem in `file`, a path inside the profile's folder."""
        self.problems.append(Problem(file=self.files.get(file, file), key=key, reason=reason))


def places(root: Path | None) -> tuple[Path, ...]:
    """Folders that hold profiles: the user's first, then those shipped."""
    if root is None:
        return (SHIPPED,)
    if not root.is_dir():
        raise UsageError(f"没有规则目录 {root} / there is no folder {root}", code="unknown_folder")
    return (root, SHIPPED)


def profile_names(root: Path | None) -> list[str]:
    """Names of all profiles within reach, sorted."""
    folders = (folder for place in places(root) for folder in place.iterdir())
    return sorted({folder.name for folder in folders if (folder / MAIN).is_file()})


def calendar_files(name: str, root: Path | None) -> dict[str, object]:
    """The calendar folder `calendars/<name>`, parsed, by file name without ending.

    Raises UsageError where there is no such folder or a file cannot be read.
    """
    for place in places(root):
        folder = place / "calendars" / name
        if _is_name(name) and folder.is_dir():
            return dict(_calendar(folder))
    raise UsageError(f"没有日历 {name} / there is no calendar {name}", code="unknown_calendar")


def read_profile(name: str, root: Path | None, heirs: tuple[str, ...] = ()) -> Reading:
    """Read, merge, type and check one profile. `heirs` are the profiles that extend it.

    Raises UsageError (`unknown_profile`) where there is none of that name; all else that is wrong
    is in the result.
    """
    reading = Reading()
    data = _read_folder(_find(name, root), name, reading)
    base = _base(data.pop("extends", None), root, (*heirs, name), reading)
    if base is not None:
        data = _merge(base.model_dump(mode="json", exclude={"sha256"}), data)
    if not reading.problems:
        _judge(data, reading)
    return reading


def digest(profile: Profile) -> str:
    """SHA-256 over the merged content as compact JSON with sorted keys, the digest left out."""
    content = profile.model_dump(mode="json", exclude={"sha256"})
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _find(name: str, root: Path | None) -> Path:
    for place in places(root):
        folder = place / name
        if _is_name(name) and (folder / MAIN).is_file():
            return folder
    known = ", ".join(profile_names(root))
    raise UsageError(
        f"没有规则版本 {name}，现有：{known} / there is no profile {name}; there are: {known}",
        code="unknown_profile",
    )


def _is_name(name: str) -> bool:
    """A plain folder name, so that nothing outside the rules is read."""
    return name.replace("-", "").replace("_", "").replace(".", "").isalnum() and name[0] != "."


def _read_folder(folder: Path, name: str, reading: Reading) -> dict[str, Any]:
    """The folder's own statements; problems go into `reading`."""
    data: dict[str, Any] = {}
    for path, file in _profile_files(folder):
        reading.files[path] = f"{name}/{path}"
        try:
            content = _content(file)
        except ValueError as error:
            reading.add(path, "", str(error))
            continue
        if path in _ALLOWED:
            data |= _expected(path, content, reading)
        elif path in _FILE_OF:
            data[_FILE_OF[path]] = content
        elif not path.startswith(f"{ITEMS}/"):
            reading.add(path, "", "不是规则版本的文件 / not a file of a profile")
        elif content.get("code") != file.name.removesuffix(".yaml"):
            reading.add(path, "code", "必须与文件名相同 / must be the name of the file")
        else:
            data.setdefault(ITEMS, []).append(content)
    _check_identity(data, name, reading)
    return data


def _profile_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every YAML file of the folder by its path inside it, in a fixed order."""
    yield from ((file.name, file) for file in _yaml(folder))
    if (items := folder / ITEMS).is_dir():
        yield from ((f"{ITEMS}/{file.name}", file) for file in _yaml(items))


def _yaml(folder: Path) -> list[Path]:
    files = (file for file in folder.iterdir() if file.name.lower().endswith((".yaml", ".yml")))
    return sorted(files, key=lambda file: file.name)


def _content(file: Path) -> dict[str, Any]:
    try:
        return parse_mapping(file.read_bytes())
    except OSError as error:
        raise ValueError(f"不能读取 / cannot be read: {error.strerror}") from error


@lru_cache(maxsize=8)
def _calendar(folder: Path) -> dict[str, object]:
    """A calendar folder's files; there is one a year, so they are read once."""
    found: dict[str, object] = {}
    for file in _yaml(folder):
        try:
            found[file.name.removesuffix(".yaml")] = _content(file)
        except ValueError as error:
            raise UsageError(f"{file.name}: {error}", code="calendar.invalid") from error
    return found


def _expected(path: str, content: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """The part of a file that belongs there; the rest becomes problems."""
    for key in content:
        if key not in _ALLOWED[path]:
            reading.add(path, str(key), _REASONS["extra_forbidden"])
    return {key: value for key, value in content.items() if key in _ALLOWED[path]}


def _check_identity(data: dict[str, Any], name: str, reading: Reading) -> None:
    if reading.problems:
        return
    for key in IDENTITY:
        if key not in data:
            reading.add(MAIN, key, _REASONS["missing"])
    if data.get("id", name) != name:
        reading.add(MAIN, "id", f"必须与文件夹同名 {name} / must be the name of the folder, {name}")


def _base(name: object, root: Path | None, heirs: tuple[str, ...], reading: Reading) -> Profile | None:
    """The profile that is extended, if any; its problems are ours."""
    if name is None or reading.problems:
        return None
    if not isinstance(name, str):
        reading.add(MAIN, "extends", "必须是规则版本的名称 / must be the name of a profile")
        return None
    if name in heirs:
        reading.add(MAIN, "extends", f"规则版本 {name} 引用了自己 / profile {name} extends itself")
        return None
    try:
        base = read_profile(name, root, heirs)
    except UsageError as error:
        reading.add(MAIN, "extends", error.message)
        return None
    reading.problems += base.problems
    reading.files = base.files | reading.files
    return base.profile


def laid_over(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A profile's content with what a draft states laid on it, by the merge rule of this module."""
    merged: dict[str, Any] = _merge(base, over)
    return merged


def _merge(base: Any, over: Any) -> Any:
    """`over` laid on `base`, by the merge rule of this module."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: _merge(base.get(key), value) for key, value in over.items()}
    if isinstance(over, list) and isinstance(base, list) and all(map(_code, [*base, *over])):
        return _merge_coded(base, over)
    return over


def _merge_coded(base: list[Any], over: list[Any]) -> list[Any]:
    """A code given twice in `over` stays twice, to be found by the checks."""
    rest = list(over)
    merged = []
    for entry in base:
        place = next((n for n, new in enumerate(rest) if _code(new) == _code(entry)), None)
        merged.append(entry if place is None else _merge(entry, rest.pop(place)))
    return merged + rest


def _code(entry: Any) -> Any:
    return entry.get("code") or entry.get("staff_no") if isinstance(entry, dict) else None


def _judge(data: dict[str, Any], reading: Reading) -> None:
    """Type and check merged data; strictly, so that the text "5" is no number."""
    try:
        profile = Profile.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            file, key = _place(each["loc"], data)
            reading.add(file, key, _REASONS.get(each["type"], f"值不合要求 / {each['msg']}"))
        return
    for problem in check(profile):
        reading.add(problem.file, problem.key, problem.reason)
    if not reading.problems:
        reading.profile = profile.model_copy(update={"sha256": digest(profile)})


def _place(loc: tuple[int | str, ...], data: Any) -> tuple[str, str]:
    """File and dotted key of a place in merged data, with codes instead of positions."""
    names: list[str] = []
    for part in loc:
        data = _inside(data, part)
        names.append(str(_code(data) or part) if isinstance(part, int) else part)
    first = names[0] if names else ""
    file = f"{ITEMS}/{names[1]}.yaml" if first == ITEMS and names[1:] else MAIN
    if first in SECTIONS:
        return f"{first}.yaml", ".".join(names[1:])
    return (ORGANISATION if first in _STAFFED else file), ".".join(names)


def _inside(data: Any, part: int | str) -> Any:
    """What stands there; None where it is missing, which may be the very problem."""
    try:
        return data[part]
    except (KeyError, IndexError, TypeError):
        return None

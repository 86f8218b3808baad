"""Folders of rule profiles for tests: a copy of the shipped one to spoil, and small ones that extend it."""

from __future__ import annotations

import shutil
from pathlib import Path

from starter.profile_files import SHIPPED
from starter.rulebook import examine

OVERRIDE = "extends: current\nid: mine\nversion: '1'\neffective_from: 2026-01-01\n"
"""A `profile.yaml` that changes nothing."""

Rows = list[tuple[str, str, str]]
"""File, key and reason of problems."""


def copied(root: Path) -> Path:
    """`root`, holding a copy of the shipped profile under the name `mine`."""
    shutil.copytree(SHIPPED / "current", root / "mine")
    replace(root / "mine" / "profile.yaml", "id: current", "id: mine")
    return root


def extending(root: Path, name: str, main: str, items: dict[str, str] | None = None) -> Path:
    """`root`, holding the profile `name` that states only what differs."""
    (root / name / "items").mkdir(parents=True)
    (root / name / "profile.yaml").write_text(main, "utf-8")
    for code, text in (items or {}).items():
        (root / name / "items" / f"{code}.yaml").write_text(f"code: {code}\n{text}", "utf-8")
    return root


def replace(file: Path, old: str, new: str) -> None:
    """Change the first `old` in a file, which must be there."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def problems(root: Path, name: str = "mine") -> Rows:
    """What is wrong with a profile; there is a profile exactly if nothing is."""
    profile, found = examine(name, root)
    assert (profile is None) == bool(found)
    return [(problem.file, problem.key, problem.reason) for problem in found]

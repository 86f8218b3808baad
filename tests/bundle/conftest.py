"""Bundles to check: written once, copied for every test that damages one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.anchors.tsa import stamping
from tests.bundle.evidence import OPEN, Evidence, evidence
from tests.ledger.fixtures import ledger, new_url, postgresql, url

__all__ = ["copy", "ledger", "new_url", "postgresql", "proven", "url", "written"]

Copy = Callable[..., Path]


@pytest.fixture(scope="session")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """A ledger with everything evidence can have."""
    folder = tmp_path_factory.mktemp("evidence")
    with (
        stamping(folder / "authority") as authority,
        evidence(folder, f"sqlite:///{folder / 'ledger.db'}", authority) as made,
    ):
        yield made


@pytest.fixture(scope="session")
def written(proven: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two bundles: `log`, the whole of it, and `case`, an extract with openings."""
    folder = tmp_path_factory.mktemp("bundles")
    proven.write(folder / "log")
    proven.write(folder / "case", OPEN, openings=True)
    return folder


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Copy:
    """Gives a copy of a bundle that may be damaged."""

    def copied(name: str = "log") -> Path:
        return Path(shutil.copytree(written / name, tmp_path / name))

    return copied

"""Every stored history replays, whatever the seed of Python's hashes; with a step changed, none does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.replay.courses import COURSES
from tests.replay.divergent import DIVERGENCES
from tests.replay.replaying import HISTORIES

ROOT = Path(__file__).parents[2]
SECONDS = 90
"""A replay that hangs is a failed one."""


def replayed(seed: str, *divergence: str) -> dict[str, str]:
    """What a process with this hash seed says of each stored history."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.replay.replaying", *divergence],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    failed = [name for name, result in results.items() if result != "ok"]
    assert divergence or not failed, f"{failed} do not replay:\n{done.stderr[-3000:]}"
    return results


def test_every_course_is_stored() -> None:
    """What is told in `courses.py` lies here, in one file for each run."""
    assert {path.stem.partition("-")[0] for path in HISTORIES.glob("*.json")} == set(COURSES)
    assert len(list(HISTORIES.glob("resumed-*.json"))) > 1


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_histories_replay(seed: str) -> None:
    """The procedures of today take every step that is on record, in its order."""
    results = replayed(seed)
    assert results == {path.name: "ok" for path in sorted(HISTORIES.glob("*.json"))}


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_a_changed_step_does_not_replay(divergence: str) -> None:
    """One timer more, or another activity: the replay notices."""
    results = replayed("0", divergence)
    assert results == {path.name: "NondeterminismError" for path in sorted(HISTORIES.glob("*.json"))}

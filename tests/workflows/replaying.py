"""Replay of stored histories: `python -m tests.workflows.replaying` replays all and exits 1 if one fails.

A process of its own, so that a test can choose its hash seed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

import workflows
from workflows.sandbox import runner

FOLDER = Path(__file__).parent / "histories"


def stored() -> list[Path]:
    """The stored histories, in stock Temporal JSON."""
    return sorted(FOLDER.glob("*.json"))


async def replayed(name: str, text: str) -> Exception | None:
    """Replay one history with today's code; what went wrong, or None."""
    replayer = Replayer(
        workflows=workflows.ALL, workflow_runner=runner(), data_converter=pydantic_data_converter
    )
    history = WorkflowHistory.from_json(name, text)
    return (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure


async def main() -> int:
    """Replay all; print what fails."""
    failures = 0
    for path in stored():
        failure = await replayed(path.stem, path.read_text(encoding="utf-8"))
        if failure is not None:
            failures += 1
            print(f"{path.name}: {failure}", file=sys.stderr)
    return 1 if failures or not stored() else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

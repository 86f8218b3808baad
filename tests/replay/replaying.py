"""Replays all stored histories in a process of its own: `python -m tests.replay.replaying [divergence]`.

A process of its own, because the seed of Python's hashes is chosen when it starts, and because a replay
that hangs can then be ended. Prints one JSON object: file name to `ok`, or to the name of the error.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

import workflows
import workflows.sandbox
from tests.replay.divergent import DIVERGENCES

HISTORIES = Path(__file__).parent / "histories"


def stored(path: Path) -> WorkflowHistory:
    """A history as the stock command line writes and reads it."""
    text = path.read_text(encoding="utf-8")
    begun = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(begun["workflowId"], text)


async def replay(procedures: Sequence[type]) -> dict[str, str]:
    """Replay every stored history with these workflows, set up like those of the worker."""
    replayer = Replayer(
        workflows=procedures,
        workflow_runner=workflows.sandbox.runner(),
        data_converter=pydantic_data_converter,
    )
    results = {}
    for path in sorted(HISTORIES.glob("*.json")):
        result = await replayer.replay_workflow(stored(path), raise_on_replay_failure=False)
        results[path.name] = type(result.replay_failure).__name__ if result.replay_failure else "ok"
        if result.replay_failure and procedures is workflows.ALL:
            print(f"{path.name}: {result.replay_failure}", file=sys.stderr)
    return results


if __name__ == "__main__":
    chosen = DIVERGENCES[sys.argv[1]] if sys.argv[1:] else workflows.ALL
    print(json.dumps(asyncio.run(replay(chosen))), flush=True)
    os._exit(0)  # finalising with live engine threads crashes now and then (temporalio/sdk-python#300)

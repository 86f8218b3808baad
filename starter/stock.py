"""Temporal's own command line as a subprocess: what a supervisor can do without any program of ours.

The command is run with its address and workflow spelled out and with none of the user's own
settings, so that the line shown is all there is to it.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import UnavailableError
from starter.connect import Engine
from starter.server import binary

_PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Ran:
    """A command that was run."""

    line: str
    """As a person would type it."""
    code: int
    """Exit code."""
    said: str
    """What it printed."""


@dataclass(frozen=True)
class StockTool:
    """The `temporal` command for one engine."""

    engine: Engine
    folder: Path
    """Stands in for the user's own folder, where the tool would look for settings."""

    async def update(self, workflow_id: str, name: str, update_id: str, content: str) -> Ran:
        """`temporal workflow update execute`: send an act as JSON and wait for its receipt."""
        return await self._run(
            ["update", "execute"], workflow_id, name, ["--update-id", update_id, "--input", content]
        )

    async def signal(self, workflow_id: str, name: str, content: str) -> Ran:
        """`temporal workflow signal`: send JSON and wait for nothing."""
        return await self._run(["signal"], workflow_id, name, ["--input", content])

    async def _run(self, verb: list[str], workflow_id: str, name: str, message: list[str]) -> Ran:
        where = ["--address", self.engine.address, "--namespace", self.engine.namespace]
        whom = ["--workflow-id", workflow_id, "--name", name]
        arguments = ["workflow", *verb, *where, *whom, *message]
        process = await asyncio.create_subprocess_exec(
            binary(),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder)},
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), _PATIENCE_SECONDS)
        except TimeoutError:
            process.kill()
            raise UnavailableError(f"temporal 命令没有回应 / `temporal {verb[0]}` did not answer") from None
        return Ran(
            shlex.join(["temporal", *arguments]),
            process.returncode or 0,
            said.decode(errors="replace").strip("\n"),
        )

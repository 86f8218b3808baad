"""The worker's own way to the archive: a sweep soon after matters end, and one before it goes.

The recorder tells which matter has ended; nothing waits for the archive, and a crowd of endings makes one
sweep. A matter that is still to serve a card goes on running: the scheduled sweep keeps it when it is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity
from temporalio.service import RPCError

from activities.archive import Archive, Beat, silent
from activities.runs import Run, each_of, latest_run
from schemas.errors import YangguangError
from schemas.upkeep import ArchiveState, Chore

QUIET = 2.0
"""Seconds without another ending before a sweep begins ..."""

LONGEST = 30.0
"""... and the longest a crowd of endings puts it off."""

SETTLING = 10.0
"""Seconds, at most, that are waited for runs which are just being closed."""

PATIENCE = 30.0
"""Seconds that a command's last sweep may take; what it leaves, the next one keeps."""

GRACE = 5.0
"""Seconds for the portion in hand; an engine that does not answer holds nobody up for longer."""

_LOOK = 0.05
_log = structlog.get_logger(__name__)


class _BrokenOffError(Exception):
    """A sweep ends between two portions, because its worker does."""


class Archivist:
    """Keeps histories for as long as a worker runs."""

    def __init__(self, archive: Archive) -> None:
        """Nothing has ended yet."""
        self._archive = archive
        self._ended: set[str] = set()
        self._called = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """What the worker registers."""
        return [self.archive]

    def start(self, *, at_once: bool) -> None:
        """Begin to follow; `at_once` first catches up with what ended while no worker ran."""
        if at_once:
            self._called.set()
        self._task = asyncio.create_task(self._follow())

    def ended(self, workflow_id: str) -> None:
        """A matter's ended state is on record."""
        self._ended.add(workflow_id)
        self._called.set()

    async def close(self, *, settle: bool = False) -> None:
        """Finish the portion in hand, then stop; `settle` keeps all that ended under this worker as well."""
        self._stopping = True
        self._called.set()
        if self._task is not None and (await asyncio.wait({self._task}, timeout=GRACE))[1]:
            self._task.cancel()
        if settle and self._ended:
            await self._told(settled(self._archive, self._ended, self._until(PATIENCE)))

    @activity.defn(name=Chore.ARCHIVE.value)
    async def archive(self) -> ArchiveState:
        """The scheduled sweep."""
        return await self._archive.sweep(activity.heartbeat)

    async def _follow(self) -> None:
        while not self._stopping:
            await self._called.wait()
            await self._crowd()
            # What ended before a sweep began is in it, or in the scheduled one: only the rest is remembered.
            before = set(self._ended)
            if not self._stopping and await self._told(self._archive.sweep(self._while_running)):
                self._ended -= before

    async def _told(self, sweep: Awaitable[ArchiveState]) -> bool:
        """Whether it went well. What fails is told, whatever it was: the next sweep tries again."""
        try:
            await sweep
            return True
        except _BrokenOffError:
            return False
        except (YangguangError, SQLAlchemyError, RPCError) as problem:
            _log.warning("archive_waits", told=str(problem).split("\n")[0])
        except Exception:
            _log.exception("archive_failed")
        return False

    def _while_running(self, _: int) -> None:
        if self._stopping:
            raise _BrokenOffError

    def _until(self, seconds: float) -> Beat:
        """Lets a sweep go on for so long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds

        def beat(_: int) -> None:
            if loop.time() > end:
                _log.warning("archive_waits", seconds=seconds)
                raise _BrokenOffError

        return beat

    async def _crowd(self) -> None:
        """Wait until endings pause, but not for ever."""
        try:
            async with asyncio.timeout(LONGEST):
                while not self._stopping:
                    self._called.clear()
                    await asyncio.wait_for(self._called.wait(), QUIET)
        except TimeoutError:
            return


async def settled(archive: Archive, workflow_ids: Collection[str], beat: Beat = silent) -> ArchiveState:
    """A sweep, and then those of these matters that it could not see yet: they may be just closing.

    A matter that goes on (a card is still to come) is left, and so is what takes longer than SETTLING.
    """
    state = await archive.sweep(beat)
    waiting = list(workflow_ids)
    try:
        async with asyncio.timeout(SETTLING):
            while waiting := await _closing(archive, waiting):
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        _log.warning("archive_waits", matters=len(waiting))
    return state


async def _closing(archive: Archive, workflow_ids: Collection[str]) -> list[str]:
    """Keep the latest runs of these matters where they are closed; gives those that will be in a moment."""
    looked = await each_of(workflow_ids, lambda each: latest_run(archive.client, each))
    runs = [found for found in looked if found is not None]
    closed: list[Run] = [run for run, _ in runs if run.closed]
    await archive.keep(closed, [])
    return [run.workflow_id for run, at_rest in runs if not run.closed and not at_rest]

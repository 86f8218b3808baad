"""Keeping histories: a sweep that exports every closed run that is not kept yet, and measures what waits.

A workflow cannot keep its own last event, so nobody but a sweep can. It is called for in two ways: a
schedule every few minutes, and the recorder when it sees a matter end. Each run is kept once, whoever
sweeps and however often; a sweep that was broken off is simply done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from activities.runs import NotClosedError, Run, closed_runs, each_of, history_from, read_history, retention
from ledger.db import Ledger, OriginKind, snapshot
from ledger.histories import History, count_histories, keep, kept_runs
from ledger.watermarks import Watermark, set_watermark, watermark
from schemas.errors import YangguangError
from schemas.upkeep import ArchiveState, Chore

LIMIT = timedelta(days=1)
"""How long a closed run may wait: a small part of the ninety days the engine keeps it."""

MARGIN = timedelta(days=7)
"""A history is in danger that long before the engine forgets it; half the retention where that is shorter."""

OVERLAP = timedelta(hours=1)
"""The engine's list of closed runs is late now and then: a sweep begins so much before the last one's end."""

PORTION = 40
"""Histories in one transaction."""

Beat = Callable[[int], None]
"""Told of every portion: so many runs more were looked at."""

_log = structlog.get_logger(__name__)


def silent(_: int) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class _Sweep:
    """What a sweep has found so far."""

    added: int = 0
    newest: datetime | None = None
    pending: list[Run] = field(default_factory=list)

    def saw(self, run: Run) -> None:
        if run.closed is not None and (self.newest is None or run.closed > self.newest):
            self.newest = run.closed


class Archive:
    """The archive of one ledger, fed from one namespace of an engine."""

    def __init__(
        self, client: Client, ledger: Ledger, types: Sequence[str], *, limit: timedelta = LIMIT
    ) -> None:
        """`types` are the workflow types that are matters: upkeep itself leaves no history here."""
        self.client = client
        self.ledger = ledger
        self.limit = limit
        self._types = types

    async def sweep(self, beat: Beat = silent, *, everything: bool = False) -> ArchiveState:
        """Keep what is closed and not kept yet; `everything` looks further back than the last sweep did."""
        found, since = _Sweep(), None if everything else await self._since()
        async for portion in closed_runs(self.client, self._types, since):
            for runs in _slices(portion):
                found.added += await self.keep(runs, found.pending)
                for run in runs:
                    found.saw(run)
                beat(len(runs))
        await asyncio.to_thread(self._swept, found)
        return await self._state(found)

    async def state(self) -> ArchiveState:
        """What is kept and what waits, without keeping anything."""
        found = _Sweep()
        async for portion in closed_runs(self.client, self._types, await self._since()):
            found.pending += await self._unkept(portion)
        return await self._state(found)

    async def keep(self, runs: Sequence[Run], pending: list[Run]) -> int:
        """Keep those of these closed runs that are not kept yet; what cannot be is put to `pending`."""
        unkept = await self._unkept(runs)
        raws = await each_of(unkept, lambda run: read_history(self.client, run.workflow_id, run.run_id))
        return await asyncio.to_thread(self._export, zip(unkept, raws, strict=True), pending)

    async def _unkept(self, runs: Sequence[Run]) -> list[Run]:
        kept = await asyncio.to_thread(self._kept, runs)
        return [run for run in runs if run.run_id not in kept]

    def _kept(self, runs: Sequence[Run]) -> set[str]:
        with snapshot(self.ledger.engine) as connection:
            return kept_runs(connection, [(run.workflow_id, run.run_id) for run in runs])

    def _export(self, read: Iterable[tuple[Run, bytes | None]], pending: list[Run]) -> int:
        """Keep what was read; what the engine lists and has no whole history of goes on waiting."""
        histories = {}
        for run, raw in read:
            try:
                histories[run] = history_from(run, self.client.namespace, raw)
            except NotClosedError:
                _log.error("history_not_whole", workflow=run.workflow_id, run=run.run_id)
                pending.append(run)
        return self._store(histories, pending) if histories else 0

    def _store(self, histories: Mapping[Run, History], pending: list[Run]) -> int:
        """One transaction for all; where it fails one for each, so that one harms no other."""
        try:
            with self.ledger.engine.begin() as connection:
                return len(keep(self.ledger, connection, histories.values()))
        except (YangguangError, SQLAlchemyError) as problem:
            if len(histories) > 1:
                return sum(self._store({run: each}, pending) for run, each in histories.items())
            for run in histories:
                _log.error("history_not_kept", run=run.run_id, told=str(problem).split("\n")[0])
            pending += histories
            return 0

    async def _since(self) -> datetime | None:
        """Where the next sweep begins; None (everything) under a simulation, whose runs share no clock."""
        if self.ledger.origin.kind is OriginKind.SIMULATION:
            return None
        mark = await asyncio.to_thread(self._mark)
        return mark.reached - OVERLAP if mark else None

    def _mark(self) -> Watermark | None:
        with snapshot(self.ledger.engine) as connection:
            return watermark(connection, Chore.ARCHIVE)

    def _swept(self, found: _Sweep) -> None:
        """All is kept up to the newest run seen, or to the oldest that still waits; never in the future."""
        now = self.ledger.clock().astimezone(UTC)
        waiting = [run.closed for run in found.pending if run.closed]
        with self.ledger.engine.begin() as connection:
            before = watermark(connection, Chore.ARCHIVE)
            known = [each for each in (found.newest, before.reached if before else None) if each]
            reached = min([*waiting, now, *([max(known)] if known else [])])
            set_watermark(connection, Chore.ARCHIVE, Watermark(reached, now))

    async def _state(self, found: _Sweep) -> ArchiveState:
        kept, mark = await asyncio.to_thread(self._totals)
        retained = await retention(self.client)
        now = self.ledger.clock().astimezone(UTC)
        oldest = min((run.closed for run in found.pending if run.closed), default=None)
        lag = max(now - oldest, timedelta(0)) if oldest else timedelta(0)
        state = ArchiveState(
            kept=kept,
            added=found.added,
            pending=len(found.pending),
            oldest_pending=oldest,
            lag_seconds=int(lag.total_seconds()),
            last_sweep=mark.done if mark else None,
            retention_seconds=int(retained.total_seconds()),
            behind=bool(oldest) and (lag > self.limit or _forgotten_soon(lag, retained)),
        )
        if state.behind:
            _log.error("archive_behind", pending=state.pending, oldest=str(oldest), seconds=state.lag_seconds)
        return state

    def _totals(self) -> tuple[int, Watermark | None]:
        with snapshot(self.ledger.engine) as connection:
            return count_histories(connection), watermark(connection, Chore.ARCHIVE)


def _forgotten_soon(lag: timedelta, retained: timedelta) -> bool:
    return bool(retained) and retained - lag < min(MARGIN, retained / 2)


def _slices(runs: Sequence[Run]) -> list[Sequence[Run]]:
    return [runs[start : start + PORTION] for start in range(0, len(runs), PORTION)]

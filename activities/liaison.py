"""Between matters: beginning one, telling one of an entry, and reading the entry that one was told of.

A matter has no other way to another. Both are done at least once and take effect once: a matter is begun
under its number, and is told under the id of the entry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError

from ledger.db import Ledger, snapshot
from ledger.read import entries
from ledger.testimony import acted_in, testimony
from schemas.errors import ConflictError, NotPermittedError, UsageError, YangguangError
from schemas.kin import EntryRef, Testimony
from schemas.matters import MatterInput, Registration


class Messenger(Protocol):
    """What the starter's client does for matters."""

    async def register(self, kind: str, start: MatterInput) -> Registration:
        """Begin a matter, or meet the one that is there."""

    async def tell(self, kind: str, number: str, entry: EntryRef) -> None:
        """Point a matter to an entry; one that has ended or never was needs no telling."""


class Liaison:
    """The activities by which matters reach each other."""

    def __init__(self, ledger: Ledger, messenger: Messenger) -> None:
        """`ledger` is the one all of them are recorded in."""
        self._ledger = ledger
        self._messenger = messenger

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """What the worker registers."""
        return [self.look_up, self.acted_in]

    @property
    def errands(self) -> Sequence[Callable[..., Any]]:
        """What a worker of the errands' own queue registers."""
        return [self.begin_matter, self.tell_matter]

    @activity.defn(name="look_up")
    async def look_up(self, entry: EntryRef) -> Testimony:
        """The entry as the ledger holds it; fails for good (`no_such_entry`) where there is none like it."""
        found = await asyncio.to_thread(self._read, entry)
        if found is None:
            raise ApplicationError(
                f"总账中没有这条记录 / the ledger holds no such entry: {entry.number} {entry.seq}",
                type="no_such_entry",
                non_retryable=True,
            )
        return found

    def _read(self, entry: EntryRef) -> Testimony | None:
        with snapshot(self._ledger.engine) as connection:
            return testimony(connection, entry)

    @activity.defn(name="acted_in")
    async def acted_in(self, number: str) -> list[tuple[str, str]]:
        """(capacity, staff number) of everybody who acted in a matter, refusals left out."""
        return await asyncio.to_thread(self._acted_in, number)

    def _acted_in(self, number: str) -> list[tuple[str, str]]:
        with snapshot(self._ledger.engine) as connection:
            return acted_in(entries(connection, number))

    @activity.defn(name="begin_matter")
    async def begin_matter(self, kind: str, start: MatterInput) -> Registration:
        """Begin a matter because of an entry; its registration, the same however often it is asked for."""
        try:
            return await self._messenger.register(kind, start)
        except YangguangError as problem:
            raise _told(problem) from problem

    @activity.defn(name="tell_matter")
    async def tell_matter(self, kind: str, number: str, entry: EntryRef) -> None:
        """Tell a matter of an entry; it has read it when this returns."""
        try:
            await self._messenger.tell(kind, number, entry)
        except YangguangError as problem:
            raise _told(problem) from problem


def _told(problem: YangguangError) -> ApplicationError:
    """As the matter gets it; what was refused once will be refused again."""
    final = isinstance(problem, NotPermittedError | ConflictError | UsageError)
    return ApplicationError(problem.message, type=problem.code, non_retryable=final)

"""A duty in a thread of its own: done again and again, told when it fails, never the end of anything else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import structlog

from schemas.errors import YangguangError

LONGEST_PAUSE = 30.0
"""Seconds, at most, until a duty that failed is tried again."""

_log = structlog.get_logger(__name__)


class Duty:
    """Calls `do` every so many seconds until it is stopped; after a failure more and more rarely.

    `do` gives the problems it met, each a sentence, or raises. Each problem is told once, until it is over.
    """

    def __init__(self, name: str, do: Callable[[], tuple[str, ...]], every: float) -> None:
        """`name` is told with what goes wrong. Start a duty once, `wake` it from any thread, stop it."""
        self._name = name
        self._do = do
        self._every = every
        self._called = Event()
        self._stopping = self._once_more = False
        self._told: frozenset[str] = frozenset()
        self._thread = Thread(target=self._run, name=f"ledger-{name}", daemon=True)

    def start(self) -> None:
        """Begin, with a first time at once."""
        self._thread.start()

    def wake(self) -> None:
        """Do it now rather than later."""
        self._called.set()

    def stop(self, *, once_more: bool = False, patience: float | None = None) -> None:
        """Let it finish what it is at, or do it `once_more`; wait `patience` seconds at most."""
        self._once_more, self._stopping = once_more, True
        self._called.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def once(self) -> bool:
        """Do it now, in this thread; whether all went well."""
        try:
            problems = self._do()
        except YangguangError as error:
            problems = (error.message,)
        except Exception as error:
            # Whatever it was: the duty must go on being done when it is over.
            problems = (f"{type(error).__name__}: {error}".split("\n")[0],)
        for problem in problems:
            if problem not in self._told:
                _log.error("keeper_failed", duty=self._name, told=problem)
        self._told = frozenset(problems)
        return not problems

    def _run(self) -> None:
        pause = self._every
        while not self._stopping:
            pause = self._every if self.once() else min(2 * pause, max(LONGEST_PAUSE, self._every))
            self._called.wait(pause)
            self._called.clear()
        if self._once_more:
            self.once()

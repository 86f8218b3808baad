"""Replaying in child processes with a hard time limit: one that hangs or crashes costs its history only.

Children are spawned, never forked: a fork of a process with engine threads is not usable. Each gets one job
at a time, so that there is never a doubt which history killed it; the next one then gets a new child.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from audit.job import Job, read_answer, write_job
from audit.verdicts import Check, Kind, failed, skipped

SECONDS = 60.0
"""How long one history may take, unless told otherwise."""

_START_SECONDS = 60.0
_ROOT = Path(__file__).parents[1]


class Children:
    """A pool of replaying processes; `judge` may be called from as many threads as there are processes."""

    def __init__(self, processes: int = 0, seconds: float = SECONDS, module: str = "workflows") -> None:
        """`processes` 0 means all cores; `module` holds the procedures, as its `ALL`."""
        self.processes = processes or os.cpu_count() or 1
        self._seconds = seconds
        self._module = module
        self._idle: queue.SimpleQueue[_Child | None] = queue.SimpleQueue()
        for _ in range(self.processes):
            self._idle.put(None)

    def judge(self, job: Job) -> list[Check]:
        """Plain and strict replay of one history. A crash is tried once more: it may have other reasons."""
        try:
            try:
                return self._ask(job)
            except _CrashedError:
                return self._ask(job)
        except _EndedError as ended:
            said = f"重放进程未能完成 / the replaying process did not finish: {ended}"
            return [failed(Kind.REPLAY, said), skipped(Kind.STRICT, said)]

    def _ask(self, job: Job) -> list[Check]:
        child: _Child | None = self._idle.get()
        try:
            child = child or _Child(self._module, self._seconds)
            return child.ask(job)
        except BaseException:
            if child:
                child.end()
            child = None
            raise
        finally:
            self._idle.put(child)

    def close(self) -> None:
        """End all children. Nobody may be judging any more."""
        for _ in range(self.processes):
            if child := self._idle.get():
                child.end()

    def __enter__(self) -> Children:
        """The pool itself; children are started when they are needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all children."""
        self.close()


class _EndedError(Exception):
    """The child is no more; says how it ended."""


class _CrashedError(_EndedError):
    """It ended by itself."""


class _Child:
    """One process."""

    def __init__(self, module: str, seconds: float) -> None:
        self._seconds = seconds
        self._late = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "audit.child", module, str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
        )
        try:
            self._line(b"", _START_SECONDS)
        except _EndedError:
            self.end()
            raise

    def ask(self, job: Job) -> list[Check]:
        """The verdicts on one history. Raises _EndedError where the process was killed or died over it."""
        return read_answer(self._line(write_job(job), self._seconds))

    def end(self) -> None:
        """Kill it: it keeps nothing that would have to be put in order."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _line(self, frame: bytes, seconds: float) -> bytes:
        """Send a frame, wait for a line. What is late is killed, which ends the waiting."""
        alarm = threading.Timer(seconds, self._stop)
        alarm.daemon = True
        alarm.start()
        line = b""
        with suppress(OSError):
            self._process.stdin.write(frame)  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
            line = self._process.stdout.readline()  # type: ignore[union-attr]
        alarm.cancel()
        if line.endswith(b"\n"):
            return line
        if self._late.is_set():
            raise _EndedError(f"timeout ({seconds:.0f} s)")
        raise _CrashedError(f"crash ({self._process.wait()})")

    def _stop(self) -> None:
        self._late.set()
        self._process.kill()

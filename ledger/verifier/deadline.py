"""The time a verification may take. What was not looked at by then is not verified."""

from __future__ import annotations

import time

from ledger.verifier.source import Source
from schemas.errors import VerificationError

_STEPS = 100_000
"""Of SQLite's machine between two looks at the clock: some milliseconds."""


class OutOfTimeError(VerificationError):
    """The verification took longer than it may."""

    default_code = "out_of_time"


class Deadline:
    """When a verification has to be done."""

    def __init__(self, seconds: float) -> None:
        """So many seconds from now."""
        self._at = time.monotonic() + seconds
        self._seconds = seconds

    @property
    def over(self) -> bool:
        """Whether the time has passed."""
        return time.monotonic() >= self._at

    def left(self) -> float:
        """Seconds left. Raises OutOfTimeError where there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise OutOfTimeError(f"超时 / not done within {self._seconds:g} s")
        return left


def bound_statements(source: Source, deadline: Deadline) -> None:
    """Have the database itself stop a statement that takes longer."""
    if source.postgresql:
        milliseconds = min(int(deadline.left() * 1000) + 1, 2**31 - 1)
        list(source.rows("SELECT set_config('statement_timeout', ?, true)", (str(milliseconds),)))
    else:
        source.driver.set_progress_handler(lambda: deadline.over, _STEPS)

"""What a verification rests upon: who the log says it is, whose signatures count, what may stand in it.

Everything here is handed to the processes that share the work, so it holds values only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ledger.db import Origin, OriginKind
from ledger.notes import Note, NoteError, Verified
from ledger.notes.policy import Policy
from schemas.entry_types import ENTRY_TYPES

TOLERANCE = timedelta(minutes=5)
"""Between a recorded time and the time somebody signed at: clocks differ, and transactions commit late."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A moment somebody signed at: what the tree held was recorded before, what it did not hold was not."""

    size: int
    time: datetime
    floor: bool = True
    """False for a time that may lie long after the checkpoint's: it says nothing of later entries."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A checkpoint whose signatures hold. Whether its root is the log's is for the tree to say."""

    size: int
    root: bytes
    time: datetime | None
    """The earliest time a signature claims; None where none claims any."""
    log_time: datetime | None
    """When the log says it signed."""
    quorum: bool
    """Whether as many witnesses signed as the policy asks for; always so where it asks for none."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything the checks are made against."""

    origin: Origin | None
    policy: Policy
    """The auditor's own, or one made of the keys that the log itself tells of."""
    own: bool = True
    """Whether it is made of what the log tells: then nobody outside vouches for the keys."""
    bounds: tuple[Bound, ...] = ()
    """From notes and tokens given by hand."""
    sizes: tuple[int, ...] = ()
    """Sizes at which a root is wanted besides those of the stored checkpoints."""
    redacted: frozenset[tuple[str, str]] = frozenset()
    """(case, digest) whose opening was destroyed on record."""
    types: frozenset[str] = field(default=ENTRY_TYPES, repr=False)
    tolerance: timedelta = TOLERANCE

    @property
    def name(self) -> str | None:
        """What every leaf names as its source and every note as its origin."""
        return self.origin.name if self.origin else None

    @property
    def timed(self) -> bool:
        """Whether recorded times are the world's."""
        return self.origin is None or self.origin.kind is not OriginKind.SIMULATION

    def judge(self, note: Note) -> Judged:
        """Hold a note against the policy. Raises NoteError naming what does not hold."""
        checked = self.policy.check(note)
        checkpoint = checked.checkpoint
        if checkpoint.origin != self.name:
            raise NoteError(f"检查点属于另一总账 / checkpoint of another log: {checkpoint.origin}")
        return Judged(
            checkpoint.size,
            checkpoint.root,
            _earliest(*checked.log, *checked.cosignatures),
            _earliest(*checked.log),
            checked.quorum,
        )


def _earliest(*signatures: Verified) -> datetime | None:
    return min((each.at for each in signatures if each.at is not None), default=None)

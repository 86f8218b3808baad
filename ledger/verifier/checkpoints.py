"""Stored checkpoints under verification: columns, signatures and times against what the note says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.notes import NoteError, parse_note, parse_signatures
from ledger.report import Findings
from ledger.verifier.source import Row, Source
from ledger.verifier.trust import Bound, Judged, Trust

_SECOND = timedelta(seconds=1)
"""Signatures tell whole seconds."""

_COLUMNS = "SELECT size, root, note, signed FROM ledger_checkpoint"
_WITHIN = f"{_COLUMNS} WHERE size >= ? AND size <= ? ORDER BY size"
_BEFORE = f"{_COLUMNS} WHERE size < ? ORDER BY size DESC LIMIT 1"
_BEHIND = f"{_COLUMNS} WHERE size > ? ORDER BY size LIMIT 1"
_COSIGNATURES = "SELECT line FROM ledger_cosignature WHERE size = ? ORDER BY key"


@dataclass(frozen=True, slots=True)
class Signed:
    """A stored checkpoint whose signatures hold."""

    judged: Judged
    signed: datetime
    """The time that stands beside it; forgeable where no signature tells the same."""

    @property
    def bound(self) -> Bound:
        """What it says of recorded times."""
        return Bound(self.judged.size, self.judged.time or self.signed)


def within(source: Source, trust: Trust, first: int, last: int, findings: Findings) -> list[Signed]:
    """The checkpoints of these sizes that hold, in order of size."""
    return list(_hold(source, trust, list(source.rows(_WITHIN, (first, last))), findings))


def around(source: Source, trust: Trust, first: int, last: int) -> list[Bound]:
    """Bounds of the checkpoints next to these sizes; what is wrong with them is told where they belong."""
    rows = [*source.rows(_BEFORE, (first,)), *source.rows(_BEHIND, (last,))]
    return [each.bound for each in _hold(source, trust, rows, Findings())]


def _hold(source: Source, trust: Trust, rows: list[Row], findings: Findings) -> Iterator[Signed]:
    for row in rows:
        try:
            yield _judge(source, trust, row)
        except NoteError as error:
            findings.add("checkpoint", error.message, size=row[0])
        except (ValueError, TypeError, AttributeError) as error:
            findings.add("checkpoint", f"无法读取 / cannot be read: {error}", size=row[0])


def _judge(source: Source, trust: Trust, row: Row) -> Signed:
    size, root, raw, stamp = row
    lines = [line for (line,) in source.rows(_COSIGNATURES, (size,))]
    added = [each for line in lines for each in parse_signatures(line)]
    judged = trust.judge(parse_note(raw.encode()).signed_also(added))
    if (judged.size, judged.root.hex()) != (size, root):
        raise NoteError(f"列与检查点不符 / its columns are not those of the note, which is of {judged.size}")
    signed = datetime.fromisoformat(stamp)
    if signed.tzinfo is None:
        raise NoteError(f"签署时间缺少时区 / signed at a time without an offset: {stamp}")
    if judged.log_time is not None and not -_SECOND < signed - judged.log_time < 2 * _SECOND:
        raise NoteError(
            f"签署时间不符 / signed at {judged.log_time} by the signature, {signed} by the column"
        )
    return Signed(judged, signed)

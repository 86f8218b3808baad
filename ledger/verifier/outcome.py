"""How far the proof reaches: for which entries somebody outside vouches, for which the log alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.notes.policy import Policy
from ledger.report import Label, Span
from ledger.verifier.source import Row, Source

_RECORDED = """
    SELECT e.recorded FROM ledger_index AS i JOIN ledger_entry AS e ON e.pos = i.pos WHERE i.log_index = ?
"""

_RECORDED_AT = 7
"""Column of a row."""


@dataclass(slots=True)
class Reach:
    """Sizes of the log, each at least as large as the one before."""

    anchored: int = 0
    signed: int = 0
    sealed: int = 0
    waiting: int = 0
    """Entries that wait to be sealed; these have no place in the log yet."""
    checkpoints: int = 0

    def anchor(self, size: int) -> None:
        """Somebody outside vouches for the first `size` entries."""
        self.anchored = max(self.anchored, size)
        self.sign(size)

    def sign(self, size: int) -> None:
        """The log signed a checkpoint over the first `size` entries."""
        self.signed = max(self.signed, size)

    @property
    def label(self) -> Label:
        """The weakest proof that any entry has, where nothing contradicts."""
        if self.waiting:
            return Label.UNSEALED
        if self.signed < self.sealed or not self.sealed:
            return Label.UNSIGNED
        return Label.ANCHORED if self.anchored == self.sealed else Label.SIGNED_ONLY

    def missing(self, policy: Policy | None) -> tuple[str, ...]:
        """What more proof would need, in sentences; `policy` is the auditor's."""
        return (*self._unsigned(), *(self._unanchored(policy) if policy else ()))

    def _unsigned(self) -> list[str]:
        told = []
        if self.waiting:
            told.append(f"{self.waiting} 条待封存 / {self.waiting} entries wait to be sealed")
        if not self.checkpoints and not self.signed:
            told.append("没有检查点 / no checkpoint was ever signed")
        elif self.signed < self.sealed:
            count = self.sealed - self.signed
            told.append(f"{count} 条未签 / no checkpoint covers the newest {count} entries")
        return told

    def _unanchored(self, policy: Policy) -> list[str]:
        if self.sealed and self.anchored == self.sealed:
            return []
        if not policy.asks_witnesses:
            return ["策略不要求见证 / the policy asks for no witness: nobody outside vouches for the log"]
        count = self.sealed - self.anchored
        return [f"{count} 条未获见证 / the quorum does not anchor the newest {count} entries"]


def span(source: Source, first: int, stop: int) -> Span:
    """The entries of these places, with the times of the first and the last."""
    if first >= stop:
        return Span()
    return Span(
        first=first,
        last=stop - 1,
        count=stop - first,
        first_recorded=_recorded(source, first),
        last_recorded=_recorded(source, stop - 1),
    )


def waiting_span(before: Span | None, rows: Sequence[Row]) -> Span:
    """Entries without a place, counted portion by portion."""
    so_far = before or Span()
    return Span(
        count=so_far.count + len(rows),
        first_recorded=so_far.first_recorded if before else _text(rows[0][_RECORDED_AT]),
        last_recorded=_text(rows[-1][_RECORDED_AT]),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _recorded(source: Source, index: int) -> str | None:
    return next((str(recorded) for (recorded,) in source.rows(_RECORDED, (index,))), None)

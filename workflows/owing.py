"""Owing: what a matter has to do for others because of an entry, noted together with that entry.

An errand is drafted with its entry, stands or falls with it, and is done only once the entry is on record
(`workflows.kin`). The entry names whom it begins and tells, so that nobody can be told of what was not meant
for him.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from schemas.entries import EntryDraft, Receipt
from schemas.kin import BEGINS, TELLS, EntryRef, Errand, named_in
from workflows.timed import S, Timed


class Owing(Timed[S]):
    """A matter's errands, from the draft of their entry to its record."""

    kind: ClassVar[str]
    drafts: list[EntryDraft]

    def begin(self, kind: str, number: str) -> None:
        """Because of the entry just drafted, another matter is to be begun."""
        self._owe(kind, number, begins=True)

    def tell(self, kind: str, number: str) -> None:
        """Another matter is to learn of the entry just drafted."""
        self._owe(kind, number, begins=False)

    def _owe(self, kind: str, number: str, *, begins: bool) -> None:
        if not self.imported:  # of the past nobody is told today, and nothing begins
            last, field = len(self.drafts) - 1, BEGINS if begins else TELLS
            draft = self.drafts[last]
            named = [*named_in(draft.data, field), f"{kind}/{number}"]
            self.drafts[last] = draft.model_copy(update={"data": {**draft.data, field: named}})
            errand = Errand(kind=kind, number=number, begins=begins, at=draft.time, draft=last)
            self.set(errands=(*self.state.errands, errand))

    def errands_on_record(self, receipts: Sequence[Receipt]) -> tuple[Errand, ...]:
        """The errands, once the drafts have these receipts."""
        return tuple(
            errand if errand.draft < 0 else self._on_record(errand, receipts[errand.draft])
            for errand in self.state.errands
        )

    def _on_record(self, errand: Errand, receipt: Receipt) -> Errand:
        entry = EntryRef(kind=self.kind, number=self.id, seq=receipt.caseseq, leaf_hash=receipt.leaf_hash)
        return errand.model_copy(update={"draft": -1, "entry": entry})

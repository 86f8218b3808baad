"""Leads that a matter opens: about its subject, and about those who supervise it (监督监督者).

A lead is an entry of the matter that opens it, and a fault case that is begun because of that entry: nobody
can drop it, because nobody is asked. Who looks at it is decided where it arrives.
"""

from __future__ import annotations

from datetime import datetime

from rules.procedures import TURNED_AWAY
from rules.watch import Lead, behind, watched
from schemas.entries import Receipt
from workflows.messages import Messages
from workflows.timed import S


class Watched(Messages[S]):
    """A matter whose supervisors are watched while it runs."""

    async def commit(self) -> tuple[Receipt, ...]:
        """Have all drafts recorded, and behind them the leads that they open about supervisors."""
        if not self.imported and self.state.state != TURNED_AWAY:
            self._watch()
        return await super().commit()

    def _watch(self) -> None:
        for seq, draft in enumerate(tuple(self.drafts), self.state.entries + 1):
            found = watched(draft, self.rules, self.kind, self.id, seq)
            if found is not None:
                self.open_lead(found, f"GC-{self.id}-{seq}", draft.time, behind(draft))

    def open_lead(self, lead: Lead, number: str, at: datetime, person: str) -> None:
        """Write a lead, on account of the person whose act or silence shows it, and begin its fault case."""
        self.write_system("lead_opened", at, person, lead=lead, fault=number)
        self.begin("fault", number)

"""How a case is seen: who may act, what a signer must have seen, the read model's row, the figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rules.limits import promise_outcome
from rules.moments import deadline_of
from rules.policy import Position
from schemas.clocks import Clock, ClockKind
from schemas.entries import Receipt
from schemas.matters import Registration
from workflows.case_stages import CaseStages


class CaseView(CaseStages):
    """Views of one case; nothing here changes it."""

    def position(self) -> Position:
        """Who may act: owner of the stage, whoever has the duty, whoever it is offered to."""
        offer = self.state.offer
        offered = "" if self.state.taken else self.stage_state.post
        return Position(
            rules=self.rules,
            state=self.state.state,
            duty=self.duty,
            stage_post=self.stage_state.post,
            stage_role=self.item.stages[self.state.stage].role,
            offered_post=("" if offer.disputed else offer.to_post) if offer else offered,
            roles_played=self.state.roles_played,
        )

    def facts(self) -> dict[str, Any]:
        """Materials, opinions, stage and flags: what a signer has to have seen."""
        state = self.state
        return {
            "materials": [[p.code, p.pages, p.sha256] for p in state.materials],
            "stages": [[s.code, s.signed_by, s.agrees, s.rounds] for s in state.stages],
            "stage": self.stage_state.code,
            "flags": list(state.flags),
            "points": list(state.open_points),
            "outcome": state.outcome,
        }

    def view(self) -> dict[str, Any]:
        """Columns of the read model."""
        state = self.state
        due = {kind: self.due_of(kind) for kind in (ClockKind.PROMISE, ClockKind.STATUTORY)}
        return {
            "business_key": self.start.business_key,
            "item": self.item.code,
            "channel": self.start.channel.value,
            "stage": self.stage_state.code,
            "received_day": state.received_day.isoformat(),
            "accepted_day": state.accepted_day.isoformat() if state.accepted_day else None,
            "promise_due": due[ClockKind.PROMISE],
            "statutory_due": due[ClockKind.STATUTORY],
            "outcome": state.outcome,
            "lookup_digest": self.start.lookup_digest,
            "closed": self.over_in(state.state),
        }

    def registration(self, at: datetime, receipt: Receipt) -> Registration:
        """The receipt, with the promised day if the case is accepted on the day of receipt."""
        answer = super().registration(at, receipt)
        if self.item.promise is None:
            return answer
        clock = Clock(kind=ClockKind.PROMISE, start=self.state.received_day, limit=self.item.promise)
        dates = deadline_of(clock, self.rules)
        return answer.model_copy(update={"promised_day": dates.due, "provisional": dates.provisional})

    def figures(self) -> dict[str, Any]:
        """承诺与实际: promised and actual working days, days saved, promise and statute kept."""
        promise, statutory = self.clock(ClockKind.PROMISE), self.clock(ClockKind.STATUTORY)
        done = self.state.ready_day or self.state.decided_day
        if promise is None or done is None or done < promise.start:
            return {}
        done = min(done, promise.stopped_on or done)  # reported up: what follows is the upper level's time
        outcome = promise_outcome(promise, self.rules.calendar, done)
        return {
            "promised_days": outcome.promised_days,
            "actual_days": outcome.actual_days,
            "saved_days": outcome.saved_days,
            "speed_up_percent": outcome.speed_up_percent,
            "promise_kept": outcome.promise_kept,
            "same_day": outcome.same_day,
            "statutory_kept": None if statutory is None else not statutory.breached,
        }

"""Papers of a case: materials, the once-only notice, and what a decision and its result must hold.

Sources: 行政许可法 Art.32 (once-only notice), 38 (refusals); 优化营商环境条例 (tolerant acceptance).
"""

from __future__ import annotations

from datetime import date

from rules.moments import deadline_of
from rules.procedures import CaseStage
from rules.refusals import Refusal
from schemas.acts import Accept, Decide, NotifyCorrection, Outcome, Piece, ResultReady
from schemas.clocks import Clock, ClockKind
from schemas.profile import ItemType
from workflows.case_stages import CaseStages

UNMET, NEW_PIECE = "unmet", "new_piece"
"""Reason codes of a second notice: points of the first still unmet, defects of pieces handed in since."""


class CasePapers(CaseStages):
    """What must be in the file before an act counts."""

    # -- materials and correction ---------------------------------------------------------

    def refuse_if_blocked(self) -> None:
        """Nothing is accepted or granted while a blocking flag stands."""
        if self.state.flags:
            raise Refusal("blocked", flags="、".join(self.state.flags))

    def add_materials(self, pieces: tuple[Piece, ...]) -> None:
        """Papers are added or superseded, never removed."""
        known = {material.code for material in self.item.materials}
        strange = [piece.code for piece in pieces if piece.code not in known]
        if strange:
            raise Refusal("unknown_material", materials="、".join(strange))
        new = {piece.code for piece in pieces}
        self.set(materials=(*(old for old in self.state.materials if old.code not in new), *pieces))

    def check_complete(self, message: Accept) -> None:
        """All materials are there, or may follow by a promised date (容缺受理)."""
        have = {piece.code for piece in self.state.materials}
        fixed = {m.code for m in self.item.materials if not m.may_follow}
        wrong = [code for code in message.deferred if code in fixed]
        if wrong:
            raise Refusal("may_not_follow", materials="、".join(wrong))
        names = {m.code: f"{m.name} ({m.code})" for m in self.item.materials}
        missing = [names[m.code] for m in self.item.materials if m.code not in have | set(message.deferred)]
        if missing:
            raise Refusal("missing_materials", materials="、".join(missing))
        deferred = tuple(code for code in message.deferred if code not in have)
        if deferred:
            self._check_deferred_date(message.deferred_until)
        self.set(deferred=deferred, deferred_until=message.deferred_until if deferred else None)

    def _check_deferred_date(self, until: date | None) -> None:
        latest = self._latest_deferral()
        if until is None or (latest is not None and until > latest):
            raise Refusal("deferred_date", latest=latest or "-")

    def _latest_deferral(self) -> date | None:
        """The promise less a working day (a setting)."""
        if self.item.promise is None:
            return None
        n = max(0, self.item.promise.n - self.rules.thresholds.tolerant_days_before_promise)
        limit = self.item.promise.model_copy(update={"n": n})
        start = max(self.day(self.at), self.state.received_day)
        return deadline_of(Clock(kind=ClockKind.PROMISE, start=start, limit=limit), self.rules).due

    def check_notice(self, message: NotifyCorrection) -> None:
        """A second notice names only unmet points of the first, or defects of what was handed in since."""
        if self.state.notices == 0:
            return
        new = [code for code in message.points if code not in self.state.open_points]
        handed_in = any(self.running(ClockKind.ACCEPTANCE))
        repeated, defect = message.second_reason == UNMET and not new, message.second_reason == NEW_PIECE
        allowed = repeated or (defect and handed_in)
        if not allowed:
            raise Refusal("second_notice", points="、".join(new or message.points))

    def meet_points(self, satisfied: tuple[str, ...]) -> tuple[str, ...]:
        """Tick off points of the notice; returns those still open."""
        unknown = [code for code in satisfied if code not in dict(self.state.points)]
        if unknown:
            raise Refusal("unknown_point", points="、".join(unknown))
        left = tuple(code for code in self.state.open_points if code not in satisfied)
        self.set(open_points=left)
        return left

    def check_new_pieces(self) -> None:
        """What was handed in is to be checked within the acceptance limit; silence accepts it."""
        self.stop_clocks(ClockKind.ACCEPTANCE, self.at)
        owner = {"owner": self.acting.act.officer, "post": self.acting.who.post}
        self.start_clock(ClockKind.ACCEPTANCE, self.day(self.at), self.item.acceptance, **owner)

    def acceptance_day(self) -> date:
        """The day the last required piece came, which is not the day somebody looked at it."""
        checking = next(self.running(ClockKind.ACCEPTANCE), None)
        if checking and self.state.state == CaseStage.CORRECTION_PENDING:
            return checking.start
        return max(self.day(self.at), self.state.received_day)

    def drop_deferred(self, pieces: tuple[Piece, ...]) -> None:
        """Materials that were to follow have come."""
        came = {piece.code for piece in pieces}
        left = tuple(code for code in self.state.deferred if code not in came)
        self.set(deferred=left, deferred_until=self.state.deferred_until if left else None)

    # -- decision and end -----------------------------------------------------------------

    def check_decision(self, message: Decide) -> None:
        """A refusal needs reason and remedy; a grant, a file without flags or missing papers."""
        if message.outcome is Outcome.REFUSED:
            if not message.reason:
                raise Refusal("reason_required")
            if not message.remedy:
                raise Refusal("remedy_required")
            return
        self.refuse_if_blocked()
        if self.state.deferred:
            raise Refusal("missing_materials", materials="、".join(self.state.deferred))
        forwarded = self.item.type is ItemType.FORWARDED
        if forwarded and message.outcome is Outcome.GRANTED:
            raise Refusal("must_report_up")
        if not forwarded and message.outcome is Outcome.REPORTED_UP:
            raise Refusal("not_forwarded_item")

    def check_ready(self, message: ResultReady) -> None:
        """All stages are signed, the document has a number, the applicant is told."""
        if self.imported:
            return
        waiting = self.next_stage()
        granted = self.state.outcome is Outcome.GRANTED and not self.state.deemed_renewed
        if waiting is not None and granted:
            raise Refusal("stages_open", stage=self.item.stages[waiting].code)
        if not message.document:
            raise Refusal("document_required")
        if not message.notified:
            raise Refusal("notified_required")

    def missing_papers(self) -> list[str]:
        """What the archive would miss: signatures of all stages (of a grant), materials that never came."""
        if self.state.outcome is not Outcome.GRANTED or self.state.deemed_renewed:
            return []
        return [*self.state.deferred, *(s.code for s in self.state.stages if not s.signed_by)]

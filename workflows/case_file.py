"""The file of a case: its item, materials, stages, figures, and what time brings to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from rules.calendar import start_of_day
from rules.limits import promise_outcome
from rules.moments import Moment, deadline_of
from rules.policy import Position, post_of
from rules.procedures import CaseStage
from rules.refusals import Refusal
from schemas.acts import Accept, Decide, NotifyCorrection, Outcome, Piece, ResultReady, TakeOver
from schemas.clocks import Clock, ClockKind, Limit, Suspension
from schemas.entries import Receipt
from schemas.matters import CaseInput, CaseState, Registration, StageState
from schemas.profile import SEPARATED, Item, ItemType, Post, Role
from workflows.handover import HandOvers

UNMET, NEW_PIECE = "unmet", "new_piece"


class CaseFile(HandOvers[CaseState]):
    """What the acts of a case stand on."""

    start: CaseInput

    @staticmethod
    def item_of(start: CaseInput) -> Item:
        """The service item a start names; a start without one is no case."""
        if start.rules.item is None:
            raise ValueError("a case needs an item")
        return start.rules.item

    @property
    def item(self) -> Item:
        """The service item under the rules in force."""
        return self.rules.item or self.item_of(self.start)

    # -- stages ---------------------------------------------------------------------------

    @property
    def deciding(self) -> int:
        """Index of the stage whose signature is the decision."""
        codes = [stage.code for stage in self.item.stages]
        return codes.index(self.item.decision_stage) if self.item.decision_stage else len(codes) - 1

    @property
    def stage_state(self) -> StageState:
        """The current stage as it stands."""
        return self.state.stages[self.state.stage]

    @property
    def stage_owner(self) -> str:
        """A officer of the current stage's post."""
        post = post_of(self.rules, self.stage_state.post)
        return post.a if post else self.stage_state.post

    def start_stage(self, day: date) -> None:
        """The stage's limit runs from the day its owner confirmed receipt."""
        stage = self.item.stages[self.state.stage]
        officer = self.duty.officer if self.duty and self.duty.post == self.stage_state.post else self.stage_owner
        reopened = self.clock(ClockKind.STAGE, stage.code)
        if reopened is None and not self.imported:
            facts = {"ref": stage.code, "owner": officer, "post": self.stage_state.post}
            self.start_clock(ClockKind.STAGE, day, stage.limit, **facts)
        elif reopened is not None and reopened.stopped_on is not None:
            away = Suspension(start=reopened.stopped_on, end=day, ground="elsewhere")
            spans = (*reopened.suspensions, away)
            self.change_clock(reopened, stopped_on=None, stopped_at=None, suspensions=spans)
        self.set(taken=True)

    def take_unoffered(self, message: TakeOver) -> None:
        """接收环节: the stage's owner confirms receipt."""
        if self.state.taken or message.post != self.stage_state.post:
            raise Refusal("no_offer")
        self.take_stage(message.officer, message.post)
        self.write("stage_taken", stage=self.stage_state.code)

    def take_stage(self, officer: str, post: str) -> None:
        """Duty and stage clock pass to the stage's owner."""
        self.stop_clocks(ClockKind.HANDOVER, self.at, f"stage:{self.stage_state.code}")
        self.take_duty(officer, post, "taken_over")
        self.start_stage(self.day(self.at))

    def taken_over(self, post: str) -> None:
        """A hand-over inside the bureau makes the receiver's post the stage's owner."""
        self._set_stage(self.state.stage, post=post)
        clock = self.clock(ClockKind.STAGE, self.stage_state.code)
        if clock and clock.stopped_on is None:
            self.change_clock(clock, owner=self.state.duties[-1].officer, post=post)

    def may_receive(self, post: Post) -> None:
        """The receiver's post must hold the role of the stage."""
        if self.item.stages[self.state.stage].role not in post.roles:
            raise Refusal("wrong_section_role", post=post.code)

    def stage_to_sign(self, named: str) -> int:
        """Index of the stage an act signs; another than the current one is out of order."""
        codes = [stage.code for stage in self.item.stages]
        current = self.state.stage
        if not named or named == codes[current]:
            if self.stage_state.signed_by:
                self.object("repeated", stage=codes[current])
            return current
        if named not in codes:
            raise Refusal("out_of_order", current=codes[current], stage=named)
        index = codes.index(named)
        code = "repeated" if self.state.stages[index].signed_by else "out_of_order"
        self.object(code, current=codes[current], stage=named)
        return index

    def sign(self, index: int, *, agrees: bool) -> None:
        """Put the signature on a stage; signing without taking over first is both at once."""
        acting, stage = self.acting, self.item.stages[index]
        if not self.state.taken and not self.imported:
            self.take_stage(acting.act.officer, acting.who.post)
        if not self.imported:
            self.take_duty(acting.act.officer, acting.who.post, "signed")
        rounds = self.state.stages[index].rounds + 1
        self._set_stage(index, signed_by=acting.act.officer, agrees=agrees, rounds=rounds)
        if stage.role in SEPARATED:
            self.set(roles_played=(*self.state.roles_played, (stage.role, acting.act.officer)))
        self.stop_clocks(ClockKind.STAGE, self.at, stage.code)

    def _set_stage(self, index: int, **changes: Any) -> None:
        stages = list(self.state.stages)
        stages[index] = stages[index].model_copy(update=changes)
        self.set(stages=tuple(stages))

    def next_stage(self) -> int | None:
        """The first stage nobody has signed."""
        return next((n for n, stage in enumerate(self.state.stages) if not stage.signed_by), None)

    def earlier_stage(self, code: str) -> int:
        """Index of an earlier, signed stage."""
        codes = [stage.code for stage in self.item.stages]
        if code not in codes or codes.index(code) >= self.state.stage:
            raise Refusal("not_earlier", stage=code)
        return codes.index(code)

    def set_aside_stage(self) -> None:
        """The current stage waits while an earlier one is done again."""
        self.stop_clocks(ClockKind.STAGE, self.at, self.stage_state.code)
        self.stop_clocks(ClockKind.HANDOVER, self.at)

    def reopen_stage(self, index: int) -> None:
        """Every stage from `index` on has to be signed again; its owner takes over again."""
        for later in range(index, len(self.state.stages)):
            self._set_stage(later, signed_by="", agrees=None)
        self.set(stage=index, taken=False)
        self.start_handover(self.stage_owner, self.stage_state.post, f"stage:{self.stage_state.code}")

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
        allowed = message.second_reason == NEW_PIECE or (message.second_reason == UNMET and not new)
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

    def set_outcome(self, outcome: Outcome) -> None:
        """State and clocks after a decision; a case reported up stops its own clocks at sending."""
        states = {
            Outcome.GRANTED: CaseStage.GRANTED,
            Outcome.REFUSED: CaseStage.REFUSED,
            Outcome.REPORTED_UP: CaseStage.REPORTED_UP,
        }
        self.set(state=states[outcome], outcome=outcome, decided_day=self.day(self.at))
        if self.imported:
            return
        self.stop_clocks(ClockKind.STATUTORY, self.at)
        if outcome is Outcome.REPORTED_UP:
            self.stop_clocks(ClockKind.PROMISE, self.at)
        else:
            owner = {"owner": self.acting.act.officer, "post": self.acting.who.post}
            self.start_clock(ClockKind.DELIVERY, self.day(self.at), self.item.delivery, **owner)

    def check_ready(self, message: ResultReady) -> None:
        """All stages are signed, the document has a number, the applicant is told."""
        if self.imported:
            return
        waiting = self.next_stage()
        if waiting is not None and self.state.outcome is Outcome.GRANTED:
            raise Refusal("stages_open", stage=self.item.stages[waiting].code)
        if not message.document:
            raise Refusal("document_required")
        if not message.notified:
            raise Refusal("notified_required")

    def missing_papers(self) -> list[str]:
        """What the archive would miss: signatures of all stages (of a grant), materials that never came."""
        missing = list(self.state.deferred) if self.state.outcome is Outcome.GRANTED else []
        unsigned = [s.code for s in self.state.stages if not s.signed_by]
        return missing + (unsigned if self.state.outcome is Outcome.GRANTED else [])

    # -- time -----------------------------------------------------------------------------

    def moments(self) -> Iterator[Moment]:
        """Besides clocks and cards: reminder, lapse and the date of deferred materials."""
        yield from super().moments()
        if self.state.state == CaseStage.CORRECTION_PENDING and self.state.notice_day:
            yield Moment(self._correction_ends(), "due")
        if self.state.deferred and self.state.deferred_until and self.state.state == CaseStage.IN_STAGE:
            after = self.state.deferred_until + timedelta(days=1)
            yield Moment(start_of_day(self.rules.calendar, after), "due")

    def _correction_ends(self) -> datetime:
        limits = self.rules.thresholds
        reminder = self._end_of(self.state.notice_day, limits.correction_reminder)
        if not self.state.reminded:
            return start_of_day(self.rules.calendar, reminder + timedelta(days=1))
        lapse = self._end_of(reminder, limits.correction_lapse)
        return start_of_day(self.rules.calendar, lapse + timedelta(days=1))

    def _end_of(self, start: date | None, limit: Limit) -> date:
        clock = Clock(kind=ClockKind.ACCEPTANCE, start=start or self.state.received_day, limit=limit)
        due = deadline_of(clock, self.rules).due
        return due or self.state.received_day

    def apply_moment(self, moment: Moment, detected_at: datetime) -> None:
        """The applicant's own limits; everything else is the clocks' and cards'."""
        if moment.what != "due":
            super().apply_moment(moment, detected_at)
        elif self.state.state != CaseStage.CORRECTION_PENDING:
            self.end_by_time(CaseStage.TERMINATED, "terminated", moment.at, self.stage_owner)
        elif self.state.reminded:
            self.end_by_time(CaseStage.LAPSED, "lapsed", moment.at, self.start.officer)
        else:
            self.set(reminded=True)
            self.write_system("correction_reminded", moment.at, self.start.officer, notify=("applicant",))

    def expired(self, clock: Clock, at: datetime) -> None:
        """The acceptance limit's end is a deemed acceptance."""
        if clock.kind is ClockKind.ACCEPTANCE and self.state.state == CaseStage.RECEIVED:
            self.change_clock(self._same(clock), stopped_on=self.day(at), stopped_at=at)
            self.deem_accepted(at, self._end_of(clock.start, clock.limit))

    def card_for(self, clock: Clock) -> bool:
        """Overrunning a special procedure is nobody's card where an outside body sets the pace."""
        if clock.kind is ClockKind.SPECIAL:
            return not any(ground.code == clock.ref and ground.outside_body for ground in self.rules.grounds)
        return super().card_for(clock)

    def deem_accepted(self, at: datetime, day: date) -> None:
        """视为受理 (the procedure's part)."""
        raise NotImplementedError

    def end_by_time(self, state: CaseStage, kind: str, at: datetime, account: str) -> None:
        """Time ran out for the applicant (the procedure's part)."""
        raise NotImplementedError

    # -- what is seen ---------------------------------------------------------------------

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
        due = {kind: self._due(kind) for kind in (ClockKind.PROMISE, ClockKind.STATUTORY)}
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
            "closed": self.is_over,
        }

    @property
    def is_over(self) -> bool:
        """Whether the case has reached a final state."""
        raise NotImplementedError

    def _due(self, kind: ClockKind) -> str | None:
        clock = self.clock(kind)
        due = deadline_of(clock, self.rules).due if clock else None
        return due.isoformat() if due else None

    def promised(self) -> dict[str, Any]:
        """The promised and the statutory day, with what they rest on."""
        return {
            "accepted_day": self.state.accepted_day.isoformat() if self.state.accepted_day else None,
            "promise_due": self._due(ClockKind.PROMISE),
            "statutory_due": self._due(ClockKind.STATUTORY),
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
        outcome = promise_outcome(promise, self.rules.calendar, done)
        return {
            "promised_days": outcome.promised_days,
            "actual_days": outcome.actual_days,
            "saved_days": outcome.saved_days,
            "promise_kept": outcome.promise_kept,
            "same_day": outcome.same_day,
            "statutory_kept": None if statutory is None else not statutory.breached,
        }

    @property
    def current_role(self) -> Role:
        """Role of the current stage."""
        return self.item.stages[self.state.stage].role

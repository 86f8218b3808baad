"""What time alone brings to a case: deemed acceptance, reminder, lapse, termination."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from rules.calendar import start_of_day, workdays_before
from rules.moments import Moment, deadline_of
from rules.policy import chief_of, section_of
from rules.procedures import UNDECIDED, CaseStage
from schemas.acts import Outcome
from schemas.clocks import Clock, ClockKind, Limit
from schemas.profile import Role
from workflows.case_stages import CaseStages

ANSWERS = ("accept", "refuse", "notify_correction")
"""Acts that end the silence an acceptance is deemed from."""


class CaseTime(CaseStages):
    """Silence decides where the law says so, and always on a named officer's account."""

    def moments(self) -> Iterator[Moment]:
        """Besides clocks and cards: reminder, lapse and the date of deferred materials."""
        yield from super().moments()
        checking = any(self.running(ClockKind.ACCEPTANCE))
        if self.state.state == CaseStage.CORRECTION_PENDING and self.state.notice_day and not checking:
            yield Moment(self._correction_ends(), "due")
        if self.state.deferred and self.state.deferred_until and self.state.state == CaseStage.IN_STAGE:
            after = self.state.deferred_until + timedelta(days=1)
            yield Moment(start_of_day(self.rules.calendar, after), "due")

        yield from self._renewal()

    def _renewal(self) -> Iterator[Moment]:
        """A permit to be renewed: reminders some working days before it expires, then the silence."""
        expiry, warnings = self.start.expires_on, self.rules.thresholds.renewal_warnings
        if not self.item.renewal or expiry is None or self.state.outcome or self.state.state not in UNDECIDED:
            return
        calendar = self.rules.calendar
        if self.state.renewal_warned < len(warnings):
            day = workdays_before(calendar, expiry, warnings[self.state.renewal_warned])
            yield Moment(start_of_day(calendar, max(day, self.state.received_day)), "renewal")
        else:
            yield Moment(start_of_day(calendar, expiry + timedelta(days=1)), "renewal")

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
        if moment.what == "renewal":
            self._renew(moment.at)
        elif moment.what != "due":
            super().apply_moment(moment, detected_at)
        elif self.state.state != CaseStage.CORRECTION_PENDING:
            self.end_by_time(CaseStage.TERMINATED, "terminated", moment.at, self.stage_owner)
        elif self.state.reminded:
            self.end_by_time(CaseStage.LAPSED, "lapsed", moment.at, self.start.officer)
        else:
            self.set(reminded=True)
            self.write_system("correction_reminded", moment.at, self.start.officer, notify=("applicant",))

    def _renew(self, at: datetime) -> None:
        if self.state.renewal_warned < len(self.rules.thresholds.renewal_warnings):
            self.set(renewal_warned=self.state.renewal_warned + 1)
            account = self.duty.officer if self.duty else self.start.officer
            self.write_system("renewal_reminded", at, account, notify=(account, self.stage_owner))
            return
        self.deem_renewed(at)

    def deem_renewed(self, at: datetime) -> None:
        """视为准予延续: no decision by the permit's expiry (行政许可法 Art.50)."""
        self.set(
            deemed_renewed=True, outcome=Outcome.GRANTED, decided_day=self.day(at), state=CaseStage.GRANTED
        )
        self.stop_all(at)
        account = self.duty.officer if self.duty else self.start.officer
        self.start_clock(ClockKind.DELIVERY, self.day(at), self.item.delivery, owner=account)
        self.write_system("deemed_renewed", at, account, notify=("applicant",))

    def expired(self, clock: Clock, at: datetime) -> None:
        """The acceptance limit's end is a deemed acceptance, and with it the delay is over.

        Its card is served all the same, but it cannot turn red: no act is left that would correct it.
        """
        waiting = self.state.state in (CaseStage.RECEIVED, CaseStage.CORRECTION_PENDING)
        if clock.kind is ClockKind.ACCEPTANCE and waiting:
            self.correct_cards(clock, at)
            self.change_clock(clock, stopped_on=self.day(at), stopped_at=at)
            self.deem_accepted(at, clock.start, self._end_of(clock.start, clock.limit))

    def alerted(self, clock: Clock) -> tuple[str, ...]:
        """A special procedure over its announced length: the section's chief and the supervision office."""
        if clock.kind is not ClockKind.SPECIAL:
            return ()
        chief = chief_of(self.rules, section_of(self.rules, clock.post))
        return (chief, *(post.a for post in self.rules.posts if Role.SUPERVISION in post.roles))

    def card_for(self, clock: Clock) -> bool:
        """Overrunning a special procedure is nobody's card where an outside body sets the pace."""
        if clock.kind is ClockKind.SPECIAL:
            return not any(ground.code == clock.ref and ground.outside_body for ground in self.rules.grounds)
        return super().card_for(clock)

    def deem_accepted(self, at: datetime, accepted_day: date, day: date) -> None:
        """视为受理: no notice in time, so accepted from the day of receipt (行政许可法 Art.32).

        After a correction it is the day the pieces arrived that were not checked in time.
        """
        self.start_decision_clocks(accepted_day)
        self.enter_stage(0, day, day)
        self.write_system("deemed_accepted", at, self.start.officer, **self.promised(), notify=("applicant",))

    def unsay_silence(self, name: str, at: datetime) -> None:
        """An acceptance, refusal or notice in time, told late: there was no silence, so nothing was deemed.

        Only while nobody has worked on the deemed acceptance; after that the file has moved on.
        """
        silence = self.clock(ClockKind.ACCEPTANCE)
        if name not in ANSWERS or silence is None or not silence.breached or silence.stopped_at is None:
            return
        untouched = self.state.state == CaseStage.IN_STAGE and len(self.state.duties) == 1
        if at >= silence.stopped_at or not untouched or self.state.stages[0].signed_by:
            return
        self.withdraw_breach(silence, at)
        begun = (ClockKind.STATUTORY, ClockKind.PROMISE, ClockKind.STAGE, ClockKind.HANDOVER)
        for clock in self.state.clocks:
            if clock.kind in begun and clock.breached:
                self.withdraw_breach(clock, at)
        running = silence.model_copy(update={"stopped_on": None, "stopped_at": None, "breached": False})
        kept = [c for c in self.state.clocks if c.kind not in begun]
        before = CaseStage.CORRECTION_PENDING if self.state.notices else CaseStage.RECEIVED
        self.set(clocks=tuple(running if c == silence else c for c in kept), state=before, accepted_day=None)
        self.write_system("deemed_acceptance_withdrawn", at, self.start.officer)

    def end_by_time(self, state: CaseStage, kind: str, at: datetime, account: str) -> None:
        """失效/终止: time ran out for the applicant; no fault of staff."""
        self.stop_all(at)
        self.set(state=state)
        self.write_system(kind, at, account, notify=("applicant",))

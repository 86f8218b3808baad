"""Collective decision (集体决策): several people decide together, in a meeting that leaves its trace.

The list is called with its papers; members sign in or say why they cannot come; the chair's presence opens
the meeting and fixes the denominators. Everybody speaks and votes, the chair last. Who is concerned himself
withdraws, and leaves base and present with it; where too few remain the meeting is void. What was said
against is kept, and printed on the minutes that those present sign, the chair last.
Sources: 重大行政决策程序暂行条例 Art.30, 38; shares and limits are data (`schemas.review_rules`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from rules.minutes import absent_of, base_now, counted, present_now
from rules.quorum import OPEN, VOID, quorum
from rules.refusals import Refusal
from schemas.clocks import ClockKind, Limit, Unit
from schemas.review import (
    Absence,
    Attend,
    Ballot,
    Choice,
    CloseSession,
    Convene,
    Recuse,
    Session,
    SignMinutes,
    Vote,
)
from workflows.matter import act
from workflows.meeting import C, Meeting, listed, presided, result_of, votes_of

MEETING, MINUTES = "meeting", "minutes"
"""References of the clocks that run until the meeting is opened, and until its minutes are signed."""


class Collective(Meeting[C]):
    """The acts of a session. Who uses it names its people in `position()` (`session_people`)."""

    # -- calling and opening --------------------------------------------------------------

    @act
    def convene(self, message: Convene) -> None:
        """召集: names members and chair, day and papers; a meeting already called is moved with a reason."""
        earlier = self.state.session
        if earlier and earlier.sitting:
            raise Refusal("session_open")
        if earlier and not earlier.outcome and not message.reason:
            raise Refusal("reason_required")
        rules = self.session_rules()
        self.check_list(message)
        self.check_papers(message, rules)
        called = {member.officer for member in message.members}
        withdrawn = tuple(each for each in earlier.recused if each.member in called) if earlier else ()
        session = Session(
            n=earlier.n + 1 if earlier and earlier.outcome else 1,
            rules=rules,
            members=message.members,
            chair=next(member.officer for member in message.members if member.chair),
            meets_at=message.meets_at,
            materials=message.materials,
            called_at=self.at,
            recused=withdrawn,
        )
        self.set(session=presided(session))
        self.stop_clocks(ClockKind.STEP, self.at, MEETING)
        self._watch(MEETING, self.told_on, _until(self.told_on, self.day(message.meets_at), rules.meeting))
        self.called()
        members = [member.model_dump(mode="json") for member in message.members]
        about: dict[str, Any] = {"members": members, "meets_at": message.meets_at.isoformat()}
        self.write(
            "convened", meeting=session.n, papers=list(message.materials), **about, notify=session.listed
        )

    def _watch(self, ref: str, day: date, limit: Limit | None) -> None:
        """A limit that the chair has to keep."""
        chair = next(member for member in self.session.members if member.officer == self.session.chair)
        self.start_clock(ClockKind.STEP, day, limit, ref=ref, owner=chair.officer, post=chair.post)

    @act
    def attend(self, message: Attend) -> None:
        """签到: a member is there, or is excused; the chair's presence opens the meeting."""
        session, who = self.called_session(), message.officer
        self.check_seat(session, who)
        if session.opened_at:
            raise Refusal("session_open")
        if message.leave:
            self._excuse(session, who, message.reason)
            return
        if who in session.present and who != session.chair:
            raise Refusal("attended_already", officer=who)
        early = self.day(self.at) < self.day(session.meets_at)
        if early or (who == session.chair and self.at < session.meets_at):
            raise Refusal("not_yet", at=session.meets_at.isoformat())
        leave = tuple(each for each in session.leave if each.member != who)
        self.change(present=tuple(dict.fromkeys((*session.present, who))), leave=leave)
        if who == session.chair:
            self._open()
        else:
            self.write("attended", meeting=session.n)

    def _excuse(self, session: Session, who: str, reason: str) -> None:
        if not reason:
            raise Refusal("reason_required")
        others = tuple(each for each in session.leave if each.member != who)
        present = tuple(each for each in session.present if each != who)
        leave = (*others, Absence(member=who, reason=reason, at=self.at))
        self.set(session=presided(session.model_copy(update={"leave": leave, "present": present})))
        self.write("attended", meeting=session.n, leave=True, chair=self.session.chair)

    def _open(self) -> None:
        """The denominators are fixed; too few, and the meeting is void before it began."""
        self.stop_clocks(ClockKind.STEP, self.at, MEETING)
        session = self.change(opened_at=self.at, base=len(base_now(self.session)))
        away = absent_of(session)
        void = self._void_without_quorum()
        if not void:
            self.opened()
        about: dict[str, Any] = {"absent": list(away), "leave": [each.member for each in session.leave]}
        self.write("void" if void else "opened", meeting=session.n, **about, **self.quorum_of(session))
        if away:
            self.missed(away)

    @act
    def recuse(self, message: Recuse) -> None:
        """回避: he leaves base and present, his vote counts no more; the quorum is looked at again."""
        session, who = self.called_session(), message.member or message.officer
        if message.officer not in (who, session.chair):
            raise Refusal("recuse_other", chair=session.chair)
        self.check_seat(session, who, "recused_already")
        withdrawn = (*session.recused, Absence(member=who, reason=message.reason, at=self.at))
        session = presided(session.model_copy(update={"recused": withdrawn}))
        self.set(session=session)
        if session.opened_at:
            self.change(base=len(base_now(session)))
        void = bool(session.opened_at) and self._void_without_quorum()
        facts = self.quorum_of(self.session) if session.opened_at else {}
        self.write("recused", meeting=session.n, member=who, chair=session.chair, void=void, **facts)

    def _void_without_quorum(self) -> bool:
        session = self.session
        if quorum(base_now(session), present_now(session), session.rules.quorum).met:
            return False
        self.change(outcome=VOID, closed_at=self.at)
        self.resolved(VOID)
        return True

    # -- voting ---------------------------------------------------------------------------

    @act
    def vote(self, message: Vote) -> None:
        """表决: everybody speaks, the chair last; opposing and abstaining have a reason."""
        session, who = self.sitting_session(), message.officer
        self.check_seat(session, who)
        if who not in session.present:
            raise Refusal("not_present", officer=who)
        waiting = self.waiting()
        if who not in waiting:
            raise Refusal("voted_already", officer=who)
        if message.choice is not Choice.AGREE and not message.reason:
            raise Refusal("reason_required")
        if who == session.chair and len(waiting) > 1:
            raise Refusal("chair_last", waiting=listed(each for each in waiting if each != who))
        ballot = Ballot(
            member=who,
            choice=message.choice,
            opinion=message.opinion,
            reason=message.reason,
            at=self.at,
        )
        self.change(ballots=(*session.ballots, ballot))
        self.write("voted", meeting=session.n, choice=message.choice.value)

    @act
    def close_session(self, message: CloseSession) -> None:
        """宣布结果: the majority's, once everybody has spoken; or adjourned with the reason."""
        session = self.sitting_session()
        found = counted(session)
        if message.defer and not message.reason:
            raise Refusal("reason_required")
        if found.outcome == OPEN and not message.defer:
            raise Refusal("not_all_voted", waiting=listed(self.waiting()))
        outcome = "deferred" if message.defer else found.outcome
        self.may_close(outcome)
        session = self.change(outcome=outcome, closed_at=self.at)
        self.draw_up()
        self._watch(MINUTES, self.day(self.at), session.rules.minutes)
        self.resolved(outcome)
        self.write(
            "closed",
            meeting=session.n,
            **result_of(self.session),
            **votes_of(session),
            notify=session.present,
        )

    # -- minutes --------------------------------------------------------------------------

    @act
    def sign_minutes(self, message: SignMinutes) -> None:
        """签署纪要: by everybody who was present, the chair last; then the resolution holds."""
        session, who = self.session, message.officer
        there = present_now(session)
        if who not in there:
            raise Refusal("not_attended", officer=who)
        if session.concluded or who in session.signed:
            raise Refusal("signed_already", officer=who)
        if message.minutes != session.minutes:
            raise Refusal("minutes_changed", digest=session.minutes)
        waiting = [each for each in there if each not in (*session.signed, who)]
        last = who == session.chair
        if last and waiting and not message.reason:
            raise Refusal("minutes_wait", waiting=listed(waiting))
        self.change(signed=(*session.signed, who), concluded=last)
        if not last:
            self.write("minutes_countersigned", meeting=session.n, minutes=session.minutes)
            return
        self.stop_clocks(ClockKind.STEP, self.at, MINUTES)
        self.concluded()
        self.write("minutes_signed", meeting=session.n, unsigned=waiting, **self.conclusion())
        self.announce()


def _until(called: date, meets: date, basis: str) -> Limit | None:
    """The limit that ends with the day of the meeting, whatever day that is."""
    if not basis:
        return None
    return Limit(n=max((meets - called).days, 0), unit=Unit.CALENDAR_DAY, rolls=False, basis=basis)

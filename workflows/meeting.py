"""A meeting as a matter holds it (集体决策): what a procedure attaches to it, how it is seen, who presides.

The acts are in `workflows.collective`; what is computed from votes and heads in `rules.quorum` and
`rules.minutes`.
"""

from __future__ import annotations

from typing import Any, TypeVar

from rules.minutes import base_now, counted, digest_of_minutes, dissent, minutes_of, present_now
from rules.moments import deadline_of
from rules.policy import post_of
from rules.quorum import ABSTAIN, quorum
from rules.refusals import Refusal
from schemas.clocks import Clock, ClockKind
from schemas.review import Convene, Member, Session, SessionState
from schemas.review_rules import SessionRules
from workflows.messages import Messages

C = TypeVar("C", bound=SessionState)


class Meeting(Messages[C]):
    """The session of a matter, without the acts that move it."""

    # -- what a procedure fills in --------------------------------------------------------

    def session_rules(self) -> SessionRules:
        """Shares and limits of a meeting that is called now."""
        raise NotImplementedError

    def subject(self) -> tuple[str, ...]:
        """Lines of the minutes that say what is decided upon."""
        return (self.id,)

    def may_sit(self, member: Member) -> None:
        """Refuse a member who must not decide this matter."""

    def called(self) -> None:
        """What the procedure attaches to the calling of a meeting, before its entry is written."""

    def opened(self) -> None:
        """To its opening."""

    def missed(self, people: tuple[str, ...]) -> None:
        """To the absence of people without leave, after the entry that names them."""

    def may_close(self, outcome: str) -> None:
        """Refuse a closing that lacks something."""

    def resolved(self, outcome: str) -> None:
        """To its outcome (`passed`, `failed`, `void`, `deferred`), before the entry is written."""

    def concluded(self) -> None:
        """To the last signature under the minutes, before its entry is written."""

    def announce(self) -> None:
        """To the signed minutes, after their entry: whoever waits for the resolution is told."""

    def resolution(self) -> dict[str, Any]:
        """What the signed minutes resolve, as whoever is told of it reads it."""
        return {"number": self.id, "outcome": self.session.outcome}

    # -- views ----------------------------------------------------------------------------

    def session_people(self) -> tuple[tuple[str, str], ...]:
        """(capacity, staff number) of members and chair, for `position()`."""
        session = self.state.session
        if session is None:
            return ()
        return (*(("member", who) for who in session.listed), ("chair", session.chair))

    def session_facts(self) -> dict[str, Any]:
        """What a voter and a signer must have seen, for `facts()`; the votes of others are not of it."""
        session = self.state.session
        if session is None:
            return {}
        away = list(session.withdrawn)
        return {
            "meeting": session.n,
            "papers": list(session.materials),
            "recused": away,
            **result_of(session),
        }

    def session_figures(self) -> dict[str, Any]:
        """How the meeting stands, for `figures()`; with the text of the minutes once it is closed."""
        session = self.state.session
        if session is None:
            return {}
        shown = {"meeting": session.n, "meets_at": session.meets_at.isoformat(), "chair": session.chair}
        votes = {"members": list(session.listed), "present": list(present_now(session))}
        text = self.minutes_text() if session.minutes else ""
        return {**shown, **votes, **result_of(session), **self.quorum_of(session), "minutes_text": text}

    def minutes_text(self) -> str:
        """The minutes of the latest meeting."""
        names = {officer.staff_no: officer.name for officer in self.rules.officers}
        assert self.state.session is not None
        return minutes_of(self.state.session, self.subject(), names)

    def draw_up(self) -> None:
        """The minutes are what the session now says; who signs, signs this."""
        self.change(minutes=digest_of_minutes(self.minutes_text()))

    # -- the list ----------------------------------------------------------------------

    def check_list(self, message: Convene) -> None:
        """Refuse a list that is not one: one chair, everybody once, each in a post he holds."""
        chairs = sum(member.chair for member in message.members)
        if chairs != 1:
            raise Refusal("one_chair", n=chairs)
        seen = set[str]()
        for member in message.members:
            if member.officer in seen:
                raise Refusal("member_twice", officer=member.officer)
            seen.add(member.officer)
            post = post_of(self.rules, member.post)
            if post is None:
                raise Refusal("unknown_post", post=member.post)
            if member.officer not in (post.a, post.b):
                raise Refusal("not_in_post", officer=member.officer, post=post.code)
            self.may_sit(member)

    def check_papers(self, message: Convene, rules: SessionRules) -> None:
        """Refuse a meeting so early that its papers could not be read before (会前送达)."""
        if rules.materials is None:
            return
        sent = Clock(kind=ClockKind.STEP, start=self.told_on, limit=rules.materials)
        earliest = deadline_of(sent, self.rules).due
        if earliest and self.day(message.meets_at) < earliest:
            raise Refusal("materials_late", earliest=earliest)

    # -- the session ----------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The latest meeting. Raises Refusal where none was called."""
        if self.state.session is None:
            raise Refusal("no_session")
        return self.state.session

    def called_session(self) -> Session:
        """The meeting that has been called and has not ended. Raises Refusal."""
        if self.session.outcome:
            raise Refusal("no_session")
        return self.session

    def sitting_session(self) -> Session:
        """The meeting that sits. Raises Refusal."""
        if not self.session.sitting:
            raise Refusal("no_session")
        return self.session

    def check_seat(self, session: Session, who: str, code: str = "recused_member") -> None:
        """Refuse somebody who has no seat in it, or has withdrawn."""
        if who not in session.listed:
            raise Refusal("not_member", officer=who)
        if who in session.withdrawn:
            raise Refusal(code, officer=who)

    def waiting(self) -> tuple[str, ...]:
        """Those present who have not voted."""
        voted = {ballot.member for ballot in self.session.ballots}
        return tuple(who for who in present_now(self.session) if who not in voted)

    def change(self, **changes: Any) -> Session:
        """Replace fields of the session."""
        session = self.session.model_copy(update=changes)
        self.set(session=session)
        return session

    def conclusion(self) -> dict[str, Any]:
        """What the entry of the last signature says."""
        return {
            **result_of(self.session),
            **votes_of(self.session),
            "resolution": self.resolution(),
        }

    def quorum_of(self, session: Session) -> dict[str, Any]:
        """Base, quorum and heads present, for an entry."""
        found = quorum(base_now(session), present_now(session), session.rules.quorum)
        return {"base": found.base, "quorum": found.needed, "there": found.present}


def presided(session: Session) -> Session:
    """Who presides: the listed chair, or the next in the list where he may not or cannot."""
    away = {*session.withdrawn, *(each.member for each in session.leave)}
    if session.opened_at:
        away |= {*session.listed} - {*session.present}
    if session.chair not in away:
        return session
    rest = [who for who in session.listed if who not in away]
    return session.model_copy(update={"chair": rest[0]}) if rest else session


def result_of(session: Session) -> dict[str, Any]:
    """Outcome and digest of the minutes."""
    return {"outcome": session.outcome, "overridden": session.overridden, "minutes": session.minutes}


def votes_of(session: Session) -> dict[str, Any]:
    """The count, with those who dissented or abstained by name."""
    found = counted(session)
    votes = {"agree": found.agree, "oppose": found.oppose, "abstain": found.abstain, "needed": found.needed}
    return {"votes": votes, "dissent": list(dissent(session)), "abstained": list(dissent(session, ABSTAIN))}


def listed(people: Any) -> str:
    """People as a refusal names them."""
    return "、".join(people)

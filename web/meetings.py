"""A meeting as its page shows it: who was called, is there and has voted, what the rules ask, the minutes.

Put together from the entries alone. The text of the minutes is made again and held against the digest on
record; where the two differ the text is not shown as the minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.entry import Entry
from rules.meeting_record import session_of
from rules.minutes import base_now, counted, digest_of_minutes, dissent, minutes_of, present_now
from rules.quorum import ABSTAIN, OPPOSE, Quorum, Tally, quorum
from schemas.profile import Profile, Rules
from schemas.review import Session
from schemas.review_rules import SessionRules
from web.names import Words

OUTCOMES: dict[str, Words] = {
    "": Words("未结束", "open"),
    "passed": Words("通过", "passed"),
    "failed": Words("未通过", "not passed"),
    "void": Words("流会", "void: no quorum"),
    "deferred": Words("暂缓", "adjourned"),
}

CHOICES: dict[str, Words] = {
    "agree": Words("同意", "agree"),
    "oppose": Words("反对", "oppose"),
    "abstain": Words("弃权", "abstain"),
}


@dataclass(frozen=True)
class Seat:
    """One member: where he stands in this meeting."""

    officer: str
    post: str
    chair: bool
    state: str
    """`present`, `leave`, `recused` or `absent`."""
    reason: str
    choice: str
    opinion: str
    why: str
    """The reason of a vote against, or of an abstention."""
    signed: bool


@dataclass(frozen=True)
class ShownMeeting:
    """The latest meeting of a matter."""

    session: Session
    quorum: Quorum
    tally: Tally
    seats: tuple[Seat, ...]
    waiting: tuple[str, ...]
    """Present, and has not voted."""
    dissent: tuple[str, ...]
    abstained: tuple[str, ...]
    minutes: str
    """The text; empty before the meeting is closed."""
    minutes_hold: bool
    """The text comes to the digest on record."""
    until: int | None
    """Minutes until the meeting begins; None once it is open, negative when it is late."""


def meeting_of(
    kind: str, number: str, timeline: Sequence[Entry], rules: Rules | None, profile: Profile, now: datetime
) -> ShownMeeting | None:
    """The latest meeting; None where none was called."""
    session = session_of((entry.event for entry in timeline), _rules_of(kind, rules, profile))
    if session is None:
        return None
    base, there = base_now(session), present_now(session)
    voted = {each.member for each in session.ballots}
    names = {each.staff_no: each.name for each in profile.officers}
    subject = _subject(kind, number, timeline, profile)
    text = minutes_of(session, subject, names) if session.minutes else ""
    return ShownMeeting(
        session=session,
        quorum=quorum(base, there, session.rules.quorum),
        tally=counted(session),
        seats=tuple(_seat(session, each.officer, each.post) for each in session.members),
        waiting=tuple(who for who in there if who not in voted),
        dissent=dissent(session, OPPOSE),
        abstained=dissent(session, ABSTAIN),
        minutes=text,
        minutes_hold=bool(text) and digest_of_minutes(text) == session.minutes,
        until=None if session.opened_at or session.outcome else _minutes_to(session.meets_at, now),
    )


def _rules_of(kind: str, rules: Rules | None, profile: Profile) -> SessionRules:
    if kind == "fault":
        return ((rules.faults if rules else None) or profile.faults).session
    return ((rules.reviews if rules else None) or profile.reviews).session


def _seat(session: Session, who: str, post: str) -> Seat:
    away = next((each for each in session.recused if each.member == who), None)
    leave = next((each for each in session.leave if each.member == who), None)
    state = "recused" if away else "leave" if leave else "present" if who in session.present else "absent"
    ballot = next((each for each in session.ballots if each.member == who), None)
    excuse = away or leave
    return Seat(
        officer=who,
        post=post,
        chair=who == session.chair,
        state=state,
        reason=excuse.reason if excuse else "",
        choice=ballot.choice.value if ballot else "",
        opinion=ballot.opinion if ballot else "",
        why=ballot.reason if ballot else "",
        signed=who in session.signed,
    )


def _minutes_to(moment: datetime, now: datetime) -> int:
    return int((moment - now).total_seconds() // 60)


def _subject(kind: str, number: str, timeline: Sequence[Entry], profile: Profile) -> tuple[str, ...]:
    """What the minutes say is decided upon, in the words of the matter's own procedure."""
    if kind == "fault":
        return _fault_subject(number, timeline)
    first = timeline[0].data
    types = (profile.reviews.matter(str(code)) for code in first.get("matters") or ())
    named = "、".join(each.name for each in types if each)
    sealed = (
        f"密封 / sealed: {value['name']} {value['digest']}"
        for entry in timeline
        if entry.type == "review.sealed"
        for value in entry.data.get("values") or ()
    )
    case = first.get("case") or "-"
    return (f"会审 / review: {number}", f"事项 / matter: {named}", f"办件 / case: {case}", *sealed)


def _fault_subject(number: str, timeline: Sequence[Entry]) -> tuple[str, ...]:
    codes: list[str] = next((e.data["codes"] for e in reversed(timeline) if e.data.get("codes")), [])
    verified = (entry for entry in reversed(timeline) if entry.type == "fault.verified")
    measures = next((entry.data.get("measures") or [] for entry in verified), [])
    lines = (
        f"{each['officer']}: {'、'.join((*each.get('handling', ()), each.get('sanction', ''))) or '-'}"
        for each in measures
    )
    return (f"{number} {'、'.join(codes)}", *lines)

"""Minutes (会议纪要): the text follows from the session alone, so that whoever signs it signs the votes.

Attendance, each vote with its words, dissent and abstention by name, and the result with its count. The
entry of the closing holds the text's digest; the text itself can be made again from the entries at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

from rules.quorum import ABSTAIN, AGREE, OPPOSE, Tally, base_of, quorum, tally
from schemas.review import Absence, Ballot, Session

WORDS = {
    AGREE: "同意 / agree",
    OPPOSE: "反对 / oppose",
    ABSTAIN: "弃权 / abstain",
    "passed": "通过 / passed",
    "failed": "未通过 / not passed",
    "deferred": "暂缓 / deferred",
    "void": "流会 / void",
    "open": "未结束 / open",
}


def base_now(session: Session) -> tuple[str, ...]:
    """Those whose presence counts."""
    return base_of(session.listed, session.withdrawn)


def present_now(session: Session) -> tuple[str, ...]:
    """Those who are there and may decide, in the order of the list."""
    return tuple(who for who in base_now(session) if who in session.present)


def counted(session: Session) -> Tally:
    """The votes as they stand."""
    ballots = {ballot.member: ballot.choice.value for ballot in session.ballots}
    return tally(ballots, present_now(session), session.rules.quorum)


def dissent(session: Session, choice: str = OPPOSE) -> tuple[str, ...]:
    """Those who opposed (or abstained), in the order of the list."""
    present = present_now(session)
    against = {each.member for each in session.ballots if each.choice.value == choice}
    return tuple(who for who in present if who in against)


def absent_of(session: Session) -> tuple[str, ...]:
    """Those who should have been there and had no leave."""
    excused = {each.member for each in session.leave}
    return tuple(who for who in base_now(session) if who not in session.present and who not in excused)


def minutes_of(session: Session, subject: tuple[str, ...], names: Mapping[str, str]) -> str:
    """The minutes' text. `subject` are lines that say what was decided upon, `names` by staff number."""
    return "\n".join([*_head(session, subject), *_attendance(session, names), *_votes(session, names)]) + "\n"


def digest_of_minutes(text: str) -> str:
    """What a signature binds to: SHA-256 (hex) of the text in UTF-8."""
    return sha256(text.encode()).hexdigest()


def _head(session: Session, subject: tuple[str, ...]) -> Iterator[str]:
    yield f"会议纪要 / minutes  第 {session.n} 次会议 / meeting {session.n}"
    yield from subject
    yield f"时间 / held: {session.opened_at.isoformat() if session.opened_at else '-'}"
    yield f"材料 / papers: {'、'.join(session.materials) or '-'}"


def _attendance(session: Session, names: Mapping[str, str]) -> Iterator[str]:
    found = quorum(base_now(session), present_now(session), session.rules.quorum)
    yield f"应到 / base {found.base}, 法定 / quorum {found.needed}, 实到 / present {found.present}"
    yield f"主持 / chair: {_named(session.chair, names)}"
    yield f"出席 / present: {_list(present_now(session), names)}"
    yield f"请假 / on leave: {_reasons(session.leave, names)}"
    yield f"缺席 / absent without leave: {_list(absent_of(session), names)}"
    yield f"回避 / recused: {_reasons(session.recused, names)}"


def _votes(session: Session, names: Mapping[str, str]) -> Iterator[str]:
    there = present_now(session)
    for ballot in session.ballots:
        if ballot.member in there:
            yield _vote(ballot, names)
    found = counted(session)
    votes = f"同意 {found.agree} 反对 {found.oppose} 弃权 {found.abstain}"
    yield f"计票 / votes: {votes}，须 / needed {found.needed}"
    yield f"不同意见 / dissent: {_list(dissent(session), names)}"
    yield f"弃权 / abstained: {_list(dissent(session, ABSTAIN), names)}"
    if session.overridden:
        yield f"多数意见 / of the majority: {WORDS[session.overridden]}"
        yield f"主持人另行决定 / decided by the chair: {session.override_reason}"
    yield f"结果 / result: {WORDS[session.outcome or 'open']}"


def _vote(ballot: Ballot, names: Mapping[str, str]) -> str:
    reason = f"；理由 / reason: {ballot.reason}" if ballot.reason else ""
    return f"{_named(ballot.member, names)}: {WORDS[ballot.choice.value]} — {ballot.opinion}{reason}"


def _named(who: str, names: Mapping[str, str]) -> str:
    return f"{names[who]} ({who})" if who in names else who


def _list(people: tuple[str, ...], names: Mapping[str, str]) -> str:
    return "、".join(_named(who, names) for who in people) or "-"


def _reasons(away: tuple[Absence, ...], names: Mapping[str, str]) -> str:
    return "、".join(f"{_named(each.member, names)}（{each.reason}）" for each in away) or "-"

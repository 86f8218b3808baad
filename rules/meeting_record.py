"""A meeting put together again from its entries: who was called, was there, withdrew, voted and signed.

The minutes' text follows from the session alone, so whoever has the entries has the text; the digest in the
entry of the closing says whether it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rules.minutes import base_now
from schemas.review import Absence, Ballot, Choice, Member, Session
from schemas.review_rules import SessionRules

Event = Mapping[str, Any]
"""A leaf, parsed."""


def session_of(events: Iterable[Event], rules: SessionRules) -> Session | None:
    """The latest meeting that a matter's entries tell of; None where none was called."""
    session: Session | None = None
    for event in events:
        what = str(event["type"]).partition(".")[2]
        if what == "convened":
            session = _called(event, rules, session)
        elif session is not None and what in _STEPS:
            session = session.model_copy(update=dict(_STEPS[what](session, event)))
    return session


def _called(event: Event, rules: SessionRules, earlier: Session | None) -> Session:
    data, members = event["data"], tuple(Member.model_validate(each) for each in event["data"]["members"])
    listed = {each.officer for each in members}
    session = Session(
        n=int(data.get("meeting") or 1),
        rules=rules,
        members=members,
        chair=next((each.officer for each in members if each.chair), members[0].officer),
        meets_at=datetime.fromisoformat(data["meets_at"]),
        materials=tuple(data.get("papers") or ()),
        called_at=_at(event),
        recused=tuple(each for each in earlier.recused if each.member in listed) if earlier else (),
    )
    return session.model_copy(update={"chair": _chair(session)})


def _chair(session: Session) -> str:
    """The listed chair, or the next in the list where he may not or cannot."""
    away = {*session.withdrawn, *(each.member for each in session.leave)}
    if session.opened_at:
        away |= {*session.listed} - {*session.present}
    rest = [who for who in session.listed if who not in away]
    return session.chair if session.chair not in away or not rest else rest[0]


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def _attended(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    who, data = str(event["actor"]), event["data"]
    others = tuple(each for each in session.leave if each.member != who)
    if data.get("leave") is True:
        away = Absence(member=who, reason=str(data.get("reason") or ""), at=_at(event))
        yield "leave", (*others, away)
        yield "present", tuple(each for each in session.present if each != who)
        yield "chair", str(data.get("chair") or session.chair)
    else:
        yield "leave", others
        yield "present", tuple(dict.fromkeys((*session.present, who)))


def _opened(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    yield "present", tuple(dict.fromkeys((*session.present, str(event["actor"]))))
    yield "leave", tuple(each for each in session.leave if each.member != event["actor"])
    yield "opened_at", _at(event)
    yield "base", int(event["data"].get("base") or len(base_now(session)))


def _void(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    yield from _opened(session, event)
    yield "outcome", "void"
    yield "closed_at", _at(event)


def _recused(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    data = event["data"]
    away = Absence(member=str(data["member"]), reason=str(data.get("reason") or ""), at=_at(event))
    withdrawn = session.model_copy(update={"recused": (*session.recused, away)})
    yield "recused", withdrawn.recused
    yield "chair", str(data.get("chair") or session.chair)
    if session.opened_at:
        yield "base", len(base_now(withdrawn))
    if data.get("void"):
        yield "outcome", "void"
        yield "closed_at", _at(event)


def _voted(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    data = event["data"]
    ballot = Ballot(
        member=str(event["actor"]),
        choice=Choice(data["choice"]),
        opinion=str(data.get("opinion") or ""),
        reason=str(data.get("reason") or ""),
        at=_at(event),
    )
    yield "ballots", (*session.ballots, ballot)


def _closed(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    data = event["data"]
    if "outcome" in data and "minutes" in data:  # a matter's own closing says neither
        yield "outcome", str(data["outcome"])
        yield "minutes", str(data["minutes"])
        yield "closed_at", _at(event)


def _overridden(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    data = event["data"]
    yield "overridden", session.outcome
    yield "override_reason", str(data.get("reason") or "")
    yield "outcome", str(data.get("outcome") or session.outcome)
    yield "minutes", str(data.get("minutes") or "")
    yield "signed", ()


def _signed(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    yield "signed", tuple(dict.fromkeys((*session.signed, str(event["actor"]))))


def _concluded(session: Session, event: Event) -> Iterator[tuple[str, Any]]:
    yield from _signed(session, event)
    yield "concluded", True


_STEPS = {
    "attended": _attended,
    "opened": _opened,
    "void": _void,
    "recused": _recused,
    "voted": _voted,
    "closed": _closed,
    "overridden": _overridden,
    "minutes_countersigned": _signed,
    "minutes_signed": _concluded,
}

"""Lateness read off the entries: which limits passed, who held what when, and who kept whom waiting.

A breach that was withdrawn is none. The owner of a clock is whoever it ran against on its due day, as the
entry of the breach says; his section chief and the deputy head in charge are those of the rules given, and
where these do not know the post they are `not_in_log`.
Source: bureau rules LT1 and LT2 (part 3.4); hand-over part 2.7; AB 岗 part 2.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendar import local_day, working_days
from rules.liability_chain import NOBODY, Event, Part
from rules.policy import chief_of, deputy_of, section_of
from schemas.clocks import Calendar, ClockKind
from schemas.liability import NOT_IN_LOG, Holding
from schemas.profile import Rules

BREACHED, WITHDRAWN, FAILED = "clock.breached", "clock.breach_withdrawn", "card.not_rectified"
OFFERS = frozenset({"duty.offered", "duty.designated"})
_ANSWERS = frozenset({"duty.accepted", "duty.declined", "duty.escalated"})
_YES = {True: "yes", False: "no"}


@dataclass(frozen=True)
class Breach:
    """A limit that passed, against whom."""

    kind: str
    ref: str
    at: datetime
    owner: str
    post: str
    event: Event


def breaches(events: Sequence[Event], house: Rules) -> list[Breach]:
    """Limits that passed and were not found kept later."""
    found: dict[tuple[str, str], Breach] = {}
    for event in events:
        key = (event["data"].get("clock", ""), event["data"].get("ref", ""))
        if event["type"] == BREACHED:
            found[key] = _breach(event, house)
        elif event["type"] == WITHDRAWN:
            found.pop(key, None)
    return list(found.values())


def _breach(event: Event, house: Rules) -> Breach:
    data, owner = event["data"], event.get("onbehalfof") or NOT_IN_LOG
    view = data.get("view", {})
    post = view.get("owner_post", "") if view.get("owner") == owner else post_held_by(owner, house)
    at = datetime.fromisoformat(data.get("breached_at") or event["time"])
    return Breach(data["clock"], data.get("ref", ""), at, owner, post, event)


def post_held_by(officer: str, house: Rules) -> str:
    """The first post an officer holds, as A or as B; empty when the rules do not know him."""
    return next((post.code for post in house.posts if officer in (post.a, post.b)), "")


def parts_of_lateness(
    events: Sequence[Event], late: Sequence[Breach], passed: Sequence[Breach], house: Rules
) -> list[Part]:
    """Owners of the clocks, those above them, and those who kept them waiting.

    `late` are the limits that the fault is about, `passed` all that ran out in the matter.
    """
    parts = [part for breach in late for part in _owners(breach, house)]
    parts += _told_off(events, late, house)
    for offer in _late_offers(events, late, house):
        parts.append(_part(offer, offer["actor"], "sender", offer["data"].get("post", "")))
    parts += [_receiver(breach, events, house) for breach in untaken(events, late, passed)]
    requests = [event for event in events if event["type"] == "case.suspension_requested"]
    return [
        *parts,
        *(_part(e, e["actor"], "suspension_requester", e["data"].get("post", "")) for e in requests),
    ]


def _owners(breach: Breach, house: Rules) -> list[Part]:
    section = section_of(house, breach.post)
    chief, deputy = chief_of(house, section), deputy_of(house, section)
    return [
        _part(breach.event, breach.owner, "clock_owner", breach.post),
        _part(breach.event, chief or NOT_IN_LOG, "chief", post_held_by(chief, house), examined=False),
        _part(
            breach.event,
            deputy or NOT_IN_LOG,
            "deputy_in_charge",
            post_held_by(deputy, house),
            examined=False,
        ),
    ]


def _told_off(events: Sequence[Event], late: Sequence[Breach], house: Rules) -> list[Part]:
    """The chief is shown the card that was not rectified, not only the breach."""
    return [
        _part(event, chief or NOT_IN_LOG, "chief", post_held_by(chief, house), examined=False)
        for event in unrectified(events, late)
        for chief in {chief_of(house, section_of(house, breach.post)) for breach in late}
    ]


def _receiver(breach: Breach, events: Sequence[Event], house: Rules) -> Part:
    """Who did not take over: the chief of the section that was offered the matter."""
    offers = [e for e in events if e["type"] in OFFERS and e["caseseq"] < breach.event["caseseq"]]
    post = offers[-1]["data"].get("to", breach.post) if offers else breach.post
    chief = chief_of(house, section_of(house, post)) or NOT_IN_LOG
    return _part(breach.event, chief, "receiving_chief", post_held_by(chief, house))


def _part(event: Event, officer: str, capacity: str, post: str, *, examined: bool = True) -> Part:
    return Part(officer, capacity, post, event["subject"], event["caseseq"], examined=examined)


# -- facts -----------------------------------------------------------------------------------


def facts_of_lateness(
    events: Sequence[Event], late: Sequence[Breach], passed: Sequence[Breach], house: Rules
) -> dict[str, str]:
    """Facts of `schemas.liability_rules.FACTS` that concern time."""
    return {
        "late": _YES[bool(late)],
        "statute_passed": _YES[any(breach.kind == ClockKind.STATUTORY for breach in passed)],
        "rectify_failed": _YES[bool(unrectified(events, late))],
        "untaken": _YES[bool(untaken(events, late, passed))],
        "late_handover": _YES[bool(_late_offers(events, late, house))],
        "suspended": _YES[any(event["type"] == "case.suspended" for event in events)],
        "idle": _YES[any(_idle(breach, events, house) for breach in late)],
    }


def untaken(events: Sequence[Event], late: Sequence[Breach], passed: Sequence[Breach]) -> list[Breach]:
    """Hand-overs not taken over in time, during which a limit of the fault ran out (or is their own)."""
    taken = [event for event in events if event["type"] in _ANSWERS]
    return [
        breach
        for breach in passed
        if breach.kind == ClockKind.HANDOVER
        and any(each == breach or _while_untaken(breach, each, taken) for each in late)
    ]


def _while_untaken(handover: Breach, late: Breach, answers: Sequence[Event]) -> bool:
    seq = handover.event["caseseq"]
    answered = min((e["caseseq"] for e in answers if e["caseseq"] > seq), default=late.event["caseseq"])
    return handover.at <= late.at and late.event["caseseq"] <= answered


def unrectified(events: Sequence[Event], late: Sequence[Breach]) -> list[Event]:
    """Entries by which a yellow card of one of these delays was found not rectified."""
    clocks = {(breach.kind, breach.ref) for breach in late}
    cards = {e["data"]["card"]["id"]: e["data"]["card"] for e in events if e["type"] == "card.issued"}
    revoked = {e["data"]["card"]["id"] for e in events if e["type"] == "card.revoked"}
    own = {
        number
        for number, card in cards.items()
        if number not in revoked and (card["clock"], card.get("ref", "")) in clocks
    }
    return [e for e in events if e["type"] == FAILED and e["data"].get("card_id") in own]


def _late_offers(events: Sequence[Event], late: Sequence[Breach], house: Rules) -> list[Event]:
    """Hand-overs by somebody who kept the matter to the last day: on or after the due day of a clock that
    then ran out in other hands, or after his own stage's limit."""
    found = []
    for event in events:
        if event["type"] == "duty.offered" and event["actor"] not in NOBODY:
            at = datetime.fromisoformat(event["time"])
            if any(_too_late(event["actor"], at, breach, house.calendar) for breach in late):
                found.append(event)
    return found


def _too_late(sender: str, at: datetime, breach: Breach, calendar: Calendar) -> bool:
    if breach.owner == sender:
        return breach.kind == ClockKind.STAGE and breach.at <= at
    due = local_day(calendar, breach.at - timedelta(microseconds=1))
    return due <= local_day(calendar, at) and at < breach.at


def _idle(breach: Breach, events: Sequence[Event], house: Rules) -> bool:
    """The owner, whose post has a B officer, did nothing in the matter before the limit passed."""
    b_post = any(post.code == breach.post and post.b for post in house.posts)
    before = (e for e in events if e["caseseq"] < breach.event["caseseq"])
    return b_post and not any(e["actor"] == breach.owner for e in before)


# -- who held the matter ---------------------------------------------------------------------


def holdings(events: Sequence[Event], matter: str, calendar: Calendar) -> tuple[Holding, ...]:
    """Who answered for the matter from which day to which, with the working days of each span."""
    spans: list[tuple[str, str, date, date]] = []
    for event in (event for event in events if event["subject"] == matter):
        view = event["data"].get("view", {})
        day = local_day(calendar, datetime.fromisoformat(event["time"]))
        if spans:
            day = max(day, spans[-1][2])
            spans[-1] = (*spans[-1][:3], day)
        if view.get("owner") and (not spans or spans[-1][:2] != (view["owner"], view.get("owner_post", ""))):
            spans.append((view["owner"], view.get("owner_post", ""), day, day))
    return tuple(_holding(*span, calendar) for span in spans)


def _holding(officer: str, post: str, since: date, until: date, calendar: Calendar) -> Holding:
    rank = working_days(calendar).rank
    days = rank(until.toordinal()) - rank(since.toordinal())
    return Holding(officer=officer, post=post, since=since, until=until, days=days)

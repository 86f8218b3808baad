"""What a recorded log comes to under these rules: the cards that it would have led to, and the rows proposed.

Computed from what the import recorded, entry by entry; it starts nothing, sends nothing and accuses nobody.
The time of an entry is the time of the act. Posts that a log does not have read `not_in_log`, and what only
investigators could find out stays open.
Sources: bureau rules 2.9 (cards), 3.1 (faults), 3.4 (liability).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from ledger.db import Ledger, snapshot
from ledger.read import entries
from rules import triggers
from rules.cards import rule_of
from rules.liability import propose
from rules.liability_lateness import Breach, breaches
from schemas.base import Model
from schemas.card_rules import CardRules, Recipient
from schemas.clocks import Clock, ClockKind, Limit
from schemas.liability import NOT_IN_LOG, Proposal
from schemas.matters import Card, CardStatus
from schemas.profile import Profile, Rules
from starter.hindsight import Event, Hindsight, stops_of
from starter.importing import Prepared

CLOSED = "case.closed"
UNKNOWN = "unknown"


class AssessedCard(Model):
    """A card that would have been issued, or proposed for confirmation."""

    code: str
    cause: str
    clock: str = ""
    fault: str
    day: date
    """Its issue day; of a proposed one the day of the act."""
    rectify_due: date | None = None
    status: str
    """As at the end of the log."""
    to: tuple[tuple[str, str], ...]
    """(capacity, staff number or `not_in_log`) of addressees and copies."""
    entries: tuple[int, ...]


class AssessedCase(Model):
    """A case that was late or irregular."""

    number: str
    unit: str
    """Section or group that answered for it; `not_in_log` where the log does not say."""
    owner: str
    late: bool
    irregularities: tuple[str, ...]
    cards: tuple[AssessedCard, ...]
    proposals: tuple[Proposal, ...]


class Assessment(Model):
    """The whole log under one profile."""

    profile: str
    profile_version: str
    profile_sha256: str
    until: datetime
    """End of the log."""
    cases: int
    late: int
    irregular: int
    assessed: tuple[AssessedCase, ...]


def assess(
    ledger: Ledger, prepared: Prepared, profile: Profile, advance: Callable[[int], None] = lambda n: None
) -> Assessment:
    """Go through the imported cases of a log; `advance(n)` is told of every n cases."""
    found = []
    with snapshot(ledger.engine) as connection:
        for each in prepared.submissions:
            events = [dict(entry.event) for entry in entries(connection, each.start.id)]
            rules = governed(each.start.rules, profile)
            found.append(assess_case(events, rules, profile, prepared.log.until))
            advance(1)
    shown = tuple(case for case in found if case.late or case.irregularities)
    return Assessment(
        profile=profile.id,
        profile_version=profile.version,
        profile_sha256=profile.sha256,
        until=prepared.log.until,
        cases=len(found),
        late=sum(case.late for case in found),
        irregular=sum(bool(case.irregularities) for case in found),
        assessed=shown,
    )


def governed(own: Rules, profile: Profile) -> Rules:
    """The case's own limits and calendar, with the profile's cards and liability; its posts are the log's."""
    return own.model_copy(
        update={
            "profile": profile.id,
            "profile_version": profile.version,
            "profile_sha256": profile.sha256,
            "cards": profile.cards,
            "liability": profile.liability,
        }
    )


def assess_case(events: Sequence[Event], rules: Rules, profile: Profile, until: datetime) -> AssessedCase:
    """One imported case; `rules` are its own with the profile's cards and liability."""
    number = str(events[0]["subject"])
    passed = breaches(events, rules)
    past = Hindsight(number, rules, passed) if passed else None
    cards = past.replay(stops_of(events, passed), until) if past else ()
    irregular = _irregularities(events)
    faults = [
        *_faults_of(passed, profile),
        *(profile.liability.irregularities.get(code) for code in irregular),
    ]
    chain = [*events, *(past.told if past else ())]
    view = events[-1]["data"].get("view", {})
    return AssessedCase(
        number=number,
        unit=_known(view.get("section")),
        owner=_known(view.get("owner")),
        late=bool(passed),
        irregularities=irregular,
        cards=(*(_issued(card, rules, passed) for card in cards if _served(card)), *_proposed(events, rules)),
        proposals=tuple(
            propose(chain, (), fault, profile.liability, rules) for fault in dict.fromkeys(faults) if fault
        ),
    )


def _faults_of(passed: Iterable[Breach], profile: Profile) -> list[str]:
    kinds = {breach.kind for breach in passed}
    return [each.code for each in profile.liability.grades if kinds & {clock.value for clock in each.clocks}]


def _irregularities(events: Iterable[Event]) -> tuple[str, ...]:
    found = (each["code"] for event in events for each in event["data"].get("irregularities", ()))
    return tuple(sorted(set(found)))


def _known(value: str | None) -> str:
    return NOT_IN_LOG if value in (None, "", UNKNOWN) else str(value)


# -- cards -----------------------------------------------------------------------------------


def _served(card: Card) -> bool:
    """A card that was still to be issued when the log ended would have come after it."""
    return card.status is not CardStatus.DUE


def _issued(card: Card, rules: Rules, passed: Sequence[Breach]) -> AssessedCard:
    assert card.clock is not None
    own = next(breach for breach in passed if (breach.kind, breach.ref) == (card.clock, card.ref))
    return AssessedCard(
        code=card.code,
        cause=card.cause,
        clock=card.clock.value,
        fault=card.fault,
        day=card.issue_day,
        rectify_due=card.rectify_due,
        status=card.status.value,
        to=_recipients(card, rules, own),
        entries=(int(own.event["caseseq"]),),
    )


def _recipients(card: Card, rules: Rules, own: Breach) -> tuple[tuple[str, str], ...]:
    """Whom the rules name, by capacity; whom the log cannot name is told to be missing in it."""
    row = rule_of(rules.cards, "case", _clock(card, own))
    named = [*(row.to if row else ()), *(row.copies if row else ())]
    if card.code.startswith("R1") and rules.cards and rules.cards.escalation:
        named += rules.cards.escalation.to
    known = [("owner", who) for who in card.addressees]
    missing = [(each.value, NOT_IN_LOG) for each in dict.fromkeys(named) if each is not Recipient.OWNER]
    return (*known, *missing)


def _clock(card: Card, own: Breach) -> Clock:
    kind = card.clock or ClockKind(own.kind)
    return Clock(kind=kind, ref=own.ref, start=own.at.date(), limit=Limit(n=0))


def _proposed(events: Iterable[Event], rules: Rules) -> tuple[AssessedCard, ...]:
    """Cards that the supervision office would have been asked to confirm: one a trigger and person."""
    found: dict[tuple[str, str], AssessedCard] = {}
    for event in events:
        for each in event["data"].get("irregularities", ()) if event["type"] != CLOSED else ():
            said = {"act": event["data"].get("act"), "refused": each["code"]}
            for who in each["people"]:
                for trigger, card in _triggered(rules.cards, said, event, who):
                    found.setdefault((trigger, who), card)
    return tuple(found.values())


def _triggered(
    rules: CardRules | None, said: dict[str, Any], event: Event, who: str
) -> Iterable[tuple[str, AssessedCard]]:
    """What the rules would have refused had then been done: the card of such a refusal."""
    for trigger in triggers.matching(rules, "act.refused", said):
        if trigger.card:
            yield (
                trigger.code,
                AssessedCard(
                    code=trigger.card,
                    cause=trigger.code,
                    fault=trigger.fault,
                    day=datetime.fromisoformat(event["time"]).date(),
                    status=CardStatus.PROPOSED.value,
                    to=((trigger.to.value, _known(who)),),
                    entries=(int(event["caseseq"]),),
                ),
            )

"""Cards (牌): which verdict a breached clock leads to, on whom, and what absorbs what.

Rules of domain 2.9. A card is issued on the first working day after the due day; one delay
never yields two open cards: Y2 absorbs an open Y1, R2 absorbs open Y1, Y2 and R1 of the same
delay, and while R1 is open a passing promise is an entry in it.
"""

from __future__ import annotations

from datetime import date, datetime

from rules.moments import issue_day
from rules.policy import chief_of, deputy_of, section_of
from schemas.clocks import Clock, ClockKind
from schemas.matters import Card, CardStatus
from schemas.profile import Rules

CARD_OF: dict[ClockKind, str] = {
    ClockKind.ACCEPTANCE: "Y1",
    ClockKind.STAGE: "Y1",
    ClockKind.DELIVERY: "Y1",
    ClockKind.SPECIAL: "Y1",
    ClockKind.PROMISE: "Y2",
    ClockKind.HANDOVER: "Y3",
    ClockKind.STATUTORY: "R2",
}

ABSORBS: dict[str, frozenset[str]] = {
    "Y2": frozenset({"Y1"}),
    "R2": frozenset({"Y1", "Y2", "R1"}),
}

SAME_DELAY = frozenset({ClockKind.STAGE, ClockKind.PROMISE, ClockKind.STATUTORY})
"""Clocks that run against the same unfinished work; the others are delays of their own."""

LIVE = frozenset({CardStatus.DUE, CardStatus.OPEN})


def colour(code: str) -> str:
    """`yellow` or `red`, from the card's code."""
    return "yellow" if code.startswith("Y") else "red"


def stronger(cards: tuple[Card, ...], kind: ClockKind, code: str) -> Card | None:
    """A live card of the same delay that already says more than a new one would."""
    if kind not in SAME_DELAY:
        return None
    weaker = ABSORBS.get(code, frozenset())
    said = {"Y1", code, *weaker}
    for card in cards:
        late = card.status in LIVE and card.clock in SAME_DELAY and not card.corrected
        if late and card.code not in said:
            return card
    return None


def absorbed(cards: tuple[Card, ...], new: Card) -> tuple[Card, ...]:
    """Live cards of the same delay that the new card takes into itself."""
    if new.clock not in SAME_DELAY:
        return ()
    weaker = ABSORBS.get(new.code, frozenset())
    return tuple(
        card
        for card in cards
        if card.code in weaker and card.clock in SAME_DELAY and card.status in LIVE and not card.corrected
    )


def for_breach(matter: str, clock: Clock, at: datetime, owner: tuple[str, str], rules: Rules, n: int) -> Card:
    """The card a breached clock leads to.

    Args:
        matter: number of the matter.
        clock: the breached clock.
        at: the instant the limit ended.
        owner: (staff number, post) of whoever the clock ran against.
        rules: the matter's rules.
        n: how many cards the matter already has, for the card's id.
    """
    code = CARD_OF[clock.kind]
    officer, post = owner
    section = section_of(rules, post)
    chief, deputy = chief_of(rules, section), deputy_of(rules, section)
    people = {
        "Y1": (officer,),
        "Y2": (officer, chief),
        "Y3": (chief or officer,),
        "R2": (officer, chief, deputy),
    }
    return Card(
        id=f"{matter}/{code}-{n + 1}",
        code=code,
        clock=clock.kind,
        ref=clock.ref,
        cause="overdue",
        breached_at=at,
        issue_day=issue_day(at, rules),
        addressees=_known(people[code]),
        copies=_known((chief,)) if code == "Y1" else (),
    )


def comes_of(card: Card, clock: Clock) -> bool:
    """Whether the card is a verdict on this clock: a red one may come of the yellow one's rectify limit."""
    if clock.kind is ClockKind.RECTIFY:
        return card.code == "R1" and card.follows == clock.ref
    return (card.clock, card.ref) == (clock.kind, clock.ref)


def escalated(matter: str, card: Card, at: datetime, rules: Rules, n: int) -> Card:
    """R1: a yellow card not corrected within its rectify limit turns red on the next working day."""
    deputies = tuple(deputy_of(rules, section_of_officer(rules, who)) for who in card.addressees)
    return Card(
        id=f"{matter}/R1-{n + 1}",
        code="R1",
        clock=card.clock,
        ref=card.ref,
        cause="not_rectified",
        breached_at=at,
        issue_day=issue_day(at, rules),
        addressees=_known((*card.addressees, *card.copies, *deputies)),
        follows=card.id,
    )


def section_of_officer(rules: Rules, officer: str) -> str:
    """Section of the first post an officer holds."""
    return next((post.section for post in rules.posts if officer in (post.a, post.b)), "")


def merged(new: Card, taken: tuple[Card, ...]) -> Card:
    """Absorption frees no addressee: persons of the absorbed cards move along."""
    people = [who for card in taken for who in card.addressees]
    copies = [who for card in taken for who in card.copies]
    addressees = _known((*new.addressees, *people))
    return new.model_copy(
        update={
            "addressees": addressees,
            "copies": tuple(who for who in _known((*new.copies, *copies)) if who not in addressees),
            "follows": new.follows or (taken[-1].id if taken else ""),
        }
    )


def issued(card: Card, rectify_due: date | None) -> Card:
    """The card on its issue day."""
    return card.model_copy(update={"status": CardStatus.OPEN, "rectify_due": rectify_due})


def _known(people: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(who for who in people if who))

"""Cards (牌): which verdict a breached clock leads to, on whom, and what absorbs what.

Rules of domain 2.9. Which limit is whose card is data (`CardRules.clocks`). A card is issued on the first
working day after the due day; one delay never yields two open cards: Y2 absorbs an open Y1, R2 absorbs open
Y1, Y2 and R1 of the same delay, and while R1 is open a passing promise is an entry in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from rules.moments import issue_day
from rules.policy import chief_of, deputy_of, section_of
from schemas.card_rules import CardRules, ClockCard, Escalation, Recipient
from schemas.clocks import Clock, ClockKind
from schemas.matters import Card, CardStatus
from schemas.profile import Post, Rules

ABSORBS: dict[str, frozenset[str]] = {
    "Y2": frozenset({"Y1"}),
    "R2": frozenset({"Y1", "Y2", "R1"}),
}

SAME_DELAY = frozenset({ClockKind.STAGE, ClockKind.PROMISE, ClockKind.STATUTORY})
"""Clocks that run against the same unfinished work; the others are delays of their own."""

LIVE = frozenset({CardStatus.DUE, CardStatus.OPEN, CardStatus.ESCALATED})
"""The delay may still lead to more."""

STANDING = LIVE | {CardStatus.RECTIFIED}
"""A verdict that can still be withdrawn."""


def colour(code: str) -> str:
    """`yellow` or `red`, from the card's code."""
    return "yellow" if code.startswith("Y") else "red"


def rule_of(rules: CardRules | None, kind: str, clock: Clock) -> ClockCard | None:
    """Which card a limit of this matter leads to when it passes; None: it is nobody's card.

    A row for the kind of matter and the very clock counts before one for clocks of its kind in general.
    """
    fitting = [
        row
        for row in (rules.clocks if rules else ())
        if row.clock is clock.kind and row.kind in ("", kind) and row.ref in ("", clock.ref)
    ]
    return max(fitting, key=lambda row: (bool(row.kind), bool(row.ref)), default=None)


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


def people(to: Iterable[Recipient], officer: str, post: str, rules: Rules) -> tuple[str, ...]:
    """Staff numbers of the recipients, seen from an officer in a post; unknown ones are left out."""
    section = section_of(rules, post)
    found = {
        Recipient.OWNER: officer,
        Recipient.ACTOR: officer,
        Recipient.CHIEF: chief_of(rules, section),
        Recipient.DEPUTY: deputy_of(rules, section),
    }
    return known(found[each] for each in to)


def for_breach(
    matter: str, row: ClockCard, clock: Clock, at: datetime, owner: tuple[str, str], rules: Rules, n: int
) -> Card:
    """The card a breached clock leads to.

    Args:
        matter: number of the matter.
        row: what the rules say of this clock (`rule_of`).
        clock: the breached clock.
        at: the instant the limit ended.
        owner: (staff number, post) of whoever the clock ran against.
        rules: the matter's rules.
        n: how many cards the matter already has, for the card's id.
    """
    officer, post = owner
    addressees = people(row.to, officer, post, rules) or known((officer,))
    copies = people(row.copies, officer, post, rules)
    return Card(
        id=f"{matter}/{row.card}-{n + 1}",
        code=row.card,
        clock=clock.kind,
        ref=clock.ref,
        cause=row.cause,
        fault=row.fault,
        basis=row.basis,
        breached_at=at,
        issue_day=issue_day(at, rules),
        addressees=addressees,
        copies=tuple(who for who in copies if who not in addressees),
    )


def comes_of(card: Card, clock: Clock) -> bool:
    """Whether the card is a verdict on this clock: a red one may come of the yellow one's rectify limit."""
    if clock.kind is ClockKind.RECTIFY:
        return card.code == "R1" and card.follows == clock.ref
    return (card.clock, card.ref) == (clock.kind, clock.ref)


def escalated(matter: str, card: Card, at: datetime, row: Escalation, rules: Rules, n: int) -> Card:
    """R1: a yellow card not corrected within its rectify limit turns red on the next working day."""
    more = (
        who
        for person in card.addressees
        for who in people(row.to, person, post_of_officer(rules, person), rules)
    )
    return Card(
        id=f"{matter}/{row.card}-{n + 1}",
        code=row.card,
        clock=card.clock,
        ref=card.ref,
        cause=row.cause,
        fault=card.fault,
        basis=row.basis,
        breached_at=at,
        issue_day=issue_day(at, rules),
        addressees=known((*card.addressees, *card.copies, *more)),
        follows=card.id,
        corrected=card.corrected,
        explained=card.explained,
    )


def post_of_officer(rules: Rules, officer: str) -> str:
    """Code of the first post an officer holds; empty where he holds none."""
    return next((post.code for post in rules.posts if officer in (post.a, post.b)), "")


def merged(new: Card, taken: tuple[Card, ...]) -> Card:
    """Absorption frees no addressee: persons, replies and lead of the absorbed cards move along."""
    addressees = known((*new.addressees, *(who for card in taken for who in card.addressees)))
    copies = known((*new.copies, *(who for card in taken for who in card.copies)))
    return new.model_copy(
        update={
            "addressees": addressees,
            "copies": tuple(who for who in copies if who not in addressees),
            "explained": known((*new.explained, *(who for card in taken for who in card.explained))),
            "follows": new.follows or (taken[-1].id if taken else ""),
            "lead": new.lead or next((card.lead for card in taken if card.lead), ""),
        }
    )


def issued(card: Card, rectify_due: date | None) -> Card:
    """The card on its issue day; a red one opens a lead, unless it joins the one of a card it took in."""
    lead = card.lead or (lead_of(card.id) if colour(card.code) == "red" else "")
    return card.model_copy(update={"status": CardStatus.OPEN, "rectify_due": rectify_due, "lead": lead})


def lead_of(number: str) -> str:
    """Number of the fault case that a matter opens."""
    return f"GC-{number}"


def corrected(card: Card) -> bool:
    """整改: the late act is done, and every addressee has explained himself in writing."""
    return card.corrected and set(card.addressees) <= set(card.explained)


def heirs(cards: tuple[Card, ...], card: Card) -> tuple[Card, ...]:
    """Live cards that grew from this one, directly or through others: what is said to it is said to them."""
    found = [other for other in cards if other.follows == card.id and other.status in LIVE]
    return tuple(each for heir in found for each in (heir, *heirs(cards, heir)))


def judge(rules: Rules, addressees: Iterable[str]) -> Post | None:
    """The post that answers for a card: no holder of it is addressed himself (回避).

    Roles in the order of `CardRules.judges`; the last one where all of them are concerned.
    """
    concerned = set(addressees)
    order = [
        post
        for role in (rules.cards.judges if rules.cards else ())
        for post in rules.posts
        if role in [held.value for held in post.roles]
    ]
    free = (post for post in order if not concerned & {post.a, post.b or post.a})
    return next(free, order[-1] if order else None)


def told_of_red(rules: Rules, card: Card) -> tuple[str, ...]:
    """Who is told of a red card besides its addressees: deputy heads in charge, and those the rules name."""
    deputies = (deputy_of(rules, section_of(rules, post_of_officer(rules, who))) for who in card.addressees)
    wanted = set(rules.cards.red_notice) if rules.cards else set()
    holders = (post.a for post in rules.posts if wanted & {role.value for role in post.roles})
    return known((*deputies, *holders))


def known(staff: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order; blanks are nobody."""
    return tuple(dict.fromkeys(who for who in staff if who))

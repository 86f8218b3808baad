"""Entries as the ledger holds them, written by hand: what the liability table is tried on."""

from __future__ import annotations

from datetime import date
from typing import Any

from rules.liability import propose
from schemas.liability import Finding, Proposal
from schemas.profile import Rules
from starter.rulebook import load_profile, rules_for

PROFILE = load_profile("current")
HOUSE: Rules = rules_for(PROFILE, "LX-LS-01", date(2026, 6, 1), sections=("liability",))
"""Temporary land use: handler 1301, reviewer 1303, approver 1002."""

CASE, REVIEW = "LX-2026-1", "HS-2026-1"
HANDLER, REVIEWER, APPROVER = "1301", "1303", "1002"
Event = dict[str, Any]


class Chain:
    """Entries of a matter, numbered as they are added."""

    def __init__(self, subject: str = CASE) -> None:
        """Only the registration yet."""
        self.subject = subject
        self.events: list[Event] = []
        self.add("case.registered", "1101", "window", "06-01", post="window-clerk")

    def add(self, kind: str, actor: str, role: str, day: str, *, of: str | None = None, **data: Any) -> Chain:
        """One entry at nine in the morning of a day of June 2026 or later; `of` is the person behind it."""
        view = data.pop("view", {"owner": HANDLER, "owner_post": "land-use-handler", "item": "LX-LS-01"})
        event = {
            "type": kind,
            "time": f"2026-{day}T09:00:00+08:00" if len(day) == 5 else day,
            "actor": actor,
            "actorrole": role,
            "subject": self.subject,
            "caseseq": len(self.events) + 1,
            "data": {**data, "view": view},
        }
        self.events.append(event | ({"onbehalfof": of} if of else {}))
        return self

    def signed(self, actor: str, role: str, day: str = "06-03", **more: Any) -> Chain:
        """A stage's signature."""
        return self.add("case.stage_signed", actor, role, day, agrees=True, post=role, **more)

    def decided(
        self, actor: str = APPROVER, role: str = "approver", day: str = "06-04", **more: Any
    ) -> Chain:
        """The decision."""
        return self.add("case.decided", actor, role, day, outcome="granted", post=role, **more)

    def breached(self, clock: str, owner: str, day: str, ref: str = "", post: str = "") -> Chain:
        """A limit that ended at midnight of a day."""
        at = f"2026-{day}T00:00:00+08:00"
        view = {"owner": owner, "owner_post": post, "item": "LX-LS-01"}
        return self.add(
            "clock.breached",
            "system",
            "system",
            at,
            of=owner,
            clock=clock,
            ref=ref,
            breached_at=at,
            view=view,
        )

    def carded(self, number: str, code: str, clock: str, owner: str, day: str) -> Chain:
        """A card issued for a limit."""
        card = {"id": number, "code": code, "clock": clock, "ref": "", "addressees": [owner]}
        return self.add("card.issued", "system", "system", day, of=owner, card=card)


def decided_chain() -> Chain:
    """Proposed by the handler, checked by the reviewer, decided by the approver."""
    return Chain().signed(HANDLER, "handler").signed(REVIEWER, "reviewer").decided()


def meeting(
    *votes: tuple[str, str], outcome: str = "passed", chair: str = "1001", **away: list[str]
) -> Chain:
    """A joint review: who voted how, closed by the chair."""
    listed = [who for who, _ in votes] + [who for people in away.values() for who in people]
    chain = Chain(REVIEW)
    members = [{"officer": who, "post": "", "chair": who == chair} for who in dict.fromkeys(listed)]
    chain.add("review.convened", "1801", "office", "06-02", meeting=1, members=members)
    absent = [*away.get("absent", []), *away.get("leave", [])]
    chain.add(
        "review.opened", chair, "approver", "06-03", meeting=1, absent=absent, leave=away.get("leave", [])
    )
    for who in away.get("recused", []):
        chain.add("review.recused", who, "approver", "06-03", meeting=1, member=who)
    for who, choice in votes:
        chain.add("review.voted", who, "approver", "06-03", meeting=1, choice=choice)
    return chain.add("review.closed", chair, "approver", "06-03", meeting=1, outcome=outcome)


def found(*said: str) -> list[Finding]:
    """Findings written `question=answer` or `question=answer@who`."""
    return [_finding(each) for each in said]


def _finding(text: str) -> Finding:
    question, _, rest = text.partition("=")
    answer, _, who = rest.partition("@")
    return Finding(question=question, answer=answer, who=who)


def opinions(handler: str, reviewer: str, approver: str) -> list[Finding]:
    """Whose opinion was what."""
    said = {HANDLER: handler, REVIEWER: reviewer, APPROVER: approver}
    return found(*(f"opinion={answer}@{who}" for who, answer in said.items() if answer))


STAFF = found("cause=staff", "order=none")
"""Nobody outside caused it, and nobody ordered it."""


def proposal(
    chain: Chain | list[Event], findings: list[Finding], fault: str = "F07", house: Rules = HOUSE
) -> Proposal:
    """What is proposed under the shipped table, or that of `house`."""
    assert house.liability is not None
    events = chain.events if isinstance(chain, Chain) else chain
    return propose(events, findings, fault, house.liability, house)


def degrees(given: Proposal) -> dict[str, str]:
    """Staff number to degree."""
    return {row.officer: row.degree.value for row in given.rows}


def asked(given: Proposal) -> set[str]:
    """Open questions, `code` or `code@who`."""
    return {f"{each.question}@{each.who}" if each.who else each.question for each in given.open_questions}

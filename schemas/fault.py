"""A fault case as it runs (过错责任追究): what was reported, who looks into it, what came of it.

Sources: domain 3.2, 3.3 (政务处分法 Art.42-45, 行政机关公务员处分条例 Art.39-44).
"""

from __future__ import annotations

from datetime import date

from .base import Code, Instant, Model, Text
from .fault_measures import (
    CriminalRecord,
    Decision,
    Measure,
    PartyRecord,
    Remedy,
    SanctionRecord,
    Transfer,
)
from .intake import IntakeRequest
from .liability import Row
from .matters import MatterInput
from .review import SESSION_ENTRIES, SessionState


class About(Model):
    """The matter a lead is about."""

    kind: Code
    number: Code


class EvidenceRef(Model):
    """An entry of a matter by which a lead is supported."""

    kind: Code
    number: Code
    seq: int


class Lead(Model):
    """What was reported (问题线索): by which channel, about what and whom."""

    source: Code
    codes: tuple[Code, ...] = ()
    about: About | None = None
    accused: tuple[Code, ...] = ()
    """Staff numbers; empty where nobody is named yet."""
    text: Text = ""
    evidence: tuple[EvidenceRef, ...] = ()
    occurred_on: date | None = None
    """When it happened, as far as it is known; the time bar runs from here."""
    ongoing: bool = False
    """Goes on still: the time bar does not run."""
    named: bool = False
    """Somebody reported it by name, and is told what became of it."""


class Recusal(Model):
    """Somebody asked that an investigator withdraw (申请回避)."""

    officer: Code
    asked_by: Code
    """`reporter`, or the staff number of the person concerned."""
    reason: Text
    asked_at: Instant


class Defence(Model):
    """What a person says to the facts and the proposed handling (陈述申辩), point by point."""

    officer: Code
    points: tuple[tuple[Code, Text], ...]
    oral: bool = False
    at: Instant


class FaultState(SessionState):
    """A fault case (过错追究案件)."""

    lead: Lead = Lead(source="unknown")
    joined: tuple[Code, ...] = ()
    """Numbers of leads that were merged into this one."""
    card: str = ""
    """Id of the red card it came of, while that is its only ground."""
    route: str = ""
    outside: bool = False
    chain: tuple[Code, ...] = ()
    """Everybody of the decision chain of the matter it is about."""
    related: tuple[Code, ...] = ()
    """Kin and others too near to one of the persons concerned."""
    witnesses: tuple[Code, ...] = ()
    accepted_day: date | None = None
    team: tuple[Code, ...] = ()
    recusals: tuple[Recusal, ...] = ()
    rows: tuple[Row, ...] = ()
    reported_by: str = ""
    countersigned: tuple[Code, ...] = ()
    noticed: tuple[Measure, ...] = ()
    defences: tuple[Defence, ...] = ()
    proposed: tuple[Measure, ...] = ()
    """The handling as it was proposed after the defence was verified."""
    decision: Decision | None = None
    served: tuple[Code, ...] = ()
    executed: tuple[tuple[Code, Code], ...] = ()
    """(staff number, measure) of what has been carried out."""
    sanctions: tuple[SanctionRecord, ...] = ()
    party: tuple[PartyRecord, ...] = ()
    criminal: tuple[CriminalRecord, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    paused_in: str = ""
    """State in which it was suspended for a court."""
    paused: tuple[tuple[Code, int], ...] = ()
    """(step, days left) of the limits that stand still meanwhile."""
    extended: tuple[Code, ...] = ()
    """Steps whose limit was extended, each once at most."""
    delay_reported: bool = False


class FaultInput(MatterInput):
    """Start of a fault case by hand; one that an entry opens reads its lead there."""

    lead: Lead | None = None
    resumed: FaultState | None = None


class FaultRequest(IntakeRequest):
    """A lead as the office takes it in; the reporter's name and address are sealed."""

    lead: Lead


ENTRIES: tuple[str, ...] = (
    *SESSION_ENTRIES,
    "accepted",
    "countersigned",
    "criminal_registered",
    "decided",
    "decision_changed",
    "decision_revoked",
    "defended",
    "defence_waived",
    "effective",
    "executed",
    "extended",
    "facts_noticed",
    "filed",
    "ground_fell",
    "joined",
    "lead_opened",
    "merge_declined",
    "merge_offered",
    "merged",
    "not_accepted",
    "noted",
    "party_registered",
    "recusal_requested",
    "recusal_ruled",
    "registered",
    "remedy_answered",
    "remedy_applied",
    "reported",
    "resumed",
    "sanction_registered",
    "screened",
    "sent_up",
    "served",
    "suspended",
    "team_appointed",
    "transfer_approved",
    "transfer_concluded",
    "transfer_items_handed",
    "transfer_proposed",
    "transfer_receipted",
    "transfer_reconsidered",
    "transfer_refused",
    "transfer_result",
    "transfer_sent",
    "verified",
    "withdrawn",
)

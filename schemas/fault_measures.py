"""What is laid on a person, and by whom: four kinds of measures that are four types, each decided by others.

The bureau decides on handling; a sanction is the appointing authority's or the supervisory organ's, Party
discipline the Party's, a criminal measure the judicial organs'. The bureau's own decision can hold the
first alone; the rest are registered with organ, number and date, as are remedies and transfers. Sources:
domain 3.6-3.8 (政务处分法 Art.7-16, 45; 行政机关公务员处分条例 Art.6-10).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from .base import Code, Model, Text


class Measure(Model):
    """What is to become of one person: handling by the bureau, and a sanction proposed to others."""

    officer: Code
    handling: tuple[Code, ...] = ()
    sanction: str = ""
    """Code of the sanction that is proposed to the competent organ; the bureau does not decide it."""
    basis: Text = ""


class FaultOutcome(StrEnum):
    """How a fault case is decided."""

    NO_FAULT = "no_fault"  # 不构成过错
    EXEMPT = "exempt"  # 免予追究
    HANDLED = "handled"  # 组织处理
    SANCTION_PROPOSED = "sanction_proposed"  # 建议处分
    WITHDRAWN = "withdrawn"  # 撤销案件


class PersonDecision(Model):
    """What the decision says of one person; every part is required (政务处分法 第45条)."""

    officer: Code
    post: str = ""
    facts: Text = ""
    evidence: tuple[Code, ...] = ()
    degree: str = ""
    fault: str = ""
    basis: Text = ""
    handling: tuple[Code, ...] = ()
    sanction: str = ""
    remedy: Text = ""
    """The way of remedy, and until when."""


class Decision(Model):
    """The decision as it was made."""

    document: Code
    outcome: FaultOutcome
    on: date
    persons: tuple[PersonDecision, ...] = ()


class SanctionRecord(Model):
    """处分/政务处分: what the competent organ decided, with its period."""

    officer: Code
    sanction: Code
    organ: Code
    number: Code
    decided_on: date
    effective_on: date
    until: date | None = None
    """Last day of the period."""
    revoked: bool = False


class PartyRecord(Model):
    """党纪处分: what the Party organisation decided."""

    officer: Code
    discipline: Code
    organ: Code
    number: Code
    decided_on: date


class CriminalRecord(Model):
    """刑事强制措施: what a judicial organ ordered, from when to when."""

    officer: Code
    measure: Code
    organ: Code
    number: Code
    since: date
    until: date | None = None


class Remedy(Model):
    """Somebody's way against a decision: which path, which step, and what came of it."""

    officer: Code
    path: Code
    """`organisational`, `employer`, `supervisory`."""
    step: int = 0
    applied_on: date
    result: str = ""
    """`upheld`, `changed`, `revoked`; empty while it is open."""


class TransferStatus(StrEnum):
    """Course of a transfer (移送)."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    SENT = "sent"
    RECEIPTED = "receipted"
    FILED = "filed"
    NOT_FILED = "not_filed"
    RECONSIDERED = "reconsidered"
    CONCLUDED = "concluded"


class Transfer(Model):
    """One transfer to another organ, with everything that was sent and answered."""

    ref: Code
    kind: Code
    organ: Code
    status: TransferStatus
    proposed_by: tuple[Code, ...]
    whole: bool = False
    """The whole case goes; its being filed there ends it here."""
    package: tuple[Code, ...] = ()
    """SHA-256 of every piece of the lead package."""
    receipt: str = ""
    asked_again: bool = False
    items_handed: bool = False

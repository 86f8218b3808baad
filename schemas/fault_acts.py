"""What people do in a fault case: one message an act.

Parts that the rules demand (reasons, answers, the parts of a decision) may be left empty here, so that
leaving them out is refused on the record instead of being unsendable.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from .acts import Act
from .base import Code, Text
from .fault_measures import CriminalRecord, FaultOutcome, Measure, PartyRecord, PersonDecision
from .liability import Proposal, Row

MANY = 100
"""Bound of lists of people: an entry stays below the size of a leaf."""


class NotAcceptedGround(StrEnum):
    """Why a lead is not accepted."""

    NO_FAULT = "no_fault"
    NOT_OURS = "not_ours"
    TIME_BARRED = "time_barred"


class Screen(Act):
    """初核: the lead is looked at by whoever it is routed to."""


class AcceptLead(Act):
    """立案: the lead is accepted; who is too near to it is named."""

    codes: tuple[Code, ...] = ()
    """Faults that are investigated; empty: those of the lead."""
    related: tuple[Code, ...] = Field(default=(), max_length=MANY)
    witnesses: tuple[Code, ...] = Field(default=(), max_length=MANY)
    occurred_on: date | None = None
    ongoing: bool = False
    other_grounds: Text = ""
    """What speaks for a fault besides the card the lead came of."""


class NotAcceptLead(Act):
    """不予立案: with the reason, told to a reporter who gave his name."""

    ground: NotAcceptedGround
    notified: str = ""
    """How the named reporter was told."""
    occurred_on: date | None = None


class MergeLead(Act):
    """并案: another lead about the same matter is to go on in this one."""

    other: Code


class Appoint(Act):
    """指定调查人员: the whole team, by staff numbers."""

    team: tuple[Code, ...] = Field(max_length=MANY)


class RequestRecusal(Act):
    """申请回避: the person concerned, or the office for the reporter."""

    investigator: Code
    for_reporter: bool = False


class RuleRecusal(Act):
    """回避决定: by the head."""

    investigator: Code
    grant: bool


class ExtendStep(Act):
    """批准延长: before the limit ends, once."""

    step: Code = "investigation"
    """`investigation`, `sanction`, or `remedy/<staff number>` of one that is being answered."""
    days: int = Field(ge=1, le=365)
    """In the limit's own unit."""


class Report(Act):
    """调查报告: the rows as people confirm them, over the proposals of the liability table."""

    proposals: tuple[Proposal, ...] = Field(default=(), max_length=10)
    digest: str = ""
    """Digest of the proposals that were confirmed: of one its own, of several that of all of theirs."""
    rows: tuple[Row, ...] = Field(default=(), max_length=MANY)


class Countersign(Act):
    """会签: another investigator stands by the report."""


class NoticeFacts(Act):
    """告知: facts and proposed handling, served on everybody who is to answer."""

    measures: tuple[Measure, ...] = Field(default=(), max_length=MANY)
    document: str = ""


class Defend(Act):
    """陈述申辩: in writing by the person, or orally to an investigator who records it."""

    person: Code
    points: dict[str, Text] = Field(min_length=1)
    oral: bool = False


class Waive(Act):
    """书面放弃陈述申辩: only the person himself, in writing."""

    document: str = ""


class Verify(Act):
    """复核申辩: every point is answered; the handling may be lighter, never heavier."""

    answers: dict[str, Text] = {}
    """`<staff number>/<point>` to its answer."""
    measures: tuple[Measure, ...] = Field(default=(), max_length=MANY)


class DecideFault(Act):
    """处理决定: after the collective discussion, with all its parts."""

    outcome: FaultOutcome
    document: str = ""
    authority: Text = ""
    decided_on: date
    seal: str = ""
    """Number of the seal."""
    persons: tuple[PersonDecision, ...] = Field(default=(), max_length=MANY)


class Serve(Act):
    """送达: on one person."""

    person: Code
    method: Code = "in_person"


class ExecuteMeasure(Act):
    """执行: one measure on one person has been carried out."""

    person: Code
    measure: Code
    document: str = ""


class RegisterSanction(Act):
    """登记处分: what the competent organ decided, with organ, number and date."""

    person: Code
    sanction: str = ""
    """Code of the sanction; empty: the organ decided that there is none."""
    organ: Code
    number: str = ""
    decided_on: date
    effective_on: date
    earlier_until: date | None = None
    """Last day of an earlier sanction whose period still runs."""


class RegisterParty(Act):
    """登记党纪处分."""

    record: PartyRecord


class RegisterCriminal(Act):
    """登记刑事强制措施."""

    record: CriminalRecord


class ApplyRemedy(Act):
    """申请救济: the person concerned, against the decision on him."""

    path: Code
    step: int = Field(default=0, ge=0, le=5)


class RemedyResult(StrEnum):
    """What comes of a remedy."""

    UPHELD = "upheld"
    CHANGED = "changed"
    REVOKED = "revoked"


class AnswerRemedy(Act):
    """答复救济: upheld, changed or revoked; never heavier."""

    person: Code
    result: RemedyResult
    organ: str = ""
    document: str = ""
    measure: Measure | None = None
    """What is left for him, where it is changed."""


class ProposeTransfer(Act):
    """提请移送: at least two write the report on it."""

    kind: Code
    organ: Code
    with_officer: str = ""
    """The second who wrote it."""
    whole: bool = False


class RuleTransfer(Act):
    """移送审批: by the head; a refusal with its reason."""

    ref: Code
    approve: bool


class SendTransfer(Act):
    """移送: the package by the hashes of its pieces."""

    ref: Code
    package: tuple[Code, ...] = Field(default=(), max_length=MANY)


class ReceiptTransfer(Act):
    """回执: the other organ signed for it."""

    ref: Code
    receipt: str = ""


class TransferResult(Act):
    """移送结果: filed there, or not."""

    ref: Code
    filed: bool
    document: str = ""


class ReconsiderTransfer(Act):
    """提请复议: they are asked again."""

    ref: Code


class HandItems(Act):
    """移交涉案物品."""

    ref: Code
    receipt: str = ""


class ConcludeTransfer(Act):
    """移送办结: what came of it in the end."""

    ref: Code


class SendUp(Act):
    """上报: a lead that nobody here may screen."""

    organ: Code
    package: tuple[Code, ...] = Field(default=(), max_length=MANY)


class SuspendForCourt(Act):
    """中止: a court has to say first."""

    document: str = ""


class ResumeCase(Act):
    """恢复: the court has spoken."""

    document: str = ""


class FileCase(Act):
    """归档: everything is carried out."""

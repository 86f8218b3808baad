"""Acts: what a person does in a matter, with post, opinion, reason and time.

Every act travels as one Temporal Update whose id is the act's id; the Update's name is the
act's name. A repeated id has no second effect.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field, JsonValue

from .base import Code, Instant, Model, Text
from .clocks import Calendar
from .grants import Grant
from .profile import Rules


class Outcome(StrEnum):
    """How a case is decided."""

    GRANTED = "granted"
    REFUSED = "refused"
    REPORTED_UP = "reported_up"


class RefusalGround(StrEnum):
    """Why an application is not accepted (行政许可法 Art.32)."""

    NOT_REQUIRED = "not_required"
    NOT_OURS = "not_ours"


class Attachment(Model):
    """A document by its hash; the bytes live in the document store."""

    name: Code
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    pages: int = Field(default=1, ge=0)


class Piece(Model):
    """A paper handed in: which material of the item's list, how many pages."""

    code: Code
    pages: int = Field(default=1, ge=0, le=100_000)
    sha256: str | None = None


class Act(Model):
    """What all acts share: who, in which post, with what opinion, when received."""

    id: Code
    officer: Code
    """Staff number of the person who acts."""
    post: Code
    """Post in which he acts."""
    opinion: Text = ""
    reason: Text = ""
    basis: tuple[Code, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    received_at: Instant | None = None
    """Trusted time of receipt at the intake; without it the engine's time counts."""
    late_reason: str = ""
    """Reason code for a receipt stamp older than the tolerance (`outage`, `field_work`)."""
    facts: str = ""
    """Digest of the facts the person saw; a changed file refuses the act as stale."""
    seen_at: Instant | None = None
    """When these facts were shown to him."""
    delegation: Grant | None = None
    """By which he acts in the post of another."""
    assertion: str = Field(default="", max_length=4000)
    """By which the desk vouches that it is he (`rules.assertions`); of a bare client empty."""


class Note(Act):
    """A fact for the file that moves no state (批注)."""


class Accept(Act):
    """受理: the application is complete and ours."""

    materials: tuple[Piece, ...] = ()
    deferred: tuple[Code, ...] = ()
    """Materials that may follow under tolerant acceptance (容缺受理)."""
    deferred_until: date | None = None


class Refuse(Act):
    """不予受理: not required, or not ours; with reason and remedy, in writing."""

    ground: RefusalGround
    authority: Text = ""
    """The competent authority, when the matter is not ours."""
    remedy: Text = ""


class NotifyCorrection(Act):
    """一次性告知补正: all missing points at once."""

    points: dict[str, Text] = Field(min_length=1)
    """Point code to its wording."""
    second_reason: str = ""
    """`unmet` (points of the first notice) or `new_piece` (defects of what was handed in)."""


class Resubmit(Act):
    """补正/补交: the applicant hands in what was missing."""

    materials: tuple[Piece, ...] = ()
    satisfied: tuple[Code, ...] = ()
    """Points of the correction notice that are now met."""


class TakeOver(Act):
    """接收: confirms receipt of a stage or a hand-over; from now on the duty is his."""


class SignStage(Act):
    """环节签署: the stage's opinion; an empty opinion is no signature."""

    stage: str = ""
    """The stage he means to sign; another current stage refuses the act."""
    agrees: bool = True
    """Whether the signer proposes to grant."""
    resolution: Code | None = None
    """Number of the joint review's resolution, required of a joint-review stage."""


class ReturnStage(Act):
    """退回上一环节: back to an earlier stage, with the reason; no clock is reset."""

    to: Code


class Decide(Act):
    """决定: the deciding stage's signature."""

    stage: str = ""
    outcome: Outcome
    document: str = ""
    remedy: Text = ""


class UpperResult(Act):
    """上级批复: the upper level's answer to a matter reported up."""

    outcome: Outcome
    document: Code
    remedy: Text = ""


class HandOver(Act):
    """转办/移交: offers the matter to another post; the sender answers until it is taken."""

    to_post: Code
    papers: tuple[Code, ...] = ()


class ReturnHandOver(Act):
    """退回移交: declines an offer, naming who should have it."""

    proposed_post: Code


class Escalate(Act):
    """报请协调: brings a disputed or unanswered hand-over to the office."""


class Designate(Act):
    """指定: the office or the supervision office names the post; it cannot be returned."""

    to_post: Code


class RequestSuspension(Act):
    """申请停表: names the ground, its basis and the expected length."""

    ground: Code
    expected_days: int = Field(ge=1, le=365)
    notice: str = ""
    """Number of the written notice to the applicant."""


class Suspend(Act):
    """批准停表: a reviewer or above stops the clocks."""


class Resume(Act):
    """恢复计时: the result of the special procedure has arrived."""

    document: Code


class RequestExtension(Act):
    """申请延期."""

    days: int = Field(ge=1, le=365)


class Extend(Act):
    """批准延期: the head of the authority, once, before the limit ends."""

    notice: str = ""


class ResultReady(Act):
    """办结: the result is at the window and the applicant is told; stops the promise."""

    document: str = ""
    notified: str = ""
    """How the applicant was told: `sms`, `phone`, `letter`."""


class Deliver(Act):
    """送达: signed for, or told and not collected."""

    method: Code = "window"
    no_show: bool = False


class Withdraw(Act):
    """撤回: the applicant withdraws, until the decision."""


class RaiseFlag(Act):
    """设置限制: an open dispute, seizure or unpaid price that blocks the case."""

    flag: Code


class ClearFlag(Act):
    """解除限制."""

    flag: Code


class Charge(Act):
    """收费: an amount in fen with its receipt number."""

    amount_fen: int = Field(ge=0, le=10**12)
    receipt_no: str = ""


class AdoptCalendar(Act):
    """日历更新: a new version of the calendar; every running clock is computed again."""

    calendar: Calendar


class AdoptProfile(Act):
    """规则更新: corrected rules for this matter."""

    rules: Rules


class EndOfLog(Act):
    """日志结束: an imported matter's log is at its end; limits up to `until` are applied."""

    until: Instant


class PastAct(Model):
    """One act of a recorded log: its name in the procedure's table, and its message."""

    name: Code
    message: dict[str, JsonValue]


class PastActs(Model):
    """Acts of a recorded log in the order they were done: one call, but each is an act of its own."""

    digest: str
    """Digest of the submission they belong to: acts of another one are a conflict."""
    acts: tuple[PastAct, ...] = Field(min_length=1, max_length=50)


class Answer(Act):
    """答复: the inquiry is answered."""


class Guide(Act):
    """指引: place, name and phone of who can help; for matters outside the bureau, the authority."""

    place: Text = ""
    contact: Text = ""
    authority: Text = ""


class Close(Act):
    """办结归档: nothing is left to do."""

    case: str = ""
    """Number of the case the inquiry became, if it did."""


class Rate(Act):
    """评价: the citizen's rating of the service, one (bad) to five."""

    score: int = Field(ge=1, le=5)

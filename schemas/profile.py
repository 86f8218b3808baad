"""The rule profile (规则版本): items, stages, posts, limits and thresholds as data.

A matter is governed by the profile in force on its first day and carries its part of it in
the workflow's input, with the profile's id and hash.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from .base import Code, Model, StrictModel
from .card_rules import CardRules
from .clocks import Calendar, Expiry, Limit, ReceiptRoll, WindowHours
from .complaint_rules import ComplaintRules
from .detector_rules import DetectorRules
from .fault_rules import FaultRules
from .liability_rules import LiabilityRules
from .report_rules import ReportRules
from .review_rules import ReviewRules
from .supervision_rules import SupervisionRules

SECTIONS = ("cards", "faults", "liability", "reviews", "complaints", "supervision", "detectors", "reports")
"""Parts of a profile that have a file of their own, of that name. A matter carries those its kind needs."""


class Role(StrEnum):
    """What somebody is in a matter; a post gives its holder one or more of them."""

    WINDOW = "window"
    HANDLER = "handler"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    REGISTRAR = "registrar"
    CITY_GOVERNMENT = "city_government"
    JOINT_REVIEW = "joint_review"
    TOWNSHIP = "township"
    CHIEF = "chief"
    DEPUTY_HEAD = "deputy_head"
    HEAD = "head"
    OFFICE = "office"
    SUPERVISION = "supervision_office"
    DISCIPLINE_SECRETARY = "discipline_secretary"
    SYSTEM = "system"


SEPARATED = (Role.HANDLER, Role.REVIEWER, Role.APPROVER)
"""No one is two of these in one case."""


class ItemType(StrEnum):
    """Kind of service item (domain 2.11)."""

    INSTANT = "instant"  # 即办件
    PROMISED = "promised"  # 承诺件
    JOINT = "joint"  # 联办件
    FORWARDED = "forwarded"  # 上报件
    INTERNAL = "internal"  # 依职权


class Officer(StrictModel):
    """A member of staff. All names shipped are invented."""

    staff_no: Code
    name: Code


class Section(StrictModel):
    """A section (科室) of the bureau or a body outside it."""

    code: Code
    name: Code
    name_en: Code
    chief_post: Code
    deputy_post: Code
    """Post of the deputy head in charge."""
    outside: bool = False


class Post(StrictModel):
    """A post with its A and B officer (AB 岗)."""

    code: Code
    name: Code
    name_en: Code
    section: Code
    roles: tuple[Role, ...] = Field(min_length=1)
    a: Code
    """Staff number of the A officer."""
    b: Code | None = None
    """Staff number of the B officer, who has A's powers and answers for what he does."""


class Material(StrictModel):
    """One paper of an item's checklist."""

    code: Code
    name: Code
    name_en: Code
    may_follow: bool = False
    """May be handed in later under tolerant acceptance (容缺受理)."""


class Stage(StrictModel):
    """One step of a case: who works, who answers, how long."""

    code: Code
    name: Code
    name_en: Code
    role: Role
    post: Code
    limit: Limit


class Fee(StrictModel):
    """What may be charged, in fen. `0` is zero-fee control (零收费)."""

    max_fen: int | None = Field(default=None, ge=0)
    """None: no fee applies to this kind of item at all (internal procedures)."""
    basis: str = ""


class Item(StrictModel):
    """A service item (办事项) as published: basis, conditions, limits, stages, fee."""

    code: Code
    name: Code
    name_en: Code
    type: ItemType
    basis: tuple[Code, ...] = Field(min_length=1)
    acceptance: Limit
    statutory: Limit | None
    promise: Limit | None
    delivery: Limit | None
    stages: tuple[Stage, ...] = Field(min_length=1)
    decision_stage: str = ""
    """Code of the stage whose signature is the decision; empty: the last one."""
    materials: tuple[Material, ...] = ()
    fee: Fee
    blocking_flags: tuple[Code, ...] = ()
    suspension_grounds: tuple[Code, ...] = ()
    """Codes of the profile's grounds that this item may use."""
    extension_max: int = Field(default=0, ge=0)
    """Longest extension, in the statutory limit's unit; 0 where the law gives none."""
    extension_basis: str = ""
    renewal: bool = False
    """A permit is renewed: no decision by its expiry is a renewal (行政许可法 Art.50)."""
    notes: str = ""


class SuspensionGround(StrictModel):
    """One entry of the closed list of grounds that stop a clock (停表)."""

    code: Code
    name: Code
    name_en: Code
    basis: Code
    outside_body: bool
    """An outside body sets the pace, so that overrunning it is nobody's card here."""


class Thresholds(StrictModel):
    """Numbers that differ from place to place; none of them is a literal in code."""

    warn_divisor: int = Field(default=10, ge=1)
    """warn(N) = 0 if N <= 1 else max(1, N // warn_divisor)."""
    rectify: Limit
    handover: Limit
    correction_reminder: Limit
    """Without correction: reminder after this,"""
    correction_lapse: Limit
    """then the application lapses after this many more days."""
    inquiry_reply: Limit
    late_entry_minutes: int = Field(default=5, ge=0)
    """A receipt stamp older than this needs a reason code and is shown as a lead."""
    deputy_notice_hour: int = Field(default=9, ge=0, le=23)
    max_returns: int = Field(default=2, ge=1)
    """This many refusals of a hand-over make a dispute that the office decides."""
    renewal_warnings: tuple[int, ...] = (10, 3)
    """Working days before a permit's expiry at which the handling officer is reminded."""
    tolerant_days_before_promise: int = Field(default=1, ge=0)
    expiry: Expiry = Expiry.END_OF_DAY
    receipt_roll: ReceiptRoll = ReceiptRoll.NEXT_WORKING_DAY
    window_hours: WindowHours = WindowHours()


class Profile(StrictModel):
    """A whole rule version, as loaded from its folder and checked."""

    id: Code
    version: Code
    effective_from: date
    timezone: Code
    calendar: Code
    """Name of the calendar folder."""
    unauthenticated_acts: bool
    """Whether acts from callers who merely state who they are count (sample homes only)."""
    unauthenticated_for: tuple[Code, ...] = ()
    """Where they do not: acts of which they count all the same, by name."""
    thresholds: Thresholds
    grounds: tuple[SuspensionGround, ...]
    officers: tuple[Officer, ...]
    sections: tuple[Section, ...]
    posts: tuple[Post, ...]
    items: tuple[Item, ...]
    cards: CardRules = CardRules()
    faults: FaultRules = FaultRules()
    liability: LiabilityRules = LiabilityRules()
    reviews: ReviewRules = ReviewRules()
    complaints: ComplaintRules = ComplaintRules()
    supervision: SupervisionRules = SupervisionRules()
    detectors: DetectorRules = DetectorRules()
    reports: ReportRules = ReportRules()
    sha256: str = ""


class Rules(Model):
    """The part of a profile that governs one matter and travels in its workflow input."""

    profile: Code
    profile_version: Code
    profile_sha256: str
    item: Item | None = None
    """None for an inquiry, which belongs to no item yet."""
    thresholds: Thresholds
    grounds: tuple[SuspensionGround, ...] = ()
    sections: tuple[Section, ...] = ()
    posts: tuple[Post, ...] = ()
    officers: tuple[Officer, ...] = ()
    unauthenticated_acts: bool = True
    unauthenticated_for: tuple[Code, ...] = ()
    desk_keys: tuple[str, ...] = ()
    """Public keys of the desks that vouch for their officers (`rules.assertions`)."""
    cards: CardRules | None = None
    faults: FaultRules | None = None
    liability: LiabilityRules | None = None
    reviews: ReviewRules | None = None
    complaints: ComplaintRules | None = None
    supervision: SupervisionRules | None = None
    detectors: DetectorRules | None = None
    reports: ReportRules | None = None
    calendar: Calendar

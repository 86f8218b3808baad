"""Error accountability as data of the profile: sources, codes, limits, ladders, remedies, transfers, effects.

The four ladders are four types, because they are four laws and four deciders: handling by the bureau, an
administrative sanction, Party discipline, a criminal measure. Nothing here turns one into another.
Sources: domain 3.1-3.3 and 3.6-3.9 (中国共产党问责, 公务员处分, 政务处分 rules as named in `faults.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, model_validator

from .base import Code, StrictModel
from .clocks import Limit
from .review_rules import SessionRules


class LeadSource(StrictModel):
    """One channel by which a fault is discovered (发现渠道)."""

    code: Code
    name: Code
    name_en: Code
    must_screen: bool = False
    """Such a lead is always accepted, unless the law bars it: nobody may drop it."""
    basis: str = ""


class FaultCode(StrictModel):
    """One kind of fault (过错情形)."""

    code: Code
    name: Code
    name_en: Code
    grade: Code = "general"
    """`general`, `serious` or `especially_serious`, until people say otherwise."""
    automatic: bool = False
    """Whether the system opens the lead by itself."""
    never_barred: bool = False
    """Pursued however old it is."""
    basis: str = ""


class LeadRoute(StrictModel):
    """Who handles a lead about holders of certain posts; the first route that fits counts."""

    code: Code
    about: tuple[Code, ...] = ()
    """Roles of the posts held by the person the lead is about; none: everybody."""
    b_too: bool = True
    """Whether the B officer of such a post is meant as well."""
    to: tuple[Code, ...] = Field(min_length=1)
    """Roles of the post that handles it, the first whose holders it is not about."""
    outside: bool = False
    """It is only sent up to a body outside; nobody here screens it."""


class StepLimit(StrictModel):
    """How long a step may take, and by how much it may be extended, in the limit's own unit."""

    limit: Limit
    extension: int = Field(default=0, ge=0)
    extension_basis: str = ""


class HandlingStep(StrictModel):
    """组织处理: what the bureau itself may decide."""

    code: Code
    name: Code
    name_en: Code
    rank: int = Field(ge=1)
    """Heavier measures have a higher rank."""


class SanctionStep(StrictModel):
    """处分/政务处分: decided by the appointing authority or the supervisory organ alone."""

    code: Code
    name: Code
    name_en: Code
    rank: int = Field(ge=1)
    months: int | None = None
    """Length of its period; None where it has none (dismissal)."""
    holds_pay: bool = True
    """No rise of the pay step during the period."""


class PartyStep(StrictModel):
    """党纪处分: decided by the Party organisation; registered here, never decided."""

    code: Code
    name: Code
    name_en: Code
    months: int | None = None
    """For how long it bars promotion."""


class CriminalStep(StrictModel):
    """刑事强制措施: a measure of the judicial organs, no sanction at all."""

    code: Code
    name: Code
    name_en: Code


class SanctionLaw(StrictModel):
    """How periods of administrative sanctions are counted."""

    basis: str = ""
    longest_months: int = Field(default=48, ge=1)
    adds_up: bool = False
    """A new sanction during a period lasts for what remains and the new one together."""


class RemedyStep(StrictModel):
    """One step of a remedy: until when it is applied for, and until when it is answered."""

    code: Code
    name: Code
    name_en: Code
    apply: Limit
    direct: Limit | None = None
    """Within this, it may be applied for at once, without the step before."""
    answer: Limit
    extension: int = Field(default=0, ge=0)


class RemedyPath(StrictModel):
    """What somebody may do against a decision of this kind; nothing of it stops the execution."""

    code: Code
    name: Code
    name_en: Code
    steps: tuple[RemedyStep, ...] = Field(min_length=1)
    basis: str = ""


class TransferKind(StrictModel):
    """What is handed to another organ, and to which (移送)."""

    code: Code
    name: Code
    name_en: Code
    organs: tuple[Code, ...] = Field(min_length=1)
    """Codes of the organs that take it."""
    reconsidered: bool = False
    """A refusal to file is answered by asking that organ again."""
    basis: str = ""


class AppraisalRules(StrictModel):
    """Effects on the year-end appraisal: points off, and what else follows (domain 3.9)."""

    yellow_rectified: int = 1
    yellow: int = 2
    red: int = 5
    findings: dict[str, int] = {}
    """Grade of a finding to the points it costs."""
    section_percent: int = Field(default=50, ge=0, le=100)
    """Share of its people's deductions that a section bears."""
    leader_review: tuple[Code, ...] = ()
    """Sanctions after which the section's leader is reviewed."""
    dismissal_years: int = Field(default=2, ge=1)
    """Years running without a pass after which dismissal is considered (公务员法 第88条)."""


class FaultRules(StrictModel):
    """One section of a profile: `faults.yaml`."""

    sources: tuple[LeadSource, ...] = ()
    codes: tuple[FaultCode, ...] = ()
    routes: tuple[LeadRoute, ...] = ()
    limits: dict[str, StepLimit] = {}
    """By step: `screening`, `investigation`, `defence`, `sanction`, `time_bar`, `transfer_...`."""
    investigators: int = Field(default=2, ge=1)
    """Fewest people of a team (公务员法, 政务处分法 第42条)."""
    delays_reported: tuple[Code, ...] = ()
    """Steps whose delay opens a lead about whoever was late with it."""
    delay_codes: tuple[Code, ...] = ()
    delay_source: Code = "supervision_check"
    session: SessionRules = SessionRules()
    """How the leading members discuss collectively (机关负责人集体讨论)."""
    handling: tuple[HandlingStep, ...] = ()
    sanctions: tuple[SanctionStep, ...] = ()
    party: tuple[PartyStep, ...] = ()
    criminal: tuple[CriminalStep, ...] = ()
    sanction_law: SanctionLaw = SanctionLaw()
    employers: tuple[Code, ...] = ()
    """Organs that sanction as the appointing authority; the others do so as supervisory organs."""
    supervisory: tuple[Code, ...] = ()
    party_organs: tuple[Code, ...] = ()
    judicial: tuple[Code, ...] = ()
    remedies: tuple[RemedyPath, ...] = ()
    transfers: tuple[TransferKind, ...] = ()
    appraisal: AppraisalRules = AppraisalRules()

    @model_validator(mode="after")
    def _every_limit_rests_on_an_article(self) -> FaultRules:
        bare = [name for name, limit in self._limits() if not limit.basis.strip()]
        if bare:
            raise ValueError(f"没有依据 / has no basis: {', '.join(bare)}")
        return self

    def _limits(self) -> Iterator[tuple[str, Limit]]:
        for name, step in self.limits.items():
            yield f"limits.{name}", step.limit
        for path in self.remedies:
            for remedy in path.steps:
                yield f"remedies.{path.code}.{remedy.code}.apply", remedy.apply
                yield f"remedies.{path.code}.{remedy.code}.answer", remedy.answer

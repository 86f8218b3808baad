"""Complaints: types with their own limits, grounds of not accepting and what is shown, as data.

Sources: 信访工作条例 (2022) for petitions, 潍坊市12345政务服务便民热线条例 (2021) for hotline matters,
a municipal e-monitoring measure Art.7-9 for its complaints, 德州市"好差评"工作方案 (2020) for bad ratings.
"""

from __future__ import annotations

from pydantic import Field

from .base import Code, StrictModel, Text
from .clocks import Limit


class ComplaintType(StrictModel):
    """One kind of complaint (投诉类型) with the limits that the law gives it."""

    code: Code
    name: Code
    name_en: Code
    acceptance: Limit | None = None
    """From registration: accept or say why not."""
    finish: Limit | None = None
    """Until the reply; none for a type whose end another procedure decides."""
    from_acceptance: bool = False
    """The time to finish runs from acceptance, otherwise from registration."""
    extension_max: int = Field(default=0, ge=0)
    """Longest extension, in the unit of `finish`; 0 where the rule gives none."""
    extension_basis: str = ""
    objection: Limit | None = None
    """How long a section to which it was misrouted may object, with reasons."""
    review: Limit | None = None
    """How long the petitioner may ask for a review (复查); none: there is none."""
    review_answer: Limit | None = None
    recheck: Limit | None = None
    """How long he may then ask for a recheck (复核), which is final."""
    recheck_answer: Limit | None = None
    opens_lead: bool = False
    """A report about the fault of staff: a lead from its registration on, whoever would like it dropped."""
    grounds: tuple[Code, ...] = ()
    """Grounds on which it may be not accepted; empty: all of them."""
    faults: tuple[Code, ...] = ()
    """Fault codes of its lead, where nobody has named others."""
    document: bool = False
    """The reply is a document with a number."""
    published: bool = True
    """Its result is shown to the public, without persons."""


class NotAccepted(StrictModel):
    """A ground on which a complaint is not accepted; whoever refuses also says where to go instead."""

    code: Code
    name: Code
    name_en: Code
    route: Text
    """The way that is open instead, as shown to the clerk."""
    basis: str = ""


class ComplaintRules(StrictModel):
    """One section of a profile."""

    types: tuple[ComplaintType, ...] = ()
    grounds: tuple[NotAccepted, ...] = ()
    max_reopenings: int = Field(default=1, ge=0)
    assignment: Limit | None = None
    """From acceptance or reopening: a section is named."""
    designation: Limit | None = None
    """From an objection: the supervision office names the section for good."""
    callback: Limit | None = None
    """From the reply: the complainant is asked whether it helped."""
    closing: Limit | None = None
    """From the call-back, or from the end of a petition's remedies."""
    public_fields: tuple[Code, ...] = ()
    """Allow-list of what the public sees of a result."""

"""Fault leads from outside the engine: handed in by a person, or found by the reconciliation of the ledger.

Who reports and his words are sealed before anything is sent; the case itself knows only whether he gave his
name.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.errors import UsageError
from schemas.fault import FaultInput, FaultRequest, Lead
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from schemas.profile import Post, Role
from starter.client import YangguangClient
from starter.rulebook import load_profile

INCIDENT_FAULT = "F16"
"""弄虚作假: what a difference between ledger and histories may be a trace of; nobody is accused yet."""


async def start_fault(client: YangguangClient, request: FaultRequest) -> IntakeReceipt:
    """Register a lead. Raises like `YangguangClient.start_matter`."""
    personal = {**request.applicant.model_dump(), "text": request.lead.text}
    lead = request.lead.model_copy(update={"text": "", "named": bool(request.applicant.name)})
    open_part = request.model_copy(update={"lead": lead})
    return await client.start_matter("fault", open_part, FaultInput, personal, lead=lead)


async def start_for_incidents(
    client: YangguangClient, incidents: Iterable[tuple[str, str, str]], profile: str = "current"
) -> tuple[str, ...]:
    """A lead for each incident of the ledger, once however often it is found; numbers of the fault cases.

    An incident is its lasting key, the workflow id that it was found in, and what kind of difference it is.
    Raises like `start_fault`, and UsageError (`no_supervisor`) where the profile has no supervision office.
    """
    desk = _supervisor(profile)
    receipts = [
        await start_fault(client, _incident(each, desk, profile)) for each in dict.fromkeys(incidents)
    ]
    return tuple(receipt.number for receipt in receipts)


def _incident(incident: tuple[str, str, str], desk: Post, profile: str) -> FaultRequest:
    key, matter, difference = incident
    kind, _, number = matter.partition("/")
    about = {"kind": kind, "number": number} if kind and number else None
    lead = {"source": "reconciliation", "codes": [INCIDENT_FAULT], "about": about, "ongoing": True}
    return FaultRequest(
        business_key=f"incident/{key}"[:120],
        profile=profile,
        channel=Channel.INTERNAL,
        officer=desk.a,
        post=desk.code,
        lead=Lead.model_validate({**lead, "text": difference}),
    )


def _supervisor(profile: str) -> Post:
    found = next((p for p in load_profile(profile).posts if Role.SUPERVISION in p.roles), None)
    if found is None:
        raise UsageError(
            f"规则版本 {profile} 没有督查室 / profile {profile} has no supervision office",
            code="no_supervisor",
        )
    return found

"""All types an entry may have: what is not written here is no act of this house.

A verifier that met a type it does not know would have to pass over it in silence; so it fails, and whoever
gives a procedure a new kind of entry adds it here.
"""

from __future__ import annotations

from . import card, complaint, fault, report, review, supervision

_CASE = (
    "accepted",
    "charged",
    "closed",
    "correction_notified",
    "correction_reminded",
    "decided",
    "deemed_acceptance_withdrawn",
    "deemed_accepted",
    "deemed_renewed",
    "delivered",
    "extended",
    "extension_requested",
    "flag_cleared",
    "flag_raised",
    "lapsed",
    "lead_opened",
    "not_accepted",
    "noted",
    "registered",
    "renewal_reminded",
    "result_ready",
    "resolution_heard",
    "resubmitted",
    "resumed",
    "stage_returned",
    "stage_signed",
    "stage_taken",
    "suspended",
    "suspension_requested",
    "terminated",
    "upper_result",
    "withdrawn",
)
_INQUIRY = ("answered", "closed", "guided", "lead_opened", "noted", "rated", "registered")
_ANY_MATTER = (
    "act.refused",
    "calendar.recalculated",
    "card.absorbed",
    "card.corrected",
    "card.explanation_noted",
    "card.issued",
    "card.late_act_done",
    "card.not_rectified",
    "card.noted",
    "card.proposed",
    "card.readdressed",
    "card.reinstated",
    "card.revoked",
    "clock.breach_withdrawn",
    "clock.breached",
    "clock.due_today",
    "duty.accepted",
    "duty.declined",
    "duty.designated",
    "duty.escalated",
    "duty.offered",
    "errand.failed",
    "lamp.yellow",
    "rules.adopted",
    "window.closed",
)

_OF_KINDS: dict[str, tuple[str, ...]] = {
    "case": _CASE,
    "inquiry": _INQUIRY,
    "card": card.ENTRIES,
    "report": report.ENTRIES,
    "review": review.ENTRIES,
    "complaint": complaint.ENTRIES,
    "fault": fault.ENTRIES,
    "supervision": supervision.ENTRIES,
}

MATTER_TYPES = frozenset(
    (*(f"{kind}.{name}" for kind, names in _OF_KINDS.items() for name in names), *_ANY_MATTER)
)
"""Types of what happens to a matter."""

OWN_TYPES = frozenset(
    (
        "ledger.conflict",
        "ledger.incident",
        "ledger.key",
        "ledger.redaction",
        "ledger.restore",
        "case.history",
        "account.opened",
        "grant.ended",
        "grant.given",
        "profile.proposed",
        "profile.released",
        "rating.given",
        "sight.denied",
        "webhook.added",
        "webhook.removed",
        "webhook.rotated",
    )
)
"""Types of the ledger's own entries, which no workflow makes."""

ENTRY_TYPES = MATTER_TYPES | OWN_TYPES

INFORMANTS = frozenset({"complaint.registered", "fault.registered"})
"""Entries whose sealed fields say who complained or reported: no bundle opens them."""

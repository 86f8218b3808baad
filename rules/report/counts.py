"""What is counted (M07), as a table: which entries make a figure, and which code of theirs divides it.

A figure that the procedures of tomorrow need is a row here; states, cards and lamps need none, they are read
from what every entry says of its matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT, MISSED = "kept", "missed"
"""Labels of a rate: the number of cases is their sum."""


@dataclass(frozen=True)
class Count:
    """One figure: the entries of these types, if what they say is so and not otherwise."""

    types: tuple[str, ...]
    label: str = ""
    """Where the code lies by which the figure is divided: `view.channel` is `data["view"]["channel"]`; of
    several places with `|` between them it is the first that holds anything."""
    where: Mapping[str, object] = field(default_factory=dict)
    unless: Mapping[str, object] = field(default_factory=dict)

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether an entry of one of the types is counted."""
        meant = all(at(data, path) == value for path, value in self.where.items())
        return meant and not any(at(data, path) == value for path, value in self.unless.items())


def at(data: Mapping[str, Any], path: str) -> Any:
    """What lies at a dotted path of an entry's data; None where nothing does."""
    return next((found for each in path.split("|") if (found := _lies(data, each)) is not None), None)


def _lies(data: Mapping[str, Any], path: str) -> Any:
    found: Any = data
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


LEADS = tuple(
    f"{kind}.lead_opened"
    for kind in ("case", "inquiry", "complaint", "supervision", "review", "fault", "report")
)
SANCTIONS = (
    "fault.decided",
    "fault.sanction_registered",
    "fault.party_registered",
    "fault.criminal_registered",
)
TRANSFERS = tuple(
    f"fault.transfer_{step}"
    for step in (
        "proposed",
        "approved",
        "refused",
        "sent",
        "receipted",
        "reconsidered",
        "result",
        "concluded",
    )
)

COUNTS: dict[str, Count] = {
    "received": Count(("case.registered",), "view.channel"),
    "accepted": Count(("case.accepted",), "view.channel"),
    "deemed_accepted": Count(("case.deemed_accepted",)),
    "deemed_acceptance_withdrawn": Count(("case.deemed_acceptance_withdrawn",)),
    "suspended": Count(("case.suspended",), "ground"),
    "extensions": Count(("case.extended",)),
    "correction_notices": Count(("case.correction_notified",), where={"second": ""}),
    "second_notices": Count(("case.correction_notified",), "second", unless={"second": ""}),
    "second_notices_refused": Count(("act.refused",), where={"refused": "second_notice"}),
    "hand_overs": Count(("duty.offered",), "view.kind"),
    "hand_over_returns": Count(("duty.declined",), "view.kind"),
    "ping_pong": Count(("duty.offered",), "view.kind", where={"pingpong": True}),
    "disputes": Count(("duty.escalated", "duty.designated"), "event"),
    "inquiries": Count(("inquiry.registered",), "view.channel"),
    "inquiries_answered": Count(("inquiry.answered", "inquiry.guided"), "event"),
    "ratings": Count(("inquiry.rated",), "score"),
    "limits_missed": Count(("clock.breached",), "clock"),
    "limits_cleared": Count(("clock.breach_withdrawn",), "clock"),
    "zero_fee_breaches": Count(("act.refused",), where={"refused": "zero_fee"}),
    "excess_fees": Count(("act.refused",), where={"refused": "over_fee"}),
    "acts_refused": Count(("act.refused",), "refused"),
    "complaints": Count(("complaint.registered",), "view.channel"),
    "complaint_types": Count(("complaint.registered",), "type|view.item"),
    "satisfaction": Count(("complaint.called_back",), "satisfaction|score"),
    "supervision_matters": Count(("supervision.registered",), "type|view.item"),
    "chase_sheets": Count(("supervision.chase_issued",), "level|sheet.level"),
    "leads": Count(("card.registered", *LEADS), "lead.source", unless={"lead": None}),
    "sanctions": Count(SANCTIONS, "event"),
    "transfers": Count(TRANSFERS, "event"),
    "incidents": Count(("ledger.incident", "ledger.conflict"), "event"),
    "redactions": Count(("ledger.redaction",)),
}
"""Figures that count entries, by name. `event` stands for the entry's own type."""

MEASURES = ("on_time_promise", "on_time_statute", "actual_days", "days_saved")
"""Figures of every case whose result came out in the period: limits kept, days taken and saved."""

CARDS = ("cards_issued", "cards_corrected", "cards_rectified", "cards_revoked", "cards_absorbed")
"""Figures of what became of cards, by the colour and code of the card."""

STANDING = ("closed", "begun", "lamps", "cards_open", "late_records", "late_for_earlier")
"""Figures of states: what ended, what began, what lamps showed at the end, what was told late."""

NOT_KEPT = (
    "activities_culture_day",
    "activities_warning_education",
    "activities_lectures",
    "activities_family_letters",
    "e_monitoring_grade",
)
"""Figures of M07 that this house does not keep; a report says so instead of a number."""

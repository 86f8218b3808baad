"""Kinds of matters as they stand in the API's addresses."""

from __future__ import annotations

from rules.procedures import PROCEDURES

PLURALS: dict[str, str] = {
    "case": "cases",
    "inquiry": "inquiries",
    "card": "cards",
    "report": "reports",
    "review": "reviews",
    "complaint": "complaints",
    "supervision": "supervisions",
    "fault": "faults",
}

if missing := PROCEDURES.keys() - PLURALS.keys():
    raise RuntimeError(f"no address for {missing}")

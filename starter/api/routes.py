"""All routes of the API on its router; whoever serves it imports the router from here."""

from __future__ import annotations

from starter.api import (
    acts,
    cards,
    catalogue,
    deadlines,
    events,
    faults,
    files,
    intake,
    lookup,
    matters,
    proofs,
    reports,
    reviews,
    supervision,
    webhooks,
)
from starter.api.router import PREFIX, router

for part in (
    intake,
    files,
    lookup,
    proofs,
    deadlines,
    catalogue,
    acts,
    matters,
    cards,
    reviews,
    faults,
    supervision,
    reports,
    events,
    webhooks,
):
    router.include_router(part.router)

__all__ = ["PREFIX", "router"]

"""Search attributes and current details: what Temporal's own tools show of a matter.

For operators only; nothing is ever decided from them, and they hold no personal data.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from rules.moments import expiry_of
from rules.policy import section_of
from schemas.clocks import ClockKind
from schemas.matters import CardStatus, MatterState

CASE_STAGE = SearchAttributeKey.for_keyword("CaseStage")
CASE_KIND = SearchAttributeKey.for_keyword("CaseKind")
RESPONSIBLE_UNIT = SearchAttributeKey.for_keyword("ResponsibleUnit")
ESCALATION_LEVEL = SearchAttributeKey.for_int("EscalationLevel")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")

Shown = tuple[str, str, str, int, datetime | None]


def attributes_of(kind: str, state: MatterState) -> Shown:
    """(kind, state, section on duty, escalation level, promised instant)."""
    unit = section_of(state.rules, state.duties[-1].post) if state.duties else ""
    promise = next((c for c in reversed(state.clocks) if c.kind is ClockKind.PROMISE), None)
    due = expiry_of(promise, state.rules) if promise and promise.stopped_on is None else None
    return kind, state.state, unit, escalation_level(state), due


def escalation_level(state: MatterState) -> int:
    """0 nothing, 1 a yellow card is open, 2 a red one."""
    levels = {"Y": 1, "R": 2}
    return max((levels[c.code[0]] for c in state.cards if c.status is CardStatus.OPEN), default=0)


def show(old: Shown | None, new: Shown) -> None:
    """Upsert the attributes that changed: one history event, and none when nothing did."""
    kind, stage, unit, level, due = new
    updates: list[SearchAttributeUpdate[Any]] = []
    if old is None:
        updates.append(CASE_KIND.value_set(kind))
    if old is None or old[1] != stage:
        updates.append(CASE_STAGE.value_set(stage))
    if unit and (old is None or old[2] != unit):
        updates.append(RESPONSIBLE_UNIT.value_set(unit))
    if old is None or old[3] != level:
        updates.append(ESCALATION_LEVEL.value_set(level))
    if due and (old is None or old[4] != due):
        updates.append(DUE_AT.value_set(due))
    if updates:
        workflow.upsert_search_attributes(updates)

"""Supervision matters: types, limits, chase sheets and what of the supervisors is watched, as data.

Sources: domain M08 (a local government rule: 30, 20, 15 days; 三明市"三色督查单" (2017): blue, orange, red).
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .base import Code, StrictModel, Text
from .clocks import Limit


class Level(StrEnum):
    """Levels of a chase sheet (三色督查单), in their order."""

    BLUE = "blue"
    ORANGE = "orange"
    RED = "red"


class SupervisionType(StrictModel):
    """One kind of supervision matter (督查事项)."""

    code: Code
    name: Code
    name_en: Code
    limit: Limit
    """From the instruction to the report, where none is stated."""
    shortest: int = Field(default=1, ge=1)
    longest: int = Field(default=3660, ge=1)
    """What may be stated instead, in the limit's own unit."""
    chase_from: tuple[Level, ...] = (Level.BLUE,)
    """Levels at which chasing may begin; the engine begins at the first."""


class ChaseSheet(StrictModel):
    """One level of chasing, and how long it leaves to report."""

    level: Level
    name: Code
    name_en: Code
    limit: Limit


class Watch(StrictModel):
    """Something the supervisors do, or leave undone, that opens a lead about them (监督监督者)."""

    code: Code
    entry: Code
    """Type of the entry."""
    roles: tuple[Code, ...] = ()
    """Roles of which the person behind the entry holds one; none: whoever it is."""
    where: dict[str, str] = Field(default_factory=dict)
    """Fields of the entry's data, and what they say."""
    by_person: bool = True
    """Only what a person did; what the engine corrects by itself is nobody's act."""
    source: Code
    faults: tuple[Code, ...]
    text: Text
    """What the lead says, Chinese first."""


class SupervisionRules(StrictModel):
    """One section of a profile."""

    types: tuple[SupervisionType, ...] = ()
    chase: tuple[ChaseSheet, ...] = ()
    """In the order of their levels."""
    red_missed_faults: tuple[Code, ...] = ()
    """Fault codes of the lead that a missed red sheet opens; none: it opens none."""
    max_reopenings: int = Field(default=1, ge=0)
    registration: Limit | None = None
    """From the proposal: it becomes a matter with an owner's limit."""
    assignment: Limit | None = None
    taking: Limit | None = None
    """From the assignment: the owner takes it; else a card of the receiving chief (Y3)."""
    rework: Limit | None = None
    """For a report that was sent back, and for a reopened matter."""
    verification: Limit | None = None
    closing: Limit | None = None
    watched: tuple[Watch, ...] = ()

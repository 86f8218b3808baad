"""What all procedure tables share: how a row of a table is written, and the rows that every matter has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas import acts
from schemas.acts import Act
from schemas.profile import Role

TURNED_AWAY = "turned_away"
"""A submission whose registration was refused: no matter came of it."""

COUNTER = (Role.WINDOW, Role.HANDLER, Role.REGISTRAR)
SUPERIORS = (Role.REVIEWER, Role.APPROVER, Role.DEPUTY_HEAD, Role.HEAD)
ADMIN = (Role.OFFICE, Role.SUPERVISION)


class By(StrEnum):
    """Who may do an act."""

    ANYONE = "anyone"  # any post of the bureau
    ROLE = "role"  # a post with one of the row's roles
    STAGE = "stage"  # the A or B officer of the current stage's post
    DUTY = "duty"  # whoever answers for the matter now, or the other officer of his post
    OFFERED = "offered"  # the post a hand-over or stage waits for
    PARTY = "party"  # a person named in the matter, in one of the row's capacities
    SYSTEM = "system"  # the engine on a named person's account, or the importer


@dataclass(frozen=True)
class ActRule:
    """One row: Chinese and English name, message type, states, who, and what must be stated."""

    zh: str
    en: str
    payload: type[Act]
    states: frozenset[str]
    by: By = By.ROLE
    roles: tuple[Role, ...] = ()
    needs: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    """Capacities (`addressee`, `investigator`, `member`) in which it may be done, for `By.PARTY`."""
    barred: tuple[str, ...] = ()
    """Capacities that exclude a person from doing it, whatever his post."""


@dataclass(frozen=True)
class Silence:
    """What time alone brings to a matter: from which states, to which."""

    zh: str
    en: str
    states: frozenset[str]
    to: tuple[str, ...]


@dataclass(frozen=True)
class Procedure:
    """One kind of matter: its states, what people may do in them, and what time alone brings."""

    zh: str
    en: str
    workflow: str
    """Name of the workflow type."""
    prefix: str
    """What its numbers begin with."""
    states: Mapping[str, str]
    """Each state with its Chinese name, in the order of an ordinary course."""
    ended: frozenset[str]
    table: Mapping[str, ActRule]
    """Acts by name."""
    leads_to: Mapping[str, tuple[str, ...]]
    """States an act may lead to; any act may also leave the matter in the state it was in."""
    intake: ActRule
    """Who may begin such a matter; its states are those it may begin in."""
    sections: tuple[str, ...] = ()
    """Parts of the profile (`schemas.profile.SECTIONS`) that such a matter carries."""
    silences: Mapping[str, Silence] = field(default_factory=dict)
    """By the type of the entry. All other limits bring lamps and cards and change no state."""


def common(states: frozenset[str]) -> dict[str, ActRule]:
    """Acts that every matter knows while it is in one of these states."""
    return {
        "note": ActRule("批注", "note", acts.Note, states, By.ANYONE),
        "adopt_calendar": ActRule(
            "日历更新", "adopt a calendar", acts.AdoptCalendar, states, roles=ADMIN, needs=("reason",)
        ),
        "adopt_profile": ActRule(
            "规则更新", "adopt rules", acts.AdoptProfile, states, roles=ADMIN, needs=("reason",)
        ),
    }

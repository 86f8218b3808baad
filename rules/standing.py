"""A matter as it stands, for those who tell what is open in it, and what an open task is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from schemas.clocks import ClockKind

PERSON, POST = "person", "post"

Clock = Mapping[str, Any]
"""A clock as an entry holds it."""


@dataclass(frozen=True)
class Standing:
    """A matter as its entries have told of it so far."""

    kind: str
    state: str
    owner: str = ""
    owner_post: str = ""
    closed: bool = False
    people: tuple[tuple[str, str], ...] = ()
    clocks: Sequence[Clock] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    """What is remembered of earlier entries (`rules.recollection`)."""

    def named(self, capacity: str) -> tuple[str, ...]:
        """Those whom the matter names so."""
        return tuple(who for what, who in self.people if what == capacity)

    def running(self, *kinds: ClockKind) -> list[Clock]:
        """Clocks of these kinds that nothing has stopped."""
        return [clock for clock in self.clocks if clock["clock"] in kinds and not clock["stopped"]]

    def steps(self, *refs: str) -> list[Clock]:
        """Running steps of these references."""
        return [clock for clock in self.running(ClockKind.STEP) if clock["ref"] in refs]


@dataclass(frozen=True)
class Task:
    """Something to be done by a person or a post; of the days the nearest of its clocks."""

    what: str
    kind: str
    assignee: str
    post: str | None = None
    due: str | None = None
    yellow_from: str | None = None
    red_from: str | None = None
    stopped: bool = False
    """It waits: the clocks of the matter stand still."""


def task(what: str, who: str, clocks: Iterable[Clock] = (), post: str | None = None, **more: Any) -> Task:
    """A task of a person, unless `kind` says otherwise."""
    return Task(what, more.pop("kind", PERSON), who, post or None, **(days_of(clocks) | more))


def days_of(clocks: Iterable[Clock]) -> dict[str, str | None]:
    """The nearest due day and the first days of yellow and red: the lamp is then the worst of theirs."""
    given = list(clocks)
    names = ("due", "yellow_from", "red_from")
    days = {name: min((clock[name] for clock in given if clock[name]), default=None) for name in names}
    return days | {"red_from": days["red_from"] or day_after(days["due"])}


def day_after(due: str | None) -> str | None:
    """The first day on which something is late, where no clock says it."""
    return (date.fromisoformat(due) + timedelta(days=1)).isoformat() if due else None

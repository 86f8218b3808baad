"""The daily digest: one mail a person and working day with the numbers of what came up since the last one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, true, update

from rules.calendar import is_workday
from schemas.profile import Profile
from starter.delivery import tables
from starter.delivery.notices import Fate
from starter.delivery.registry import utc
from starter.rulebook import calendar_for

LOCAL = ZoneInfo("Asia/Shanghai")
HOUR = time(8, 30)
"""When digests go out, local time; later where nobody delivered by then."""

_TOLD_OF = (Fate.SENT, Fate.MUTED)


@dataclass(frozen=True)
class Digest:
    """What one person is to be told of on one day."""

    person: str
    day: date
    last: int
    """The last notice it tells of; 0 where there is none."""
    cases: tuple[str, ...]


def is_time(profile: Profile, now: datetime) -> bool:
    """Whether digests of today may go out: a working day, from half past eight on."""
    here = now.astimezone(LOCAL)
    day = here.date()
    return here.time() >= HOUR and is_workday(calendar_for(profile, day, day), day)


def digests_due(connection: Connection, now: datetime) -> list[Digest]:
    """Today's digests that nobody was sent yet; empty ones too, so that they are done with for today."""
    day = now.astimezone(LOCAL).date()
    people, sent = tables.person.c, tables.digest.c
    done = select(sent.person).where(sent.day == day.isoformat())
    query = select(people.person).where(
        people.digest == true(), people.sealed != "", people.person.not_in(done)
    )
    return [_digest(connection, person, day) for person in connection.scalars(query.order_by(people.person))]


def told(connection: Connection, each: Digest, now: datetime) -> None:
    """Today's digest of this person is done."""
    row = {"person": each.person, "day": each.day.isoformat(), "sent": utc(now)}
    connection.execute(insert(tables.digest).values(row))
    which = update(tables.notice).where(*_untold(each.person), tables.notice.c.id <= each.last)
    connection.execute(which.values(digested=each.day.isoformat()))


def _digest(connection: Connection, person: str, day: date) -> Digest:
    columns = tables.notice.c
    query = select(columns.id, columns.case_id).where(*_untold(person))
    rows = connection.execute(query.order_by(columns.id)).all()
    cases = tuple(dict.fromkeys(row.case_id for row in rows))
    return Digest(person, day, rows[-1].id if rows else 0, cases)


def _untold(person: str) -> tuple[Any, ...]:
    columns = tables.notice.c
    return columns.recipient == person, columns.digested == "", columns.state.in_(_TOLD_OF)

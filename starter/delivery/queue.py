"""The queue of one subscription: filled from the ledger in order, emptied in order, nothing lost in between.

What waits is a row that names an entry; the document is made when it is sent. An event that fails holds up
the ones behind it, until it arrives or is a dead letter: a receiver never sees the second before the first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Connection, and_, delete, func, select, update

from ledger.dialect import is_postgresql, upsert
from schemas.base import Model
from schemas.errors import NotFoundError
from starter.delivery import numbers, tables
from starter.delivery.numbers import Numbered
from starter.delivery.registry import get, utc
from starter.delivery.subscription import Listener, State, Subscription

PORTION = 200
"""Entries looked at in one transaction."""

AHEAD = 500
"""Events that wait at most; the ones behind them wait in the ledger."""

LIFE = timedelta(hours=24)
"""How long an event is tried for; then it is a dead letter."""

KEPT = timedelta(days=90)
"""How long it is remembered that something was delivered."""

_FIRST_GAP = timedelta(seconds=5)
_FACTOR = 3
_MOST_ATTEMPTS = 12
_MAX_PROBLEM = 300


class Fate(StrEnum):
    """What became of an event."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Head(Model):
    """The next event of a subscription."""

    number: int
    event: str
    attempts: int
    queued: AwareDatetime


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed."""

    problem: str
    status: int = 0
    wait: timedelta = timedelta()
    """How long the receiver asks us to wait."""
    gone: bool = False


def fill(connection: Connection, subscription: Subscription, eyes: Listener, now: datetime) -> int:
    """Queue what the next portion of the ledger holds for it; gives how many entries were looked at."""
    if not has_room(connection, subscription.id):
        return 0
    found = numbers.numbered(connection, subscription.reached, PORTION)
    if not found:
        return 0
    wanted = [one for one in found if subscription.wants(one.entry.type)]
    told = eyes.told(connection, [one.entry for one in wanted])
    for one in (one for one, yes in zip(wanted, told, strict=True) if yes):
        _queue(connection, subscription.id, one, now)
    _move(connection, subscription.id, reached=found[-1].number + 1)
    return len(found)


def has_room(connection: Connection, subscription: str) -> bool:
    """Whether more may be queued for it."""
    waiting = select(func.count()).where(*_waiting(subscription))
    return (connection.scalar(waiting) or 0) < AHEAD


def head(connection: Connection, subscription: str) -> tuple[Head, Numbered] | None:
    """The event that is due next, with its entry."""
    columns = tables.delivery.c
    query = select(tables.delivery).where(*_waiting(subscription)).order_by(columns.number).limit(1)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    found = Head.model_validate(dict(row))
    one = numbers.at_number(connection, found.number)
    return None if one is None else (found, one)


def delivered(connection: Connection, subscription: str, number: int, status: int, now: datetime) -> None:
    """It arrived."""
    fate = {"state": Fate.DELIVERED.value, "status": status, "problem": ""}
    _tell(connection, subscription, number, now, fate)
    _move(connection, subscription, hold=utc(now))


def failed(connection: Connection, subscription: str, tried: Head, failure: Failure, now: datetime) -> Fate:
    """It did not arrive: it waits, the whole subscription with it, or is a dead letter."""
    dead = now - tried.queued >= LIFE
    fate = Fate.DEAD if dead else Fate.WAITING
    told = {"status": failure.status, "problem": failure.problem[:_MAX_PROBLEM], "state": fate.value}
    _tell(connection, subscription, tried.number, now, told)
    changes = {"hold": utc(now if dead else _next_time(tried, failure, now))}
    if failure.gone:
        changes["state"] = State.GONE.value
    _move(connection, subscription, **changes)
    return fate


def redeliver(
    connection: Connection, identity: str, now: datetime, *, chosen: Collection[int] = (), dead: bool = False
) -> int:
    """Send again, under the same ids: these numbers, or all dead letters, or at once what waits anyway.

    Raises NotFoundError. A subscription whose receiver had said that it is gone is active again.
    """
    get(connection, identity)
    columns = tables.delivery.c
    fate = Fate.DEAD if dead else Fate.WAITING
    which = columns.number.in_(chosen) if chosen else columns.state == fate
    query = update(tables.delivery).where(columns.subscription == identity, which)
    again = {"state": Fate.WAITING.value, "attempts": 0, "queued": utc(now), "problem": "", "status": 0}
    count = connection.execute(query.values(again)).rowcount
    if chosen and count < len(set(chosen)):
        raise NotFoundError(f"{identity} 没有这些投递 / {identity} has no delivery of some of these numbers")
    _move(connection, identity, hold=utc(now), state=State.ACTIVE.value)
    return count


def forget(connection: Connection, now: datetime) -> int:
    """Drop what was delivered long ago and secrets that no longer sign; dead letters stay."""
    columns, secrets = tables.delivery.c, tables.secret.c
    connection.execute(delete(tables.secret).where(secrets.expires != "", secrets.expires < utc(now - LIFE)))
    old = and_(columns.state == Fate.DELIVERED, columns.tried < utc(now - KEPT))
    return connection.execute(delete(tables.delivery).where(old)).rowcount


def _queue(connection: Connection, subscription: str, one: Numbered, now: datetime) -> None:
    row: dict[str, Any] = {
        "subscription": subscription,
        "number": one.number,
        "event": one.entry.id,
        "type": one.entry.type,
        "state": Fate.WAITING.value,
        "attempts": 0,
        "queued": utc(now),
        "tried": "",
        "status": 0,
        "problem": "",
    }
    offer = upsert(tables.delivery, postgresql=is_postgresql(connection)).values(row)
    connection.execute(offer.on_conflict_do_nothing(index_elements=["subscription", "number"]))


def _next_time(tried: Head, failure: Failure, now: datetime) -> datetime:
    """Each gap is three times the one before; the last attempt is made when the event's life ends."""
    gap: timedelta = _FIRST_GAP * int(_FACTOR ** min(tried.attempts, _MOST_ATTEMPTS))
    last = max(tried.queued + LIFE, now + _FIRST_GAP)
    return min(now + max(gap, failure.wait), last)


def _waiting(subscription: str) -> tuple[Any, ...]:
    columns = tables.delivery.c
    return columns.subscription == subscription, columns.state == Fate.WAITING


def _tell(
    connection: Connection, subscription: str, number: int, now: datetime, fate: dict[str, Any]
) -> None:
    columns = tables.delivery.c
    which = update(tables.delivery).where(columns.subscription == subscription, columns.number == number)
    connection.execute(which.values(**fate, tried=utc(now), attempts=columns.attempts + 1))


def _move(connection: Connection, subscription: str, **changes: Any) -> None:
    which = update(tables.subscription).where(tables.subscription.c.id == subscription)
    connection.execute(which.values(**changes))

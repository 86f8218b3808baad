"""Subscriptions as the admin keeps them, and what became of the events of each.

A secret is shown when it is made and never again. Everything here is one transaction a call.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import orjson
from pydantic import AwareDatetime
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from ledger.entry import instant
from schemas.base import Model
from schemas.errors import ConflictError, NotFoundError, UsageError
from starter.delivery import numbers, tables
from starter.delivery.addresses import checked_url, networks
from starter.delivery.signing import HMAC, Secret, new_secrets
from starter.delivery.subscription import State, Subscription, checked_kinds, checked_types
from starter.delivery.vault import Vault

IDENTITY = re.compile(r"[a-z0-9][a-z0-9-]{2,59}")
"""Names of subscriptions."""

OVERLAP = timedelta(hours=24)
"""How long secrets that were replaced go on signing beside the new ones."""

LISTED = 200


class Delivery(Model):
    """One event on its way to one system, or there."""

    number: int
    event: str
    type: str
    state: str
    attempts: int
    queued: AwareDatetime
    tried: str
    status: int
    problem: str


@dataclass(frozen=True)
class Shown:
    """What is shown once: the HMAC secret, and the public key of Ed25519."""

    subscription: Subscription
    secret: str
    public_key: str


@dataclass(frozen=True)
class Standing:
    """A subscription with how far it is."""

    subscription: Subscription
    counts: dict[str, int]
    public_keys: tuple[str, ...]
    behind: int
    """Ledger numbers that were not looked at for it yet."""


def utc(moment: datetime) -> str:
    """A time as these tables hold it."""
    return instant(moment.astimezone(UTC))


def add(
    connection: Connection,
    vault: Vault,
    now: datetime,
    url: str,
    *,
    identity: str = "",
    kinds: Sequence[str] = (),
    types: Sequence[str] = (),
    allowed: Sequence[str] = (),
    since: int | None = None,
    by: str = "",
) -> Shown:
    """Subscribe a system, from ledger number `since` or from now on. Raises UsageError, ConflictError."""
    identity = identity or f"wh-{token_hex(8)}"
    if not IDENTITY.fullmatch(identity):
        raise UsageError(f"订阅名不可用 / not usable as a name: {identity:.60}", code="bad_name")
    if known(connection, identity):
        raise ConflictError(f"已有订阅 / there is already a subscription {identity}", code="webhook_exists")
    row: dict[str, Any] = {
        "id": identity,
        "url": checked_url(url, networks(allowed)),
        "kinds": _list(checked_kinds(kinds)),
        "types": _list(checked_types(types)),
        "allowed": _list(map(str, networks(allowed))),
        "state": State.ACTIVE.value,
        "reached": numbers.reached(connection) if since is None else since,
        "hold": utc(now),
        "created": utc(now),
        "created_by": by,
    }
    connection.execute(insert(tables.subscription).values(row))
    made = _give_secrets(connection, vault, row["id"], now)
    return Shown(Subscription.model_validate(row), made[0].text, made[1].public)


def get(connection: Connection, identity: str) -> Subscription:
    """One subscription. Raises NotFoundError."""
    if (found := known(connection, identity)) is None:
        raise NotFoundError(f"没有这个订阅 / there is no subscription {identity:.60}")
    return found


def known(connection: Connection, identity: str) -> Subscription | None:
    """One subscription, where there is one of this name."""
    query = select(tables.subscription).where(tables.subscription.c.id == identity)
    row = connection.execute(query).mappings().first()
    return None if row is None else Subscription.model_validate(dict(row))


def subscriptions(connection: Connection, *, active_only: bool = False) -> list[Subscription]:
    """All subscriptions, in the order they were made."""
    query = select(tables.subscription).order_by(tables.subscription.c.created)
    if active_only:
        query = query.where(tables.subscription.c.state == State.ACTIVE)
    return [Subscription.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def standings(connection: Connection) -> list[Standing]:
    """All subscriptions with what became of their events."""
    columns = tables.delivery.c
    query = select(columns.subscription, columns.state, func.count()).group_by(
        columns.subscription, columns.state
    )
    counts: dict[str, dict[str, int]] = {}
    for name, state, count in connection.execute(query):
        counts.setdefault(name, {})[state] = count
    size = numbers.reached(connection)
    return [
        Standing(each, counts.get(each.id, {}), public_keys(connection, each.id), max(0, size - each.reached))
        for each in subscriptions(connection)
    ]


def rotate(
    connection: Connection, vault: Vault, now: datetime, identity: str, overlap: timedelta = OVERLAP
) -> Shown:
    """New secrets; the ones before go on signing for `overlap`. Raises NotFoundError."""
    found, columns = get(connection, identity), tables.secret.c
    old = update(tables.secret).where(columns.subscription == identity, columns.expires == "")
    connection.execute(old.values(expires=utc(now + overlap)))
    made = _give_secrets(connection, vault, identity, now)
    return Shown(found, made[0].text, made[1].public)


def remove(connection: Connection, identity: str) -> None:
    """End a subscription; its secrets and what waited for it go with it. Raises NotFoundError."""
    get(connection, identity)
    for table in (tables.secret, tables.delivery):
        connection.execute(delete(table).where(table.c.subscription == identity))
    connection.execute(delete(tables.subscription).where(tables.subscription.c.id == identity))


def secrets_of(connection: Connection, vault: Vault, identity: str, now: datetime) -> list[Secret]:
    """The secrets that sign now, the newest first. Raises UnavailableError without the delivery key."""
    columns = tables.secret.c
    query = select(tables.secret).where(
        columns.subscription == identity, or_(columns.expires == "", columns.expires > utc(now))
    )
    rows = connection.execute(query.order_by(columns.created.desc(), columns.scheme)).mappings()
    return [Secret(row["scheme"], vault.open(row["id"], row["sealed"]), row["public"]) for row in rows]


def public_keys(connection: Connection, identity: str) -> tuple[str, ...]:
    """The present public keys of a subscription."""
    columns = tables.secret.c
    query = select(columns.public).where(
        columns.subscription == identity, columns.expires == "", columns.scheme != HMAC
    )
    return tuple(connection.scalars(query))


def deliveries(
    connection: Connection, identity: str, *, state: str = "", before: int | None = None, limit: int = LISTED
) -> list[Delivery]:
    """What became of the events of a subscription, the newest first. Raises NotFoundError."""
    get(connection, identity)
    columns = tables.delivery.c
    query = select(tables.delivery).where(columns.subscription == identity)
    if state:
        query = query.where(columns.state == state)
    if before is not None:
        query = query.where(columns.number < before)
    rows = connection.execute(query.order_by(columns.number.desc()).limit(limit)).mappings()
    return [Delivery.model_validate(dict(row)) for row in rows]


def _give_secrets(
    connection: Connection, vault: Vault, identity: str, now: datetime
) -> tuple[Secret, Secret]:
    made = new_secrets()
    for each in made:
        name = f"{identity}-{token_hex(6)}"
        row = {
            "id": name,
            "subscription": identity,
            "scheme": each.scheme,
            "sealed": vault.seal(name, each.text),
            "public": each.public,
            "created": utc(now),
            "expires": "",
        }
        connection.execute(insert(tables.secret).values(row))
    return made


def _list(texts: Any) -> str:
    return orjson.dumps(list(texts)).decode()

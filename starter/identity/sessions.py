"""Sessions: begun at sign-in, ended by leaving, by idleness or by their age.

The browser keeps a secret, the database its digest. Groups are resolved when a session begins; short sessions
make that a matter of hours, and the kernel asks again at every act.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from ledger.db import Ledger
from ledger.entry import instant
from schemas.areas import WebRole
from starter.desk import Desk
from starter.identity.roles import Person, name_of
from starter.identity.tables import desk_carried, desk_session
from starter.identity.visitor import Visitor, VisitorKind

TOUCH_AFTER = timedelta(minutes=1)
"""How seldom it is written down that somebody is still there."""


@dataclass(frozen=True)
class Begun:
    """A session that has just begun: the cookie's secret, and who the visitor is now."""

    secret: str
    visitor: Visitor


def begin_session(
    desk: Desk,
    person: Person,
    how: str,
    kind: VisitorKind = VisitorKind.OFFICER,
    *,
    proven: datetime | None = None,
    before: str = "",
) -> Begun:
    """Begin a session for somebody who has proven who he is, now or at `proven`.

    `before` is the secret of the session that it replaces.
    """
    secret, now = secrets.token_urlsafe(32), desk.now()
    proven = proven or now
    row = {
        "digest": digest(secret),
        "handle": secrets.token_hex(8),
        "kind": kind.value,
        "person": person.id,
        "roles": " ".join(sorted(person.roles)),
        "posts": " ".join(person.posts),
        "how": how,
        "signed_in": stamp(now),
        "proven": stamp(proven),
        "seen": stamp(now),
        "ends": stamp(now + desk.home.session_for),
    }
    with desk.writing() as connection:
        _forget(connection, now, before)
        connection.execute(insert(desk_session).values(row))
    visitor = Visitor(
        kind, person.id, person.name, person.roles, person.posts, row["handle"], now, proven, how
    )
    return Begun(secret, visitor)


_FIND = select(desk_session).where(desk_session.c.digest == bindparam("wanted"))
"""Made once: it is asked with every request."""


def find_session(desk: Desk, secret: str) -> Visitor | None:
    """Whose session this is; None where there is none, or no longer."""
    now = desk.now()
    with desk.reading() as connection:
        row = connection.execute(_FIND, {"wanted": digest(secret)}).one_or_none()
    if row is None or row.ends <= stamp(now) or moment(row.seen) + desk.home.session_idle <= now:
        return None
    if moment(row.seen) + TOUCH_AFTER <= now:
        with desk.writing() as connection:
            connection.execute(
                update(desk_session).where(desk_session.c.digest == row.digest).values(seen=stamp(now))
            )
    return _visitor(desk, row)


def end_session(desk: Desk, secret: str) -> None:
    """Sign out."""
    with desk.writing() as connection:
        connection.execute(delete(desk_session).where(desk_session.c.digest == digest(secret)))


def end_sessions_of(ledger: Ledger, person: str) -> int:
    """End all sessions of somebody, as when he has left the bureau; gives how many there were."""
    with ledger.engine.begin() as connection:
        return connection.execute(delete(desk_session).where(desk_session.c.person == person)).rowcount


def digest(secret: str) -> str:
    """What the database knows of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def stamp(when: datetime) -> str:
    """An instant as these tables write it; the text sorts as the instants do."""
    return instant(when.astimezone(UTC))


def moment(text: str) -> datetime:
    """An instant that these tables hold."""
    return datetime.fromisoformat(text)


def _visitor(desk: Desk, row: Row[tuple[str, ...]]) -> Visitor:
    return Visitor(
        kind=VisitorKind(row.kind),
        id=row.person,
        name=name_of(desk.home, desk.profile, row.person),
        roles=frozenset(WebRole(role) for role in row.roles.split()),
        posts=tuple(row.posts.split()),
        session=row.handle,
        signed_in_at=moment(row.signed_in),
        proven_at=moment(row.proven),
        how=row.how,
    )


def _forget(connection: Connection, now: datetime, before: str) -> None:
    connection.execute(delete(desk_session).where(desk_session.c.ends <= stamp(now)))
    connection.execute(delete(desk_carried).where(desk_carried.c.ends <= stamp(now)))
    if before:
        connection.execute(delete(desk_session).where(desk_session.c.digest == digest(before)))

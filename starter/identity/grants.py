"""Delegation grants as the home keeps them: given, ended, and looked up again at each use.

Who gives one must hold a post, who takes one must be of the bureau; nobody passes a grant on. That somebody
gave or ended one is an entry of the ledger, so that it can be told later by what right an act was done.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ledger.append import append
from ledger.db import Ledger
from readmodel.query import get_matters
from schemas.entries import EntryDraft, RecordRequest
from schemas.errors import NotFoundError, UsageError
from schemas.grants import Grant, Scope
from schemas.profile import Profile
from starter.identity.sessions import moment, stamp
from starter.identity.tables import desk_grant

STREAM = "grants"


def give_grant(
    ledger: Ledger,
    profile: Profile,
    *,
    giver: str,
    taker: str,
    scope: Scope,
    starts: datetime,
    ends: datetime,
    by: str,
    now: datetime,
) -> Grant:
    """Give a grant, which is put on record. Raises UsageError for what can be none."""
    _check(profile, giver, taker, starts, ends, now)
    grant = Grant(
        id=f"SQ-{secrets.token_hex(4)}", giver=giver, taker=taker, scope=scope, starts=starts, ends=ends
    )
    row = {
        "id": grant.id,
        "giver": giver,
        "taker": taker,
        "scope": scope.model_dump_json(),
        "starts": stamp(starts),
        "ends": stamp(ends),
    }
    with ledger.engine.begin() as connection:
        connection.execute(insert(desk_grant).values(row))
        _tell(ledger, connection, "grant.given", grant, by, now)
    return grant


def end_grant(ledger: Ledger, number: str, *, by: str, now: datetime) -> Grant:
    """End a grant before its time. Raises NotFoundError; one that has ended stays so."""
    with ledger.engine.begin() as connection:
        row = connection.execute(select(desk_grant).where(desk_grant.c.id == number)).one_or_none()
        if row is None:
            raise NotFoundError(f"没有授权 {number} / there is no grant {number}")
        if row.ended is None:
            connection.execute(update(desk_grant).where(desk_grant.c.id == number).values(ended=stamp(now)))
            _tell(ledger, connection, "grant.ended", _grant(row), by, now)
    return _grant(row)


def grants_of(connection: Connection, person: str = "") -> list[tuple[Grant, datetime | None]]:
    """Grants that somebody gave or got (of everybody where nobody is named), and when each was ended."""
    wanted = select(desk_grant).order_by(desk_grant.c.starts, desk_grant.c.id)
    if person:
        wanted = wanted.where((desk_grant.c.giver == person) | (desk_grant.c.taker == person))
    return [(_grant(row), moment(row.ended) if row.ended else None) for row in connection.execute(wanted)]


_IN_FORCE = (
    select(desk_grant)
    .where(
        desk_grant.c.taker == bindparam("who"),
        desk_grant.c.ended.is_(None),
        desk_grant.c.starts <= bindparam("at"),
        desk_grant.c.ends > bindparam("at"),
    )
    .order_by(desk_grant.c.id)
)
"""Made once: it is asked with every request."""


def grants_in_force(connection: Connection, taker: str, now: datetime) -> list[Grant]:
    """Grants by which somebody may act now."""
    return [_grant(row) for row in connection.execute(_IN_FORCE, {"who": taker, "at": stamp(now)})]


def grant_for(
    connection: Connection, profile: Profile, taker: str, post: str, act: tuple[str, str, str], now: datetime
) -> Grant | None:
    """The grant by which somebody may do an act (kind, number, name) in a post that he does not hold."""
    kind, number, name = act
    held = next((each for each in profile.posts if each.code == post), None)
    if held is None:
        return None
    row = next(iter(get_matters(connection, [number])), None)
    item = (row.item if row else None) or ""
    for grant in grants_in_force(connection, taker, now):
        if grant.giver in (held.a, held.b) and grant.scope.covers(kind, item, name):
            return grant
    return None


def posts_by_grant(connection: Connection, profile: Profile, taker: str, now: datetime) -> tuple[str, ...]:
    """Posts in which somebody may act by grants besides his own."""
    givers = {grant.giver for grant in grants_in_force(connection, taker, now)}
    return tuple(post.code for post in profile.posts if givers & {post.a, post.b})


def _check(profile: Profile, giver: str, taker: str, starts: datetime, ends: datetime, now: datetime) -> None:
    outside = {section.code for section in profile.sections if section.outside}
    for who in (giver, taker):
        posts = [post for post in profile.posts if who in (post.a, post.b)]
        if not posts or all(post.section in outside for post in posts):
            raise UsageError(
                f"工号 {who} 不是本局在岗人员 / officer {who} holds no post of the bureau",
                code="unknown_officer",
            )
    if giver == taker:
        raise UsageError("不能授权给自己 / nobody grants to himself", code="grant_to_himself")
    if not starts < ends or ends <= now:
        raise UsageError("授权止期有误 / the grant would end before it begins", code="grant_dates")


def _tell(ledger: Ledger, connection: Connection, kind: str, grant: Grant, by: str, now: datetime) -> None:
    draft = EntryDraft(
        type=kind,
        time=now,
        actor=by,
        role="admin",
        on_behalf_of=grant.giver if by != grant.giver else None,
        business_key=f"{grant.id}/{kind}",
        data={"grant": grant.model_dump(mode="json")},
    )
    append(ledger, connection, RecordRequest(matter=STREAM, now=now, entries=(draft,)))


def _grant(row: Row[tuple[str, ...]]) -> Grant:
    return Grant(
        id=row.id,
        giver=row.giver,
        taker=row.taker,
        scope=Scope.model_validate_json(row.scope),
        starts=moment(row.starts),
        ends=moment(row.ends),
    )

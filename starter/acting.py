"""An act as somebody typed it, made into the message its procedure takes: command line, API and pages alike.

Of a complaint or a fault case nobody may learn by a refusal that there is one about him: whoever may not see
the matter is told that there is none, before anything is sent.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rules.facts import is_decision
from rules.procedures import PROCEDURES
from schemas.acts import Act
from schemas.entries import Receipt
from schemas.errors import UsageError
from schemas.profile import Profile
from starter.desk import Desk
from starter.identity.eyes import eyes_for
from starter.identity.proof import check_proof
from starter.identity.visitor import Visitor
from starter.identity.vouching import client_for
from starter.sight import UnseenError, look, record_denial

M = TypeVar("M", bound=BaseModel)

SECRET = ("complaint", "fault")
"""Kinds of matters that those concerned are not to know of before they are told."""

VOUCHED = ("assertion", "delegation")
"""Fields that the desk alone fills in."""


async def do_act(
    desk: Desk, visitor: Visitor, kind: str, number: str, name: str, fields: dict[str, Any]
) -> Receipt:
    """Do an act for somebody who is signed in; his staff number is his own, whatever the fields say.

    Raises UsageError for what is no such act, NotFoundError for what he may not see, ProofNeededError for a
    decision long after he proved who he is, and like `YangguangClient.act`.
    """
    if is_decision(kind, name):
        check_proof(desk, visitor)
    post = post_for(desk.profile, visitor.id, str(fields.get("post") or ""))
    stated = {key: value for key, value in fields.items() if key not in VOUCHED}
    message = message_for(kind, name, {**stated, "officer": visitor.id, "post": post})
    await asyncio.to_thread(require_seen, desk, visitor, f"{kind} act", kind, number)
    return await client_for(desk, visitor).act(kind, number, name, message)


def require_seen(desk: Desk, visitor: Visitor, route: str, kind: str, number: str) -> None:
    """Let pass who may see the matter. Raises NotFoundError, and puts the attempt on record."""
    try:
        with desk.reading() as connection:
            look(connection, eyes_for(connection, desk, visitor), kind, number)
    except UnseenError:
        record_denial(desk.ledger, visitor.id, route, number)
        raise


def post_for(profile: Profile, officer: str, post: str = "") -> str:
    """The post somebody acts in: the one he names, or the only one he holds. Raises UsageError."""
    if post:
        return post
    held = [p.code for p in profile.posts if officer in (p.a, p.b)]
    if len(held) == 1:
        return held[0]
    if not held:
        raise UsageError(f"工号 {officer} 没有岗位 / officer {officer} holds no post", code="unknown_officer")
    raise UsageError(f"{officer} 有多个岗位，请指明 / name one of his posts: {', '.join(held)}", code="post")


def message_for(kind: str, name: str, fields: dict[str, Any]) -> Act:
    """The act's message from what was typed. Raises UsageError naming the field."""
    if name not in PROCEDURES[kind].table:
        known = ", ".join(sorted(PROCEDURES[kind].table))
        raise UsageError(
            f"没有“{name}”这种操作 / there is no act {name}; there are: {known}", code="unknown_act"
        )
    payload = PROCEDURES[kind].table[name].payload
    strange = sorted(set(fields) - set(payload.model_fields))
    if strange:
        raise UsageError(f"{name} 没有字段 / {name} has no field {', '.join(strange)}", code="unknown_field")
    return checked(payload, fields)


def checked(model: type[M], fields: dict[str, Any]) -> M:
    """Validate what was typed; the first mistake is told with its field."""
    try:
        return model.model_validate(fields)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or model.__name__
        raise UsageError(f"{where}: {first['msg']}", code="bad_field") from problem

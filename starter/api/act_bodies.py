"""The bodies of acts, made of the messages that the procedures take: what an act says, and nothing else.

Who acts is known from signing in, the act's id from the Idempotency-Key, the facts from If-Match; what the
desk vouches for is the desk's. So none of these stands in a body.
"""

from __future__ import annotations

from copy import copy
from typing import Annotated, Any, cast

from pydantic import Field, JsonValue, StringConstraints, create_model

from rules.procedures import PROCEDURES, By
from schemas.acts import Act
from schemas.base import Code
from schemas.review import Seal
from starter.api.act_examples import EXAMPLES, OF_ACTS
from starter.api.bodies import Body, Ticket

STATED = ("opinion", "reason", "basis", "attachments", "received_at", "late_reason")
"""What any act may say besides its own fields."""

FILES = "files"

_PLAIN = Annotated[str, StringConstraints(min_length=1, max_length=4000)]

REPLACED: dict[str, Any] = {
    "calendar": (dict[str, JsonValue], Field(description="新版日历全文 / the new version of the calendar")),
    "rules": (dict[str, JsonValue], Field(description="本件规则全文 / the whole rules of the matter")),
}
"""Fields whose contents are too long to be described twice: the message itself checks them."""

SEALED: dict[str, Any] = {
    "name": (Code, Field(description="密封的是什么 / name of the value")),
    "value": (
        _PLAIN,
        Field(description="明文；离开本进程前即加密 / encrypted before it leaves this process"),
    ),
}
"""A value to be sealed comes in clear, over a connection that is not."""


_MADE: dict[type[Act], type[Body]] = {}


def acts_of(kind: str) -> list[str]:
    """Acts of a kind that people may do."""
    return [name for name, rule in PROCEDURES[kind].table.items() if rule.by is not By.SYSTEM]


def own_fields(payload: type[Act]) -> list[str]:
    """Fields of a message that other acts do not have, or that mean something else in them."""
    shared = Act.model_fields
    return [
        name
        for name, field in payload.model_fields.items()
        if name not in shared or field.annotation != shared[name].annotation
    ]


def body_of(kind: str, name: str) -> type[Body]:
    """What is sent to do this act; acts that say the same share it."""
    payload = PROCEDURES[kind].table[name].payload
    if payload not in _MADE:
        _MADE[payload] = _made(payload, "".join(part.capitalize() for part in (kind, *name.split("_"))))
    return _MADE[payload]


def _made(payload: type[Act], words: str) -> type[Body]:
    fields: dict[str, Any] = {
        "post": (Code | None, Field(default=None, description="岗位；只有一个时可省 / if he holds several"))
    }
    for each in (*own_fields(payload), *STATED):
        found = payload.model_fields[each]
        fields[each] = REPLACED.get(each) or (found.annotation, copy(found))
    if payload is Seal:
        fields |= SEALED
    files = Field(default=(), max_length=20, description="附件凭据 / tickets of files, from POST /files")
    fields[FILES] = (tuple[Ticket, ...], files)
    made = create_model(f"{words}Body", __base__=Body, __doc__=payload.__doc__, **fields)
    return cast(type[Body], made)


def example_of(kind: str, name: str) -> dict[str, Any]:
    """A body as it might be sent."""
    rule = PROCEDURES[kind].table[name]
    required = [each for each in own_fields(rule.payload) if rule.payload.model_fields[each].is_required()]
    wanted = dict.fromkeys((*required, *rule.needs))
    special = OF_ACTS.get((kind, name), {})
    return {**{each: EXAMPLES[each] for each in wanted if each not in special}, **special}

"""Acts over HTTP: one address for each act of each kind of matter, its body made of the act's own message.

Every act goes the way of `starter.acting`: the officer is whoever is signed in, the id is made of the
Idempotency-Key, a decision names the facts it rests on. A refusal is on record before it is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response

from readmodel.query import get_matter
from rules.facts import is_decision
from rules.procedures import PROCEDURES, ActRule, By, state_name
from schemas.acts import Attachment
from schemas.base import Model
from schemas.entries import Receipt
from starter.acting import do_act
from starter.api import bodies
from starter.api.act_bodies import FILES, acts_of, body_of, example_of
from starter.api.examples import LEAF, NUMBER, answered, shown
from starter.api.idempotency import request_id
from starter.api.if_match import seen, seen_if_told
from starter.api.intake import caller_of
from starter.api.kinds import PLURALS
from starter.api.params import Number
from starter.api.router import Asking, DeskHere
from starter.api.sealed import OPENING, OpenedValue, opened_by, sealed_body
from starter.desk import Desk
from starter.file_tickets import file_for
from starter.file_types import SUFFIXES
from starter.files import use_files
from starter.identity.guard import Area, allow, require_recent
from starter.identity.visitor import Visitor

router = APIRouter(dependencies=[Depends(allow(Area.API_ACTS))])

BY = {
    By.ANYONE: "任何岗位 / any post",
    By.STAGE: "本环节岗位的 A、B 岗 / A or B officer of the stage's post",
    By.DUTY: "现责任人 / whoever answers for the matter now",
    By.OFFERED: "待接收的岗位 / the post it is offered to",
}
"""Who may do an act, where the table names neither roles nor capacities."""

VOTES = ("review", "fault")
"""Kinds that hold meetings: a vote has a shorter address too."""


class Done(Model):
    """An act is on record."""

    kind: str
    number: str
    act: str
    act_id: str
    receipt: Receipt
    """`caseseq` is the place of its entry in the matter's chain."""
    state: str
    state_zh: str
    stage: str = ""
    owner: str = ""
    """Who answers for the matter now."""
    opened: tuple[OpenedValue, ...] = ()
    """What an act of reading opened."""


DONE: dict[str, Any] = {
    "kind": "case",
    "number": NUMBER,
    "act": "decide",
    "act_id": "api-5f0c8c5b2f6b7c0d9a1e4f3b2a1908f7e6d5c4b3",
    "receipt": {"id": "b" * 64, "caseseq": 9, "leaf_hash": LEAF, "said": ""},
    "state": "granted",
    "state_zh": "准予",
    "owner": "1002",
}

Endpoint = Callable[..., Awaitable[Done]]


def _endpoint(kind: str, name: str, model: type[bodies.Body]) -> Endpoint:
    bound = seen if is_decision(kind, name) else seen_if_told

    async def act(request, response, desk, visitor, number, facts, body):  # type: ignore[no-untyped-def]
        response.headers["Cache-Control"] = "no-store"
        said = body.model_dump(mode="json", exclude_unset=True)
        return await _done(desk, visitor, kind, number, name, {**said, "id": request_id(request)}, facts)

    act.__annotations__ = {
        "request": Request,
        "response": Response,
        "desk": DeskHere,
        "visitor": Asking,
        "number": Number,
        "facts": Annotated[str, Depends(bound)],
        "body": Annotated[model, Body(openapi_examples=shown(example_of(kind, name)))],
        "return": Done,
    }
    return act


async def _done(
    desk: Desk, visitor: Visitor, kind: str, number: str, name: str, said: dict[str, Any], facts: str
) -> Done:
    """Do it, and tell where the matter stands now."""
    tickets = said.pop(FILES, ())
    files = await asyncio.to_thread(_files, desk, visitor, tickets) if tickets else ()
    attached = [*said.get("attachments", ()), *(each.model_dump() for each in files)]
    fields = {
        **said,
        **({"facts": facts} if facts else {}),
        **({"attachments": attached} if attached else {}),
    }
    if (kind, name) == ("review", "seal"):
        fields = await asyncio.to_thread(sealed_body, desk, visitor, number, fields)
    receipt = await do_act(desk, visitor, kind, number, name, fields)
    about = {"kind": kind, "number": number, "act": name, "act_id": said["id"], "receipt": receipt}
    return Done(**about, **await asyncio.to_thread(_after, desk, kind, number, name, receipt, files))


def _files(desk: Desk, visitor: Visitor, tickets: list[str]) -> tuple[Attachment, ...]:
    """The files that came along. Raises UsageError (`bad_ticket`)."""
    found = [file_for(desk.ledger, caller_of(visitor), ticket) for ticket in tickets]
    named = ((f"attachment-{n}.{SUFFIXES[kept.media_type]}", kept) for n, kept in enumerate(found, 1))
    return tuple(Attachment(name=name, sha256=kept.sha256) for name, kept in named)


def _after(
    desk: Desk, kind: str, number: str, name: str, receipt: Receipt, files: tuple[Attachment, ...]
) -> dict[str, Any]:
    if files:
        use_files(desk.ledger, number, [(each.sha256, each.name) for each in files])
    opened = opened_by(desk.ledger, kind, number, receipt) if (kind, name) in OPENING else ()
    with desk.reading() as connection:
        row = get_matter(connection, number)
    state = (row.state if row else None) or ""
    told = {"state": state, "state_zh": state_name(kind, state), "opened": opened}
    return told | {"stage": (row.stage if row else None) or "", "owner": (row.owner if row else None) or ""}


def _about(kind: str, name: str, rule: ActRule) -> str:
    """What the description says of an act: who, in which states, and what must be stated."""
    who = BY.get(rule.by) or "、".join([role.value for role in rule.roles] or rule.parties)
    states = "、".join(f"{state_name(kind, state)} ({state})" for state in sorted(rule.states))
    lines = [(rule.payload.__doc__ or "").splitlines()[0], f"谁可办 / who: {who}", f"状态 / states: {states}"]
    lines += [f"须写明 / must state: {', '.join(rule.needs)}"] if rule.needs else []
    bound = "决定：须附 If-Match / a decision: If-Match is required"
    return "\n\n".join([*lines, *([bound] if is_decision(kind, name) else [])])


async def _recent(request: Request) -> None:
    """Whoever decides has proven of late who he is."""
    require_recent(request)


def _add(kind: str, name: str, path: str, operation: str) -> None:
    rule, model = PROCEDURES[kind].table[name], body_of(kind, name)
    recent = [Depends(_recent)] if is_decision(kind, name) else []
    router.add_api_route(
        path,
        _endpoint(kind, name, model),
        methods=["POST"],
        tags=[f"acts: {kind}"],
        operation_id=operation,
        summary=f"{PROCEDURES[kind].zh}·{rule.zh} / {PROCEDURES[kind].en}: {rule.en}",
        description=_about(kind, name, rule),
        dependencies=recent,
        response_model=Done,
        response_model_exclude_defaults=True,
        responses=answered({**DONE, "kind": kind, "act": name}),
    )


for _kind in PROCEDURES:
    for _name in acts_of(_kind):
        _add(_kind, _name, f"/{PLURALS[_kind]}/{{number}}/acts/{_name}", f"act_{_kind}_{_name}")
for _kind in VOTES:
    _add(_kind, "vote", f"/{PLURALS[_kind]}/{{number}}/votes", f"vote_{_kind}")

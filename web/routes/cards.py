"""Cards (监察牌): the list, a card with all it rests on, and what people do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from readmodel.cards import CardFilters, list_cards
from rules.facts import is_decision
from rules.liability_words import DEGREES, GRADES
from schemas.errors import UsageError, YangguangError
from starter.api.router import desk_of
from starter.identity.guard import Area, allow, require_recent
from web.board import done, facts_now, looking, new_act_id, posts_of, send, typed_in, wrong
from web.card_words import COLOURS, STATUSES
from web.cards import card_page, trigger_of
from web.casefile import CaseFile, read_file
from web.language import CHINESE, language_of
from web.names import names_of, state_words
from web.pages import page
from web.proof import standing_of

router = APIRouter(dependencies=[Depends(allow(Area.CARDS))])

KIND = "card"
FORMS = ("reply", "object_to", "rule", "accept_correction", "reject_correction", "confirm", "dismiss")
"""Acts with a form on the card's own page."""


@router.get("/cards")
async def cards(
    request: Request,
    officer: str = "",
    colour: Annotated[str, Query(pattern="^(yellow|red)?$")] = "",
    status: str = "",
    section: str = "",
    matter: str = "",
    after: str = "",
) -> Response:
    """The cards that the visitor may see."""
    typed = {
        "officer": officer,
        "colour": colour,
        "status": status,
        "section": section,
        "matter": matter,
    }
    filters = CardFilters.model_validate({k: v for k, v in {**typed, "after": after}.items() if v})

    def read() -> Any:
        desk, _, eyes = looking(request)
        with desk.reading() as connection:
            return list_cards(connection, filters, keep=lambda rows: eyes.seen(connection, rows))

    found = await asyncio.to_thread(read)
    desk = desk_of(request)
    return page(
        request,
        "cards/list.html",
        found=found,
        typed=typed,
        filtered={name: value for name, value in typed.items() if value},
        names=names_of(desk.profile),
        sections=desk.profile.sections,
        statuses=STATUSES,
        colours=COLOURS,
        cause=lambda card: trigger_of(desk.profile, {"cause": card.cause}),
        state=lambda each: state_words(KIND, each.state) if each.state else None,
    )


@router.post("/cards/{number:path}/acts/{name}")
async def act(request: Request, number: str, name: str) -> Response:
    """Explain, object, rule; a refusal is told beside the field, and what was typed is kept."""
    if name not in FORMS:
        raise UsageError(f"本页没有“{name}”这种操作 / no such act on this page: {name}", code="unknown_act")
    if is_decision(KIND, name):
        require_recent(request)
    typed = await typed_in(request)
    try:
        receipt = await send(request, KIND, number, name, typed)
    except YangguangError as error:
        errors = wrong(error, typed)
        return await _show(request, number, typed | {"act": name}, errors, status=422)
    return done(f"/cards/{number}", receipt)


@router.get("/cards/{number:path}")
async def card(request: Request, number: str, done: int = 0) -> Response:
    """A card: trigger, evidence, rule version, computed shares, replies, ruling, objection."""
    return await _show(request, number, {}, {}, done=done)


async def _show(
    request: Request,
    number: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
    done: int = 0,
) -> Response:
    desk = desk_of(request)
    file, found, standing = await asyncio.to_thread(_read, request, number)
    offered = [each for each in file.offers.possible if each.name in FORMS]
    facts = await facts_now(desk, KIND, number) if offered else ""
    chinese = language_of(request) == CHINESE

    def pick(words: tuple[str, str]) -> str:
        return words[0] if chinese else words[1]

    return page(
        request,
        "cards/card.html",
        status=status,
        file=file,
        row=file.row,
        number=number,
        names=file.names,
        found=found,
        place=standing[0],
        tree_size=standing[1],
        state=state_words(KIND, file.row.state),
        statuses=STATUSES,
        colours=COLOURS,
        degree=lambda found: pick(DEGREES.get(found, (found, found))),
        grade=lambda found: pick(GRADES.get(found, ("–", "–"))),
        offered=offered if facts is not None else [],
        others=[each for each in file.offers.possible if each.name not in FORMS],
        engine_away=facts is None,
        posts={each.name: posts_of(desk.profile, each.posts) for each in offered},
        facts=facts or "",
        act_id=new_act_id(),
        typed=typed,
        errors=errors,
        done=done,
    )


def _read(request: Request, number: str) -> tuple[CaseFile, Any, Any]:
    desk, visitor, eyes = looking(request)
    file = read_file(desk, visitor, KIND, number)
    with desk.reading() as connection:
        found = card_page(connection, eyes, desk.profile, file.entries)
        return file, found, standing_of(connection, file.entries)

"""Between a form and the kernel: what a page offers to choose from, and how a refusal is told in its form."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import timedelta

from ledger.entry import Entry
from rules.procedures import PROCEDURES, ActRule
from schemas.acts import Outcome
from schemas.errors import NotFoundError, PendingError, UnavailableError, YangguangError
from schemas.matters import Status
from schemas.profile import ItemType
from starter.desk import Desk
from web.casefile import CaseFile
from web.forms import Options, choices
from web.names import Words

STATUS_WITHIN = timedelta(seconds=3)
"""How long a page waits for the engine before it says that acting is not possible now."""

FIELD_OF_CODE = {
    "authority_required": "authority",
    "document_required": "document",
    "notice_required": "notice",
    "notified_required": "notified",
    "opinion_required": "opinion",
    "reason_required": "reason",
    "remedy_required": "remedy",
    "resolution_required": "resolution",
    "receipt_no_required": "receipt_no",
    "deferred_date": "deferred_until",
    "may_not_follow": "deferred",
    "missing_materials": "materials",
    "unknown_material": "materials",
    "unknown_ground": "ground",
    "unknown_flag": "flag",
    "flag_exists": "flag",
    "no_such_flag": "flag",
    "not_earlier": "to",
    "same_post": "to_post",
    "wrong_section_role": "to_post",
    "unknown_post": "to_post",
    "extension_too_long": "days",
    "second_notice": "points",
    "unknown_point": "satisfied",
    "zero_fee": "amount_fen",
    "over_fee": "amount_fen",
    "late_entry": "late_reason",
}
"""Which field a refusal of the kernel is about."""


def rule_of(kind: str, name: str) -> ActRule:
    """The row of an act. Raises NotFoundError for what is no act of this kind."""
    procedure = PROCEDURES.get(kind)
    if procedure is None or name not in procedure.table:
        raise NotFoundError(f"没有这种操作 / there is no act {kind}/{name}")
    return procedure.table[name]


def new_act_id() -> str:
    """A form's own act id: sending the same form twice is one act."""
    return f"web-{uuid.uuid4().hex}"


async def status_soon(desk: Desk, kind: str, number: str) -> Status:
    """What the matter itself says, or UnavailableError in a few seconds."""
    try:
        return await asyncio.wait_for(desk.client.status(kind, number), STATUS_WITHIN.total_seconds())
    except TimeoutError:
        raise UnavailableError("办理引擎没有回应 / the engine does not answer") from None


async def facts_now(desk: Desk, kind: str, number: str) -> str:
    """Digest of the facts, empty where the engine is away: reading goes on, and acting says so."""
    try:
        return (await status_soon(desk, kind, number)).facts
    except (UnavailableError, PendingError):
        return ""


def errors_of(error: YangguangError, names: set[str]) -> dict[str, Words]:
    """The error beside its field, or above the form under the empty name."""
    name = FIELD_OF_CODE.get(error.code, "")
    zh, slash, en = error.message.partition(" / ")
    words = Words(zh, en if slash else zh)
    return {name if name in names else "": words}


def options_of(file: CaseFile, name: str) -> Options:
    """What the fields of an act can be here, as far as the rules tell."""
    return dict(_options(file, name))


def _options(file: CaseFile, act: str) -> Iterator[tuple[str, tuple[tuple[str, Words], ...]]]:
    rules = file.rules
    if rules is None:
        return
    posts = tuple((post.code, Words(f"{post.name} {post.code}", post.name_en)) for post in rules.posts)
    yield "to_post", posts
    yield "proposed_post", posts
    if rules.item is None:
        return
    item = rules.item
    papers = tuple((each.code, Words(each.name, each.name_en)) for each in item.materials)
    yield "materials", papers
    yield "deferred", tuple((m.code, Words(m.name, m.name_en)) for m in item.materials if m.may_follow)
    yield "flag", tuple((flag, Words(flag, flag.replace("_", " "))) for flag in item.blocking_flags)
    yield "to", _earlier_stages(file)
    yield "satisfied", _points(file.entries)
    if act in ("decide", "upper_result"):
        yield "outcome", choices(_outcomes(forwarded=item.type is ItemType.FORWARDED and act == "decide"))
    if act == "request_suspension":
        yield "ground", tuple((each.code, Words(each.name, each.name_en)) for each in rules.grounds)


def _outcomes(*, forwarded: bool) -> tuple[str, ...]:
    """What is examined here for the level above is reported up or refused, never granted here."""
    positive = Outcome.REPORTED_UP if forwarded else Outcome.GRANTED
    return positive.value, Outcome.REFUSED.value


def _earlier_stages(file: CaseFile) -> tuple[tuple[str, Words], ...]:
    item = file.rules.item if file.rules else None
    codes = [stage.code for stage in item.stages] if item else []
    if item is None or file.row.stage not in codes:
        return ()
    earlier = item.stages[: codes.index(file.row.stage)]
    return tuple((stage.code, Words(stage.name, stage.name_en)) for stage in earlier)


def _points(timeline: tuple[Entry, ...]) -> tuple[tuple[str, Words], ...]:
    """Points of the correction notices, each as it was last worded."""
    told: dict[str, str] = {}
    for entry in timeline:
        points = entry.data.get("points")
        if entry.type == "case.correction_notified" and isinstance(points, dict):
            told |= {str(code): str(text) for code, text in points.items()}
    return tuple((code, Words(f"{code} {text}", f"{code} {text}")) for code, text in told.items())

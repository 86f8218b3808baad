"""The public look-up: how a matter stands, told to whoever has its number and its lookup code.

A wrong number and a wrong code are the same to whoever asks. Everything comes from the ledger and the read
model: no engine is asked, and four short queries answer.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import orjson
from pydantic import Field
from sqlalchemy import BindParameter, Connection, bindparam, select

from ledger.entry import NO_HASH, Entry
from ledger.openings import lookup_digest
from ledger.tables import ledger_entry
from readmodel.query import ClockRow, MatterRow
from readmodel.tables import matter, matter_clock
from rules.explain import ExplainedDay
from schemas.base import Model
from schemas.clocks import ClockKind, Lamp
from schemas.errors import NotFoundError
from schemas.profile import Profile
from starter.desk import LOCAL
from starter.lookup_reason import Reason, reason_of
from starter.lookup_words import KINDS, STEPS, told

LAMPS: dict[Lamp, tuple[str, str]] = {
    Lamp.GREEN: ("正常", "on time"),
    Lamp.YELLOW: ("临期", "due soon"),
    Lamp.RED: ("逾期", "overdue"),
    Lamp.GREY: ("暂停", "paused"),
    Lamp.DONE: ("办结", "closed"),
}

_COUNTED = frozenset(
    (ClockKind.PROMISE, ClockKind.ACCEPTANCE, ClockKind.STATUTORY, ClockKind.DELIVERY, ClockKind.STEP)
)
"""Clocks that run for the applicant; the others are the bureau's own."""

_ORDER = (ClockKind.PROMISE, ClockKind.ACCEPTANCE, ClockKind.STATUTORY, ClockKind.DELIVERY)
"""The first of these that runs is the day to wait for."""


_NUMBER: BindParameter[str] = bindparam("number")
_DIGEST = select(matter.c.lookup_digest).where(matter.c.case_id == _NUMBER)
_ROW = select(matter).where(matter.c.case_id == _NUMBER)
_CLOCKS = select(matter_clock).where(matter_clock.c.case_id == _NUMBER).order_by(matter_clock.c.clock)
_COURSE = (
    select(ledger_entry.c.leaf, ledger_entry.c.leaf_hash)
    .where(ledger_entry.c.case_id == _NUMBER)
    .order_by(ledger_entry.c.seq)
)
# Built once: building a statement costs more than SQLite takes to answer it, and nobody is asked as often.


class Words(Model):
    """Something said in both languages."""

    zh: str
    en: str


class Post(Words):
    """A post, not its holder."""

    code: str
    section_zh: str = ""
    section_en: str = ""


class Due(Model):
    """The day to wait for, with the reason why it is that day."""

    clock: str
    day: date | None
    """None while time stands still."""
    provisional: bool = False
    why: Words
    basis: str = ""
    days: tuple[ExplainedDay, ...] = ()
    """Day by day, where the rules of the matter are at hand."""


class Step(Words):
    """Something that happened."""

    day: date


class Pause(Words):
    """A time that does not count: its ground in words."""

    ground: str
    basis: str = ""
    since: date
    until: date | None = None


class Stage(Words):
    """A step of the item's course."""

    code: str
    state: str
    """`done`, `now` or `ahead`."""


class Found(Model):
    """A matter as its applicant sees it."""

    as_of: int = 0
    """Position in the ledger that the answer knows of."""
    number: str
    kind: str
    state: str
    headline: Words
    next: Words
    lamp: Lamp
    lamp_words: Words
    item: Words | None = None
    received_day: date | None = None
    due: Due | None = None
    held_by: Post | None = None
    steps: tuple[Step, ...] = ()
    stages: tuple[Stage, ...] = ()
    pauses: tuple[Pause, ...] = ()
    missing: dict[str, str] = Field(default_factory=dict)
    """While papers are waited for: what is missing, by the code of the point."""


class WrongCodeError(NotFoundError):
    """No matter has this number and this code; which of the two is wrong is not told."""

    default_code = "wrong_code"
    headers: Mapping[str, str] = {}


def find(connection: Connection, number: str, code: str) -> MatterRow:
    """The matter of this number, if the code is its own. Raises WrongCodeError."""
    number = number.strip().upper()
    kept = connection.scalar(_DIGEST, {"number": number}) or NO_HASH
    right = hmac.compare_digest(str(kept).encode(), lookup_digest(number, code.strip().upper()).encode())
    found = connection.execute(_ROW, {"number": number}).mappings().first() if right else None
    if found is None or found["kind"] not in KINDS:
        raise WrongCodeError("件号与查询码不符 / no matter has this number and this lookup code")
    return MatterRow.model_validate(dict(found))


def describe(connection: Connection, profile: Profile, row: MatterRow, today: date) -> Found:
    """How a matter stands, for its applicant."""
    asked = {"number": row.case_id}
    rows = [ClockRow.model_validate(dict(each)) for each in connection.execute(_CLOCKS, asked).mappings()]
    leaves = connection.execute(_COURSE, asked)
    course = [Entry(orjson.loads(each.leaf), bytes(each.leaf), each.leaf_hash) for each in leaves]
    kind, state = row.kind or "", row.state or ""
    zh, en, next_zh, next_en = told(kind, state)
    lamp = _lamp(row, rows, today)
    item = next((each for each in profile.items if each.code == row.item), None)
    return Found(
        number=row.case_id,
        kind=kind,
        state=state,
        headline=Words(zh=zh, en=en),
        next=Words(zh=next_zh, en=next_en),
        lamp=lamp,
        lamp_words=Words(zh=LAMPS[lamp][0], en=LAMPS[lamp][1]),
        item=Words(zh=item.name, en=item.name_en) if item else None,
        received_day=row.received_day,
        due=_due(row, rows, course),
        held_by=_post(profile, row),
        steps=tuple(_steps(profile, row, course)),
        stages=tuple(_stages(profile, row, course)),
        pauses=tuple(_pauses(profile, course)),
        missing=_missing(state, course),
    )


def local_day(entry: Entry) -> date:
    """The day on which something was done, here."""
    return datetime.fromisoformat(entry.event["time"]).astimezone(LOCAL).date()


def _lamp(row: MatterRow, rows: Sequence[ClockRow], today: date) -> Lamp:
    running = [each for each in rows if each.clock in _COUNTED and not each.stopped]
    if row.closed or not running:
        return Lamp.DONE
    if any(each.due is None for each in running):
        return Lamp.GREY
    if any(each.red_from and each.red_from <= today for each in running):
        return Lamp.RED
    soon = any(each.yellow_from and each.yellow_from <= today for each in running)
    return Lamp.YELLOW if soon else Lamp.GREEN


def _due(row: MatterRow, rows: Sequence[ClockRow], course: Sequence[Entry]) -> Due | None:
    """The day to wait for; none where nothing runs any more."""
    running = {each.clock: each for each in rows if not each.stopped}
    clock = next((running[kind] for kind in _ORDER if kind in running), None)
    if row.closed or (clock is None and row.promise_due is None):
        return None
    kind = ClockKind(clock.clock) if clock else ClockKind.PROMISE
    day = clock.due if clock else row.promise_due
    reason: Reason = reason_of(kind, day, row, course)
    return Due(
        clock=kind.value,
        day=day,
        provisional=clock.provisional if clock else False,
        why=Words(zh=reason.zh, en=reason.en),
        basis=reason.basis,
        days=reason.days,
    )


def _post(profile: Profile, row: MatterRow) -> Post | None:
    post = next((each for each in profile.posts if each.code == row.owner_post), None)
    if post is None or row.closed:
        return None
    section = next((each for each in profile.sections if each.code == post.section), None)
    return Post(
        code=post.code,
        zh=post.name,
        en=post.name_en,
        section_zh=section.name if section else "",
        section_en=section.name_en if section else "",
    )


def _steps(profile: Profile, row: MatterRow, course: Sequence[Entry]) -> list[Step]:
    named = {s.code: (s.name, s.name_en) for i in profile.items if i.code == row.item for s in i.stages}
    steps = []
    for entry in course:
        if entry.type not in STEPS:
            continue
        zh, en = STEPS[entry.type]
        if stage := named.get(str(entry.data.get("stage"))):
            zh, en = f"{zh}：{stage[0]}", f"{en}: {stage[1]}"
        steps.append(Step(day=local_day(entry), zh=zh, en=en))
    return steps


def _stages(profile: Profile, row: MatterRow, course: Sequence[Entry]) -> list[Stage]:
    """The item's course with the place where the matter is; a returned stage is ahead again."""
    item = next((each for each in profile.items if each.code == row.item), None)
    if item is None or row.kind != "case":
        return []
    codes = [stage.code for stage in item.stages]
    now = codes.index(row.stage) if row.stage in codes else 0
    begun, over = (
        row.accepted_day is not None,
        row.closed or row.state in ("granted", "refused", "result_ready"),
    )
    signed = {str(e.data.get("stage")) for e in course if e.type in ("case.stage_signed", "case.decided")}
    states = [
        "done"
        if (n < now and begun) or (over and code in signed)
        else "now"
        if n == now and begun and not over
        else "ahead"
        for n, code in enumerate(codes)
    ]
    return [
        Stage(code=stage.code, zh=stage.name, en=stage.name_en, state=state)
        for stage, state in zip(item.stages, states, strict=True)
    ]


def _pauses(profile: Profile, course: Sequence[Entry]) -> list[Pause]:
    grounds = {ground.code: ground for ground in profile.grounds}
    pauses: list[Pause] = []
    for entry in course:
        if entry.type == "case.suspended":
            code = str(entry.data.get("ground", ""))
            ground = grounds.get(code)
            words = (ground.name, ground.name_en, ground.basis) if ground else (code, code, "")
            pauses.append(
                Pause(ground=code, zh=words[0], en=words[1], basis=words[2], since=local_day(entry))
            )
        elif entry.type == "case.resumed" and pauses:
            pauses[-1] = pauses[-1].model_copy(update={"until": local_day(entry)})
    return pauses


def _missing(state: str, course: Sequence[Entry]) -> dict[str, str]:
    if state != "correction_pending":
        return {}
    notice = next((e for e in reversed(course) if e.type == "case.correction_notified"), None)
    answer = next(
        (e for e in reversed(course) if e.type == "case.resubmitted" and notice and e.seq > notice.seq), None
    )
    points: dict[str, str] = dict(notice.data.get("points") or {}) if notice else {}
    still = set(answer.data.get("open") or ()) if answer else set(points)
    return {code: text for code, text in points.items() if code in still}

"""A few living matters for a sample home, so that a newcomer clicks through an approval in five minutes.

They are begun through the typed client like any other, once: each has a fixed business key and fixed act ids,
so that a second start finds them there. People and applicants are invented. One application came in long ago
and was keyed in now, as after an outage: it is overdue, and its card is served.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, select

from readmodel.numbers import matter_number
from rules.calendar import at_local, local_day, workdays_before
from rules.procedures import PROCEDURES
from schemas.acts import Piece
from schemas.errors import ConflictError, NotPermittedError
from schemas.intake import Applicant, CaseRequest, InquiryRequest
from schemas.profile import Profile
from starter.client import YangguangClient
from starter.rulebook import calendar_for, item_of

OUTAGE = "outage"
MORNING = time(9, 30)
LOOK_BACK = timedelta(days=60)
LATE = timedelta(minutes=1)
"""Between two steps of a past matter; anything below the tolerance of stamps would do."""


@dataclass(frozen=True)
class Step:
    """An act by whoever holds a post."""

    post: str
    act: str
    says: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """An application and what was done about it so far."""

    key: str
    item: str
    applicant: str
    steps: tuple[Step, ...] = ()
    days_ago: int = 0
    """Working days since it came in."""


ACCEPT = Step("window-clerk", "accept", {"opinion": "材料齐全"})
PASS_ON = Step("window-clerk", "sign_stage", {"opinion": "材料齐全，移送登记科"})
EXAMINE = Step("registry-handler", "sign_stage", {"opinion": "权属清楚，拟准予登记"})
REVIEW = Step("registry-chief", "sign_stage", {"opinion": "同意"})

SAMPLES = (
    Sample("sample-received", "LX-DJ-01", "海川机械厂"),
    Sample("sample-examined", "LX-DJ-01", "林小满", (ACCEPT, PASS_ON)),
    Sample("sample-to-decide", "LX-DJ-01", "莱兴食品公司", (ACCEPT, PASS_ON, EXAMINE, REVIEW)),
    Sample("sample-overdue", "LX-DJ-01", "云帆渔具店", (ACCEPT,), days_ago=9),
)
QUESTION_KEY = "sample-question"
QUESTION = "办理抵押登记要带哪些材料？"


async def settle_in(client: YangguangClient, profile: Profile, now: datetime) -> list[str]:
    """Begin the sample matters that are not there yet; gives their numbers."""
    numbers = [await _begin(client, profile, sample, now) for sample in SAMPLES]
    asked = InquiryRequest(
        business_key=QUESTION_KEY,
        applicant=Applicant(name="安知路"),
        topic=QUESTION,
        **_at_the_window(profile),
    )
    receipt = await client.start_inquiry(asked)
    return [*numbers, receipt.number]


def is_settled(connection: Connection) -> bool:
    """Whether every sample matter is there, or somebody began another in this home."""
    own = {QUESTION_KEY, *(sample.key for sample in SAMPLES)}
    begun = set(connection.scalars(select(matter_number.c.business_key)))
    return begun >= own or not begun <= own


async def _begin(client: YangguangClient, profile: Profile, sample: Sample, now: datetime) -> str:
    past = _long_ago(profile, sample.days_ago, now) if sample.days_ago else None
    late: dict[str, Any] = {"received_at": past, "late_reason": OUTAGE} if past else {}
    materials = tuple(Piece(code=each.code) for each in item_of(profile, sample.item).materials)
    request = CaseRequest(
        business_key=sample.key,
        item=sample.item,
        applicant=Applicant(name=sample.applicant),
        materials=materials,
        **_at_the_window(profile),
        **late,
    )
    receipt = await client.start_case(request)
    for fields in _acts(profile, sample, past):
        # Done on an earlier start, and others have gone on with the matter since.
        with suppress(NotPermittedError, ConflictError):
            name = fields.pop("name")
            message = PROCEDURES["case"].table[name].payload.model_validate(fields)
            await client.act("case", receipt.number, name, message)
    return receipt.number


def _acts(profile: Profile, sample: Sample, past: datetime | None) -> Iterator[dict[str, Any]]:
    for n, step in enumerate(sample.steps, start=1):
        late = {"received_at": past + n * LATE, "late_reason": OUTAGE} if past else {}
        done = {"id": f"{sample.key}-{n}", "name": step.act, "post": step.post}
        yield done | {"officer": _holder(profile, step.post)} | step.says | late


def _long_ago(profile: Profile, days: int, now: datetime) -> datetime:
    """Mid-morning so many working days before."""
    calendar = calendar_for(profile, now.date() - LOOK_BACK, now.date() + timedelta(days=1))
    return at_local(calendar, workdays_before(calendar, local_day(calendar, now), days), MORNING)


def _holder(profile: Profile, post: str) -> str:
    return next(each.a for each in profile.posts if each.code == post)


def _at_the_window(profile: Profile) -> dict[str, Any]:
    return {"channel": "window", "officer": _holder(profile, "window-clerk"), "post": "window-clerk"}

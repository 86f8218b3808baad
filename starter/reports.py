"""Reports from outside: beginning those that are due, and getting at the documents.

A period's report has the period's own number, so that the calendar, a person and a repetition all meet the
same one. A document is taken from the home where it lies, and computed again from the ledger where not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from activities.report import GENERATED, PORTION, compute, keep, kept, silent, versions
from ledger.db import Ledger, snapshot
from ledger.read import entries
from readmodel.query import get_matter, get_matters
from rules.report.document import Document, public
from rules.report.periods import ended, number_of
from schemas.errors import UsageError, VerificationError
from schemas.intake import IntakeReceipt, IntakeRequest
from schemas.matters import Channel
from schemas.profile import Post, Profile, Role
from schemas.report import Period, PeriodKind, ReportInput, ReportMade
from schemas.sight import HOUSE
from starter.client import YangguangClient
from starter.rulebook import load_profile
from starter.sight import Eyes

PROFILE = "current"

LOOK_BACK = 60
"""Periods that are looked for at most, when no engine ran for long."""


def head_of_office(profile: Profile) -> Post:
    """The post of the supervision office's head. Raises UsageError where the profile has none."""
    heads = {section.chief_post for section in profile.sections}
    for post in profile.posts:
        if Role.SUPERVISION in post.roles and post.code in heads:
            return post
    raise UsageError(
        f"规则版本 {profile.id} 没有督查室主任岗位 / profile {profile.id} names no supervision chief",
        code="no_supervision_office",
    )


async def start_report(
    client: YangguangClient,
    period: Period,
    *,
    officer: str = "",
    post: str = "",
    profile: str = PROFILE,
    received_at: datetime | None = None,
) -> IntakeReceipt:
    """Begin the report of a period; without `officer`, on account of the head of the supervision office.

    Raises what `YangguangClient.start_matter` raises; NotPermittedError (`period_open`) before its end.
    """
    head = head_of_office(load_profile(profile))
    request = IntakeRequest(
        business_key=f"{period.kind}/{period.of}",
        profile=profile,
        channel=Channel.INTERNAL,
        officer=officer or head.a,
        post=post or head.code,
        received_at=received_at,
    )
    facts = {"period": period, "scheduled": not officer}
    return await client.start_matter("report", request, ReportInput, {}, number=number_of(period), **facts)


async def begin_due(client: YangguangClient, kind: PeriodKind, now: datetime) -> tuple[str, ...]:
    """Begin the reports of this kind that are due, the oldest first; gives their numbers.

    After a standstill that is every period since the last report; in a new home the latest one only.
    """
    today = now.astimezone(ZoneInfo(load_profile(PROFILE).timezone)).date()
    missing = []
    with snapshot(client.ledger.engine) as connection:
        for period in islice(ended(kind, today), LOOK_BACK):
            if get_matter(connection, number_of(period)):
                break
            missing.append(period)
        else:
            del missing[1:]
    for period in reversed(missing):
        await start_report(client, period)
    return tuple(number_of(period) for period in reversed(missing))


def is_generated(connection: Connection, number: str) -> bool:
    """Whether a version of the report is on record."""
    return any(each.type in GENERATED for each in entries(connection, number))


def made_of(connection: Connection, number: str, version: int = -1) -> ReportMade:
    """What the ledger says of a version of a report; the latest unless told otherwise."""
    return versions(connection, number)[version][1]


def document_of(
    ledger: Ledger, folder: Path, number: str, tell: Callable[[int], None] = silent
) -> tuple[Document, ReportMade]:
    """The latest version of a report, as kept or as computed again.

    Raises NotFoundError for a report nobody generated, VerificationError (`report_differs`) where another
    document comes of the entries than the ledger names.
    """
    with snapshot(ledger.engine) as connection:
        basis, made = versions(connection, number)[-1]
        if content := kept(folder, made.digest):
            return orjson.loads(content), made
        computed = compute(connection, made.range.origin, basis, made.range.last + 1, tell)
    if computed.made != made:
        raise VerificationError(
            f"{number} 重新计算的结果与总账所载不符 / "
            f"{number} comes out differently from what the ledger names: run `report regenerate`",
            code="report_differs",
        )
    keep(folder, computed)
    return computed.document, made


def seen_by(connection: Connection, eyes: Eyes, found: Document) -> Document:
    """The document without rows of matters that somebody may not see; the numbers stay what they are."""
    if eyes.viewer == HOUSE:
        return found
    numbers = sorted({row[0] for figure in found["figures"] for row in figure["rows"]})
    seen = set[str]()
    for start in range(0, len(numbers), PORTION):
        rows = get_matters(connection, numbers[start : start + PORTION])
        pairs = zip(rows, eyes.seen(connection, rows), strict=True)
        seen |= {row.case_id for row, allowed in pairs if allowed}
    figures = [each | {"rows": [row for row in each["rows"] if row[0] in seen]} for each in found["figures"]]
    return found | {"figures": figures}


def edition(found: Document, *, for_all: bool) -> Document:
    """The full edition, or what of it is open to all."""
    return public(found) if for_all else found

"""Running the detectors over the ledger, and opening a lead for what they find.

One lead a person, detector and week: a fault lead of source `detector`, taken in by whoever handles leads
about that person; from then on people decide. What is seen in a record of the past is told and opens nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from ledger.db import Ledger, snapshot
from ledger.read import stream
from readmodel.query import Filters, list_matters
from rules.detector_looks import Setting, week_of
from rules.detectors import Watch, concluded, look
from rules.leads import route
from schemas.clocks import Calendar
from schemas.errors import ConflictError
from schemas.fault import About, FaultInput, FaultRequest, Lead
from schemas.findings import Detections, Finding
from schemas.matters import Channel
from schemas.profile import Profile
from starter.client import YangguangClient
from starter.rulebook import calendar_for, load_profile

SOURCE = "detector"

YEARS_BACK, YEARS_AHEAD = 3, 1
"""How far the calendar reaches around the day of the run; days beyond are plain Monday to Friday."""

Advance = Callable[[int], object]


def recent_weeks(now: datetime, profile: Profile) -> tuple[str, ...]:
    """The ISO week before this one, and this one: what was recorded late counts still."""
    calendar = _calendar(profile, now)
    return week_of(calendar, now - timedelta(weeks=1)), week_of(calendar, now)


def detect(
    ledger: Ledger,
    profile: Profile,
    weeks: Iterable[str] | None,
    now: datetime,
    advance: Advance = lambda n: None,
) -> Detections:
    """Run the detectors of a profile over the whole ledger, for these ISO weeks; None: for all there are.

    `now` sets the stretch of the calendar; `advance` is told how many entries more were looked at.
    """
    chosen = frozenset(weeks) if weeks is not None else None
    watch = Watch(Setting(profile.detectors, _calendar(profile, now), profile.thresholds, chosen))
    count = 0
    with snapshot(ledger.engine) as connection:
        for portion in stream(connection):
            for entry in portion:
                look(watch, entry.event)
            count += len(portion)
            advance(len(portion))
    found = concluded(watch)
    told = sorted(chosen if chosen is not None else {each.week for each in found})
    return Detections(weeks=tuple(told), entries=count, findings=found)


async def detect_and_open(
    client: YangguangClient, weeks: Sequence[str] | None = None, advance: Advance = lambda n: None
) -> Detections:
    """Run the detectors of the profile in force and open the leads. Raises like the client."""
    ledger, profile = client.ledger, load_profile("current")
    now = ledger.clock()
    chosen = weeks if weeks is not None else recent_weeks(now, profile)
    loop = asyncio.get_running_loop()

    def beat(count: int) -> None:
        loop.call_soon_threadsafe(advance, count)

    found = await asyncio.to_thread(detect, ledger, profile, chosen, now, beat)
    return found.model_copy(update={"opened": await open_leads(client, found.findings, profile)})


async def open_leads(
    client: YangguangClient, findings: Iterable[Finding], profile: Profile
) -> tuple[str, ...]:
    """Open a lead for each finding that has none yet; gives the numbers of those opened now."""
    opened = []
    for finding in findings:
        if not finding.imported and not await asyncio.to_thread(_has_lead, client.ledger, finding):
            opened += await _open(client, finding, profile)
    return tuple(opened)


def request_of(finding: Finding, profile: Profile) -> FaultRequest:
    """The lead as the office takes it in: what was seen, and where; nobody is accused of what it means.

    Raises Refusal where no post of the bureau is free to take it.
    """
    handled = route((finding.officer,), profile.posts, profile.faults)
    first = finding.evidence[0]
    return FaultRequest(
        business_key=finding.key,
        profile=profile.id,
        channel=Channel.INTERNAL,
        officer=handled.officer,
        post=handled.post.code,
        lead=Lead(
            source=SOURCE,
            codes=finding.faults,
            about=About(kind=first.kind, number=first.number),
            accused=(finding.officer,),
            text=finding.text,
            evidence=finding.evidence,
        ),
    )


async def _open(client: YangguangClient, finding: Finding, profile: Profile) -> list[str]:
    request = request_of(finding, profile)
    try:
        receipt = await client.start_matter("fault", request, FaultInput, {}, lead=request.lead)
    except ConflictError:
        return []  # opened meanwhile, when less had been seen
    return [receipt.number]


def _has_lead(ledger: Ledger, finding: Finding) -> bool:
    with snapshot(ledger.engine) as connection:
        return bool(list_matters(connection, Filters(kind="fault", business_key=finding.key)).rows)


def _calendar(profile: Profile, now: datetime) -> Calendar:
    day = now.date()
    first, last = date(day.year - YEARS_BACK, 1, 1), date(day.year + YEARS_AHEAD, 12, 31)
    return calendar_for(profile, first, last)

"""Fault cases in the hands of a test: leads of every kind, and the way to each of their states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rules.confirming import digest_over
from schemas.fault import FaultRequest
from schemas.liability import Proposal
from schemas.profile import Rules
from starter.faults import start_fault
from tests.workflows.house import File, House, at, new_key

HEAD, DESK, DISCIPLINE = "head", "supervisor", "discipline"
ACCUSED, POST = "1201", "registry-handler"
"""Whom the ordinary lead names, and his post."""

TEAM = {"1501": "farmland-handler", "1503": "farmland-chief"}
"""Two who have nothing to do with it."""

PANEL = {"1001": HEAD, "1004": "deputy-law", "1303": "land-use-chief"}
"""Who discusses; the head presides."""

MEASURE = {"officer": ACCUSED, "handling": ["org-admonition"], "basis": "过错责任追究办法 第29条"}
SERIOUS = {"officer": ACCUSED, "sanction": "adm-demerit", "basis": "过错责任追究办法 第30条"}
DIRECT = {
    "officer": ACCUSED,
    "post": POST,
    "role": "handler",
    "degree": "D",
    "grade": "general",
    "reason": "据实认定",
}
FREE = {
    "officer": "1205",
    "post": "registry-chief",
    "role": "reviewer",
    "degree": "none",
    "reason": "已尽审核之责",
}


async def fault(
    house: House,
    begin: str = "06-15 09:00",
    *,
    rules: Callable[[Rules], Rules] = lambda rules: rules,
    start: dict[str, Any] | None = None,
    lead: dict[str, Any] | None = None,
    **said: Any,
) -> File:
    """Register a lead at the supervision office: by default an audit's, about a late case."""
    desk = house.desk(rules, start)
    about = {
        "business_key": new_key(),
        "channel": "internal",
        "officer": "1901",
        "post": DESK,
        "received_at": at(begin),
        "lead": {"source": "audit", "codes": ["F04"], "accused": [ACCUSED], "text": "逾期", **(lead or {})},
    }
    request = FaultRequest.model_validate({**about, **said})
    return File(house, desk, "fault", await start_fault(desk, request), None)


async def accepted(house: House, begin: str = "06-15 09:00", **said: Any) -> File:
    """Screened and accepted."""
    file = await fault(house, begin, **said)
    await file.act("screen", DESK)
    await file.act("accept", DESK, reason="线索具体，应予查清")
    return file


async def investigated(house: House, begin: str = "06-15 09:00", **said: Any) -> File:
    """Accepted, with a team."""
    file = await accepted(house, begin, **said)
    await file.act("appoint", DESK, team=list(TEAM))
    return file


async def report(
    file: File, *rows: dict[str, Any], proposals: tuple[Proposal, ...] = (), **said: Any
) -> None:
    """The team reports these rows, and both sign."""
    stated = {"rows": list(rows or (DIRECT, FREE)), "proposals": [p.model_dump() for p in proposals]}
    digest = digest_over(proposals) if proposals else ""
    await file.act("report", TEAM["1501"], who="1501", opinion="事实清楚", digest=digest, **stated, **said)
    await file.act("countersign", TEAM["1503"], who="1503")


async def reported(house: House, begin: str = "06-15 09:00", **said: Any) -> File:
    """Reported and countersigned."""
    file = await investigated(house, begin, **said)
    await report(file)
    return file


async def noticed(house: House, begin: str = "06-15 09:00", *measures: dict[str, Any], **said: Any) -> File:
    """Facts and proposed handling are served; the window for a defence runs."""
    file = await reported(house, begin, **said)
    await file.act("notify_facts", DESK, document="告〔2037〕1号", measures=list(measures or (MEASURE,)))
    return file


async def verified(house: House, begin: str = "06-15 09:00", *measures: dict[str, Any], **said: Any) -> File:
    """The person waived his defence in writing; the team has verified."""
    file = await noticed(house, begin, *measures, **said)
    await file.act("waive", POST, who=ACCUSED, document="放弃书1号")
    await file.act("verify", TEAM["1501"], who="1501", opinion="无异议")
    return file


async def discuss(file: File, meets: str, votes: dict[str, str] | None = None) -> None:
    """A meeting that sits, votes, closes and signs its minutes."""
    members = [{"officer": who, "post": post, "chair": who == "1001"} for who, post in PANEL.items()]
    await file.act("convene", HEAD, members=members, meets_at=at(meets), materials=["调查报告"])
    await file.until(meets)
    others = [who for who in PANEL if who != "1001"]
    for who in (*others, "1001"):
        await file.act("attend", PANEL[who], who=who)
    for who in (*others, "1001"):
        choice = (votes or {}).get(who, "agree")
        reason = "" if choice == "agree" else "处理偏重"
        await file.act("vote", PANEL[who], who=who, choice=choice, opinion="已发言", reason=reason)
    await file.act("close_session", HEAD)
    await sign(file, *others, "1001")


async def sign(file: File, *who: str) -> None:
    """These sign the minutes."""
    text = (await file.status()).detail["session"]
    assert isinstance(text, dict)
    for each in who:
        await file.act("sign_minutes", PANEL[each], who=each, minutes=text["minutes"])


async def discussed(
    house: House,
    begin: str = "06-15 09:00",
    meets: str = "06-16 09:00",
    *measures: dict[str, Any],
    **said: Any,
) -> File:
    """The resolution is passed and its minutes are signed."""
    file = await verified(house, begin, *measures, **said)
    await discuss(file, meets)
    return file


def decision(day: str = "2037-06-16", **person: Any) -> dict[str, Any]:
    """A decision text with all its parts."""
    about = {
        "officer": ACCUSED,
        "post": POST,
        "facts": "逾期2个工作日未办结",
        "evidence": ["case.breached"],
        "degree": "D",
        "fault": "F04",
        "basis": "过错责任追究办法 第29条",
        "handling": ["org-admonition"],
        "remedy": "自送达之日起30日内可以申诉",
    }
    return {
        "outcome": "handled",
        "document": "责〔2037〕1号",
        "authority": "莱溪市国土资源局",
        "seal": "印-001",
        "decided_on": day,
        "persons": [{**about, **person}],
    }


async def decided(
    house: House,
    begin: str = "06-15 09:00",
    meets: str = "06-16 09:00",
    *measures: dict[str, Any],
    **said: Any,
) -> File:
    """Decided on the day of the discussion."""
    file = await discussed(house, begin, meets, *measures)
    text = decision(at(meets).date().isoformat(), **said)
    if measures and measures[0].get("sanction"):
        text |= {"outcome": "sanction_proposed"}
    await file.act("decide", HEAD, **text)
    return file


async def served(
    house: House,
    begin: str = "06-15 09:00",
    meets: str = "06-16 09:00",
    *measures: dict[str, Any],
    **said: Any,
) -> File:
    """Served on the person; his time for a remedy runs."""
    file = await decided(house, begin, meets, *measures, **said)
    await file.act("serve", DESK, person=ACCUSED)
    return file

"""The other half of the bureau's story: what follows when a limit is broken or an approval was wrong.

A late case turns red and becomes a fault case; a reconsideration finds an approval wrong, and everybody who
signed it is examined; the month's report counts both. People decide everything; the engine keeps the time and
proposes. All people are invented.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ledger.entry import Entry
from rules.confirming import digest_over
from rules.report.periods import period_of
from schemas.errors import PendingError
from schemas.fault import About, FaultRequest, Lead
from schemas.liability import Finding, Proposal
from schemas.matters import Channel
from schemas.report import PeriodKind
from starter.faults import start_fault
from starter.liability import explain
from starter.reports import start_report
from starter.rulebook import item_of
from starter.story import LAND, MORTGAGE
from starter.story_teller import Teller

LATE, CLERK = "window-clerk", "1101"
"""The post that lets the application lie, and its holder."""

OFFICE, HEAD = "supervisor", "head"
DEPUTY = "1902"
"""B officer of the supervision office: who reviews a report does not sign it."""

TEAM = {"1501": "farmland-handler", "1503": "farmland-chief"}
"""Two who have nothing to do with it."""

PANEL = {"1004": "deputy-law", "1303": "land-use-chief", "1001": HEAD}
"""Who discusses; the head presides, and speaks last."""

DISSENT = "1303"
MEASURE = "org-education"
FINDS_WRONG = "复议决定：许可不符合法定条件，予以撤销"
PAPER = {"name": "情况说明", "sha256": "5f" * 32, "pages": 1}


async def late(t: Teller) -> None:
    """逾期问责: a yellow card, an objection refused, a red card; a fault case up to its review."""
    await t.receives(MORTGAGE, "盛和粮油店", post=LATE)
    await t.at(0, "09:40")
    await t.act("accept", LATE, opinion="材料齐全")
    stage = item_of(t.setting.profile, MORTGAGE).stages[0].limit.n
    rectify = t.setting.profile.thresholds.rectify.n
    yellow_day = stage + 1
    await t.at(yellow_day, "09:30")
    card = await t.follow("card", (await _card(t, "Y1"))["id"])
    await card.at(yellow_day, "14:00")
    await card.act("object_to", LATE, reason="当日窗口人手不足", attachments=[PAPER])
    await card.at(yellow_day + 1, "10:00")
    await card.act("rule", OFFICE, upheld=False, reason="人手不足不是停表事由，未按 AB 岗补位")
    red_day = yellow_day + rectify + 1
    await t.at(red_day, "09:30")
    red = await t.follow("card", (await _card(t, "R1"))["id"])
    fault = await t.follow("fault", f"GC-{red.number}")
    await _investigated(fault, red_day)
    await _decided(fault, red_day + 1)


async def _investigated(t: Teller, day: int) -> None:
    """初核、立案、调查、报告、告知: the proposal is the table's, its rows are people's."""
    await t.at(day, "10:30")
    await t.act("screen", OFFICE)
    await t.act("accept", OFFICE, reason="红牌属必须初核的线索，事实具体")
    await t.act("appoint", OFFICE, team=list(TEAM))
    await t.at(day + 1, "09:30")
    lead = (await t.read())[0].data
    proposals = [await _proposed(t, lead["about"]["number"], code) for code in lead["codes"]]
    await _report(t, proposals)
    measures = [
        {"officer": who, "handling": [MEASURE], "basis": "过错责任追究办法"} for who in _liable(proposals)
    ]
    await t.act("notify_facts", OFFICE, document="过错告知书第 1 号", measures=measures)
    await t.act("defend", LATE, person=CLERK, points={"1": "当日收件四十余件，已在次日补办"})


async def _decided(t: Teller, day: int) -> None:
    """复核、集体讨论、决定、送达、救济: one dissents, and the objection changes nothing."""
    window = t.setting.profile.faults.limits["defence"].limit.n
    await t.at(day + window + 1, "09:30")
    said = [e.data for e in await t.read() if e.type == "fault.defended"]
    answers = {f"{d['person']}/{point}": "已核实，从轻考虑" for d in said for point in d["points"]}
    await t.act("verify", TEAM["1501"], who="1501", opinion="申辩部分属实", answers=answers)
    await _discussed(t, day + window + 2)
    await t.act("decide", HEAD, **await _decision(t))
    for person in (await t.read())[-1].data["persons"]:
        await t.act("serve", OFFICE, person=person["officer"])
    await t.act("apply_remedy", LATE, path="organisational")
    await t.at(day + window + 4, "10:00")
    await t.act(
        "answer_remedy",
        OFFICE,
        person=CLERK,
        result="upheld",
        reason="事实清楚，处理适当",
        document="复核第 1 号",
    )


async def _discussed(t: Teller, day: int) -> None:
    members = [{"officer": who, "post": post, "chair": post == HEAD} for who, post in PANEL.items()]
    meets = t.setting.at(day, "09:00")
    await t.act("convene", HEAD, members=members, meets_at=meets.isoformat(), materials=["调查报告"])
    await t.at(day, "09:00")
    for who, post in PANEL.items():
        await t.act("attend", post, who=who)
    for who, post in PANEL.items():
        choice, reason = ("oppose", "首次逾期，建议只作提醒") if who == DISSENT else ("agree", "")
        await t.act("vote", post, who=who, choice=choice, opinion="已发表意见", reason=reason)
    await t.act("close_session", HEAD)
    minutes = (await t.status()).detail["session"]["minutes"]  # type: ignore[index,call-overload]
    for who, post in PANEL.items():
        await t.act("sign_minutes", post, who=who, minutes=minutes)


async def _decision(t: Teller) -> dict[str, Any]:
    found = next(e.data for e in reversed(await t.read()) if e.type == "fault.reported")
    rows = [row for row in found["rows"] if row["degree"] != "none"]
    persons = [
        {
            "officer": row["officer"],
            "post": row["post"],
            "facts": "环节逾期，黄牌未整改",
            "evidence": ["clock.breached", "card.issued"],
            "degree": row["degree"],
            "fault": "F04",
            "basis": "过错责任追究办法",
            "handling": [MEASURE],
            "remedy": "自送达之日起三十日内可以申诉",
        }
        for row in rows
    ]
    return {
        "outcome": "handled",
        "document": "过错决定第 1 号",
        "authority": "莱西市国土资源局",
        "seal": "印第 1 号",
        "decided_on": t.setting.local((await t.status()).now).date().isoformat(),
        "persons": persons,
    }


async def wrong(t: Teller) -> None:
    """错批连带责任: granted in time, found wrong by a reconsideration; the whole chain is examined."""
    await t.receives(LAND, "东坡采砂队", post=LATE)
    await t.at(0, "09:40")
    await t.act("accept", LATE, opinion="材料齐全")
    await t.act("sign_stage", LATE, opinion="材料齐全，移送用地利用科")
    await t.act("sign_stage", "land-use-handler", opinion="符合条件，建议批准")
    await t.at(0, "15:00")
    await t.act("sign_stage", "land-use-chief", opinion="同意")
    await t.act("decide", "deputy-land", opinion="准予临时用地", outcome="granted")
    await t.at(1, "10:00")
    await t.act("result_ready", LATE, document="临时用地批准书第 2 号", notified="phone")
    await t.act("deliver", LATE)
    fault = await t.follow("fault", await _reconsidered(t))
    await fault.act("screen", OFFICE)
    await fault.act("accept", OFFICE, reason="复议决定已生效")
    await fault.act("appoint", OFFICE, team=list(TEAM))
    await fault.at(12, "10:00")
    await _report(fault, [await _proposed(fault, t.number, "F07", found_wrong(t.number))])


async def _reconsidered(t: Teller) -> str:
    lead = Lead(
        source="reconsideration", codes=("F07",), about=About(kind="case", number=t.number), text=FINDS_WRONG
    )
    post = t.setting.post(OFFICE)
    request = FaultRequest(
        business_key=f"{t.key}-fault",
        channel=Channel.INTERNAL,
        officer=post.a,
        post=post.code,
        received_at=t.setting.at(10, "09:30"),
        lead=lead,
    )
    return (await start_fault(t.client, request)).number


def found_wrong(number: str) -> tuple[Finding, ...]:
    """What the investigators found: a wrong proposal that nobody corrected; nothing was concealed."""
    proof = [{"kind": "case", "number": number, "seq": 1}]
    said = [
        *({"question": "opinion", "answer": "wrong", "who": who} for who in ("1301", "1303", "1002")),
        {"question": "concealment", "answer": "no", "who": "1301"},
        {"question": "cause", "answer": "staff"},
        {"question": "order", "answer": "none"},
    ]
    return tuple(Finding.model_validate({**each, "evidence": proof}) for each in said)


async def month(t: Teller) -> None:
    """月报: computed after the month's end, reviewed, signed and sent."""
    period = period_of(PeriodKind.MONTH, f"{t.setting.start:%Y-%m}")
    begun = await start_report(t.client, period, received_at=t.setting.after_month())
    t.kind, t.number = "report", begun.number
    await t.wait(is_made)
    await t.act("review", OFFICE, who=DEPUTY, opinion="数据与总账一致")
    await t.act("sign", OFFICE, opinion="签发")
    await t.act("distribute", OFFICE)


def is_made(entries: Sequence[Entry]) -> bool:
    """Whether the first version of the report is on record."""
    return any(entry.type == "report.generated" for entry in entries)


async def _report(t: Teller, proposals: list[Proposal]) -> None:
    rows = {row.officer: row.model_dump(mode="json") for p in proposals for row in p.rows}
    stated = {
        "proposals": [p.model_dump(mode="json") for p in proposals],
        "digest": digest_over(tuple(proposals)),
    }
    await t.act(
        "report", TEAM["1501"], who="1501", opinion="事实清楚，证据充分", rows=list(rows.values()), **stated
    )
    await t.act("countersign", TEAM["1503"], who="1503")


async def _proposed(t: Teller, number: str, fault: str, findings: tuple[Finding, ...] = ()) -> Proposal:
    return await asyncio.to_thread(explain, t.client.ledger, number, fault, findings, t.setting.profile)


def _liable(proposals: list[Proposal]) -> list[str]:
    found = (row.officer for proposal in proposals for row in proposal.rows if row.degree != "none")
    return list(dict.fromkeys(found))


async def _card(t: Teller, code: str) -> dict[str, Any]:
    for entry in reversed(await t.read()):
        if entry.type == "card.issued" and entry.data["card"]["code"] == code:
            return dict(entry.data["card"])
    raise PendingError(f"没有 {code} 牌 / there is no card {code} yet")

"""A fault case from its lead to its file, as the regulation tells it (domain 3.3)."""

from __future__ import annotations

import asyncio

import pytest

from schemas.clocks import ClockKind
from schemas.errors import NotPermittedError
from starter.faults import start_for_incidents
from tests.workflows.beside import beside
from tests.workflows.fault_desk import (
    ACCUSED,
    DESK,
    DISCIPLINE,
    HEAD,
    MEASURE,
    POST,
    TEAM,
    accepted,
    decision,
    discuss,
    fault,
    report,
)
from tests.workflows.house import CALENDAR, File, House, day
from tests.workflows.supervision_desk import rules_of


@beside
async def test_the_whole_way(house: House) -> None:
    """线索 to 归档, with a defence, a dissent and a remedy that nobody asked for."""
    file = await fault(house)
    assert (await file.clock(ClockKind.STEP, "screening")).due == day("06-23")
    await file.act("screen", DESK)
    await file.act("accept", DESK, reason="线索具体")
    assert (await file.clock(ClockKind.STEP, "investigation")).due == day("07-28")
    await file.act("appoint", DESK, team=list(TEAM))
    await report(file)
    await file.act("notify_facts", DESK, document="告〔2037〕1号", measures=[MEASURE])
    assert (await file.clock(ClockKind.WINDOW, f"defence/{ACCUSED}")).due == day("06-23")
    await file.act("defend", POST, who=ACCUSED, person=ACCUSED, points={"1": "材料迟到两日"})
    await file.refused("defence_open", "verify", TEAM["1501"], who="1501", opinion="核")
    await file.until("06-24 09:00")
    answers = {f"{ACCUSED}/1": "已核，材料迟到属实，处理已从轻"}
    await file.act("verify", TEAM["1501"], who="1501", opinion="部分采纳", answers=answers)
    await discuss(file, "06-25 09:00", {"1303": "oppose"})
    await file.act("decide", HEAD, **decision("2037-06-25"))
    await file.act("serve", DESK, person=ACCUSED)
    assert (await file.clock(ClockKind.WINDOW, f"remedy/{ACCUSED}/organisational/0")).due == day("07-27")
    await file.act("execute_measure", DESK, person=ACCUSED, measure="org-admonition", document="谈话笔录")
    await file.until("07-28 09:00")
    assert (await file.status()).state == "effective"
    await file.act("file", DESK)
    assert (await file.handle.result())["state"] == "filed"
    assert "fault.effective" in file.types()


@beside
async def test_a_lead_that_must_be_screened_is_not_dropped(house: House) -> None:
    """A court's result is looked into; an audit's hint may be not accepted, and the reporter is told."""
    court = await fault(house, lead={"source": "court"})
    await court.refused("not_on_duty", "screen", "registry-chief")
    await court.refused("wrong_state", "accept", DESK, reason="直接立案")
    await court.act("screen", DESK, who="1902")
    await court.refused(
        "must_screen", "not_accept", DESK, ground="no_fault", reason="查无实据", notified="书面"
    )
    await court.refused(
        "not_barred", "not_accept", DESK, ground="time_barred", reason="已久", notified="书面"
    )
    audit = await fault(house, applicant={"name": "宋实名"})
    await audit.act("screen", DESK)
    await audit.refused("reason_required", "not_accept", DESK, ground="no_fault")
    await audit.refused("reporter_untold", "not_accept", DESK, ground="no_fault", reason="查无实据")
    await audit.act("not_accept", DESK, ground="no_fault", reason="查无实据", notified="书面答复")
    assert (await audit.handle.result())["state"] == "not_accepted"


@beside
async def test_what_lies_too_far_back(house: House) -> None:
    """Two years from the day it happened, unless it is a matter of forgery."""
    old = {"source": "complaint", "occurred_on": "2035-06-12"}
    late = await fault(house, lead=old)
    await late.act("screen", DESK)
    await late.refused("time_barred", "accept", DESK, reason="查")
    await late.act("not_accept", DESK, ground="time_barred", reason="已过时效")
    assert (await late.handle.result())["state"] == "not_accepted"
    forged = await fault(house, lead={**old, "codes": ["F16"]})
    await forged.act("screen", DESK)
    await forged.act("accept", DESK, reason="弄虚作假不受时效限制")
    assert (await forged.status()).state == "investigating"


@beside
async def test_a_lead_about_the_supervision_office_goes_to_the_discipline_secretary(house: House) -> None:
    """Nobody of that office touches it."""
    file = await fault(house, lead={"accused": ["1902"]}, officer="1801", post="office-chief")
    status = await file.status()
    assert (status.officer, status.post) == ("1005", DISCIPLINE)
    await file.refused("not_on_duty", "screen", DESK)
    await file.act("screen", DISCIPLINE)
    await file.act("accept", DISCIPLINE, reason="应查")
    await file.act("appoint", DISCIPLINE, team=list(TEAM))
    await file.refused("too_near", "appoint", DISCIPLINE, team=["1501", "1902"])


@beside
async def test_a_lead_about_the_head_is_sent_up(house: House) -> None:
    """Nobody here may screen it; the receipt of the body outside ends it here."""
    file = await fault(house, lead={"accused": ["1001"], "source": "congress"})
    await file.refused("must_send_up", "screen", DISCIPLINE)
    await file.refused("wrong_receiver", "send_up", DISCIPLINE, organ="court", reason="上报")
    await file.act("send_up", DISCIPLINE, organ="discipline_committee", package=["a" * 64], reason="涉及局长")
    await file.refused("sent_up_already", "send_up", DISCIPLINE, organ="discipline_committee", reason="再报")
    await file.refused("receipt_needed", "receipt_transfer", DISCIPLINE, ref="T1")
    await file.act("receipt_transfer", DISCIPLINE, ref="T1", receipt="市纪委收字1号")
    assert (await file.handle.result())["state"] == "transferred"
    here = await fault(house)
    await here.refused("not_sent_up", "send_up", DESK, organ="discipline_committee", reason="上报")


@beside
async def test_two_leads_about_one_matter_become_one_case(house: House) -> None:
    """The persons and faults of the other move along; one about another matter goes on by itself."""
    about = {"kind": "case", "number": "BJ-2037-900001"}
    first = await accepted(house, lead={"about": about})
    second = await fault(house, lead={"about": about, "codes": ["F10"], "accused": ["1202"]})
    third = await fault(house, lead={"about": {**about, "number": "BJ-2037-900002"}})
    await first.refused("same_case", "merge", DESK, other=first.number, reason="并案")
    await third.act("screen", DESK)
    for other in (second, third):
        await first.act("merge", DESK, other=other.number, reason="同一事项")
    await until_written(first, "fault.joined")
    await until_written(third, "fault.merge_declined")
    assert (await second.handle.result())["state"] == "merged"
    assert (await third.status()).state == "screening"
    detail = (await first.status()).detail
    assert (detail["codes"], detail["accused"]) == (["F04", "F10"], [ACCUSED, "1202"])
    nameless = await accepted(house)
    await nameless.refused("no_about", "merge", DESK, other=first.number, reason="并案")


@beside
async def test_whoever_sits_on_a_lead_is_reported_himself(house: House) -> None:
    """Over Spring Festival, 14 February being worked: then a lead about the office goes to the secretary."""
    file = await fault(house, "02-12 09:00", lead={"source": "court"})
    assert (await file.clock(ClockKind.STEP, "screening")).due == day("02-26")
    await file.until("02-27 09:00")
    opened = file.entries("fault.lead_opened")[-1]
    assert (opened.data["lead"]["accused"], opened.data["lead"]["about"]["number"]) == (["1901"], file.number)
    other = house.entries(f"GC-{file.number}")
    while not other:
        await asyncio.sleep(0.05)
        other = house.entries(f"GC-{file.number}")
    assert (other[0].type, other[0].data["view"]["owner"]) == ("fault.registered", "1005")
    await file.act("screen", DESK)
    await file.act("accept", DESK, reason="应查")
    assert len(file.entries("fault.lead_opened")) == 1


@beside
async def test_a_lead_that_is_none_is_turned_away(house: House) -> None:
    """Unknown channel, unknown fault, or nobody free to handle it."""
    everybody = ["1001", "1002", "1005", "1006", "1801", "1802", "1901", "1902"]
    for code, lead in (
        ("unknown_source", {"source": "rumour"}),
        ("unknown_fault", {"codes": ["F99"]}),
        ("no_route", {"accused": everybody}),
    ):
        with pytest.raises(NotPermittedError) as refusal:
            await fault(house, lead=lead)
        assert refusal.value.code == code


async def until_written(file: File, kind: str) -> None:
    """Wait for an entry that another matter brings about."""
    for _ in range(3000):
        if file.entries(kind):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{file.number} has no {kind}")


@beside
async def test_an_incident_of_the_reconciliation_opens_one_lead(house: House) -> None:
    """However often it is found; nobody is accused yet, and it cannot be dropped."""
    desk = house.desk()
    found = [("incident-1", "case/LX-2037-900001", "entry_missing"), ("incident-2", "", "archive_lost")]
    first = await start_for_incidents(desk, found)
    again = await start_for_incidents(desk, found[:1])
    assert again == first[:1]
    opened = house.entries(first[0])[0]
    assert (opened.type, opened.data["source"], opened.data["codes"]) == (
        "fault.registered",
        "reconciliation",
        ["F16"],
    )
    assert opened.data["about"] == {"kind": "case", "number": "LX-2037-900001"}
    assert opened.data["view"]["owner"] == "1901"


@beside
async def test_calendar_rules_and_notes(house: House) -> None:
    """What every matter knows."""
    file = await fault(house)
    await file.act("note", DESK, opinion="来访一次")
    await file.refused("not_in_post", "note", DESK, who="1201", opinion="x")
    await file.refused("reason_required", "adopt_calendar", DESK, calendar=CALENDAR)
    await file.act("adopt_calendar", DESK, calendar=CALENDAR, reason="通知")
    rules = rules_of("fault")
    await file.refused("wrong_role", "adopt_profile", POST, rules=rules, reason="更正")
    await file.act("adopt_profile", DESK, rules=rules, reason="更正")


@beside
async def test_who_reports_and_his_words_are_in_no_leaf(house: House) -> None:
    """Sealed before they are sent: the case knows only that somebody gave his name."""
    file = await fault(house, applicant={"name": "宋举报人", "phone": "13900001111"})
    leaf = str(file.entries())
    assert "宋举报人" not in leaf
    assert "13900001111" not in leaf
    assert "逾期" not in leaf
    assert file.entries("fault.registered")[0].data["named"] is True

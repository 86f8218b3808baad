"""Complaints from the register to the call-back (投诉有门 办理有效 结果透明 督查到位; domain M09, M30)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rules.procedures.complaint import ComplaintStage
from schemas.clocks import ClockKind
from schemas.errors import NotPermittedError
from starter.complaints import read_sealed
from tests.workflows.beside import beside
from tests.workflows.complaint_desk import COMPLAINANT, DESK, OWNER, assigned, complaint, replied, told
from tests.workflows.house import CALENDAR, House, day
from tests.workflows.supervision_desk import rules_of

STEP, WINDOW = ClockKind.STEP, ClockKind.WINDOW


@beside
async def test_a_hotline_matter_is_answered_called_back_and_shown(house: House) -> None:
    """Five working days to the answer; the public sees the allow-list, and nobody in it."""
    file = await complaint(house, begin="06-17 09:00")
    assert file.intake.promised_day == day("06-25")  # 19-21 June is the Dragon Boat festival
    assert (await file.status()).officer == "1901"
    await file.refused("wrong_role", "accept", "window-clerk")
    await file.refused("wrong_state", "assign", DESK, to_post=OWNER)
    await file.act("accept", DESK, notified="sms")
    await file.refused("unknown_post", "assign", DESK, to_post="nowhere")
    await file.refused("wrong_role", "assign", "window-clerk", to_post=OWNER)
    await file.act("assign", DESK, to_post=OWNER)
    status = await file.status()
    assert (status.officer, (await file.clock(STEP, "finish")).owner) == ("1201", "1201")
    await file.refused("opinion_required", "handle", OWNER, merit="unjustified")
    await file.refused("not_on_duty", "handle", "planning-handler", merit="unjustified", opinion="x")
    await file.act("handle", OWNER, who="1202", merit="unjustified", opinion="材料不齐")
    await file.refused("opinion_required", "reply", OWNER)
    await file.act("reply", OWNER, opinion="已查明，答复如下", notified="sms")
    assert (await file.status()).officer == "1901"
    await file.refused("satisfaction_required", "call_back", DESK, opinion="已联系")
    await file.refused("wrong_state", "close", DESK)
    await file.act("call_back", "office-chief", opinion="满意", satisfaction=5)
    await file.refused("wrong_role", "close", OWNER)
    await file.act("close", DESK)
    result = await file.handle.result()
    assert (result["state"], result["figures"]["satisfaction"]) == (ComplaintStage.CLOSED, 5)
    assert file.entries("complaint.result_published")[0].data["public"] == {
        "type": "hotline",
        "received_day": "2037-06-17",
        "closed_day": "2037-06-17",
        "merit": "unjustified",
        "reopenings": 0,
        "satisfaction": 5,
        "remedies": 0,
    }
    assert file.types("clock.breached", "complaint.lead_opened") == []


@beside
async def test_who_complains_is_sealed_and_every_reading_is_on_record(house: House) -> None:
    """Neither name nor content stands anywhere in clear; reading takes office, reason and an entry."""
    file = await assigned(house, "petition", accused=["1403"])
    await file.refused("reason_required", "read_identity", DESK)
    await file.refused("wrong_role", "read_identity", OWNER, reason="想知道")
    await file.refused("not_on_duty", "read_content", "office-chief", reason="想知道")
    message = file.message("read_identity", DESK, reason="核实身份")
    opened = await read_sealed(file.desk, file.number, "read_identity", message)
    assert opened == COMPLAINANT
    file.sent[message.id] = "read_identity"
    message = file.message("read_identity", "discipline", reason="核查")
    assert await read_sealed(file.desk, file.number, "read_identity", message) == COMPLAINANT
    reading = file.entries("complaint.identity_read")[0]
    assert (reading.event["actor"], reading.data["reason"]) == ("1901", "核实身份")
    assert reading.data["fields"] == ["name", "phone"]
    for secret in (*COMPLAINANT.values(), "窗口拒收材料"):
        assert all(secret not in json.dumps(each.event, ensure_ascii=False) for each in file.entries())
        history = await file.handle.fetch_history()
        assert secret not in history.to_json() + json.dumps(json.loads(history.to_json()), ensure_ascii=False)


@beside
async def test_the_owner_reads_what_is_complained_of_but_not_by_whom(house: House) -> None:
    """Content for whoever handles it; the identity stays closed to him."""
    file = await assigned(house, "hotline")
    message = file.message("read_content", OWNER, reason="办理")
    assert await read_sealed(file.desk, file.number, "read_content", message) == {"topic": "窗口拒收材料"}
    with pytest.raises(NotPermittedError):
        await read_sealed(
            file.desk, file.number, "read_identity", file.message("read_identity", OWNER, reason="办理")
        )
    assert [each.data["act"] for each in file.entries("act.refused")] == ["read_identity"]


@beside
async def test_what_belongs_elsewhere_is_refused_with_the_route(house: House) -> None:
    """In court already: not accepted, with the reason and the way that is open instead (S25)."""
    file = await complaint(house, elsewhere="litigation")
    refusal = await file.refused("elsewhere", "accept", DESK)
    assert "由人民法院依法处理" in refusal.data["told"]
    say = {"ground": "litigation", "reason": "法院已立案"}
    await file.refused("route_required", "refuse", DESK, **say)
    await file.refused("reason_required", "refuse", DESK, ground="litigation", route="由法院处理")
    await file.refused("no_such_ground", "refuse", DESK, ground="annoying", reason="x", route="y")
    await file.act("refuse", DESK, route="由人民法院依法处理", **say)
    assert (await file.handle.result())["state"] == ComplaintStage.NOT_ACCEPTED
    assert file.entries("complaint.not_accepted")[0].data["route"] == "由人民法院依法处理"


@beside
async def test_one_reopening_and_no_more(house: House) -> None:
    """He was not helped: again from the assignment, with a new time to finish; once."""
    file = await replied(house, "hotline")
    await file.refused("wrong_state", "reopen", DESK, reason="不满意")
    await file.act("call_back", DESK, opinion="不满意", satisfaction=1)
    await file.refused("reason_required", "reopen", DESK)
    await file.until("06-17 10:00")
    await file.act("reopen", DESK, reason="未解决")
    assert (await file.clock(STEP, "finish")).due == day("06-25")
    await file.refused("wrong_state", "close", DESK)
    await file.act("assign", "office-chief", to_post=OWNER)
    await file.act("handle", OWNER, merit="unjustified", opinion="复查属实无误")
    await file.act("reply", OWNER, opinion="再次答复")
    await file.act("call_back", DESK, reached=False, opinion="三次未接通")
    await file.refused("reopened_before", "reopen", DESK, reason="仍不满意")
    await file.act("close", DESK)
    figures = (await file.handle.result())["figures"]
    assert (figures["reopenings"], figures["satisfaction"]) == (1, None)


@beside
async def test_an_owner_who_is_not_competent_objects_once_and_a_designation_is_final(house: House) -> None:
    """Within its time and with reasons; the supervision office names the section for good (S25)."""
    file = await assigned(house, "hotline")
    say = {"proposed_post": "planning-handler", "reason": "属规划科职责"}
    await file.refused("reason_required", "dispute", OWNER, proposed_post="planning-handler")
    await file.refused("not_on_duty", "dispute", "planning-handler", **say)
    await file.refused("unknown_post", "dispute", OWNER, reason="不是我们", proposed_post="nowhere")
    await file.act("dispute", OWNER, **say)
    assert (await file.status()).officer == "1901"
    await file.refused("wrong_role", "designate", "office-chief", to_post=OWNER, reason="定")
    await file.refused("reason_required", "designate", DESK, to_post=OWNER)
    await file.refused("wrong_state", "handle", OWNER, merit="partly", opinion="x")
    await file.act("designate", DESK, to_post=OWNER, reason="登记业务")
    await file.refused("designation_final", "dispute", OWNER, **say)
    assert (await file.status()).officer == "1201"


@beside
async def test_an_objection_comes_too_late(house: House) -> None:
    """One working day for a bad rating; afterwards the section stays the owner. Silence is no breach."""
    file = await assigned(house, "bad_rating", "06-12 09:00")
    await file.until("06-16 09:00")
    assert file.types("window.", "clock.breached") == ["window.closed"]
    say = {"proposed_post": "planning-handler", "reason": "不属我科"}
    await file.refused("objection_late", "dispute", OWNER, **say)
    await file.act("explain_delay", OWNER, reason="涉及三个科室", plan="周五前逐户核实")
    await file.refused("plan_required", "explain_delay", OWNER, reason="忙")
    await file.refused("no_limit", "extend", "head", days=5, reason="复杂", notice="告知书1号")


@beside
async def test_a_fault_report_is_a_lead_at_once_and_cannot_be_put_aside(house: House) -> None:
    """Part 3: whoever would like it dropped; the accused is told nothing and does nothing."""
    file = await complaint(house, "fault_report", accused=["1101"], officer="1103", post="window-lead")
    lead = file.entries("complaint.lead_opened")[0].data
    assert lead["fault"] == f"GC-{file.number}"
    assert lead["lead"] == {
        "source": "complaint",
        "codes": ["F21"],
        "about": {"kind": "complaint", "number": file.number},
        "accused": ["1101"],
        "text": f"收到举报 / a report was received: {file.number}",
        "evidence": [{"kind": "complaint", "number": file.number, "seq": 1}],
        "named": True,
    }
    say = {"reason": "内容不实", "route": "无"}
    await file.refused("no_such_ground", "refuse", DESK, ground="finished", **say)
    await file.refused("barred", "note", "window-clerk", opinion="我没有")
    await file.refused("barred", "note", "window-lead", opinion="我的人没有")
    await file.act("accept", DESK)
    for post, code in (
        ("window-clerk", "accused_post"),
        ("window-lead", "accused_section"),
    ):
        await file.refused(code, "assign", DESK, to_post=post)
    await file.act("assign", DESK, to_post="discipline")
    assert "1101" not in told(file)


@beside
async def test_nobody_registers_a_report_about_himself(house: House) -> None:
    """It is taken in by somebody else; a name that nobody bears is refused too."""
    for code, said in (
        ("barred", {"accused": ["1101"]}),
        ("unknown_accused", {"accused": ["8888"]}),
        ("unknown_accused", {"sections": ["nowhere"]}),
        ("unknown_type", {"kind": "grumble"}),
        ("no_such_ground", {"elsewhere": "nowhere"}),
    ):
        with pytest.raises(NotPermittedError) as refused:
            await complaint(house, **said)
        assert refused.value.code == code


@beside
async def test_a_complaint_about_the_supervision_office_goes_to_the_discipline_secretary(
    house: House,
) -> None:
    """And one about him or the head is only sent up."""
    file = await complaint(house, accused=["1902"])
    assert (await file.status()).officer == "1005"
    await file.refused("barred", "accept", DESK)
    await file.act("accept", "discipline")
    await file.refused("barred", "read_identity", DESK, reason="看看")
    above = await complaint(house, accused=["1001"])
    await above.refused("goes_up", "accept", DESK)
    await above.act("refuse", DESK, ground="upper_level", reason="涉及局长", route="报市纪委监委")
    assert (await above.handle.result())["state"] == ComplaintStage.NOT_ACCEPTED


@beside
async def test_no_superior_of_the_section_may_be_the_accused(house: House) -> None:
    """The deputy head in charge: none of his sections handles it; the discipline secretary may."""
    file = await complaint(house, accused=["1002"])
    await file.act("accept", DESK)
    await file.refused("accused_superior", "assign", DESK, to_post="planning-handler")
    await file.refused("accused_section", "assign", DESK, to_post="deputy-registry")
    await file.act("assign", DESK, to_post="discipline")


@beside
async def test_a_justified_complaint_opens_a_lead_and_leaves_the_section_it_is_about(house: House) -> None:
    """Found by its own section about its own man: from then on the supervision office answers."""
    file = await assigned(house, "bad_rating", about="LX-2037-000009")
    await file.refused(
        "unknown_accused", "handle", OWNER, merit="justified", opinion="属实", responsible=["8888"]
    )
    said: dict[str, Any] = {"responsible": ["1202"], "faults": ["F05"]}
    await file.act("handle", OWNER, merit="justified", opinion="承办人推诿", **said)
    lead = file.entries("complaint.lead_opened")[0].data["lead"]
    assert (lead["accused"], lead["codes"]) == (["1202"], ["F05"])
    assert lead["about"] == {"kind": "case", "number": "LX-2037-000009"}
    assert (await file.status()).officer == "1901"
    await file.refused("not_on_duty", "reply", OWNER, opinion="答复")
    await file.act("reply", DESK, opinion="问题属实，已责令改正")
    assert "1202" not in told(file)


@beside
async def test_calendar_rules_and_notes(house: House) -> None:
    """What every matter knows, kept from those whom it is about."""
    file = await complaint(house, "petition", accused=["1801"])
    await file.act("note", DESK, opinion="来访两次")
    await file.refused("barred", "note", "office-chief", who="1802", opinion="x")
    await file.refused("reason_required", "adopt_calendar", DESK, calendar=CALENDAR)
    await file.act("adopt_calendar", DESK, calendar=CALENDAR, reason="通知")
    await file.refused("wrong_role", "adopt_profile", OWNER, rules=rules_of("complaint"), reason="更正")
    await file.act("adopt_profile", DESK, rules=rules_of("complaint"), reason="更正")

"""Petitions (信访) and the limits of complaints, across weekends, Spring Festival and the year's end."""

from __future__ import annotations

from typing import Any

from rules.procedures.complaint import ComplaintStage
from schemas.clocks import ClockKind
from tests.workflows.beside import beside
from tests.workflows.complaint_desk import DESK, OWNER, assigned, complaint, happened, replied
from tests.workflows.house import House, at, day

STEP, WINDOW = ClockKind.STEP, ClockKind.WINDOW
AGAIN = {"reason": "对答复不服"}
ANSWER = {"outcome": "upheld", "opinion": "维持", "document": "莱政信复〔2037〕2号"}


@beside
async def test_a_petition_has_fifteen_sixty_and_thirty_days(house: House) -> None:
    """Told in 15 days, finished in 60 from acceptance; the head adds 30, once, with notice, in time."""
    file = await complaint(house, "petition", "06-15 09:00")
    assert file.intake.promised_day == day("06-30")
    await file.until("06-29 09:00")
    await file.act("accept", DESK, notified="letter")
    assert (await file.clock(STEP, "finish")).due == day("08-28")
    await file.act("assign", DESK, to_post=OWNER)
    say: dict[str, Any] = {"days": 30, "reason": "情况复杂"}
    await file.refused("notice_required", "extend", "head", **say)
    await file.refused("wrong_role", "extend", OWNER, notice="延期告知书", **say)
    await file.refused("extension_too_long", "extend", "head", notice="延期告知书", days=31, reason="x")
    await file.act("extend", "head", notice="延期告知书1号", **say)
    assert (await file.clock(STEP, "finish")).due == day("09-28")  # 27 September is a Sunday of the holiday
    await file.refused("extended_before", "extend", "head", notice="延期告知书", **say)


@beside
async def test_review_recheck_final(house: House) -> None:
    """Thirty days to ask, thirty to answer, twice; then it is final."""
    file = await replied(house, "petition", "06-15 09:00")
    assert (await file.clock(WINDOW, "review")).due == day("07-15")
    await file.refused("wrong_state", "request_recheck", DESK, **AGAIN)
    await file.refused("reason_required", "request_review", "window-clerk")
    await file.until("06-16 09:00")
    await file.act("request_review", "window-clerk", **AGAIN)
    assert (await file.clock(STEP, "review")).due == day("07-16")
    await file.until("07-15 09:00")
    await file.refused("wrong_state", "call_back", DESK, opinion="x", satisfaction=1)
    await file.refused("document_required", "answer_review", DESK, outcome="upheld", opinion="维持")
    await file.refused("wrong_role", "answer_review", OWNER, **ANSWER)
    await file.act("answer_review", DESK, **ANSWER)
    await file.refused("wrong_state", "close", DESK)
    await file.act("call_back", DESK, opinion="仍不满意", satisfaction=2)
    await file.refused("review_open", "close", DESK)
    await file.refused("use_review", "reopen", DESK, reason="不满意")
    await file.act("request_recheck", DESK, **AGAIN)
    await file.refused("opinion_required", "answer_recheck", DESK, outcome="upheld", document="3号")
    await file.act("answer_recheck", DESK, outcome="changed", opinion="变更", document="青信复核3号")
    assert (await file.status()).state == ComplaintStage.FINAL
    await file.refused("not_called_back", "close", DESK)
    await file.refused("wrong_state", "request_review", DESK, **AGAIN)
    await file.act("call_back", DESK, opinion="已告知", satisfaction=3)
    await file.act("close", DESK)
    assert (await file.handle.result())["figures"]["remedies"] == 2


@beside
async def test_who_lets_the_time_for_a_review_pass_has_a_final_answer(house: House) -> None:
    """Over Spring Festival: the thirtieth day, 15 February, is a rest day, so the 24th is the last."""
    file = await replied(house, "petition", "01-16 09:00")
    assert (await file.clock(WINDOW, "review")).due == day("02-24")
    await file.act("call_back", DESK, opinion="已知悉", satisfaction=4)
    await file.until("02-24 20:00")
    assert (await file.status()).state == ComplaintStage.CALLED_BACK
    await file.until("02-25 01:00")
    assert (await file.status()).state == ComplaintStage.FINAL
    assert happened(file.entries("complaint.final")[0]) == at("02-25 00:00")
    await file.refused("wrong_state", "request_review", DESK, **AGAIN)
    assert (await file.clock(STEP, "closing")).due == day("02-28")  # a worked Saturday
    await file.act("close", DESK)


@beside
async def test_a_reply_needs_a_number_and_nobody_asks_for_what_is_not_there(house: House) -> None:
    """A petition is answered by a document; a hotline matter has no review."""
    file = await assigned(house, "petition")
    await file.act("handle", OWNER, merit="unjustified", opinion="查无此事")
    await file.refused("document_required", "reply", OWNER, opinion="答复")
    other = await replied(house, "hotline")
    await other.refused("no_review_open", "request_review", DESK, **AGAIN)


@beside
async def test_an_e_monitoring_complaint_is_decided_in_five_working_days(house: House) -> None:
    """Across Spring Festival: from 12 February over the make-up Saturday and nine days of holiday."""
    file = await complaint(house, "e_monitoring", "02-12 09:00")
    assert file.intake.promised_day == day("02-26")
    await file.until("02-26 23:00")
    assert file.types("clock.breached") == []
    await file.until("02-27 01:00")
    breach = file.entries("clock.breached")[0]
    assert (breach.data["ref"], happened(breach)) == ("acceptance", at("02-27 00:00"))


@beside
async def test_the_supervision_offices_own_delay_is_a_lead_too(house: House) -> None:
    """Nobody supervises himself: what the office leaves undone is looked into by others."""
    file = await complaint(house, "e_monitoring", "12-28 09:00")
    await file.until("2038-01-08 09:00")
    lead = file.entries("complaint.lead_opened")[0].data
    breach = file.entries("clock.breached")[0]
    assert lead["fault"] == f"GC-{file.number}-{breach.seq}"
    assert (lead["lead"]["source"], lead["lead"]["accused"]) == ("supervision_check", ["1901"])
    assert lead["lead"]["evidence"] == [{"kind": "complaint", "number": file.number, "seq": breach.seq}]
    await file.act("accept", DESK)
    await file.until("2038-01-12 09:00")
    assert len(file.entries("complaint.lead_opened")) == 2


@beside
async def test_a_sections_delay_is_no_lead_by_itself(house: House) -> None:
    """It is a breach, and a card where the profile's table says so."""
    file = await assigned(house, "hotline", "06-15 09:00")
    await file.until("06-24 09:00")
    assert [each.data["ref"] for each in file.entries("clock.breached")] == ["finish"]
    assert file.entries("complaint.lead_opened") == []
    await file.act("handle", OWNER, merit="unjustified", opinion="查无")
    await file.act("reply", OWNER, opinion="迟到的答复")
    assert (await file.clock(STEP, "finish")).breached

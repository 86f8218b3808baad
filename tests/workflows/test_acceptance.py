"""Acceptance, deemed acceptance and the once-only notice (行政许可法 Art.32; domain 2.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from rules.procedures import CaseStage
from schemas.clocks import ClockKind
from schemas.errors import NotPermittedError
from tests.workflows.beside import beside
from tests.workflows.house import ITEMS, File, House, at, day


def when(case: File, kind: str) -> list[datetime]:
    """Instants of the entries of a type."""
    return [datetime.fromisoformat(entry.event["time"]) for entry in case.entries(kind)]


@beside
async def test_silence_is_acceptance_from_the_day_of_receipt(house: House) -> None:
    """At 24:00 of the fifth working day, retroactively, on the receiving officer's account."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.until("06-23 23:59")
    assert (await case.status()).state == CaseStage.RECEIVED
    await case.until("06-24 00:30")
    deemed = case.entries("case.deemed_accepted")[0]
    assert when(case, "case.deemed_accepted") == [at("06-24 00:00")]
    assert deemed.event["onbehalfof"] == "1101"
    assert deemed.data["accepted_day"] == "2037-06-15"
    assert (deemed.data["promise_due"], deemed.data["statutory_due"]) == ("2037-06-23", "2037-07-14")
    await case.refused("wrong_state", "accept", "window-clerk")
    await case.refused("wrong_state", "notify_correction", "window-clerk", points={"map": "图不清"})


@beside
async def test_deemed_acceptance_is_a_yellow_card_that_no_act_is_left_to_correct(house: House) -> None:
    """The matter is accepted by law, so the delay is over: the card is served, and has to be explained."""
    case = await house.case("LX-DJ-03", "06-15 09:00")
    await case.until("06-16 01:00")
    card = (await case.cards())["Y1"]
    assert (card.clock, card.addressees, card.copies) == (ClockKind.ACCEPTANCE, ("1101",), ("1103",))
    assert (card.issue_day, card.corrected) == (day("06-16"), True)
    await case.act("sign_stage", "window-clerk", opinion="齐全")
    await case.act("take_over", "registry-handler")
    await case.until("06-18 12:00")
    assert set(await case.cards()) == {"Y1"}


@beside
async def test_registration_is_deemed_accepted_the_same_night(house: House) -> None:
    """不动产登记暂行条例 Art.17: not refused in writing on the spot, so accepted."""
    case = await house.case("LX-DJ-01", "06-15 16:00")
    await case.until("06-16 00:30")
    assert when(case, "case.deemed_accepted") == [at("06-16 00:00")]
    assert (await case.clock(ClockKind.PROMISE)).due == day("06-23")


@beside
async def test_deemed_accepted_where_another_post_took_it_in(house: House) -> None:
    """The window lead took it in, the first stage is the clerk's: it is offered to him."""
    case = await house.case("LX-DJ-01", "06-15 16:00", officer="1103", post="window-lead")
    await case.until("06-16 00:30")
    assert (await case.status()).officer == "1103"
    assert (await case.clock(ClockKind.HANDOVER)).due == day("06-16")
    await case.act("take_over", "window-clerk")
    assert (await case.status()).officer == "1101"


@beside
async def test_online_after_hours_counts_from_the_next_working_day(house: House) -> None:
    """Part 5.7: a Thursday evening before a holiday is received on Monday."""
    case = await house.case("LX-LS-01", "06-18 17:01", channel="online")
    assert (case.intake.received_day, case.intake.promised_day) == (day("06-22"), day("06-29"))
    await case.act("accept", "window-clerk")
    assert (await case.clock(ClockKind.PROMISE)).due == day("06-29")
    early = await house.case("LX-LS-01", "06-18 16:59", channel="online")
    assert early.intake.received_day == day("06-18")


@beside
async def test_one_notice_then_acceptance_on_the_day_of_the_last_piece(house: House) -> None:
    """补正 before acceptance is no suspension: the decision clocks start when it is complete."""
    case = await house.case("LX-LS-01", "06-15 09:00", materials=[{"code": "application"}])
    await case.refused("missing_materials", "accept", "window-clerk")
    points = {"map": "缺勘测定界图", "agreement": "缺合同"}
    await case.act("notify_correction", "window-clerk", points=points)
    await case.refused("second_notice", "notify_correction", "window-clerk", points={"request": "缺请示"})
    await case.refused(
        "second_notice",
        "notify_correction",
        "window-clerk",
        points={"request": "缺请示"},
        second_reason="unmet",
    )
    await case.refused(
        "second_notice",
        "notify_correction",
        "window-clerk",
        points={"request": "缺请示"},
        second_reason="new_piece",
    )
    await case.refused("unknown_point", "resubmit", "window-clerk", satisfied=["nothing"])
    await case.refused("unknown_material", "resubmit", "window-clerk", materials=[{"code": "nothing"}])
    await case.until("06-22 10:00")
    await case.act("resubmit", "window-clerk", materials=[{"code": "map"}], satisfied=["map"])
    await case.act(
        "notify_correction", "window-clerk", points={"map-seal": "图未盖章"}, second_reason="new_piece"
    )
    await case.until("06-24 10:00")
    await case.act(
        "resubmit", "window-clerk", materials=[{"code": "agreement"}], satisfied=["agreement", "map-seal"]
    )
    await case.act("resubmit", "window-clerk", materials=[{"code": "map"}])
    entry = case.entries("case.accepted")[0]
    assert (entry.data["accepted_day"], entry.data["promise_due"]) == ("2037-06-24", "2037-07-01")


@beside
async def test_pieces_handed_in_are_checked_within_the_limit_or_deemed_complete(house: House) -> None:
    """A new check runs for what was handed in; silence accepts from the day it came (domain 2.2, 2.6)."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.act("notify_correction", "window-clerk", points={"map": "图不清"})
    await case.until("06-16 10:00")
    await case.act("resubmit", "window-clerk", materials=[{"code": "map"}])
    assert (await case.status()).state == CaseStage.CORRECTION_PENDING
    await case.until("06-25 01:00")
    deemed = case.entries("case.deemed_accepted")[0]
    assert (deemed.event["time"][:10], deemed.data["accepted_day"]) == ("2037-06-25", "2037-06-16")


@beside
async def test_accepted_after_the_check_from_the_day_the_last_piece_came(house: House) -> None:
    """accepted_day is the day of the last piece, not the day somebody looked at it."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.act("notify_correction", "window-clerk", points={"map": "图不清"})
    await case.until("06-16 10:00")
    await case.act("resubmit", "window-clerk", materials=[{"code": "map"}])
    await case.until("06-18 10:00")
    await case.act("accept", "window-clerk")
    assert case.entries("case.accepted")[0].data["accepted_day"] == "2037-06-16"
    assert (await case.clock(ClockKind.STAGE, "W")).due == day("06-22")


@beside
async def test_without_correction_a_reminder_then_the_end(house: House) -> None:
    """Twenty working days, a reminder, five more, and the application lapses; nobody is to blame."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.act("notify_correction", "window-clerk", points={"map": "图不清"})
    await case.until("07-15 01:00")
    assert when(case, "case.correction_reminded") == [at("07-15 00:00")]
    await case.until("07-22 01:00")
    assert when(case, "case.lapsed") == [at("07-22 00:00")]
    assert (await case.handle.result())["state"] == CaseStage.LAPSED
    assert case.types("card.", "clock.breached") == []


@beside
async def test_a_second_notice_starts_the_applicants_time_again(house: House) -> None:
    """Points of the first notice may be repeated; the reminder counts from the second."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.act("notify_correction", "window-clerk", points={"map": "图不清"})
    await case.until("06-22 09:00")
    await case.act("notify_correction", "window-clerk", points={"map": "图仍不清"}, second_reason="unmet")
    await case.until("07-21 12:00")
    assert when(case, "case.correction_reminded") == [at("07-21 00:00")]


@beside
async def test_tolerant_acceptance_ends_the_case_when_the_promise_is_broken(house: House) -> None:
    """容缺受理: only listed papers, a day before the promise at the latest; not kept, terminated."""
    rest = [{"code": m.code} for m in ITEMS["LX-DJ-01"].materials if m.code != "value"]
    case = await house.case("LX-DJ-01", "06-15 09:00", materials=rest)
    defer: dict[str, Any] = {"deferred": ["value"], "deferred_until": "2037-06-22"}
    await case.refused("missing_materials", "accept", "window-clerk")
    await case.refused("may_not_follow", "accept", "window-clerk", deferred=["identity"])
    await case.refused("deferred_date", "accept", "window-clerk", deferred=["value"])
    await case.refused("deferred_date", "accept", "window-clerk", **{**defer, "deferred_until": "2037-06-23"})
    await case.act("accept", "window-clerk", **defer)
    await case.sign_through("W", "H", "R")
    await case.act("take_over", "registry-clerk")
    await case.refused("missing_materials", "decide", "registry-clerk", opinion="同意", outcome="granted")
    await case.until("06-23 00:30")
    assert when(case, "case.terminated") == [at("06-23 00:00")]
    assert (await case.handle.result())["state"] == CaseStage.TERMINATED


@beside
async def test_tolerant_acceptance_goes_on_when_the_paper_comes(house: House) -> None:
    """The paper that was to follow came in time."""
    rest = [{"code": m.code} for m in ITEMS["LX-DJ-01"].materials if m.code != "value"]
    case = await house.case("LX-DJ-01", "06-15 09:00", materials=rest)
    await case.act("accept", "window-clerk", deferred=["value"], deferred_until="2037-06-22")
    await case.sign_through("W", "H", "R")
    await case.act("take_over", "registry-clerk")
    await case.act("resubmit", "window-clerk", materials=[{"code": "value"}])
    await case.until("06-23 10:00")
    assert (await case.status()).state == CaseStage.IN_STAGE
    await case.finish()


@beside
async def test_only_the_window_takes_in(house: House) -> None:
    """M20: a section may not take applications itself, and nobody acts for a post that is not his."""
    for officer, post, code in (
        ("1301", "land-use-handler", "wrong_role"),
        ("1301", "window-clerk", "not_in_post"),
        ("1101", "nowhere", "unknown_post"),
    ):
        with pytest.raises(NotPermittedError) as refusal:
            await house.case(
                "LX-LS-01", "06-15 09:00", officer=officer, post=post, business_key=f"out-{code}"
            )
        assert refusal.value.code == code
    case = await house.case("LX-LS-01", "06-15 09:00", business_key="out-not_in_post")
    assert case.types() == ["act.refused", "case.registered"]

"""Cards (牌) as time serves them: who, when, what absorbs what (domain 2.9)."""

from __future__ import annotations

from datetime import datetime

from rules.procedures import CaseStage
from schemas.clocks import ClockKind
from schemas.matters import CardStatus
from tests.workflows.beside import beside
from tests.workflows.card_desk import CHIEF, DEPUTY, HANDLER, card_of, explain
from tests.workflows.house import File, House, at, day


async def with_the_handler(house: House, begin: str = "06-08 09:00", taken: str = "") -> File:
    """A case accepted on its first day whose examiner has taken it over, there and then or later."""
    case = await house.case("LX-LS-01", begin)
    await case.act("accept", "window-clerk")
    if not taken:
        await case.sign_through("W")
    else:
        await case.until(taken)
        await case.act("sign_stage", "window-clerk", opinion="齐全")
    await case.act("take_over", "land-use-handler")
    return case


def instants(case: File, kind: str) -> list[datetime]:
    """When the acts of a type happened, as their entries say."""
    return [datetime.fromisoformat(entry.event["time"]) for entry in case.entries(kind)]


@beside
async def test_a_stage_overdue_is_a_yellow_card_until_it_is_done_and_explained(house: House) -> None:
    """Y1 to the stage's owner, copy to his chief, on the first working day after; two days to correct.

    The case is closed before he explains himself: it stays open for that, and for that alone.
    """
    case = await with_the_handler(house)
    assert (await case.clock(ClockKind.STAGE, "H")).due == day("06-10")
    await case.until("06-11 01:00")
    card = (await case.cards())["Y1"]
    assert (card.clock, card.ref, card.addressees, card.copies) == (
        ClockKind.STAGE,
        "H",
        (HANDLER,),
        (CHIEF,),
    )
    assert (card.issue_day, card.rectify_due, card.status) == (day("06-11"), day("06-15"), CardStatus.OPEN)
    breach = case.entries("clock.breached")[0]
    assert breach.data["breached_at"] == at("06-11 00:00").isoformat()
    assert datetime.fromisoformat(breach.data["detected_at"]) > at("06-11 00:05")
    assert (breach.event["actor"], breach.event["onbehalfof"]) == ("system", HANDLER)
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.act("take_over", "land-use-chief")
    await case.act("sign_stage", "land-use-chief", opinion="同意")
    await case.finish()
    assert (await case.status()).state == CaseStage.CLOSED
    await explain(await card_of(case, "Y1"), HANDLER)
    assert (await case.handle.result())["state"] == "closed"
    assert case.types("card.") == ["card.issued", "card.late_act_done", "card.corrected"]


@beside
async def test_a_yellow_card_not_corrected_turns_red_and_the_promise_is_noted_in_it(house: House) -> None:
    """R1 also to the deputy head; the promise passing meanwhile is an entry in it; R2 takes all in."""
    case = await with_the_handler(house)
    await case.until("06-16 01:00")
    cards = await case.cards()
    assert set(cards) == {"Y1", "R1"}
    assert (cards["R1"].issue_day, cards["R1"].follows) == (day("06-16"), cards["Y1"].id)
    assert cards["R1"].addressees == (HANDLER, CHIEF, DEPUTY)
    noted = case.entries("card.noted")[0]
    assert (noted.data["card_id"], noted.data["clock"]) == (cards["R1"].id, "promise")
    await case.until("07-08 01:00")
    cards = await case.cards()
    assert set(cards) == {"Y1", "R1", "R2"}
    assert (cards["Y1"].status, cards["R1"].status) == (CardStatus.ABSORBED, CardStatus.ABSORBED)
    assert (cards["R2"].clock, cards["R2"].issue_day) == (ClockKind.STATUTORY, day("07-08"))
    assert set(cards["R2"].addressees) == {HANDLER, CHIEF, DEPUTY}
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.sign_through("R")
    await case.finish()
    result = await case.handle.result()
    assert (result["figures"]["promise_kept"], result["figures"]["statutory_kept"]) == (False, False)


@beside
async def test_the_promise_absorbs_an_open_stage_card_and_starts_its_rectifying_anew(house: House) -> None:
    """Nobody gets two cards for one delay, and absorption frees no addressee."""
    case = await with_the_handler(house, taken="06-09 16:00")
    await case.pass_time(at("06-15 00:30") - at("06-09 16:00"))
    first = (await case.cards())["Y1"]
    assert (first.issue_day, first.rectify_due) == (day("06-12"), day("06-16"))
    await case.until("06-16 01:00")
    cards = await case.cards()
    assert cards["Y1"].status is CardStatus.ABSORBED
    assert (cards["Y2"].issue_day, cards["Y2"].rectify_due) == (day("06-16"), day("06-18"))
    assert (cards["Y2"].addressees, cards["Y2"].follows) == ((HANDLER, CHIEF), cards["Y1"].id)
    await case.until("06-22 01:00")
    cards = await case.cards()
    assert (cards["R1"].follows, cards["R1"].issue_day) == (cards["Y2"].id, day("06-22"))
    assert set(cards) == {"Y1", "Y2", "R1"}


@beside
async def test_where_promise_and_statute_end_together_there_is_no_yellow_card(house: House) -> None:
    """R2 at once; the promise and the stage that ended at the same instant are noted in it."""
    case = await house.case("LX-CX-01", "06-15 09:00")
    await case.act("accept", "window-clerk")
    await case.until("06-16 01:00")
    assert set(await case.cards()) == {"R2"}
    assert [entry.data["clock"] for entry in case.entries("card.noted")] == ["promise", "stage"]
    assert (await case.cards())["R2"].addressees == ("1101", "1103", "1003")


@beside
async def test_limits_run_over_make_up_days_and_stand_still_in_spring_festival(house: House) -> None:
    """Saturday 14 February is worked and may be a due day; the card waits for 24 February."""
    case = await with_the_handler(house, "02-11 09:00", taken="02-12 09:00")
    assert (await case.clock(ClockKind.STAGE, "H")).due == day("02-14")
    assert (await case.clock(ClockKind.PROMISE)).due == day("02-25")
    await case.until("02-24 01:00")
    assert instants(case, "clock.breached") == [at("02-15 00:00")]
    card = (await case.cards())["Y1"]
    assert (card.issue_day, card.rectify_due) == (day("02-24"), day("02-26"))
    assert instants(case, "card.issued") == [at("02-24 00:00")]


@beside
async def test_limits_cross_the_year_into_days_not_yet_published(house: House) -> None:
    """31 December is a due day like any other; next year's days are provisional and said to be."""
    case = await house.case("LX-LS-01", "12-30 09:00")
    assert (case.intake.promised_day, case.intake.provisional) == (day("2038-01-07"), True)
    await case.act("accept", "window-clerk")
    await case.until("2038-01-04 01:00")
    assert instants(case, "clock.breached") == [at("2038-01-01 00:00")]
    assert (await case.cards())["Y1"].issue_day == day("2038-01-04")
    promise = await case.clock(ClockKind.PROMISE)
    assert (promise.due, promise.provisional) == (day("2038-01-07"), True)


@beside
async def test_the_owner_is_reminded_and_the_deputy_head_told_on_the_due_day(house: House) -> None:
    """Yellow lamp to the owner; nothing left at nine o'clock of the due day, to the deputy head."""
    case = await with_the_handler(house)
    await case.until("06-15 10:00")
    yellow = [e for e in case.entries("lamp.yellow") if e.data["clock"] == "promise"]
    assert [(e.event["time"][:16], e.data["notify"]) for e in yellow] == [("2037-06-12T00:00", [HANDLER])]
    told = case.entries("clock.due_today")
    assert [(e.event["time"][:16], e.data["notify"]) for e in told] == [("2037-06-15T09:00", [DEPUTY])]


@beside
async def test_a_card_is_served_although_the_matter_has_ended_meanwhile(house: House) -> None:
    """Overdue on Friday night, withdrawn on Saturday: the card is served on Monday all the same."""
    case = await house.case("LX-LS-01", "06-11 09:00")
    await case.act("accept", "window-clerk")
    await case.until("06-13 10:00")
    await case.act("withdraw", "window-clerk", reason="申请人要求")
    assert (await case.status()).state == CaseStage.WITHDRAWN
    await case.refused("ended", "note", "window-clerk", opinion="迟到的批注")
    await case.until("06-15 01:00")
    assert case.types()[-1] == "card.issued"
    await explain(await card_of(case, "Y1"), "1101")
    assert (await case.handle.result())["state"] == CaseStage.WITHDRAWN
    assert case.types()[-1] == "card.corrected"
    card = case.entries("card.issued")[0].data["card"]
    assert (card["code"], card["issue_day"], card["corrected"]) == ("Y1", "2037-06-15", True)


@beside
async def test_a_result_nobody_delivers_is_a_yellow_card(house: House) -> None:
    """送达: ten working days from the decision; told and not collected is delivered (2.10)."""
    case = await house.case("LX-CX-01", "06-15 09:00")
    await case.act("accept", "window-clerk")
    await case.act("decide", "window-clerk", opinion="同意", outcome="granted")
    await case.act("result_ready", "window-clerk", document="1", notified="phone")
    await case.until("07-01 01:00")
    card = (await case.cards())["Y1"]
    assert (card.clock, card.issue_day, card.addressees) == (ClockKind.DELIVERY, day("07-01"), ("1101",))
    await explain(await card_of(case, "Y1"), "1101")
    await case.act("deliver", "window-clerk", no_show=True, reason="通知后未领取")
    assert (await case.handle.result())["state"] == "closed"
    assert case.types("card.")[-1] == "card.corrected"


@beside
async def test_silence_to_a_hand_over_is_the_receiving_chiefs_card(house: House) -> None:
    """Y3 to the receiving chief; the sender answers on and must escalate; the office's word is final."""
    case = await house.case("LX-LS-01", "06-08 09:00")
    await case.act("accept", "window-clerk")
    await case.sign_through("W")
    assert (await case.clock(ClockKind.HANDOVER, "stage:H")).due == day("06-09")
    await case.until("06-10 01:00")
    card = (await case.cards())["Y3"]
    assert (card.addressees, card.issue_day) == ((CHIEF,), day("06-10"))
    assert (await case.status()).officer == "1101"
    await case.act("escalate", "window-clerk", reason="对方未接收")
    assert (await case.clock(ClockKind.HANDOVER, "designation")).due == day("06-11")
    await case.act("designate", "office-chief", to_post="land-use-handler", reason="职责明确")
    await case.refused(
        "designation_final",
        "return_item",
        "land-use-handler",
        reason="不属我科",
        proposed_post="planning-handler",
    )
    await case.act("take_over", "land-use-handler")
    status = await case.status()
    assert status.officer == HANDLER
    assert (await case.clock(ClockKind.STAGE, "H")).due == day("06-12")
    assert not [c for c in status.clocks if c.kind is ClockKind.HANDOVER and c.stopped_on is None]
    assert (await case.cards())["Y3"].corrected


@beside
async def test_one_long_delay_from_the_first_card_to_the_last(house: House) -> None:
    """Y1, Y2, R1, R2 of one delay: each on its day, never two open, nobody freed, one lead."""
    case = await with_the_handler(house, "06-08 09:00", taken="06-09 16:00")
    open_on = []
    for when in ("06-12 01:00", "06-16 01:00", "06-18 12:00", "06-22 01:00", "07-08 01:00"):
        await case.until(when)
        found = (await case.cards()).values()
        open_on.append([card.code for card in found if card.status is CardStatus.OPEN])
    assert open_on == [["Y1"], ["Y2"], ["Y2"], ["R1"], ["R2"]]
    cards = await case.cards()
    days = {code: card.issue_day for code, card in cards.items()}
    assert days == {"Y1": day("06-12"), "Y2": day("06-16"), "R1": day("06-22"), "R2": day("07-08")}
    assert [cards["R1"].follows, cards["Y2"].follows] == [cards["Y2"].id, cards["Y1"].id]
    assert set(cards["R2"].addressees) == {HANDLER, CHIEF, DEPUTY}
    assert cards["R2"].lead == cards["R1"].lead == f"GC-{cards['R1'].id}"
    assert [cards[code].status for code in ("Y1", "Y2", "R1")] == [CardStatus.ABSORBED] * 3

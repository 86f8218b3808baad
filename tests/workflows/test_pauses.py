"""Suspension (停表) and extension (延期): the only lawful ways to more time (domain 2.4, 2.5)."""

from __future__ import annotations

from typing import Any

from schemas.clocks import ClockKind, Lamp
from tests.workflows.beside import beside
from tests.workflows.card_desk import CHIEF, HANDLER, card_of, explain
from tests.workflows.house import File, House, day
from tests.workflows.test_cards import with_the_handler

REVIEW: dict[str, Any] = {
    "ground": "expert_review",
    "expected_days": 5,
    "reason": "须专家评审",
    "notice": "停告〔2037〕1号",
}


@beside
async def test_the_worked_example_of_the_clock_algebra(house: House) -> None:
    """Accepted 15 June, promise 5: due 23 June; with expert review from the 17th to the 23rd, 26 June."""
    case = await with_the_handler(house, "06-15 09:00")
    await case.until("06-17 10:00")
    await case.act("request_suspension", "land-use-handler", **REVIEW)
    await case.act("suspend", "land-use-chief", opinion="同意停表")
    await case.until("06-22 10:00")
    for kind in (ClockKind.PROMISE, ClockKind.STATUTORY, ClockKind.STAGE):
        clock = await case.clock(kind)
        assert (clock.due, clock.lamp) == (None, Lamp.GREY)
    assert (await case.status()).lamp is Lamp.GREY
    await case.until("06-23 10:00")
    await case.act("resume", "land-use-handler", document="评审意见〔2037〕1号")
    promise = await case.clock(ClockKind.PROMISE)
    assert (promise.due, promise.yellow_from, promise.red_from) == (day("06-26"), day("06-25"), day("06-27"))
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.sign_through("R")
    await case.until("06-24 16:00")
    await case.act("take_over", "deputy-land")
    await case.act("decide", "deputy-land", opinion="同意", outcome="granted")
    await case.until("06-26 16:00")
    await case.deliver()
    figures = (await case.handle.result())["figures"]
    assert (figures["promise_kept"], figures["actual_days"]) == (True, 5)
    assert case.types("clock.breached", "card.") == []


@beside
async def test_only_listed_grounds_and_only_a_superior(house: House) -> None:
    """A closed list; who applies does not approve; one application at a time."""
    case = await with_the_handler(house)
    await case.refused(
        "unknown_ground", "request_suspension", "land-use-handler", **{**REVIEW, "ground": "tender"}
    )
    await case.refused(
        "unknown_ground", "request_suspension", "land-use-handler", **{**REVIEW, "ground": "leave"}
    )
    await case.refused(
        "reason_required", "request_suspension", "land-use-handler", **{**REVIEW, "reason": ""}
    )
    await case.refused("not_stage_owner", "request_suspension", "window-clerk", **REVIEW)
    await case.refused("no_request", "suspend", "land-use-chief", opinion="同意")
    await case.act("request_suspension", "land-use-handler", **REVIEW)
    await case.refused("request_open", "request_suspension", "land-use-handler", **REVIEW)
    await case.refused("wrong_role", "suspend", "window-clerk", opinion="同意")
    await case.refused("opinion_required", "suspend", "land-use-chief")
    await case.refused("wrong_state", "resume", "land-use-handler", document="1")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.refused("no_request", "suspend", "land-use-chief", opinion="同意")
    await case.act("take_over", "land-use-chief")
    await case.act("request_suspension", "land-use-chief", **REVIEW)
    await case.refused("own_request", "suspend", "land-use-chief", opinion="同意")
    await case.act("suspend", "deputy-land", opinion="同意")
    await case.refused("wrong_state", "sign_stage", "land-use-chief", opinion="同意")


@beside
async def test_a_suspension_without_written_notice_stops_nothing(house: House) -> None:
    """行政许可法 Art.45: the time is told to the applicant in writing."""
    case = await with_the_handler(house)
    blank: dict[str, Any] = {**REVIEW, "notice": " "}
    await case.refused("notice_required", "request_suspension", "land-use-handler", **blank)
    await case.act("request_suspension", "land-use-handler", **REVIEW)


async def suspended(house: House, ground: str) -> File:
    """A case suspended on 9 June for two days."""
    case = await with_the_handler(house)
    await case.until("06-09 10:00")
    await case.act(
        "request_suspension", "land-use-handler", **{**REVIEW, "ground": ground, "expected_days": 2}
    )
    await case.act("suspend", "land-use-chief", opinion="同意")
    return case


@beside
async def test_a_special_procedure_over_its_announced_length(house: House) -> None:
    """Its clock turns red, chief and supervision office are told, a card where the bureau set the pace."""
    case = await suspended(house, "expert_review")
    await case.until("06-12 01:00")
    breach = case.entries("clock.breached")[0]
    assert (breach.data["clock"], breach.data["notify"]) == ("special", [CHIEF, "1901"])
    assert (await case.status()).lamp is Lamp.RED
    card = (await case.cards())["Y1"]
    assert (card.clock, card.addressees, card.issue_day) == (ClockKind.SPECIAL, (HANDLER,), day("06-12"))
    assert (await case.status()).state == "suspended"
    await case.act("resume", "land-use-handler", document="1")
    assert (await case.cards())["Y1"].corrected


@beside
async def test_an_outside_bodys_delay_is_nobodys_card(house: House) -> None:
    """The case stays suspended until the result comes; no clock of the decision runs meanwhile."""
    case = await suspended(house, "applicant")
    await case.until("08-03 10:00")
    assert [entry.data["clock"] for entry in case.entries("clock.breached")] == ["special"]
    assert await case.cards() == {}
    await case.act("resume", "land-use-handler", document="1")
    assert (await case.clock(ClockKind.PROMISE)).due == day("08-07")


@beside
async def test_a_suspension_stops_no_hand_over_and_holds_a_stage_entered_meanwhile(house: House) -> None:
    """Statutory, promise and stage stand still together; taking over does not."""
    case = await house.case("LX-LS-01", "06-08 09:00")
    await case.act("accept", "window-clerk")
    await case.sign_through("W")
    await case.act("request_suspension", "land-use-handler", **REVIEW)
    await case.act("suspend", "land-use-chief", opinion="同意")
    await case.until("06-10 01:00")
    assert set(await case.cards()) == {"Y3"}
    await case.act("take_over", "land-use-handler")
    await explain(await card_of(case, "Y3"), CHIEF)
    await case.until("06-15 10:00")
    assert (await case.clock(ClockKind.STAGE, "H")).due is None
    await case.act("resume", "land-use-handler", document="1")
    assert (await case.clock(ClockKind.STAGE, "H")).due == day("06-17")
    assert set(await case.cards()) == {"Y3"}


@beside
async def test_an_extension_once_in_time_and_by_the_head(house: House) -> None:
    """Added to statute and promise; no card, but the promise as first given was not kept."""
    case = await with_the_handler(house)
    ask: dict[str, Any] = {"days": 10, "reason": "情况复杂"}
    await case.refused("no_request", "extend", "head", opinion="同意")
    await case.refused("extension_too_long", "request_extension", "land-use-handler", days=11, reason="复杂")
    await case.refused("reason_required", "request_extension", "land-use-handler", days=10)
    await case.act("request_extension", "land-use-handler", **ask)
    await case.refused("request_open", "request_extension", "land-use-handler", **ask)
    await case.refused("wrong_role", "extend", "deputy-land", opinion="同意")
    await case.act("extend", "head", opinion="同意", notice="延告〔2037〕1号")
    await case.refused("extended_before", "request_extension", "land-use-handler", **ask)
    assert (await case.clock(ClockKind.PROMISE)).due == day("06-30")
    assert (await case.clock(ClockKind.STATUTORY)).due == day("07-21")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.sign_through("R")
    await case.until("06-16 10:00")
    await case.finish()
    assert (await case.status()).detail["promise_kept"] is False
    assert not [card for card in await case.cards() if card in ("Y2", "R2")]


@beside
async def test_an_extension_asked_for_or_approved_after_the_limit_is_refused(house: House) -> None:
    """Zero tolerance: overdue is overdue (domain 2.5, 2.10)."""
    case = await with_the_handler(house)
    ask: dict[str, Any] = {"days": 10, "reason": "情况复杂"}
    await case.act("request_extension", "land-use-handler", **ask)
    await case.until("06-16 00:20")
    await case.refused("extension_late", "extend", "head", opinion="同意")
    late = await with_the_handler(house)
    await late.until("06-16 00:20")
    await late.refused("extension_late", "request_extension", "land-use-handler", **ask)


@beside
async def test_no_extension_where_the_law_gives_none_and_none_for_oneself(house: House) -> None:
    """Registration knows no extension; the head does not approve his own application."""
    registration = await house.case("LX-DJ-01", "06-08 09:00")
    await registration.act("accept", "window-clerk")
    await registration.refused("no_extension", "request_extension", "window-clerk", days=1, reason="复杂")
    case = await house.case("LX-ZF-01", "06-08 09:00")
    await case.sign_through("H", "R", "J")
    await case.act("take_over", "head")
    await case.act("request_extension", "head", days=30, reason="复杂")
    await case.refused("own_request", "extend", "head", opinion="同意")
    await case.act("extend", "head", who="1002", opinion="同意")

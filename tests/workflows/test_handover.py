"""Hand-over, A/B posts, four eyes, return to an earlier stage (domain 2.2, 2.7, 2.8, 3.10)."""

from __future__ import annotations

from typing import Any

from schemas.clocks import ClockKind
from schemas.profile import Rules
from tests.workflows.beside import beside
from tests.workflows.card_desk import HANDLER
from tests.workflows.house import House, day
from tests.workflows.test_cards import with_the_handler

OVER: dict[str, Any] = {"reason": "不属我科职责", "papers": ["申请书"]}


@beside
async def test_until_the_receiver_accepts_the_sender_answers(house: House) -> None:
    """Offered is not handed over; from the acceptance on the receiver has duty and stage."""
    case = await with_the_handler(house)
    await case.refused("same_post", "hand_over", "land-use-handler", to_post="land-use-handler", **OVER)
    await case.refused("unknown_post", "hand_over", "land-use-handler", to_post="nowhere", **OVER)
    await case.refused("wrong_section_role", "hand_over", "land-use-handler", to_post="window-clerk", **OVER)
    await case.refused("not_on_duty", "hand_over", "window-clerk", to_post="planning-handler", **OVER)
    await case.refused("reason_required", "hand_over", "land-use-handler", to_post="planning-handler")
    await case.act("hand_over", "land-use-handler", to_post="planning-handler", **OVER)
    await case.refused("offer_open", "hand_over", "land-use-handler", to_post="farmland-handler", **OVER)
    await case.refused("not_offered", "take_over", "farmland-handler")
    await case.refused("not_overdue_offer", "escalate", "land-use-handler", reason="太慢")
    assert (await case.status()).officer == HANDLER
    await case.act("take_over", "planning-handler", who="1402")
    assert (await case.status()).officer == "1402"
    await case.refused("not_stage_owner", "sign_stage", "land-use-handler", opinion="同意")
    assert (await case.clock(ClockKind.STAGE, "H")).due == day("06-10")
    await case.until("06-11 01:00")
    assert (await case.cards())["Y1"].addressees == ("1402",)
    await case.act("hand_over", "planning-handler", to_post="land-use-handler", **OVER)
    assert [entry.data["pingpong"] for entry in case.entries("duty.offered")] == [False, True]


@beside
async def test_two_returns_are_a_dispute_that_the_office_ends(house: House) -> None:
    """A section returns once; the second return goes to the office; its designation is final."""
    case = await with_the_handler(house)
    say = {"reason": "不属我科", "proposed_post": "farmland-handler"}
    await case.act("hand_over", "land-use-handler", to_post="planning-handler", **OVER)
    await case.refused(
        "unknown_post", "return_item", "planning-handler", reason="否", proposed_post="nowhere"
    )
    await case.refused("reason_required", "return_item", "planning-handler", proposed_post="farmland-handler")
    await case.act("return_item", "planning-handler", **say)
    await case.refused("no_offer", "designate", "office-chief", to_post="mining-handler", reason="定")
    await case.act("hand_over", "land-use-handler", to_post="planning-handler", **OVER)
    await case.refused("returned_before", "return_item", "planning-handler", **say)
    await case.until("06-10 10:00")
    await case.act("escalate", "land-use-handler", reason="对方不接收")
    await case.refused("disputed", "hand_over", "land-use-handler", to_post="farmland-handler", **OVER)
    await case.refused("disputed", "escalate", "land-use-handler", reason="再报")
    await case.refused("not_offered", "take_over", "planning-handler")
    await case.refused("wrong_role", "designate", "land-use-chief", to_post="mining-handler", reason="定")
    await case.act("designate", "supervisor", to_post="mining-handler", reason="定")
    await case.refused("designation_final", "return_item", "mining-handler", **say)
    await case.act("take_over", "mining-handler")
    assert (await case.status()).post == "mining-handler"
    other = await with_the_handler(house)
    await other.act("hand_over", "land-use-handler", to_post="planning-handler", **OVER)
    await other.act("return_item", "planning-handler", **say)
    await other.act("hand_over", "land-use-handler", to_post="farmland-handler", **OVER)
    await other.act("return_item", "farmland-handler", **say)
    assert other.entries("duty.declined")[-1].data["disputed"] is True
    assert (await other.clock(ClockKind.HANDOVER, "designation")).due == day("06-09")


@beside
async def test_an_offer_lapses_when_the_sender_signs_or_sends_back(house: House) -> None:
    """What was to be handed over is done: nothing is left to take over, nobody's limit runs on."""
    for name, more in (("sign_stage", {"opinion": "同意"}), ("return_stage", {"to": "W", "reason": "补录"})):
        case = await with_the_handler(house)
        await case.act("hand_over", "land-use-handler", to_post="planning-handler", **OVER)
        await case.act(name, "land-use-handler", **more)
        await case.refused("not_offered", "take_over", "planning-handler")
        owner = "land-use-chief" if name == "sign_stage" else "window-clerk"
        await case.act("take_over", owner)
        running = [
            c for c in (await case.status()).clocks if c.kind is ClockKind.HANDOVER and not c.stopped_on
        ]
        assert running == []


@beside
async def test_sent_back_within_the_limit_nobody_is_late(house: House) -> None:
    """No clock is reset; work done again on the day it came back is in time, whatever was used before."""
    case = await with_the_handler(house)
    await case.until("06-10 16:00")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.act("take_over", "land-use-chief")
    await case.until("06-11 09:00")
    await case.refused("not_earlier", "return_stage", "land-use-chief", to="R", reason="缺意见")
    await case.refused("not_earlier", "return_stage", "land-use-chief", to="A", reason="缺意见")
    await case.refused("reason_required", "return_stage", "land-use-chief", to="H")
    await case.act("return_stage", "land-use-chief", to="H", reason="缺踏勘记录")
    await case.act("take_over", "land-use-handler")
    await case.act("sign_stage", "land-use-handler", opinion="已补")
    await case.act("take_over", "land-use-chief")
    await case.act("sign_stage", "land-use-chief", opinion="同意")
    await case.finish()
    assert (await case.handle.result())["figures"]["promise_kept"] is True
    assert case.types("clock.breached", "card.") == []


@beside
async def test_extra_time_is_charged_to_the_stage_whose_work_was_sent_back(house: House) -> None:
    """The examiner had used his two days: kept beyond the day it came back, it is his card."""
    case = await with_the_handler(house)
    await case.until("06-10 16:00")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.act("take_over", "land-use-chief")
    await case.until("06-11 09:00")
    await case.act("return_stage", "land-use-chief", to="H", reason="缺踏勘记录")
    await case.act("take_over", "land-use-handler")
    await case.until("06-12 01:00")
    card = (await case.cards())["Y1"]
    assert (card.ref, card.addressees, card.issue_day) == ("H", (HANDLER,), day("06-12"))
    assert [entry.data["breached_at"][:10] for entry in case.entries("clock.breached")] == ["2037-06-12"]


@beside
async def test_a_and_b_of_a_post_and_nobody_else(house: House) -> None:
    """B has A's powers, acts on A's behalf and answers for what he does (2.8)."""
    case = await house.case("LX-LS-01", "06-08 09:00", officer="1102")
    await case.refused("not_in_post", "accept", "window-clerk", who="1301")
    await case.refused("unknown_post", "accept", "window-nowhere", who="1101")
    await case.act("accept", "window-clerk", who="1102")
    entry = case.entries("case.accepted")[0]
    assert (entry.event["onbehalfof"], entry.event["authref"]) == ("1101", "AB")
    await case.act("sign_stage", "window-clerk", who="1102", opinion="齐全")
    await case.act("take_over", "land-use-handler")
    await case.act("sign_stage", "land-use-handler", who="1302", opinion="同意")
    assert (await case.status()).officer == "1302"


def overlapping(chief: str, backup: str | None) -> Any:
    """Rules in which the reviewing post is held by these two."""

    def change(rules: Rules) -> Rules:
        held = {"a": chief, "b": backup}
        posts = (p.model_copy(update=held) if p.code == "land-use-chief" else p for p in rules.posts)
        return rules.model_copy(update={"posts": tuple(posts)})

    return change


@beside
async def test_nobody_reviews_what_he_examined(house: House) -> None:
    """Four eyes: the reviewing post's B examined the case, so A reviews it; the deputy may not."""
    case = await house.case("LX-LS-01", "06-08 09:00", rules=overlapping("1303", HANDLER))
    await case.act("accept", "window-clerk")
    await case.sign_through("W", "H")
    await case.refused("four_eyes", "take_over", "land-use-chief", who=HANDLER)
    await case.refused("four_eyes", "sign_stage", "land-use-chief", who=HANDLER, opinion="同意")
    await case.refused("not_stage_owner", "sign_stage", "deputy-land", opinion="同意")
    await case.act("sign_stage", "land-use-chief", opinion="同意")


@beside
async def test_where_a_and_b_are_both_excluded_the_deputy_head_acts(house: House) -> None:
    """And having reviewed, he cannot approve: the approving post's B does."""
    case = await house.case("LX-LS-01", "06-08 09:00", rules=overlapping(HANDLER, None))
    await case.act("accept", "window-clerk")
    await case.sign_through("W", "H")
    await case.refused("four_eyes", "sign_stage", "land-use-chief", who=HANDLER, opinion="同意")
    await case.refused("not_stage_owner", "sign_stage", "deputy-registry", opinion="同意")
    await case.act("sign_stage", "deputy-land", opinion="同意")
    await case.refused("four_eyes", "decide", "deputy-land", opinion="同意", outcome="granted")
    await case.act("decide", "deputy-land", who="1003", opinion="同意", outcome="granted")


@beside
async def test_stages_are_signed_in_their_order_and_once(house: House) -> None:
    """An act that names another stage than the current one is out of order."""
    case = await with_the_handler(house)
    await case.refused("out_of_order", "sign_stage", "land-use-handler", opinion="同意", stage="R")
    await case.refused("repeated", "sign_stage", "land-use-handler", opinion="同意", stage="W")
    await case.refused("out_of_order", "sign_stage", "land-use-handler", opinion="同意", stage="nothing")
    await case.refused("not_deciding", "decide", "land-use-handler", opinion="同意", outcome="granted")
    await case.refused("not_offered", "take_over", "land-use-handler")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.refused(
        "no_offer", "return_item", "land-use-chief", reason="不接", proposed_post="planning-chief"
    )

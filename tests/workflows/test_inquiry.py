"""First-inquiry responsibility (首问负责制): whoever is asked first answers (M04, M42)."""

from __future__ import annotations

from rules.procedures import InquiryStage
from schemas.clocks import ClockKind
from tests.workflows.beside import beside
from tests.workflows.house import House, day

ELSEWHERE = {"reason": "属登记科"}


@beside
async def test_answered_on_the_spot(house: House) -> None:
    """The reply limit runs from registration; the answer stops it, and the citizen rates it."""
    inquiry = await house.inquiry("06-15 09:00")
    assert inquiry.intake.promised_day == day("06-18")
    await inquiry.refused("wrong_state", "close", "window-clerk")
    await inquiry.refused("opinion_required", "answer", "window-clerk")
    await inquiry.refused("not_on_duty", "answer", "registry-handler", opinion="可以")
    await inquiry.act("answer", "window-clerk", opinion="带好材料来窗口")
    await inquiry.refused("wrong_state", "answer", "window-clerk", opinion="再答")
    await inquiry.act("rate", "window-lead", score=5)
    await inquiry.act("note", "supervisor", opinion="已回访")
    await inquiry.refused("not_on_duty", "close", "registry-handler")
    await inquiry.act("close", "window-clerk")
    result = await inquiry.handle.result()
    assert (result["state"], result["figures"]["score"], result["figures"]["persons"]) == ("closed", 5, 1)
    assert inquiry.types("clock.", "card.") == []


@beside
async def test_guided_to_place_and_person_or_to_the_competent_authority(house: House) -> None:
    """Outside the bureau the competent authority is named."""
    inquiry = await house.inquiry()
    await inquiry.refused("authority_required", "guide", "window-clerk", place="二楼")
    await inquiry.act("guide", "window-clerk", who="1102", authority="市林业局")
    assert (await inquiry.status()).state == InquiryStage.ANSWERED


@beside
async def test_handed_over_accepted_and_turned_into_a_case(house: House) -> None:
    """At any instant exactly one person answers: the sender until the receiver has accepted."""
    inquiry = await house.inquiry()
    await inquiry.refused("reason_required", "hand_over", "window-clerk", to_post="registry-handler")
    await inquiry.refused("same_post", "hand_over", "window-clerk", to_post="window-clerk", **ELSEWHERE)
    await inquiry.refused("wrong_state", "take_over", "registry-handler")
    await inquiry.act("hand_over", "window-clerk", to_post="registry-handler", **ELSEWHERE)
    assert (await inquiry.status()).officer == "1101"
    await inquiry.refused("offer_open", "answer", "window-clerk", opinion="等等")
    await inquiry.refused("not_offered", "take_over", "planning-handler")
    await inquiry.act("take_over", "registry-handler")
    assert (await inquiry.status()).officer == "1201"
    await inquiry.refused("incomplete", "close", "registry-handler")
    await inquiry.act("close", "registry-handler", case="LX-2037-000001")
    figures = (await inquiry.handle.result())["figures"]
    assert figures == {
        "first_inquiry_officer": "1101",
        "persons": 2,
        "answered": False,
        "case": "LX-2037-000001",
        "score": None,
    }


@beside
async def test_unclear_duty_goes_to_the_office_and_the_citizen_is_still_answered(house: House) -> None:
    """Report to the superior and still answer (S37): a dispute about duty silences nobody."""
    inquiry = await house.inquiry()
    await inquiry.act("escalate", "window-clerk", reason="职责交叉")
    await inquiry.refused("disputed", "hand_over", "window-clerk", to_post="registry-handler", **ELSEWHERE)
    await inquiry.refused("wrong_role", "designate", "window-lead", to_post="registry-handler", reason="定")
    await inquiry.act("answer", "window-clerk", opinion="先答复如下")
    await inquiry.until("06-22 09:00")
    assert inquiry.types("clock.breached", "card.") == []


@beside
async def test_two_returns_then_a_designation(house: House) -> None:
    """The office names the owner; it cannot be returned."""
    inquiry = await house.inquiry()
    say = {"reason": "不属我科", "proposed_post": "planning-handler"}
    for post in ("registry-handler", "planning-handler"):
        await inquiry.act("hand_over", "window-clerk", to_post=post, **ELSEWHERE)
        await inquiry.act("return_item", post, **say)
    await inquiry.act("designate", "office-chief", to_post="registry-handler", reason="登记业务")
    await inquiry.refused("designation_final", "return_item", "registry-handler", **say)
    await inquiry.act("take_over", "registry-handler")
    assert (await inquiry.status()).officer == "1201"


@beside
async def test_no_reply_and_no_acceptance_in_time_are_cards(house: House) -> None:
    """Three working days to reply; a hand-over nobody takes is the receiving chief's yellow card."""
    inquiry = await house.inquiry("06-15 09:00")
    await inquiry.act("hand_over", "window-clerk", to_post="registry-handler", **ELSEWHERE)
    await inquiry.until("06-22 01:00")
    cards = await inquiry.cards()
    assert (cards["Y3"].addressees, cards["Y3"].issue_day) == (("1205",), day("06-17"))
    assert (cards["Y2"].addressees, cards["Y2"].issue_day) == (("1101", "1103"), day("06-22"))
    assert (await inquiry.clock(ClockKind.PROMISE)).breached


@beside
async def test_an_anonymous_question_is_registered_and_has_no_reply_limit(house: House) -> None:
    """Still somebody's duty, but nobody can be answered (M04)."""
    inquiry = await house.inquiry("06-15 09:00", applicant={})
    assert inquiry.intake.promised_day is None
    assert (await inquiry.status()).officer == "1101"
    await inquiry.until("06-29 09:00")
    assert inquiry.types("clock.breached", "card.") == []


@beside
async def test_strangers_and_the_wrong_officers_are_refused(house: House) -> None:
    """Every act asks who acts, however harmless it is."""
    inquiry = await house.inquiry()
    await inquiry.refused("not_in_post", "note", "window-clerk", who="9999", opinion="x")
    await inquiry.refused("unknown_post", "rate", "nowhere", who="1101", score=1)
    await inquiry.refused("not_on_duty", "escalate", "registry-handler", reason="不清")
    await inquiry.refused("reason_required", "designate", "office-chief", to_post="registry-handler")
    await inquiry.refused("no_offer", "designate", "office-chief", to_post="registry-handler", reason="定")
    await inquiry.refused("wrong_state", "return_item", "window-clerk", reason="退", proposed_post="head")

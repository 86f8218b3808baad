"""Cards among people (监察牌): service, explanation, objection and its answer, revocation (domain 2.9)."""

from __future__ import annotations

from rules.procedures import CardStage
from schemas.clocks import ClockKind
from schemas.matters import CardStatus
from tests.workflows.beside import beside
from tests.workflows.card_desk import (
    CHIEF,
    DEPUTY,
    EVIDENCE,
    HANDLER,
    JUDGE,
    WHY,
    card_of,
    explain,
    rest,
    row,
)
from tests.workflows.house import CALENDAR, File, House, day
from tests.workflows.test_cards import with_the_handler


async def yellow(house: House, when: str = "06-11 10:00") -> tuple[File, File]:
    """A case whose examiner is late, and his yellow card, both at `when`."""
    case = await with_the_handler(house)
    await case.until(when)
    return case, await card_of(case, "Y1", when)


@beside
async def test_a_card_is_served_explained_and_corrected(house: House) -> None:
    """The late act and the written explanation together correct it; then the right to object runs out."""
    case, card = await yellow(house)
    served = card.entries("card.registered")[0]
    assert [each["person"] for each in served.data["served"]] == [HANDLER]
    assert served.data["notify"] == [HANDLER, CHIEF]
    assert (await card.status()).officer == "1901"
    assert (await card.clock(ClockKind.WINDOW, "objection")).due == day("06-16")
    await card.refused("opinion_required", "reply", "land-use-handler")
    await card.refused("not_party", "reply", "land-use-chief", opinion="我来说明")
    await explain(card, HANDLER)
    await rest(case)
    assert case.types("card.") == ["card.issued", "card.explanation_noted"]
    assert (await case.cards())["Y1"].explained == (HANDLER,)
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    assert case.types("card.")[-1] == "card.corrected"
    await rest(case, card)
    assert row(card)["status"] == "rectified"
    assert (await card.status()).state == CardStage.SERVED
    await card.until("06-17 01:00")
    assert (await card.handle.result())["state"] == CardStage.CLOSED
    assert card.types()[-1] == "window.closed"


@beside
async def test_an_objection_is_answered_by_the_office_and_the_card_revoked(house: House) -> None:
    """Three working days to object with evidence, three to answer; revoked by counter-entry."""
    case, card = await yellow(house)
    await card.refused("reason_required", "object_to", "land-use-handler", **EVIDENCE)
    await card.refused("evidence_required", "object_to", "land-use-handler", reason="系统故障")
    await card.refused("wrong_state", "rule", JUDGE, upheld=True, **WHY)
    await card.act("object_to", "land-use-handler", reason="系统故障", **EVIDENCE)
    assert (await card.clock(ClockKind.STEP, "ruling")).due == day("06-16")
    await card.refused("not_party", "rule", "head", upheld=True, **WHY)
    await card.refused("reason_required", "rule", JUDGE, upheld=True)
    await card.act("rule", JUDGE, upheld=True, **WHY)
    await rest(card, case)
    assert (await card.handle.result())["state"] == CardStage.REVOKED
    assert (await case.cards())["Y1"].status is CardStatus.REVOKED
    assert case.types("card.")[-1] == "card.revoked"
    await case.until("06-17 10:00")
    assert not [each for each in case.entries("card.issued") if each.data["card"]["code"] == "R1"]


@beside
async def test_a_rejected_objection_stops_no_clock_and_each_has_one(house: House) -> None:
    """R1 comes on its day while the objection waits; rejected, the card goes its way."""
    case, card = await yellow(house)
    same = case.desk.rules_of("LX-LS-01")
    await card.refused("wrong_role", "adopt_calendar", "land-use-handler", calendar=CALENDAR, **WHY)
    await card.act("adopt_calendar", "office-chief", calendar=CALENDAR, **WHY)
    await card.act("adopt_profile", "office-chief", rules=same, **WHY)
    await card.refused("not_in_post", "note", "head", who="1101", opinion="越岗批注")
    await card.act("note", "office-chief", opinion="已阅")
    await card.act("object_to", "land-use-handler", reason="停电", **EVIDENCE)
    await card.refused("wrong_state", "object_to", "land-use-handler", reason="再申诉", **EVIDENCE)
    await card.act("reply", "land-use-handler", opinion="另作说明")
    await case.until("06-16 01:00")
    await rest(card)
    assert set(await case.cards()) == {"Y1", "R1"}
    assert ((await card.status()).state, row(card)["status"]) == (CardStage.OBJECTED, "escalated")
    await card.act("rule", JUDGE, upheld=False, **WHY)
    await card.refused("objected_before", "object_to", "land-use-handler", reason="再申诉", **EVIDENCE)
    await card.refused(
        "wrong_role", "adopt_profile", "land-use-handler", rules=case.desk.rules_of("LX-LS-01")
    )
    await card.until("06-17 01:00")
    assert (await card.handle.result())["state"] == CardStage.CLOSED


@beside
async def test_revoking_the_yellow_card_revokes_its_red_one_and_tells_the_fault_case(house: House) -> None:
    """Upheld after the red card was issued: that falls too, by counter-entry, and the lead learns of it."""
    case, card = await yellow(house)
    await card.until("06-15 10:00")
    await card.act("object_to", "land-use-handler", reason="系统故障", **EVIDENCE)
    await case.until("06-16 01:00")
    red = await card_of(case, "R1")
    registered = red.entries("card.registered")[0]
    assert registered.data["lead"]["source"] == "red_card"
    assert registered.data["lead"]["about"] == {"kind": "case", "number": case.number}
    assert registered.data["lead"]["codes"] == ["F06"]
    assert set(registered.data["notify"]) >= {HANDLER, CHIEF, DEPUTY, "1901", "1005"}
    assert registered.data["begins"] == [f"fault/GC-{red.number}"]
    await rest(card)
    await card.until("06-16 10:00")
    await card.act("rule", JUDGE, upheld=True, **WHY)
    await rest(card, case, red)
    assert (await red.handle.result())["state"] == CardStage.REVOKED
    assert {each.status for each in (await case.cards()).values()} == {CardStatus.REVOKED}
    assert red.entries("card.withdrawn")[0].data["tells"] == [f"fault/GC-{red.number}"]


@beside
async def test_the_right_to_object_ends_after_three_working_days(house: House) -> None:
    """Over a weekend; what comes on the last day is in time, the next morning it is not."""
    case, card = await yellow(house)
    await card.until("06-17 01:00")
    assert card.types()[-1] == "window.closed"
    await card.refused("objection_late", "object_to", "land-use-handler", reason="系统故障", **EVIDENCE)
    assert (await case.cards())["Y1"].status is CardStatus.OPEN


@beside
async def test_a_card_anothers_delay_caused_becomes_his(house: House) -> None:
    """Readdressed: all limits and rights begin anew for the one whose delay it was; the first is free."""
    case, card = await yellow(house, "06-12 10:00")
    await card.refused("not_party", "readdress", "land-use-chief", person="1101", **WHY)
    await card.refused("unknown_person", "readdress", JUDGE, person="7777", **WHY)
    await card.refused("same_person", "readdress", JUDGE, person=HANDLER, **WHY)
    await card.act("object_to", "land-use-handler", reason="窗口迟交", **EVIDENCE)
    await card.act("readdress", JUDGE, person="1101", **WHY)
    await rest(card, case)
    found = (await case.cards())["Y1"]
    assert (found.addressees, found.rectify_due) == (("1101",), day("06-16"))
    assert row(card)["rectify_due"] == "2037-06-16"
    assert (await card.clock(ClockKind.WINDOW, "objection")).due == day("06-17")
    await card.refused("not_party", "reply", "land-use-handler", opinion="不再是我")
    await case.until("06-16 12:00")
    cards = await case.cards()
    assert (set(cards), cards["Y1"].status) == ({"Y1", "Y2"}, CardStatus.ABSORBED)
    assert cards["Y2"].addressees == (HANDLER, CHIEF, "1101")


@beside
async def test_an_explanation_that_does_not_do_is_to_be_given_again(house: House) -> None:
    """The office may send it back; accepted is only what is done and explained."""
    case, card = await yellow(house)
    await card.refused("not_explained", "accept_correction", JUDGE, **WHY)
    await card.refused("not_explained", "reject_correction", JUDGE, **WHY)
    await explain(card, HANDLER)
    await card.refused("late_act_open", "accept_correction", JUDGE, **WHY)
    await card.refused("reason_required", "reject_correction", JUDGE)
    await card.act("reject_correction", JUDGE, **WHY)
    await rest(card, case)
    assert (await case.cards())["Y1"].explained == ()
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await rest(case)
    assert (await case.cards())["Y1"].status is CardStatus.OPEN
    await explain(card, HANDLER)
    await rest(case)
    assert (await case.cards())["Y1"].status is CardStatus.RECTIFIED
    await card.refused("card_settled", "accept_correction", JUDGE, **WHY)


@beside
async def test_the_office_may_accept_what_not_all_have_explained(house: House) -> None:
    """Two addressees, one of them away: what is done and explained by the other is enough for it."""
    case = await with_the_handler(house, taken="06-09 16:00")
    await case.until("06-16 01:00")
    card = await card_of(case, "Y2")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    for post in ("land-use-chief", "deputy-land"):
        await case.act("take_over", post)
        name = "sign_stage" if post == "land-use-chief" else "decide"
        more = {} if post == "land-use-chief" else {"outcome": "granted"}
        await case.act(name, post, opinion="同意", **more)
    await case.act("result_ready", "window-clerk", document="1", notified="sms")
    await explain(card, HANDLER)
    await card.act("accept_correction", JUDGE, **WHY)
    await rest(card, case)
    assert (await case.cards())["Y2"].status is CardStatus.RECTIFIED


@beside
async def test_done_but_not_explained_turns_red_and_an_explanation_in_time_takes_it_back(
    house: House,
) -> None:
    """Correction is the late act and the written explanation; what was said in time counts, heard of late."""
    case = await with_the_handler(house)
    await case.until("06-11 10:00")
    card = await card_of(case, "Y1")
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.until("06-16 01:00")
    cards = await case.cards()
    assert (cards["R1"].issue_day, cards["R1"].follows) == (day("06-16"), cards["Y1"].id)
    await rest(card)
    assert row(card)["status"] == "escalated"
    await explain(card, HANDLER)
    await rest(case)
    cards = await case.cards()
    assert (cards["Y1"].status, cards["R1"].status) == (CardStatus.RECTIFIED, CardStatus.REVOKED)

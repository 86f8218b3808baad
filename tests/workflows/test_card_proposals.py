"""Irregularities on the engine: proposed, confirmed or dismissed; the office answers for its own delay."""

from __future__ import annotations

from typing import Any

import pytest

from rules.procedures import CardStage
from schemas.clocks import ClockKind
from schemas.errors import NotPermittedError
from schemas.matters import CardStatus
from tests.workflows.beside import beside
from tests.workflows.card_desk import EVIDENCE, JUDGE, WHY, card_at, card_of, explain, rest, row
from tests.workflows.house import File, House, at, day

CLERK = "1101"
SEEN: dict[str, Any] = {"opinion": "属实"}


async def noticed_twice(house: House, begin: str = "06-11 09:00") -> tuple[File, File]:
    """A case whose window named a new point in a second notice, and the card that is proposed."""
    case = await house.case("LX-YS-01", begin)
    await case.act("notify_correction", "window-clerk", points={"site": "缺坐标"})
    await case.refused("second_notice", "notify_correction", "window-clerk", points={"map": "未盖章"})
    return case, await card_of(case, "Y4")


@beside
async def test_an_irregularity_is_proposed_once_a_person_and_confirmed(house: House) -> None:
    """Confirmed, it is issued and served that day; explained and put right, the office accepts it."""
    case, card = await noticed_twice(house)
    await case.refused("second_notice", "notify_correction", "window-clerk", points={"map": "未盖章"})
    assert len(case.entries("card.proposed")) == 1
    proposal = case.entries("card.proposed")[0].data["proposal"]
    assert (proposal["trigger"], proposal["fault"], proposal["severity"]) == (
        "second-notice",
        "F03",
        "general",
    )
    assert case.entries()[case.entries("card.proposed")[0].seq - 1 - proposal["behind"]].type == "act.refused"
    assert await case.cards() == {}
    assert (await card.status()).state == CardStage.PROPOSED
    assert (await card.clock(ClockKind.STEP, "confirmation")).due == day("06-16")
    await card.refused("not_party", "confirm", "window-lead", **SEEN)
    await card.refused("opinion_required", "confirm", JUDGE)
    await card.refused("wrong_state", "reply", "window-clerk", opinion="说明")
    await card.until("06-12 10:00")
    await card.act("confirm", JUDGE, **SEEN)
    assert (row(card)["issue_day"], row(card)["rectify_due"]) == ("2037-06-12", "2037-06-16")
    assert card.types()[-1] == "card.registered"
    await card.refused("wrong_state", "dismiss", JUDGE, **WHY)
    await explain(card, CLERK)
    await card.act("accept_correction", JUDGE, **WHY)
    assert row(card)["status"] == "rectified"
    await card.until("06-18 01:00")
    assert (await card.handle.result())["figures"]["status"] == "rectified"


@beside
async def test_what_is_dismissed_is_no_card_and_stays_on_record(house: House) -> None:
    """With reasons; nothing is begun by it."""
    _, card = await noticed_twice(house)
    await card.refused("reason_required", "dismiss", JUDGE)
    await card.act("dismiss", JUDGE, **WHY)
    assert (await card.handle.result())["state"] == CardStage.DISMISSED
    assert row(card)["status"] == "dismissed"
    with pytest.raises(NotPermittedError) as refusal:
        await card.act("confirm", JUDGE, **SEEN)
    assert refusal.value.code == "ended"


@beside
async def test_a_confirmed_card_that_is_not_put_right_turns_red_by_itself(house: House) -> None:
    """No clock of a matter stands behind it: its own rectify limit does; over Spring Festival."""
    case, card = await noticed_twice(house, "02-12 09:00")
    await card.until("02-13 10:00")
    await card.act("confirm", JUDGE, **SEEN)
    assert row(card)["rectify_due"] == "2037-02-24"
    await card.until("02-25 01:00")
    red = await card_of(card, "R1")
    told = red.entries("card.registered")[0].data
    assert (told["card"]["addressees"], told["card"]["issue_day"]) == ([CLERK, "1003"], "2037-02-25")
    assert told["about"] == {"kind": "case", "number": case.number}
    assert told["lead"]["about"]["number"] == case.number
    assert row(card)["status"] == "escalated"
    await explain(red, CLERK, "1003")
    await red.act("accept_correction", JUDGE, **WHY)
    await rest(red, card)
    assert row(red)["status"] == "rectified"
    assert [each.status for each in (await card.status()).cards if each.code == "R1"] == [
        CardStatus.RECTIFIED
    ]


@beside
async def test_a_charge_on_a_free_item_is_proposed_as_a_red_card(house: House) -> None:
    """R3: nothing is charged, but that it was tried is looked into; confirmed it is a lead."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.refused("zero_fee", "charge", "window-clerk", amount_fen=100, receipt_no="1")
    card = await card_of(case, "R3")
    assert "lead" not in card.entries()[0].data
    assert card.types("fault") == []
    await card.act("confirm", JUDGE, **SEEN)
    lead = card.entries("card.registered")[0].data["lead"]
    assert (lead["codes"], lead["accused"]) == (["F14"], [CLERK])
    cited = lead["evidence"][0]
    assert case.entries()[cited["seq"] - 1].data["refused"] == "zero_fee"


@beside
async def test_nobody_is_accused_of_what_a_stranger_says_he_did(house: House) -> None:
    """Only holders of posts; and a second person is a second card."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.refused("zero_fee", "charge", "window-clerk", amount_fen=100)
    await case.refused("zero_fee", "charge", "window-clerk", who="1102", amount_fen=100)
    await case.refused("not_in_post", "charge", "window-clerk", who="7777", amount_fen=100)
    people = [entry.data["card"]["addressees"] for entry in case.entries("card.proposed")]
    assert people == [[CLERK], ["1102"]]


@beside
async def test_what_is_keyed_in_days_later_is_proposed(house: House) -> None:
    """More than a working day after the fact; a reason code excuses nothing."""
    case = await house.case("LX-LS-01", "06-11 09:00")
    await case.until("06-15 10:00")
    late: dict[str, Any] = {"late_reason": "field_work", "opinion": "现场记录"}
    await case.act("note", "window-clerk", received_at=at("06-12 09:00"), **late)
    assert case.entries("card.proposed") == []
    await case.act("note", "window-clerk", received_at=at("06-11 11:00"), **late)
    assert case.entries("card.proposed")[0].data["proposal"]["trigger"] == "back-entry"


@beside
async def test_the_office_answers_for_its_own_delay(house: House) -> None:
    """An objection not answered in time is the office's card; the discipline secretary answers for that."""
    _, card = await noticed_twice(house, "12-24 09:00")
    await card.act("confirm", JUDGE, **SEEN)
    await card.act("object_to", "window-clerk", reason="初次告知已列明", **EVIDENCE)
    assert (await card.clock(ClockKind.STEP, "ruling")).due == day("12-29")
    await card.until("12-30 01:00")
    issued = [entry for entry in card.entries("card.issued") if entry.data["card"]["clock"] == "step"]
    own = await card_at(card, issued[0].data["card"]["id"])
    assert row(own)["addressees"] == ["1901"]
    assert (await own.status()).post == "discipline"
    await explain(own, "1901")
    await own.refused("not_party", "accept_correction", JUDGE, **WHY)
    await card.act("rule", JUDGE, upheld=False, **WHY)
    await rest(card, own)
    assert row(own)["status"] == "rectified"


@beside
async def test_deemed_acceptance_opens_its_lead_at_once(house: House) -> None:
    """逾期未告知: the card is the clock's; the law demands the lead besides."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.until("06-24 01:00")
    opened = case.entries("case.lead_opened")[0]
    assert opened.data["lead"]["codes"] == ["F01"]
    cited = opened.data["lead"]["evidence"][0]["seq"]
    assert case.entries()[cited - 1].type == "case.deemed_accepted"
    assert opened.data["begins"] == [f"fault/GC-{case.number}-{opened.seq}"]
    assert case.entries("card.proposed") == []

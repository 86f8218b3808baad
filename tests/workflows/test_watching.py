"""Supervision of the supervisors in other people's matters: a card that is withdrawn, or dismissed."""

from __future__ import annotations

import asyncio

from ledger.entry import Entry
from tests.workflows.beside import beside
from tests.workflows.card_desk import EVIDENCE, JUDGE, WHY, card_of, rest
from tests.workflows.complaint_desk import complaint
from tests.workflows.house import File, House
from tests.workflows.test_cards import with_the_handler


async def fault_case(file: File, number: str) -> list[Entry]:
    """The chain of the fault case that a matter has begun, once it is there."""
    for _ in range(3000):
        if found := file.house.entries(number):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"{number} was not begun")


@beside
async def test_a_card_that_is_revoked_is_a_lead_about_who_revoked_it(house: House) -> None:
    """However right it was: somebody else looks, and that somebody is not the supervision office."""
    case = await with_the_handler(house)
    await case.until("06-11 10:00")
    card = await card_of(case, "Y1", "06-11 10:00")
    await card.act("object_to", "land-use-handler", reason="系统故障", **EVIDENCE)
    await card.act("rule", JUDGE, upheld=True, **WHY)
    await rest(card, case)
    revoked = card.entries("card.revoked")[0]
    lead = card.entries("card.lead_opened")[0].data
    assert (lead["fault"], lead["lead"]["accused"]) == (f"GC-{card.number}-{revoked.seq}", ["1901"])
    assert lead["lead"]["evidence"] == [{"kind": "card", "number": card.number, "seq": revoked.seq}]
    chain = await fault_case(card, lead["fault"])
    assert chain[0].type == "fault.registered"
    assert chain[0].data["view"]["owner"] == "1005"  # a lead about the office goes to him
    assert (await case.cards())["Y1"].status.value == "revoked"  # and the matter was told all the same


@beside
async def test_a_proposed_card_that_is_dismissed_is_a_lead_too(house: House) -> None:
    """Nobody makes an irregularity disappear unseen."""
    case = await house.case()
    await case.refused("zero_fee", "charge", "window-clerk", amount_fen=100, receipt_no="1")
    card = await card_of(case, "R3")
    await rest(case)
    await card.act("dismiss", JUDGE, reason="误录")
    lead = card.entries("card.lead_opened")[0].data
    assert (lead["lead"]["accused"], lead["lead"]["codes"]) == (["1901"], ["F21"])
    assert lead["lead"]["about"] == {"kind": "card", "number": card.number}


@beside
async def test_a_report_reaches_whoever_is_free_of_it(house: House) -> None:
    """The lead of a complaint arrives as a fault case, whose number the complaint holds."""
    file = await complaint(house, "fault_report", accused=["1902"])
    number = file.entries("complaint.lead_opened")[0].data["fault"]
    chain = await fault_case(file, number)
    assert (chain[0].type, chain[0].data["view"]["owner"]) == ("fault.registered", "1005")
    assert (await file.status()).detail["lead"] == number

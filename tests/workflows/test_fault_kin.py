"""Fault cases and the matters they come of: red cards, a wrong approval with its whole chain (domain 3.4)."""

from __future__ import annotations

import asyncio
from typing import Any

from schemas.intake import IntakeReceipt
from schemas.liability import Finding
from starter.liability import explain
from tests.workflows.beside import beside
from tests.workflows.card_desk import EVIDENCE, HANDLER, JUDGE, WHY, card_of, rest
from tests.workflows.fault_desk import DESK, TEAM, accepted, fault
from tests.workflows.house import PROFILE, File, House
from tests.workflows.test_cards import with_the_handler


async def lead_of(card: File, when: str = "") -> File:
    """The fault case that a red card has opened."""
    number = f"GC-{card.number}"
    for _ in range(3000):
        if card.house.entries(number):
            break
        await asyncio.sleep(0.05)
    registration = await card.desk.handle("fault", number).query("get_registration")
    file = File(card.house, card.desk, "fault", _intake(registration), None)
    if when:
        await file.until(when)
    return file


def _intake(registration: Any) -> IntakeReceipt:
    """What an intake would have got: nobody took this one in."""
    return IntakeReceipt(
        number=registration["id"],
        lookup_code="-",
        received_at=registration["received_at"],
        received_day=registration["received_day"],
        promised_day=None,
        provisional=False,
        receipt=registration["receipt"],
    )


async def red(house: House, when: str = "06-16 10:00") -> tuple[File, File, File]:
    """A case, its red card, and the fault case that the card has opened."""
    case = await with_the_handler(house)
    await case.until(when)
    card = await card_of(case, "R1", when)
    return case, card, await lead_of(card, when)


@beside
async def test_a_red_card_is_a_lead_that_falls_with_it(house: House) -> None:
    """Registered from its entry, screened, and closed by counter-entry when the card is revoked."""
    _, card, file = await red(house)
    opened = file.entries("fault.registered")[0]
    assert (opened.data["source"], opened.data["about"]["kind"]) == ("red_card", "case")
    assert HANDLER in opened.data["accused"]
    assert opened.data["because"]["number"] == card.number
    await file.act("screen", DESK)
    await file.refused("must_screen", "not_accept", DESK, ground="no_fault", reason="查无实据")
    await card.act("object_to", "land-use-handler", reason="系统故障", **EVIDENCE)
    await card.act("rule", JUDGE, upheld=True, **WHY)
    await rest(card)
    assert (await file.handle.result())["state"] == "withdrawn"
    assert file.types()[-1] == "fault.withdrawn"


@beside
async def test_a_case_accepted_on_other_grounds_survives_its_card(house: House) -> None:
    """The revocation is an entry in it, and it goes on."""
    _, card, file = await red(house)
    await file.act("screen", DESK)
    await file.act("accept", DESK, reason="另有证据", other_grounds="群众举报压件")
    await card.act("object_to", "land-use-handler", reason="系统故障", **EVIDENCE)
    await card.act("rule", JUDGE, upheld=True, **WHY)
    await rest(card)
    while not file.entries("fault.ground_fell"):
        await asyncio.sleep(0.05)
    assert (await file.status()).state == "investigating"


@beside
async def test_a_wrong_approval_examines_everybody_who_signed(house: House) -> None:
    """Every signer has a row; an open question, a person left out or an unexplained change is refused."""
    case = await house.case("LX-LS-01", "06-08 09:00")
    await case.act("accept", "window-clerk")
    await case.sign_through("W", "H", "R")
    await case.finish()
    file = await accepted(
        house,
        "06-22 09:00",
        lead={
            "source": "reconsideration",
            "codes": ["F07"],
            "about": {"kind": "case", "number": case.number},
            "accused": [],
        },
    )
    chain = file.entries("fault.registered")[0].data["chain"]
    assert {"1301", "1303", "1002"} <= set(chain)
    await file.refused("too_near", "appoint", DESK, team=["1501", "1303"])
    await file.act("appoint", DESK, team=list(TEAM))
    by: dict[str, Any] = {"who": "1501", "opinion": "条件不具备"}
    none = explain(house.ledger, case.number, "F07", (), PROFILE)
    unsure: dict[str, Any] = {"proposals": [none.model_dump()], "digest": none.digest}
    rows = [row.model_dump() for row in none.rows]
    await file.refused("proposal_incomplete", "report", TEAM["1501"], **by, **unsure, rows=rows)
    await file.refused("fault_unexamined", "report", TEAM["1501"], **by, rows=[])
    made = explain(house.ledger, case.number, "F07", answers(case.number), PROFILE)
    assert not made.incomplete, made.open_questions
    sure: dict[str, Any] = {"proposals": [made.model_dump()], "digest": made.digest}
    rows = [row.model_dump() for row in made.rows]
    await file.refused("row_missing", "report", TEAM["1501"], **by, **sure, rows=rows[1:])
    await file.refused("other_proposal", "report", TEAM["1501"], **by, **sure | {"digest": "0"}, rows=rows)
    lighter = [{**row, "degree": "none", "grade": None} for row in rows]
    await file.refused("change_unexplained", "report", TEAM["1501"], **by, **sure, rows=lighter)
    await file.act("report", TEAM["1501"], **by, **sure, rows=rows)
    told = file.entries("fault.reported")[0].data
    assert told["digest"] == made.digest
    other = await accepted(house, lead={"about": {"kind": "review", "number": "HS-2037-000001"}})
    await other.act("appoint", DESK, team=list(TEAM))
    await other.refused("other_matter", "report", TEAM["1501"], **by, **sure, rows=rows)


def answers(number: str) -> tuple[Finding, ...]:
    """Handler, reviewer and approver: all wrong, nothing concealed."""
    proof = [{"kind": "case", "number": number, "seq": 1}]
    said = [
        *({"question": "opinion", "answer": "wrong", "who": who} for who in ("1301", "1303", "1002")),
        {"question": "concealment", "answer": "no", "who": "1301"},
        {"question": "cause", "answer": "staff"},
        {"question": "order", "answer": "none"},
    ]
    return tuple(Finding.model_validate({**each, "evidence": proof}) for each in said)


@beside
async def test_an_absorbing_card_joins_the_lead_that_is_there(house: House) -> None:
    """One delay, one lead: the statutory limit passing brings no second case."""
    case, _, file = await red(house)
    await case.until("07-08 10:00")
    await rest(case)
    joined = False
    for _ in range(3000):
        joined = bool(file.entries("fault.joined"))
        if joined:
            break
        await asyncio.sleep(0.05)
    assert joined
    assert len({number for number in (await case.cards()) if number.startswith("R")}) == 2
    nobody = await fault(house, lead={"accused": []})
    assert (await nobody.status()).officer == "1901"

"""Signed = seen: what a refusal says of a file that changed, and who won where two decided at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from schemas.entries import Receipt
from schemas.errors import NotPermittedError
from tests.workflows.beside import beside
from tests.workflows.house import File, House
from tests.workflows.test_cards import with_the_handler

OLD, NEW = "a" * 64, "b" * 64
MAP = {"code": "map", "pages": 3}


async def told(case: File, name: str, post: str, who: str = "", **said: Any) -> NotPermittedError:
    """The refusal of an act, as its sender gets it."""
    with pytest.raises(NotPermittedError) as refusal:
        await case.desk.act(case.kind, case.number, name, case.message(name, post, who, **said))
    return refusal.value


async def before_the_decision(house: House) -> File:
    """A case at the stage that decides."""
    case = await with_the_handler(house)
    await case.sign_through("H", "R")
    await case.act("take_over", "deputy-land")
    return case


@beside
async def test_a_file_replaced_while_the_officer_reads_is_told_with_what_it_was_and_is(house: House) -> None:
    """The refusal names the part, both values, and the entry that made the difference."""
    case = await with_the_handler(house)
    await case.act("resubmit", "window-clerk", materials=[{**MAP, "sha256": OLD}])
    seen = (await case.status()).facts
    replaced = await case.act("resubmit", "window-clerk", materials=[{**MAP, "sha256": NEW}])
    entry = await case.refused("stale", "sign_stage", "land-use-handler", opinion="同意", facts=seen)
    (changed,) = entry.data["changed"]
    assert (changed["part"], changed["seq"]) == ("materials", replaced.caseseq)
    assert ["map", 3, OLD] in changed["before"]
    assert ["map", 3, OLD] not in changed["after"]
    assert ["map", 3, NEW] in changed["after"]
    assert "材料" in entry.data["told"]
    assert "materials" in entry.data["told"]


@beside
async def test_a_sender_gets_what_is_on_record_and_gets_it_again(house: House) -> None:
    """Sent again under its id, a refused act is answered with the same details and the same entry."""
    case = await with_the_handler(house)
    seen = (await case.status()).facts
    await case.act("raise_flag", "land-use-handler", flag="title_dispute", reason="权属有争议")
    message = case.message("sign_stage", "land-use-handler", opinion="同意", facts=seen)
    answers = []
    for _ in range(2):
        with pytest.raises(NotPermittedError) as refusal:
            await case.desk.act(case.kind, case.number, "sign_stage", message)
        answers.append(refusal.value)
    entry = case.entries("act.refused")[-1]
    assert answers[0].details == answers[1].details
    assert answers[0].details == {"ledger_seq": entry.seq, "changed": entry.data["changed"]}
    assert [each["part"] for each in entry.data["changed"]] == ["flags"]
    assert len(case.entries("act.refused")) == 1


@beside
async def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told_who(house: House) -> None:
    """A and B officer of a post decide on the same facts at the same time."""
    case = await before_the_decision(house)
    facts = (await case.status()).facts
    said = {"opinion": "同意", "reason": "条件不符", "remedy": "复议", "facts": facts}
    sent = [
        case.desk.act(case.kind, case.number, "decide", case.message("decide", "deputy-land", who, **each))
        for who, each in (("1002", {**said, "outcome": "granted"}), ("1003", {**said, "outcome": "refused"}))
    ]
    answers = await asyncio.gather(*sent, return_exceptions=True)
    (receipt,) = [each for each in answers if isinstance(each, Receipt)]
    (loser,) = [each for each in answers if isinstance(each, NotPermittedError)]
    (decided,) = case.entries("case.decided")
    assert loser.code == "already_decided"
    winner = loser.details["winner"]
    assert (winner["seq"], winner["officer"]) == (receipt.caseseq, decided.event["actor"])
    assert (winner["act"], winner["post"], winner["outcome"]) == (
        "decide",
        "deputy-land",
        decided.data["outcome"],
    )
    assert winner["officer"] in loser.message
    assert case.entries("act.refused")[-1].data["winner"] == winner


@beside
async def test_whoever_signs_a_stage_that_is_signed_is_told_who_signed_it(house: House) -> None:
    """The first signature after what he saw is the winner's, whatever was signed since."""
    case = await with_the_handler(house)
    facts = (await case.status()).facts
    signed = await case.act("sign_stage", "land-use-handler", opinion="同意", facts=facts)
    await case.act("take_over", "land-use-chief")
    await case.act("sign_stage", "land-use-chief", opinion="同意")
    late = await told(case, "sign_stage", "land-use-handler", "1302", opinion="不同意", facts=facts)
    assert (late.code, late.details["winner"]["seq"]) == ("already_decided", signed.caseseq)


@beside
async def test_a_stage_that_came_back_is_stale_and_not_decided(house: House) -> None:
    """Signed, returned, open again: the question is open, only the file is another."""
    case = await with_the_handler(house)
    facts = (await case.status()).facts
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    await case.act("take_over", "land-use-chief")
    await case.act("return_stage", "land-use-chief", to="H", reason="重新踏勘")
    late = await told(case, "sign_stage", "land-use-handler", "1302", opinion="同意", facts=facts)
    assert late.code == "stale"
    assert [each["part"] for each in late.details["changed"]] == ["stages"]
    assert "winner" not in late.details


@beside
async def test_a_decision_that_changes_no_fact_has_a_winner_too(house: House) -> None:
    """Two approve the same suspension: the facts are the same, the state is not."""
    case = await with_the_handler(house)
    await case.act(
        "request_suspension",
        "land-use-handler",
        ground="expert_review",
        expected_days=10,
        notice="莱土告〔2037〕1号",
        reason="论证",
    )
    facts = (await case.status()).facts
    first = await case.act("suspend", "land-use-chief", opinion="同意", facts=facts)
    assert (await case.status()).facts == facts
    late = await told(case, "suspend", "land-use-chief", "1304", opinion="同意", facts=facts)
    assert (late.code, late.details["winner"]["seq"]) == ("already_decided", first.caseseq)
    plain = await told(case, "suspend", "land-use-chief", "1304", opinion="同意")
    assert plain.code == "wrong_state"


@beside
async def test_facts_that_nobody_was_shown_are_stale_without_a_difference(house: House) -> None:
    """A digest that is none of this matter's says nothing of what was seen."""
    case = await with_the_handler(house)
    entry = await case.refused("stale", "sign_stage", "land-use-handler", opinion="同意", facts="0" * 64)
    assert entry.data["changed"] == []


@beside
async def test_what_was_shown_and_decided_outlasts_a_run_of_the_workflow(house: House) -> None:
    """A matter that went on in a new run still tells the difference and the winner."""
    case = await house.case("LX-LS-01", "06-08 09:00", start={"history_limit": 40})
    await case.act("accept", "window-clerk")
    await case.sign_through("W")
    await case.act("take_over", "land-use-handler")
    run = (await case.handle.describe()).run_id
    facts = (await case.status()).facts
    signed = await case.act("sign_stage", "land-use-handler", opinion="同意", facts=facts)
    for _ in range(8):
        await case.act("note", "land-use-handler", opinion="备查")
    assert (await case.handle.describe()).run_id != run
    late = await told(case, "sign_stage", "land-use-handler", "1302", opinion="同意", facts=facts)
    assert (late.code, late.details["winner"]["seq"]) == ("already_decided", signed.caseseq)
    assert {each["part"] for each in late.details["changed"]} == {"stage", "stages"}

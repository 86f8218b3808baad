"""Supervision matters (督查事项; domain M08): proposed, taken, reported, verified by others, closed."""

from __future__ import annotations

from typing import Any

import pytest

from rules.procedures.supervision import SupervisionStage
from schemas.clocks import ClockKind
from schemas.errors import NotPermittedError
from tests.workflows.beside import beside
from tests.workflows.house import CALENDAR, House, day
from tests.workflows.supervision_desk import EVIDENCE, OFFICE, OWNER, reported, rules_of, supervision, taken

STEP, HANDOVER = ClockKind.STEP, ClockKind.HANDOVER
DONE: dict[str, Any] = {"opinion": "已完成"}


@beside
async def test_an_instruction_from_proposal_to_archive(house: House) -> None:
    """Fifteen days from the instruction; who owns it does not verify it; closed on evidence."""
    file = await supervision(house, begin="06-15 09:00")
    assert (await file.status()).officer == "1901"
    await file.refused("wrong_role", "enter", "head")
    await file.refused("wrong_state", "assign", OFFICE, to_post=OWNER)
    await file.until("06-16 09:00")
    await file.act("enter", OFFICE)
    assert (await file.clock(STEP, "finish")).due == day("06-30")
    await file.refused("wrong_state", "enter", OFFICE)
    helping: dict[str, Any] = {"co_owners": ["planning-handler"]}
    await file.refused("co_owner_is_owner", "assign", OFFICE, to_post="planning-handler", **helping)
    await file.refused("unknown_post", "assign", OFFICE, to_post="nowhere")
    await file.refused("wrong_role", "assign", "window-lead", to_post=OWNER)
    await file.act("assign", OFFICE, to_post=OWNER, **helping)
    await file.refused("not_offered", "take_over", "planning-handler")
    await file.act("take_over", OWNER, who="1202")
    status = await file.status()
    assert (status.officer, (await file.clock(STEP, "finish")).owner) == ("1202", "1202")
    await file.refused("not_party", "contribute", OWNER, **DONE)
    await file.refused("opinion_required", "contribute", "planning-handler")
    await file.act("contribute", "planning-handler", **DONE)
    await file.refused("not_on_duty", "report_progress", "planning-handler", **DONE)
    await file.act("report_progress", OWNER, opinion="已清理一半")
    await file.refused("opinion_required", "report", OWNER)
    await file.act("report", OWNER, opinion="已清零", **EVIDENCE)
    assert (await file.status()).officer == "1901"
    await file.refused("wrong_role", "verify", OWNER, **DONE)
    await file.refused("opinion_required", "verify", OFFICE)
    await file.act("verify", OFFICE, opinion="抽查属实")
    await file.refused("wrong_role", "close", "head")
    await file.act("close", OFFICE)
    result = await file.handle.result()
    assert (result["state"], result["figures"]["evidence"]) == (SupervisionStage.CLOSED, 1)
    assert file.types("clock.breached", "supervision.chase", "supervision.lead") == []


@beside
async def test_nothing_is_closed_without_evidence(house: House) -> None:
    """A report that says so is not enough; papers may come with the verification or the closing."""
    file = await reported(house, evidence={})
    await file.act("verify", "discipline", opinion="听取汇报")
    await file.refused("evidence_required", "close", OFFICE)
    await file.act("note", OFFICE, opinion="补材料", **EVIDENCE)
    await file.refused("evidence_required", "close", OFFICE)
    await file.act("close", OFFICE, **EVIDENCE)


@beside
async def test_the_supervision_office_does_not_verify_its_own_work(house: House) -> None:
    """Nor does who helped: the discipline secretary looks, and closes."""
    file = await supervision(house)
    await file.act("enter", OFFICE)
    await file.act("assign", OFFICE, to_post=OFFICE, co_owners=["deputy-land"])
    await file.act("take_over", OFFICE)
    await file.act("report", OFFICE, opinion="已完成", **EVIDENCE)
    assert (await file.status()).officer == "1005"
    await file.refused("barred", "verify", OFFICE, who="1902", **DONE)
    await file.refused("barred", "verify", "deputy-law", who="1002", **DONE)
    await file.act("verify", "discipline", **DONE)
    await file.refused("barred", "close", OFFICE)
    await file.refused("barred", "reopen", OFFICE, reason="x")
    await file.act("close", "discipline")


@beside
async def test_sent_back_then_reopened_once(house: House) -> None:
    """What does not hold goes back to the owner for five working days; what did not last is assigned anew."""
    file = await reported(house, begin="06-15 09:00")
    await file.act("verify", OFFICE, passed=False, opinion="仍有积压")
    status = await file.status()
    assert (status.state, status.officer) == (SupervisionStage.IN_PROGRESS, "1201")
    assert (await file.clock(STEP, "rework")).due == day("06-23")
    await file.act("report", OWNER, **DONE)
    await file.act("verify", "head", **DONE)
    await file.refused("reason_required", "reopen", OFFICE)
    await file.act("reopen", OFFICE, reason="反弹")
    await file.refused("wrong_state", "take_over", OWNER)
    await file.act("assign", OFFICE, to_post="registry-chief")
    await file.act("take_over", "registry-chief")
    await file.act("report", "registry-chief", **DONE)
    await file.act("verify", OFFICE, **DONE)
    await file.refused("matter_reopened_before", "reopen", OFFICE, reason="又反弹")
    await file.act("close", OFFICE)
    assert (await file.handle.result())["figures"]["reopenings"] == 1


@beside
async def test_a_matter_nobody_takes_is_the_receiving_chiefs_card(house: House) -> None:
    """One working day to take it; Y3 to the chief of the owner's section."""
    file = await supervision(house, "document", "06-12 09:00")
    await file.act("enter", OFFICE)
    await file.act("assign", OFFICE, to_post=OWNER)
    assert (await file.clock(HANDOVER, "taking")).due == day("06-15")
    await file.until("06-16 09:00")
    assert (await file.cards())["Y3"].addressees == ("1205",)
    await file.act("take_over", OWNER)
    assert (await file.clock(HANDOVER, "taking")).breached


@beside
async def test_limits_of_the_types_and_as_stated(house: House) -> None:
    """30, 20, 1-5, 15, 30, 15 days; a stated limit counts if the type allows it. Over the year's end."""
    for kind, due in (
        ("document", "2038-01-27"),
        ("minutes", "2038-01-18"),  # the 17th is a Sunday
        ("instruction_urgent", "2038-01-04"),
        ("instruction", "2038-01-12"),
        ("instruction_hard", "2038-01-27"),
        ("general", "2038-01-12"),
    ):
        file = await supervision(house, kind, "12-28 09:00")
        await file.act("enter", OFFICE)
        assert str((await file.clock(STEP, "finish")).due) == due, kind
    stated = await supervision(house, "instruction_urgent", "02-12 09:00", days=3)
    await stated.refused("stated_limit", "enter", OFFICE, days=6)
    await stated.refused("unknown_type", "enter", OFFICE, type="wish")
    await stated.act("enter", OFFICE)
    assert (await stated.clock(STEP, "finish")).due == day("02-24")  # 15 February begins the festival
    with pytest.raises(NotPermittedError) as refused:
        await supervision(house, "instruction_urgent", days=9)
    assert refused.value.code == "stated_limit"
    with pytest.raises(NotPermittedError) as refused:
        await supervision(house, officer="1201", post=OWNER)
    assert refused.value.code == "wrong_role"


@beside
async def test_calendar_rules_and_notes(house: House) -> None:
    """What every matter knows."""
    file = await taken(house)
    await file.act("note", OWNER, opinion="在办")
    await file.refused("not_in_post", "note", OWNER, who="9999", opinion="x")
    await file.refused("reason_required", "adopt_calendar", OFFICE, calendar=CALENDAR)
    await file.act("adopt_calendar", OFFICE, calendar=CALENDAR, reason="通知")
    await file.refused("wrong_role", "adopt_profile", OWNER, rules=rules_of("supervision"), reason="更正")
    await file.act("adopt_profile", OFFICE, rules=rules_of("supervision"), reason="更正")

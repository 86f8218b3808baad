"""Transfers to other organs: three days, 24 hours, three days, counted strictly (domain 3.8)."""

from __future__ import annotations

from typing import Any

from schemas.clocks import ClockKind
from tests.workflows.beside import beside
from tests.workflows.fault_desk import DESK, HEAD, TEAM, fault, investigated
from tests.workflows.house import File, House, day

CRIME = {"kind": "crime", "organ": "public_security", "with_officer": "1503", "reason": "涉嫌非法采矿"}
PIECES = ["a" * 64, "b" * 64]


async def proposed(house: House, begin: str = "06-15 09:00", **said: Any) -> File:
    """Two investigators have written the report."""
    file = await investigated(house, begin)
    await file.act("propose_transfer", TEAM["1501"], who="1501", **{**CRIME, **said})
    return file


async def sent(house: House, begin: str = "06-15 09:00", **said: Any) -> File:
    """Approved and sent."""
    file = await proposed(house, begin, **said)
    await file.act("rule_transfer", HEAD, ref="T1", approve=True, reason="涉嫌犯罪")
    await file.act("send_transfer", DESK, ref="T1", package=PIECES)
    return file


@beside
async def test_a_suspected_crime_goes_to_the_police(house: House) -> None:
    """Proposed on the eve of Spring Festival: no day of it is left out, and nothing rolls."""
    file = await investigated(house, "02-13 16:00")
    propose: dict[str, Any] = {"post": TEAM["1501"], "who": "1501", **CRIME}
    await file.refused("unknown_kind", "propose_transfer", **{**propose, "kind": "gossip"})
    await file.refused("wrong_receiver", "propose_transfer", **{**propose, "organ": "court"})
    await file.refused("two_needed", "propose_transfer", **{**propose, "with_officer": "1501"})
    await file.refused(
        "not_party", "propose_transfer", **{**propose, "who": "1301", "post": "land-use-handler"}
    )
    await file.act("propose_transfer", **propose)
    assert (await file.clock(ClockKind.STEP, "transfer/T1/ruling")).due == day("02-16")
    await file.refused("transfer_state", "send_transfer", DESK, ref="T1", package=PIECES)
    await file.refused("unknown_transfer", "rule_transfer", HEAD, ref="T9", approve=True, reason="移送")
    await file.refused("wrong_role", "rule_transfer", DESK, ref="T1", approve=True, reason="移送")
    await file.until("02-16 17:30")
    await file.act("rule_transfer", HEAD, ref="T1", approve=True, reason="涉嫌犯罪")
    await file.refused("package_needed", "send_transfer", DESK, ref="T1")
    await file.until("02-17 17:00")
    assert file.types("clock.breached") == []
    await file.until("02-17 18:00")
    assert file.entries("clock.breached")[0].data["ref"] == "transfer/T1/sending"
    assert file.entries("clock.breached")[0].data["breached_at"].startswith("2037-02-17T09:30")  # UTC
    await file.act("send_transfer", DESK, ref="T1", package=PIECES)
    await file.refused("receipt_needed", "receipt_transfer", DESK, ref="T1")
    await file.act("receipt_transfer", DESK, ref="T1", receipt="公收1号")
    assert (await file.clock(ClockKind.STEP, "transfer/T1/answer")).due == day("02-20")


@beside
async def test_who_refuses_to_file_is_asked_again_once(house: House) -> None:
    """Within three days; then the result stands."""
    file = await sent(house)
    await file.refused("transfer_state", "transfer_result", DESK, ref="T1", filed=True, document="立1号")
    await file.act("receipt_transfer", DESK, ref="T1", receipt="公收1号")
    await file.refused("document_required", "transfer_result", DESK, ref="T1", filed=False)
    await file.act("transfer_result", DESK, ref="T1", filed=False, document="不立1号")
    assert (await file.clock(ClockKind.STEP, "transfer/T1/reconsideration")).due == day("06-18")
    await file.refused("reason_required", "reconsider_transfer", DESK, ref="T1")
    await file.act("reconsider_transfer", DESK, ref="T1", reason="证据充分")
    await file.act("transfer_result", DESK, ref="T1", filed=False, document="维1号")
    await file.refused("reconsidered_before", "reconsider_transfer", DESK, ref="T1", reason="再议")
    await file.refused("transfer_state", "hand_items", DESK, ref="T1", receipt="物1号")
    await file.act("conclude_transfer", DESK, ref="T1", reason="维持不立案")
    assert (await file.status()).state == "investigating"
    assert (await file.status()).detail["transfers"] == {"T1": "concluded"}


@beside
async def test_a_whole_case_that_is_filed_elsewhere_ends_here(house: House) -> None:
    """Once the items are handed over."""
    file = await sent(house, whole=True)
    await file.act("receipt_transfer", DESK, ref="T1", receipt="公收1号")
    await file.act("transfer_result", DESK, ref="T1", filed=True, document="立1号")
    assert (await file.clock(ClockKind.STEP, "transfer/T1/items")).due == day("06-18")
    await file.refused("receipt_needed", "conclude_transfer", DESK, ref="T1", reason="已立案")
    await file.refused("receipt_needed", "hand_items", DESK, ref="T1")
    await file.act("hand_items", DESK, ref="T1", receipt="物1号")
    await file.act("conclude_transfer", DESK, ref="T1", reason="已立案")
    assert (await file.handle.result())["state"] == "transferred"


@beside
async def test_the_head_may_refuse_with_his_reason(house: House) -> None:
    """Then nothing goes, and the reason is on record."""
    file = await proposed(house)
    await file.refused("reason_required", "rule_transfer", HEAD, ref="T1", approve=False)
    await file.act("rule_transfer", HEAD, ref="T1", approve=False, reason="情节显著轻微")
    assert file.entries("fault.transfer_refused")[0].data["reason"] == "情节显著轻微"
    await file.refused("transfer_state", "send_transfer", DESK, ref="T1", package=PIECES)


@beside
async def test_where_a_duty_crime_goes_is_the_law_of_its_day(house: House) -> None:
    """2008 the procuratorate, today the supervisory commission (domain 2.12)."""
    about = {"kind": "duty_crime", "with_officer": "1902", "reason": "涉嫌受贿"}
    now = await investigated(house)
    await now.refused("wrong_receiver", "propose_transfer", DESK, **about, organ="procuratorate")
    await now.act("propose_transfer", DESK, **about, organ="supervisory_commission")
    then = await investigated(house, profile="laixi2008")
    await then.refused("wrong_receiver", "propose_transfer", DESK, **about, organ="supervisory_commission")
    await then.act("propose_transfer", DESK, **about, organ="procuratorate")
    await now.act("rule_transfer", HEAD, ref="T1", approve=True, reason="涉嫌职务犯罪")
    await now.act("send_transfer", DESK, ref="T1", package=PIECES)
    await now.act("receipt_transfer", DESK, ref="T1", receipt="监收1号")
    await now.act("transfer_result", DESK, ref="T1", filed=False, document="监复1号")
    await now.refused("not_reconsidered", "reconsider_transfer", DESK, ref="T1", reason="再议")
    before = await fault(house)
    await before.refused("wrong_state", "propose_transfer", DESK, **about, organ="supervisory_commission")

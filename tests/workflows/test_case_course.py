"""Whole courses of a case, from the window to the archive: item types, refusals, flags, fees."""

from __future__ import annotations

from rules.procedures import CaseStage
from schemas.clocks import ClockKind
from tests.workflows.beside import beside
from tests.workflows.house import House, day
from tests.workflows.review_desk import resolution


@beside
async def test_a_grant_from_receipt_to_archive(house: House) -> None:
    """Every step is one entry of its person; the result tells promise and fact (M35)."""
    case = await house.case("LX-DJ-01", "06-15 09:00")
    await case.act("accept", "window-clerk")
    promise = await case.clock(ClockKind.PROMISE)
    assert (promise.due, promise.yellow_from, promise.red_from) == (day("06-23"), day("06-22"), day("06-24"))
    await case.sign_through("W", "H", "R")
    await case.until("06-16 10:00")
    await case.finish()
    assert await case.handle.result() == {
        "id": case.number,
        "state": "closed",
        "entries": len(case.entries()),
        "figures": {
            "promised_days": 5,
            "actual_days": 1,
            "saved_days": 4,
            "speed_up_percent": 80,
            "promise_kept": True,
            "same_day": False,
            "statutory_kept": True,
        },
    }
    assert case.types("case.") == [
        "case.registered",
        "case.accepted",
        *(
            "case.stage_signed",
            "case.stage_taken",
            "case.stage_signed",
            "case.stage_taken",
            "case.stage_signed",
        ),
        *("case.stage_taken", "case.decided", "case.result_ready", "case.delivered", "case.closed"),
    ]


@beside
async def test_an_instant_item_is_done_on_the_day_of_its_receipt(house: House) -> None:
    """即办件: all limits are nought and end with the day; done on the spot, nothing is late."""
    case = await house.case("LX-CX-01", "06-15 16:00")
    await case.act("accept", "window-clerk")
    for kind in (ClockKind.STATUTORY, ClockKind.PROMISE, ClockKind.STAGE):
        assert (await case.clock(kind)).due == day("06-15")
    await case.finish()
    figures = (await case.handle.result())["figures"]
    assert (figures["actual_days"], figures["same_day"], figures["promise_kept"]) == (0, True, True)
    assert case.types("clock.", "card.", "lamp.") == []


@beside
async def test_a_forwarded_item_stops_its_clocks_at_sending(house: House) -> None:
    """上报件: reported up, never granted here; the upper level's time is not the bureau's (2.11)."""
    case = await house.case("LX-BP-01", "06-15 09:00")
    await case.act("accept", "window-clerk")
    await case.sign_through("W", "H", "R")
    await case.act("take_over", "review-clerk")
    await case.refused("resolution_required", "sign_stage", "review-clerk", opinion="同意")
    await case.refused(
        "resolution_invalid", "sign_stage", "review-clerk", opinion="同意", resolution="会审〔2037〕1号"
    )
    await case.act("sign_stage", "review-clerk", opinion="同意", resolution=await resolution(case))
    await case.act("take_over", "head")
    await case.refused("must_report_up", "decide", "head", opinion="同意", outcome="granted")
    await case.act("decide", "head", opinion="同意上报", outcome="reported_up")
    await case.refused("wrong_state", "result_ready", "window-clerk", document="1", notified="sms")
    await case.until("09-01 10:00")
    assert case.types("clock.breached", "card.") == ["card.proposed"]  # for signing without a resolution
    await case.refused(
        "not_forwarded_item", "upper_result", "window-clerk", outcome="reported_up", document="1"
    )
    await case.act("upper_result", "land-use-handler", outcome="granted", document="鲁政土字〔2037〕1号")
    assert (await case.status()).state == CaseStage.GRANTED
    await case.deliver()
    figures = (await case.handle.result())["figures"]
    assert (figures["actual_days"], figures["promise_kept"], figures["statutory_kept"]) == (0, True, True)


@beside
async def test_an_internal_item_closes_with_its_decision(house: House) -> None:
    """依职权: work begins at registration, and there is no window to wait for."""
    case = await house.case("LX-ZF-01", "06-15 09:00")
    assert (await case.status()).state == CaseStage.IN_STAGE
    await case.sign_through("H", "R", "J")
    await case.act("take_over", "head")
    await case.act("decide", "head", opinion="处罚", outcome="granted")
    assert (await case.handle.result())["state"] == "closed"
    assert case.types()[-2:] == ["case.decided", "case.closed"]


@beside
async def test_a_stage_behind_the_decision_is_still_signed(house: House) -> None:
    """A licence is granted at A and registered at C: no result before C has signed, none to sign twice."""
    case = await house.case("LX-KC-01", "06-15 09:00")
    await case.act("accept", "window-clerk")
    await case.sign_through("W", "H", "R", "J")
    await case.refused("use_decide", "sign_stage", "deputy-registry", opinion="同意")
    await case.act("decide", "deputy-registry", opinion="同意", outcome="granted")
    await case.refused("stages_open", "result_ready", "mining-clerk", document="1", notified="sms")
    await case.sign_through("C")
    await case.refused("repeated", "sign_stage", "mining-clerk", opinion="同意")
    await case.deliver()
    assert (await case.handle.result())["state"] == "closed"


@beside
async def test_a_refusal_names_reason_and_remedy(house: House) -> None:
    """行政许可法 Art.38; the applicant gets his refusal and the file is closed."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.act("accept", "window-clerk")
    await case.sign_through("W", "H", "R")
    await case.act("take_over", "deputy-land")
    await case.refused("opinion_required", "decide", "deputy-land", outcome="refused")
    await case.refused("reason_required", "decide", "deputy-land", opinion="不同意", outcome="refused")
    await case.refused(
        "remedy_required", "decide", "deputy-land", opinion="不同意", outcome="refused", reason="不符"
    )
    await case.refused("not_forwarded_item", "decide", "deputy-land", opinion="同意", outcome="reported_up")
    await case.act(
        "decide", "deputy-land", opinion="不同意", outcome="refused", reason="不符", remedy="六十日内申请复议"
    )
    await case.refused("document_required", "result_ready", "window-clerk", notified="sms")
    await case.refused("notified_required", "result_ready", "window-clerk", document="1")
    await case.deliver()
    result = await case.handle.result()
    assert (result["state"], result["figures"]["promise_kept"]) == ("closed", True)


@beside
async def test_not_accepting_needs_reason_remedy_and_the_right_authority(house: House) -> None:
    """不予受理 (行政许可法 Art.32, 38)."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    say = {"ground": "not_ours", "reason": "属林业", "remedy": "六十日内申请复议", "authority": "市林业局"}
    for missing in ("reason", "remedy", "authority"):
        await case.refused(f"{missing}_required", "refuse", "window-clerk", **{**say, missing: " "})
    await case.act("refuse", "window-clerk", **say)
    assert (await case.handle.result())["state"] == CaseStage.NOT_OURS
    other = await house.case("LX-LS-01", "06-15 09:00")
    await other.act("refuse", "window-clerk", **{**say, "ground": "not_required", "authority": ""})
    assert (await other.handle.result())["state"] == CaseStage.NOT_REQUIRED


@beside
async def test_a_flag_blocks_acceptance_and_grant(house: House) -> None:
    """F19: nobody accepts or grants over an open dispute; a refusal stays possible."""
    case = await house.case("LX-DJ-01", "06-15 09:00", flags=["court_seizure"])
    await case.refused("blocked", "accept", "window-clerk")
    await case.refused("unknown_flag", "raise_flag", "registry-chief", flag="weather", reason="查实")
    await case.refused("flag_exists", "raise_flag", "registry-chief", flag="court_seizure", reason="查实")
    await case.refused("no_such_flag", "clear_flag", "registry-chief", flag="unpaid_price", reason="已缴")
    await case.refused("wrong_role", "clear_flag", "window-clerk", flag="court_seizure", reason="解封")
    await case.act("clear_flag", "registry-chief", flag="court_seizure", reason="解封")
    await case.act("accept", "window-clerk")
    await case.sign_through("W", "H", "R")
    await case.act("raise_flag", "registry-handler", flag="title_dispute", reason="有异议")
    await case.act("take_over", "registry-clerk")
    await case.refused("blocked", "decide", "registry-clerk", opinion="同意", outcome="granted")
    await case.act(
        "decide", "registry-clerk", opinion="不同意", outcome="refused", reason="权属争议", remedy="复议"
    )


@beside
async def test_fees_never_exceed_the_standard(house: House) -> None:
    """M34: nothing on a zero-fee item, nothing above the standard, nothing without a receipt."""
    free = await house.case("LX-DJ-03", "06-15 09:00")
    await free.refused("zero_fee", "charge", "window-clerk", amount_fen=1, receipt_no="P1")
    await free.act("charge", "window-clerk", amount_fen=0)
    paid = await house.case("LX-DJ-01", "06-15 09:00")
    await paid.refused("over_fee", "charge", "window-clerk", amount_fen=55_001, receipt_no="P1")
    await paid.refused("receipt_no_required", "charge", "window-clerk", amount_fen=55_000)
    await paid.act("charge", "window-clerk", amount_fen=30_000, receipt_no="P1")
    await paid.refused("over_fee", "charge", "window-clerk", amount_fen=25_001, receipt_no="P2")
    await paid.act("charge", "window-clerk", amount_fen=25_000, receipt_no="P2")


@beside
async def test_withdrawn_until_the_decision(house: House) -> None:
    """撤回 is the applicant's right until the decision, not after it."""
    case = await house.case("LX-DJ-01", "06-15 09:00")
    await case.refused("reason_required", "withdraw", "window-clerk")
    await case.act("withdraw", "window-clerk", reason="申请人要求")
    assert (await case.handle.result())["state"] == CaseStage.WITHDRAWN
    late = await house.case("LX-CX-01", "06-15 09:00")
    await late.act("accept", "window-clerk")
    await late.act("decide", "window-clerk", opinion="同意", outcome="granted")
    await late.refused("wrong_state", "withdraw", "window-clerk", reason="申请人要求")
    await late.refused("wrong_state", "deliver", "window-clerk")

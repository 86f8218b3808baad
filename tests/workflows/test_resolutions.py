"""What a case accepts as the resolution of its joint review: the one that the ledger told it of (M19)."""

from __future__ import annotations

from rules.procedures import CaseStage
from tests.workflows.beside import beside
from tests.workflows.house import File, House
from tests.workflows.review_desk import PANEL, resolution

AGREED = {"opinion": "同意"}
AGAINST = dict.fromkeys(PANEL, "oppose")


async def before_the_review(house: House, item: str) -> File:
    """A case that waits for its joint review."""
    case = await house.case(item)
    if case.item and case.item.stages[0].code == "W":
        await case.act("accept", "window-clerk")
    await case.sign_through("W", "H", "R")
    await case.act("take_over", "review-clerk")
    return case


@beside
async def test_a_number_that_no_review_made_is_none(house: House) -> None:
    """Nor is one that was made for another case, whatever it says."""
    case, other = [await before_the_review(house, "LX-ZF-01") for _ in range(2)]
    await case.refused("resolution_required", "sign_stage", "review-clerk", **AGREED)
    foreign = await resolution(other)
    for number in ("HS-2037-999999", "会审〔2037〕1号", case.number, foreign):
        refusal = await case.refused(
            "resolution_invalid", "sign_stage", "review-clerk", **AGREED, resolution=number
        )
        assert number in str(refusal.data["told"])
    number = await resolution(case)
    refusal = await case.refused("resolution_invalid", "sign_stage", "review-clerk", **AGREED, resolution="x")
    assert f"{number} major_case passed" in str(refusal.data["told"])  # what is known is said
    await case.act("sign_stage", "review-clerk", **AGREED, resolution=number)
    heard = case.entries("case.resolution_heard")[0]
    assert heard.data["because"]["number"] == number
    assert (heard.event["actor"], heard.event["onbehalfof"]) == ("system", "1001")


@beside
async def test_what_was_voted_down_is_not_approved_but_can_be_refused(house: House) -> None:
    """The stage is signed with the resolution against it; then only a refusal is left."""
    case = await before_the_review(house, "LX-GD-01")
    number = await resolution(case, AGAINST)
    await case.refused("resolution_invalid", "sign_stage", "review-clerk", **AGREED, resolution=number)
    await case.refused(
        "resolution_invalid", "sign_stage", "review-clerk", opinion="不同意", agrees=False, resolution="x"
    )
    await case.act("sign_stage", "review-clerk", opinion="会审未通过", agrees=False, resolution=number)
    await case.act("take_over", "head")
    await case.refused("resolution_missing", "decide", "head", opinion="同意", outcome="granted")
    say = {"outcome": "refused", "reason": "会审未通过", "remedy": "重新报批"}
    await case.act("decide", "head", opinion="不予批准", **say)
    assert (await case.handle.result())["state"] == CaseStage.CLOSED


@beside
async def test_each_type_of_matter_needs_its_resolution(house: House) -> None:
    """A key project with a compensation price: two reviews, or one of both."""
    case = await before_the_review(house, "LX-BP-01")
    project = await resolution(case, matters=("key_project",))
    refusal = await case.refused(
        "resolution_missing", "sign_stage", "review-clerk", **AGREED, resolution=project
    )
    assert "compensation_price" in str(refusal.data["told"])
    price = await resolution(case, AGAINST, matters=("compensation_price",))
    await case.refused("resolution_missing", "sign_stage", "review-clerk", **AGREED, resolution=project)
    await case.refused("resolution_invalid", "sign_stage", "review-clerk", **AGREED, resolution=price)
    again = await resolution(case, matters=("compensation_price",))
    await case.act("sign_stage", "review-clerk", **AGREED, resolution=again)


@beside
async def test_of_several_reviews_of_one_question_the_latest_counts(house: House) -> None:
    """Signed on a passed one, and voted down before the decision: there is nothing to approve any more."""
    case = await before_the_review(house, "LX-ZF-01")
    await case.act("sign_stage", "review-clerk", **AGREED, resolution=await resolution(case))
    await case.act("take_over", "head")
    await resolution(case, AGAINST)
    await case.refused("resolution_missing", "decide", "head", opinion="同意", outcome="granted")
    await resolution(case)
    await case.act("decide", "head", opinion="同意", outcome="granted")


@beside
async def test_of_the_past_a_missing_review_is_only_told(house: House) -> None:
    """An imported record refuses nothing: no number is an irregularity, any number is what the log says."""
    for given, found in ((None, ["resolution_required"]), ("旧会审1号", [])):
        case = await house.case("LX-ZF-01", "06-08 09:00", start={"source": "import"})
        more = {"resolution": given} if given else {}
        await case.act("sign_stage", "review-clerk", stage="J", **AGREED, **more)
        told = case.entries("case.stage_signed")[-1].data.get("irregularities", [])
        codes = [each["code"] for each in told]
        assert [code for code in codes if code.startswith("resolution")] == found
        await case.act("decide", "head", stage="A", opinion="同意", outcome="granted")
        await case.act("end_of_log", "system", who="system", until="2037-07-01T00:00:00+08:00")

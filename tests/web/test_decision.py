"""Deciding on the page: what is signed is what was seen, and of two who decide one wins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from schemas.intake import InquiryRequest
from tests.web.deciding import Bureau, act, bureau_over, hidden
from tests.workflows.house import QUESTION, ZONE, House, new_key

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLERK, DEPUTY = "1101", "1102"
GRANT = {"outcome": "granted", "opinion": "符合查询条件，准予查询"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bureau(house: House, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    return bureau_over(house, tmp_path_factory.mktemp("deciding"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def clerk(bureau: Bureau) -> AsyncClient:
    return await bureau.officer(CLERK)


async def accepted(bureau: Bureau, clerk: AsyncClient, **said: Any) -> str:
    """A case that only waits for its decision."""
    number = await bureau.case(**said)
    done = await act(clerk, number, "accept", opinion="材料齐全")
    assert done.status_code == 200, done.text
    return number


async def press(client: AsyncClient, page: Response, number: str, go: str, **typed: str) -> Response:
    return await client.post(f"/matters/case/{number}/decide", data=hidden(page) | typed | {"_go": go})


async def test_a_decision_is_reviewed_before_it_is_signed_and_recorded_once(
    bureau: Bureau, clerk: AsyncClient
) -> None:
    number = await accepted(bureau, clerk)
    form = await clerk.get(f"/matters/case/{number}/decide")
    assert "您签署的就是这些事实" in form.text
    review = await press(clerk, form, number, "review", **GRANT)
    assert "复核决定" in review.text
    assert "法定时限停止，送达时限开始" in review.text
    assert bureau.entries(number)[-1].type == "case.accepted"
    for _ in range(2):  # a double click
        done = await press(clerk, review, number, "confirm")
        assert done.status_code == 200, done.text
        assert "已记录" in done.text
    decided = [entry for entry in bureau.entries(number) if entry.type == "case.decided"]
    assert len(decided) == 1
    assert decided[0].data["opinion"] == GRANT["opinion"]
    assert decided[0].event["actor"] == CLERK


async def test_going_back_from_the_review_keeps_every_word(bureau: Bureau, clerk: AsyncClient) -> None:
    number = await accepted(bureau, clerk)
    form = await clerk.get(f"/matters/case/{number}/decide")
    review = await press(clerk, form, number, "review", **GRANT)
    again = await press(clerk, review, number, "edit")
    assert GRANT["opinion"] in again.text
    assert 'value="granted" checked' in again.text


async def test_what_the_rules_ask_of_a_refusal_is_told_beside_its_field(
    bureau: Bureau, clerk: AsyncClient
) -> None:
    number = await accepted(bureau, clerk)
    form = await clerk.get(f"/matters/case/{number}/decide")
    empty = await press(clerk, form, number, "review", outcome="refused", opinion=" ")
    assert empty.status_code == 422
    assert 'id="opinion-error"' in empty.text
    told = await press(
        clerk, form, number, "review", outcome="refused", opinion="不符合条件", reason="无权查询"
    )
    assert told.status_code == 422
    assert 'id="remedy-error"' in told.text
    assert 'id="reason-error"' not in told.text
    assert "不符合条件" in told.text
    assert bureau.entries(number)[-1].type == "case.accepted"


async def test_a_file_that_changed_while_he_read_is_shown_and_may_be_decided_on_again(
    bureau: Bureau, clerk: AsyncClient
) -> None:
    papers = [{"code": "identity", "pages": 2}, {"code": "purpose", "pages": 2}]
    number = await accepted(bureau, clerk, materials=papers)
    form = await clerk.get(f"/matters/case/{number}/decide")
    review = await press(clerk, form, number, "review", **GRANT)
    deputy = await bureau.officer(DEPUTY)
    changed = await act(deputy, number, "resubmit", materials="purpose", opinion="补交查询目的说明")
    assert changed.status_code == 200, changed.text
    stale = await press(clerk, review, number, "confirm")
    assert stale.status_code == 412
    assert "您查看之后有变化" in stale.text
    assert "补交查询目的说明" in stale.text
    assert GRANT["opinion"] in stale.text
    assert hidden(stale)["_facts"] != hidden(review)["_facts"]
    again = await press(clerk, stale, number, "review", **GRANT)
    done = await press(clerk, again, number, "confirm")
    assert done.status_code == 200, done.text
    assert bureau.entries(number)[-1].type == "case.decided"


async def test_of_two_who_decide_at_once_the_other_sees_the_winners_act(
    bureau: Bureau, clerk: AsyncClient
) -> None:
    number = await accepted(bureau, clerk)
    deputy = await bureau.officer(DEPUTY)
    reviews = []
    for client in (clerk, deputy):
        form = await client.get(f"/matters/case/{number}/decide")
        reviews.append(await press(client, form, number, "review", **GRANT))
    won = await press(clerk, reviews[0], number, "confirm")
    assert won.status_code == 200
    lost = await press(deputy, reviews[1], number, "confirm")
    assert lost.status_code == 409
    assert "已经有人作出决定" in lost.text
    assert "王迎春 1101" in lost.text
    assert sum(entry.type == "case.decided" for entry in bureau.entries(number)) == 1


async def test_who_signed_in_long_ago_proves_himself_again_and_loses_no_word(
    bureau: Bureau, clerk: AsyncClient
) -> None:
    number = await accepted(bureau, clerk)
    client = await bureau.officer(DEPUTY)
    form = await client.get(f"/matters/case/{number}/decide")
    bureau.moved.append(bureau.desk.home.proof_for * 1.2)
    try:
        asked = await press(client, form, number, "review", **GRANT)
        assert asked.status_code == 401
        again = await client.post("/sign-in", data={"officer": DEPUTY} | hidden(asked))
        assert GRANT["opinion"] in again.text
    finally:
        bureau.moved.clear()
    assert bureau.entries(number)[-1].type == "case.accepted"


async def test_whoever_may_not_decide_is_offered_no_form(bureau: Bureau, clerk: AsyncClient) -> None:
    number = await accepted(bureau, clerk)
    lead = await bureau.officer("1103")
    page = await lead.get(f"/matters/case/{number}/decide")
    assert page.status_code == 200
    assert "现在不能由您办理此项操作" in page.text
    assert '<form method="post" action="/matters' not in page.text


async def test_an_act_refused_by_the_kernel_is_told_in_its_form(bureau: Bureau, clerk: AsyncClient) -> None:
    number = await bureau.case(materials=[])
    told = await act(clerk, number, "accept", opinion="材料齐全")
    assert told.status_code == 422
    assert 'id="materials-error"' in told.text
    assert "材料齐全" in told.text
    assert bureau.entries(number)[-1].data["refused"] == "missing_materials"


async def test_an_act_that_happened_earlier_needs_its_reason(bureau: Bureau, clerk: AsyncClient) -> None:
    number = await accepted(bureau, clerk)
    early = (datetime.now(ZONE) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    told = await act(clerk, number, "note", opinion="当时已口头告知", received_at=early)
    assert told.status_code == 422
    assert 'id="late_reason-error"' in told.text
    assert f'value="{early}"' in told.text


async def test_an_inquiry_is_answered_with_the_same_forms(bureau: Bureau) -> None:
    asked = InquiryRequest.model_validate(QUESTION | {"business_key": new_key()})
    number = (await bureau.desk.client.start_inquiry(asked)).number
    client = await bureau.officer(CLERK)
    assert "答复" in (await client.get(f"/matters/inquiry/{number}")).text
    done = await act(client, number, "answer", kind="inquiry", opinion="双方共同申请，材料共六项")
    assert done.status_code == 200, done.text
    assert bureau.entries(number)[-1].type == "inquiry.answered"

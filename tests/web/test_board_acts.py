"""A joint review held on its page, over the tests' engine: sign in, vote, close, sign what was read."""

from __future__ import annotations

import re
from html import unescape

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from starter.simulation import SimulatedClient
from tests.web.deciding import Bureau, bureau_over
from tests.workflows import review_desk
from tests.workflows.house import House, at

pytestmark = pytest.mark.asyncio(loop_scope="session")

MEMBER, OTHER, CHAIR = "1303", "1002", "1001"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bureau(house: House, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    return bureau_over(house, tmp_path_factory.mktemp("reviewing"))


def form_of(page: Response, name: str) -> dict[str, str]:
    """What the form of an act sends along unseen."""
    found = re.search(rf'action="[^"]*/acts/{name}".*?</form>', page.text, re.DOTALL)
    assert found, page.text[page.text.find("<main") :]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[0])
    return {key: unescape(value) for key, value in fields if key != "csrf"}


async def do(client: AsyncClient, number: str, name: str, **typed: str) -> Response:
    """Open the page, fill in the form of an act and send it."""
    page = await client.get(f"/reviews/{number}")
    return await client.post(f"/reviews/{number}/acts/{name}", data=form_of(page, name) | typed)


async def test_a_meeting_is_held_on_its_page(house: House, bureau: Bureau) -> None:
    file = await review_desk.review(house)
    number = file.number
    await review_desk.convene(file, members=review_desk.seats(MEMBER, OTHER, CHAIR))
    assert isinstance(file.desk, SimulatedClient)
    await file.desk.advance("review", number, at("06-18 09:00"))
    browsers = {who: await bureau.officer(who) for who in (MEMBER, OTHER, CHAIR)}
    for who in (OTHER, MEMBER, CHAIR):
        done = await do(browsers[who], number, "attend", leave="false")
        assert done.status_code == 303, done.text
    member = browsers[MEMBER]
    typed = {"choice": "oppose", "opinion": "证据不足", "reason": ""}
    refused = await do(member, number, "vote", **typed)
    assert refused.status_code == 422
    assert 'id="reason-error"' in refused.text
    assert "证据不足</textarea>" in refused.text
    for who, vote in (
        (MEMBER, typed | {"reason": "未复勘"}),
        (OTHER, {"choice": "agree", "opinion": "同意"}),
    ):
        assert (await do(browsers[who], number, "vote", **vote)).status_code == 303
    assert 'acts/vote"' not in (await member.get(f"/reviews/{number}")).text
    assert (await do(browsers[CHAIR], number, "vote", choice="agree", opinion="同意")).status_code == 303
    assert (await do(browsers[CHAIR], number, "close_session", defer="false")).status_code == 303
    page = await member.get(f"/reviews/{number}")
    assert "未复勘" in page.text.split("不同意见与弃权")[1]
    assert "与总账所载摘要一致" in page.text
    stale = form_of(page, "sign_minutes") | {"minutes": "0" * 64}
    assert (await member.post(f"/reviews/{number}/acts/sign_minutes", data=stale)).status_code == 422
    assert (await do(member, number, "sign_minutes")).status_code == 303
    signed = [e for e in bureau.entries(number) if e.type == "review.minutes_countersigned"]
    assert [each.event["actor"] for each in signed] == [MEMBER]
    votes = [(e.event["actor"], e.data["choice"]) for e in bureau.entries(number) if e.type == "review.voted"]
    assert votes == [(MEMBER, "oppose"), (OTHER, "agree"), (CHAIR, "agree")]


async def test_who_is_no_member_gets_no_form_and_no_answer(house: House, bureau: Bureau) -> None:
    file = await review_desk.review(house)
    stranger = await bureau.officer("1601")
    answer = await stranger.post(f"/reviews/{file.number}/acts/vote", data={"choice": "agree"})
    assert answer.status_code == 404


async def test_health_tells_of_engine_and_worker_that_are_there(bureau: Bureau) -> None:
    admin = await bureau.officer("8002")
    page = await admin.get("/system")
    assert (page.status_code, "一切正常" in page.text, "可以联系" in page.text) == (200, True, True)
    told = {"status": "ready", "database": True, "engine": True, "worker": True}
    assert (await admin.get("/readyz")).json() == told

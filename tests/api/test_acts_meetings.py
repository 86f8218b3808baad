"""Meetings, sealed values, reports and what officers begin, over HTTP and on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient, Response

from ledger.db import OriginKind
from schemas.report import PeriodKind
from starter.desk import desk_for
from tests.api.acting import API, new_key, officer
from tests.web.visiting import home_of
from tests.workflows.house import House
from tests.workflows.report_desk import generated, report
from tests.workflows.review_desk import CHAIR, CONVENER, PANEL, PRICE, sitting
from web.app import make_app

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """The application over the session's bureau."""
    home = home_of(tmp_path_factory.mktemp("meetings"), OriginKind.SIMULATION)
    yield make_app(desk_for(home, house.client, house.ledger))


async def say(client: AsyncClient, path: str, *, facts: bool = False, **said: Any) -> Response:
    """Send an act; where it is a decision, on the facts as they are."""
    headers = new_key()
    if facts:
        number = path.split("/")[2]
        headers["If-Match"] = (await client.get(f"{API}/reviews/{number}/facts")).headers["ETag"]
    answer = await client.post(f"{API}{path}", json=said, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_a_meeting_decides_on_a_sealed_price_and_two_people_open_it(app: FastAPI, house: House) -> None:
    """The value goes in in clear and is nowhere in clear; it comes out by the second of the two alone."""
    file = await sitting(house, matters=("reserve_price",))
    review = f"/reviews/{file.number}"
    async with AsyncExitStack() as stack:
        people = {
            who: await stack.enter_async_context(officer(app, who))
            for who in (*PANEL, CONVENER, "1005", "1901", "1301")
        }
        sealed: dict[str, Any] = {"name": "reserve_price", "value": PRICE, "custodians": ["1005", "1901"]}
        await say(people[CONVENER], f"{review}/acts/seal", post="review-clerk", **sealed)
        early = await people[CHAIR].get(f"{API}{review}/minutes")
        assert (early.status_code, early.json()["code"]) == (404, "no_minutes")
        for who in sorted(PANEL, key=lambda each: each == CHAIR):
            ballot: dict[str, Any] = {"choice": "agree", "opinion": "同意", "post": PANEL[who]}
            await say(people[who], f"{review}/votes", facts=True, **ballot)
        await say(people[CHAIR], f"{review}/acts/close_session", facts=True, post="head")
        minutes = (await people[CHAIR].get(f"{API}{review}/minutes")).json()
        for who in (*(each for each in PANEL if each != CHAIR), CHAIR):
            signed: dict[str, Any] = {"minutes": minutes["digest"], "post": PANEL[who]}
            answer = await say(people[who], f"{review}/acts/sign_minutes", facts=True, **signed)
        assert answer.json()["state"] == "minutes_signed"
        refused = await people["1005"].post(
            f"{API}{review}/acts/unseal", json={"what": "reserve_price"}, headers=new_key()
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "sale_not_ended")
        await say(
            people[CONVENER], f"{review}/acts/end_sale", document="成交〔2037〕1号", post="review-clerk"
        )
        first = await say(people["1005"], f"{review}/acts/unseal", what="reserve_price")
        second = await say(people["1901"], f"{review}/acts/unseal", what="reserve_price")
    assert "opened" not in first.json()
    assert [(each["name"], each["value"]) for each in second.json()["opened"]] == [("reserve_price", PRICE)]
    assert len(file.entries("review.voted")) == len(PANEL)
    assert not any(PRICE.encode() in entry.leaf for entry in file.entries())


async def test_who_complains_is_opened_by_an_act_of_reading(app: FastAPI) -> None:
    """The entry names the fields that the answer shows; everybody else is shown nothing."""
    complaint = {"type": "hotline", "topic": "窗口无人值守", "applicant": {"name": "宋问路"}}
    async with officer(app, "1101") as clerk, officer(app, "1901") as supervisor:
        begun = await clerk.post(f"{API}/complaints", json=complaint, headers=new_key())
        assert begun.status_code == 201, begun.text
        number = begun.json()["number"]
        read = await say(supervisor, f"/complaints/{number}/acts/read_identity", reason="核实投诉人")
        shown = await supervisor.get(f"{API}/complaints/{number}")
    opened = {each["name"]: each["value"] for each in read.json()["opened"]}
    assert opened["name"] == "宋问路"
    assert "宋问路" not in shown.text
    assert shown.json()["timeline"][-1]["type"] == "complaint.identity_read"


async def test_a_supervision_matter_and_a_review_are_begun_once(app: FastAPI, house: House) -> None:
    """A repetition of the key meets the same matter; what is begun is the officer's."""
    matter = {"type": "instruction", "instruction": "清理历史遗留件"}
    async with officer(app, "1901") as supervisor:
        key = new_key()
        answers = [await supervisor.post(f"{API}/supervisions", json=matter, headers=key) for _ in range(2)]
        listed = await supervisor.get(f"{API}/supervisions")
    assert [each.status_code for each in answers] == [201, 201], answers[0].text
    number = answers[0].json()["number"]
    assert answers[1].json()["number"] == number
    assert [row["number"] for row in listed.json()["rows"]].count(number) == 1
    assert house.entries(number)[0].event["actor"] == "1901"
    async with officer(app, CONVENER) as convener:
        asked = {"matters": ["major_case"], "post": "review-clerk"}
        begun = await convener.post(f"{API}/reviews", json=asked, headers=new_key())
        wrong = await convener.post(f"{API}/reviews", json={"matters": []}, headers=new_key())
    assert begun.status_code == 201, begun.text
    assert begun.headers["Location"] == f"{API}/reviews/{begun.json()['number']}"
    assert wrong.status_code == 422


async def test_a_report_is_handed_out_as_the_ledger_names_it(app: FastAPI, house: House) -> None:
    """JSON, CSV and a page; persons only in the full edition, which is not for every role."""
    file = await generated(await report(house, PeriodKind.MONTH, "2037-04", "05-01 00:30"))
    path = f"{API}/reports/{file.number}/document"
    async with officer(app, "1901") as supervisor, officer(app, "1301") as handler:
        whole, table, read = [
            await supervisor.get(path, params={"format": each}) for each in ("json", "csv", "html")
        ]
        public = await supervisor.get(path, params={"edition": "public"})
        wrong = await supervisor.get(path, params={"format": "pdf"})
        refused = await handler.get(path)
        missing = await supervisor.get(f"{API}/reports/BB-2037-13/document")
    made = file.entries("report.generated")[0].data["made"]
    assert whole.headers["Yangguang-Document-Digest"] == made["digest"]
    assert whole.json()["number"] == public.json()["number"] == file.number
    assert whole.headers["Content-Disposition"] == f'attachment; filename="{file.number}.json"'
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert (table.headers["Content-Type"], read.headers["Content-Type"]) == (
        "text/csv; charset=utf-8",
        "text/html; charset=utf-8",
    )
    assert [each.status_code for each in (wrong, refused, missing)] == [422, 403, 404]

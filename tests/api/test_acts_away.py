"""While the engine is away acts say so and may be repeated; lists and matters are read all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from fastapi import FastAPI

from starter.connect import connect
from starter.desk import Desk
from tests.api.acting import API, do, new_key, officer
from tests.web.visiting import NOWHERE, desk_of, home_of
from tests.workflows.house import File, House
from web.app import make_app

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cases(house: House) -> list[File]:
    """Three applications that have just come in."""
    return [await house.case("LX-LS-01") for _ in range(3)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def away(house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """The application over the bureau's ledger, its engine out of reach."""
    nowhere = await connect(NOWHERE, lazy=True)
    desk: Desk = await desk_of(home_of(tmp_path_factory.mktemp("away")), house.ledger, nowhere)
    desk.client.patience = timedelta(seconds=1)
    yield make_app(desk)


async def test_an_act_says_that_the_engine_is_away_and_when_to_come_again(
    away: FastAPI, cases: list[File]
) -> None:
    """503 with Retry-After; nothing is recorded, and the key is free."""
    before = len(cases[0].entries())
    async with officer(away, "1101") as clerk:
        key = new_key()
        for _ in range(2):
            answer = await do(clerk, cases[0], "note", key=key, opinion="批注")
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.headers["Retry-After"]
        facts = await clerk.get(f"{API}/cases/{cases[0].number}/facts")
    assert facts.status_code == 503
    assert len(cases[0].entries()) == before


async def test_a_matter_is_shown_with_its_course_from_the_ledger(away: FastAPI, cases: list[File]) -> None:
    """Status, clocks and timeline need no engine; the hashes are those of the entries."""
    async with officer(away, "1101") as clerk:
        answer = await clerk.get(f"{API}/cases/{cases[0].number}")
    shown = answer.json()
    assert (shown["matter"]["number"], shown["matter"]["state"]) == (cases[0].number, "received")
    assert shown["matter"]["state_zh"]
    assert [each["leaf_hash"] for each in shown["timeline"]] == [e.leaf_hash for e in cases[0].entries()]
    assert shown["complete"] is True
    assert not {"people", "lookup_digest"} & shown["matter"].keys()


async def test_a_list_goes_on_from_page_to_page_without_gaps(away: FastAPI, cases: list[File]) -> None:
    """The cursor is for this list and this visitor alone."""
    path, found, link = f"{API}/cases?owner=1101&open=true&limit=1&order=recent", list[str](), ""
    async with officer(away, "1101") as clerk, officer(away, "1301") as other:
        while path:
            page = await clerk.get(path)
            assert page.status_code == 200, page.text
            found += [row["number"] for row in page.json()["rows"]]
            link = page.headers.get("Link", "")
            assert bool(link) == (page.json()["next"] is not None)
            assert page.json()["as_of"] > 0
            after = page.json()["next"]
            path = link.partition(">")[0].removeprefix("<")
            if after and len(found) == 1:
                for browser, url in ((other, path), (clerk, path.replace("/cases", "/inquiries"))):
                    wrong = await browser.get(url)
                    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_cursor")
    assert {case.number for case in cases} <= set(found)
    assert len(found) == len(set(found))


async def test_a_list_takes_filters_and_refuses_what_is_none(away: FastAPI, cases: list[File]) -> None:
    """By state, item and business key; a limit beyond the greatest is a mistake."""
    async with officer(away, "1101") as clerk:
        key = next(iter(cases[1].entries())).data["view"]["business_key"]
        one = await clerk.get(f"{API}/cases", params={"business_key": key})
        none = await clerk.get(f"{API}/cases", params={"business_key": key, "state": "closed"})
        wrong = await clerk.get(f"{API}/cases?limit=201&order=best&state=a%00b")
    assert [row["number"] for row in one.json()["rows"]] == [cases[1].number]
    assert none.json()["rows"] == []
    assert {each["pointer"] for each in wrong.json()["errors"]} == {"?limit", "?order", "?state"}


async def test_cards_are_listed_by_their_own_filters(away: FastAPI, house: House) -> None:
    """A yellow card of a case, by addressee and by matter; whoever sees neither sees no row."""
    case = await house.case("LX-LS-01", "06-08 09:00")
    await case.act("accept", "window-clerk")
    await case.until("06-11 10:00")
    (card,) = (await case.cards()).values()
    async with officer(away, card.addressees[0]) as addressee, officer(away, "1601") as stranger:
        by_matter = await addressee.get(f"{API}/cards", params={"matter": case.number})
        by_colour = await addressee.get(f"{API}/cards", params={"matter": case.number, "colour": "red"})
        hidden = await stranger.get(f"{API}/cards", params={"matter": case.number})
        wrong = await addressee.get(f"{API}/cards", params={"colour": "blue"})
    assert [row["card"]["card_id"] for row in by_matter.json()["rows"]] == [card.id]
    assert by_colour.json()["rows"] == []
    assert hidden.json()["rows"] == []
    assert wrong.status_code == 422

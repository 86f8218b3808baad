"""Going on leave: every matter handed over on record, once, and each result told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import pytest_asyncio

from tests.web.deciding import Bureau, bureau_over
from tests.workflows.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEAD, DEPUTY = "1103", "1104"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bureau(house: House, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    return bureau_over(house, tmp_path_factory.mktemp("leaving"))


def days(bureau: Bureau, first: int = 1, last: int = 5) -> dict[str, str]:
    today: date = bureau.desk.today()
    return {
        "since": (today + timedelta(days=first)).isoformat(),
        "until": (today + timedelta(days=last)).isoformat(),
    }


async def test_all_matters_are_handed_to_the_other_officer_once(bureau: Bureau) -> None:
    numbers = [await bureau.case(officer=LEAD, post="window-lead") for _ in range(3)]
    client = await bureau.officer(LEAD)
    page = await client.get("/leave")
    assert all(number in page.text for number in numbers)
    assert "李便民 1104" in page.text
    said = days(bureau) | {"note": "海川机械厂下午来取件"}
    first = await client.post("/leave", data=said)
    assert first.status_code == 200
    assert "未移交" not in first.text
    before = {number: len(bureau.entries(number)) for number in numbers}
    again = await client.post("/leave", data=said)
    assert again.status_code == 200
    assert {number: len(bureau.entries(number)) for number in numbers} == before
    for number in numbers:
        last = bureau.entries(number)[-1]
        assert (last.type, last.event["actor"]) == ("case.noted", LEAD)
        assert DEPUTY in last.data["opinion"]
        assert "下午来取件" in last.data["opinion"]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"since": "", "until": ""}, "since-error"),
        ({"since": "明天", "until": "2026-13-01"}, "until-error"),
        ({"since": "2020-01-01", "until": "2020-01-02"}, "since-error"),
        ({"until": "2020-01-02"}, "until-error"),
        ({"note": "很" * 1001}, "note-error"),
    ],
)
async def test_wrong_days_are_told_beside_the_field_and_nothing_is_recorded(
    bureau: Bureau, typed: dict[str, str], wrong: str
) -> None:
    number = await bureau.case(officer="1104", post="window-lead")
    client = await bureau.officer("1104")
    answer = await client.post("/leave", data=days(bureau) | typed)
    assert answer.status_code == 422
    assert f'id="{wrong}"' in answer.text
    assert len(bureau.entries(number)) == 1


async def test_who_answers_for_nothing_is_told_so(bureau: Bureau) -> None:
    client = await bureau.officer("1606")
    assert "没有要移交的" in (await client.get("/leave")).text

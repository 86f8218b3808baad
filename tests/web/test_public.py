"""Pages for everybody, over a home whose engine is away: reading goes on without it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient

from ledger.db import Origin, OriginKind, open_database
from ledger.receipt import verify_receipt
from starter.client import YangguangClient
from starter.connect import connect
from starter.desk import Desk
from starter.lookup_limits import LIMITS
from starter.receipt_page import read_receipt, write_document, write_page
from tests.starter.receipting import bureau
from tests.web.casework import Course, at
from tests.web.visiting import NOWHERE, browser, desk_of, home_of
from web.app import make_app
from web.public.openness import forget

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBER, CODE = "LX-2026-000001", "ABCDEFGHJK"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """One case that is paused, on 18 June; the engine is away."""
    made = await desk_of(home_of(tmp_path_factory.mktemp("public"), OriginKind.SAMPLE))
    away = await connect(NOWHERE, lazy=True)
    made = replace(made, client=YangguangClient(away, made.ledger), now=lambda: at("06-18 10:00"))
    course = Course(made.ledger, NUMBER, code=CODE).register().accept().sign("06-15 10:00")
    course.take_over("06-15 11:00").suspend("06-16 09:00")
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def app(desk: Desk) -> FastAPI:
    return make_app(desk)


@pytest.fixture
def client(app: FastAPI) -> AsyncClient:
    return browser(app)


@pytest.fixture
def english(app: FastAPI) -> AsyncClient:
    made = browser(app)
    made.headers["Accept-Language"] = "en-GB, en;q=0.8"
    return made


PATHS = (
    "",
    "items",
    "items/LX-DJ-01",
    "lookup",
    "lookup/nudge",
    "verify",
    "transparency",
    "help",
    "complain",
)


@pytest.mark.parametrize("path", [f"/{each}" for each in (*PATHS, "rate", "rate/ask")])
async def test_every_page_speaks_both_languages(client: AsyncClient, english: AsyncClient, path: str) -> None:
    zh, en = await client.get(path), await english.get(path)
    assert (zh.status_code, en.status_code) == (200, 200)
    assert '<html lang="zh-CN"' in zh.text
    assert '<html lang="en"' in en.text
    assert zh.text.count("<h1") == en.text.count("<h1") == 1


async def test_an_item_is_published_with_everything_the_profile_says(client: AsyncClient) -> None:
    text = (await client.get("/items/LX-DJ-01")).text
    for said in (
        "第14条至第20条",
        "不超过 550.00 元",
        "30 个工作日",
        "5 个工作日",
        "主债权合同",
        "登记科科长",
        "政务服务窗口",
    ):
        assert said in text


async def test_an_item_that_nobody_applies_for_has_no_form(client: AsyncClient) -> None:
    assert "/apply/LX-GD-01" not in (await client.get("/items/LX-GD-01")).text
    assert (await client.get("/apply/LX-GD-01")).status_code == 404


async def test_items_are_found_by_a_part_of_their_name(client: AsyncClient) -> None:
    found = (await client.get("/items", params={"q": "采矿"})).text
    assert "LX-KC-01" in found
    assert "LX-DJ-01" not in found
    assert "没有名称或编码含有这些字" in (await client.get("/items", params={"q": "<b>"})).text


async def test_a_matter_is_looked_up_with_its_lamp_its_reason_and_its_post(client: AsyncClient) -> None:
    text = (await client.post("/lookup", data={"number": NUMBER.lower(), "code": CODE.lower()})).text
    for said in (
        "依法停表",
        "yg-lamp--grey",
        "2026-06-17",
        "停表",
        "登记承办岗",
        "鉴定",
        'aria-current="step"',
    ):
        assert said in text
    assert "张登科" not in text
    assert "海川机械厂" not in text


async def test_a_wrong_number_and_a_wrong_code_answer_identically(client: AsyncClient) -> None:
    wrong_code = await client.post("/lookup", data={"number": NUMBER, "code": "WRONGCODE2"})
    wrong_number = await client.post("/lookup", data={"number": "LX-2026-999999", "code": CODE})
    assert wrong_code.status_code == wrong_number.status_code == 404
    assert wrong_code.text == wrong_number.text.replace("LX-2026-999999", NUMBER)


async def test_too_many_wrong_codes_have_to_wait_and_are_told_how_long(app: FastAPI) -> None:
    guesser = browser(app, address="10.1.2.3")
    key = {"number": "LX-2026-000777", "code": "WRONGCODE2"}
    answers = [await guesser.post("/lookup", data=key) for _ in range(LIMITS["number"] + 1)]
    assert [each.status_code for each in answers] == [404] * LIMITS["number"] + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_bookmarked_receipt_asks_for_its_code_and_tells_nothing_before(client: AsyncClient) -> None:
    asked = await client.get(f"/receipts/{NUMBER}")
    assert asked.status_code == 200
    assert "海川机械厂" not in asked.text
    wrong = await client.post(f"/receipts/{NUMBER}", data={"code": "WRONGCODE2"})
    assert wrong.status_code == 404
    assert "件号与查询码不符" in wrong.text
    shown = await client.post(f"/receipts/{NUMBER}", data={"code": CODE})
    assert "海川机械厂" in shown.text
    assert shown.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("save", ["json", "page"])
async def test_the_full_receipt_is_a_file_that_holds(client: AsyncClient, save: str) -> None:
    answer = await client.post(f"/receipts/{NUMBER}", data={"code": CODE, "save": save})
    assert answer.headers["content-disposition"].startswith("attachment")
    document = read_receipt(answer.content)
    verify_receipt(document)
    assert document.number == NUMBER


async def test_the_address_in_the_qr_code_is_answered_for_the_right_hash_alone(client: AsyncClient) -> None:
    shown = (await client.post(f"/receipts/{NUMBER}", data={"code": CODE})).text
    where = shown.partition('yg-break" href="')[2].partition('"')[0].replace("&amp;", "&")
    asked = parse_qs(urlsplit(where).query)
    assert asked["number"] == [NUMBER]
    assert "哈希相符" in (await client.get("/verify", params=asked)).text
    forged = {"number": NUMBER, "leaf": "0" * 64}
    assert "总账中没有这个件号与哈希的登记" in (await client.get("/verify", params=forged)).text


@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A signed receipt of another house."""
    folder = tmp_path_factory.mktemp("bureau")
    ledger = open_database(f"sqlite:///{folder / 'l.db'}", Origin("land.example/ledger", OriginKind.SAMPLE))
    giving = bureau(ledger)
    giving.register()
    giving.sign()
    document = giving.receipt(giving.policy)
    ledger.close()
    return write_document(document).encode()


async def test_a_receipt_is_checked_step_by_step(client: AsyncClient, receipt: bytes) -> None:
    pasted = await client.post("/verify", data={"text": receipt.decode().replace("\n", "\r\n")})
    sent = await client.post("/verify", files={"file": ("r.json", receipt, "application/json")})
    as_page = write_page(read_receipt(receipt)).encode()
    page = await client.post("/verify", files={"file": ("r.html", as_page, "text/html")})
    for answer in (pasted, sent, page):
        assert "回执成立" in answer.text
        assert "yg-checks__failed" not in answer.text
        assert "证明力较弱" in answer.text


@pytest.mark.parametrize(
    ("was", "becomes", "fails"),
    [
        ('"number": "LX-2026-000001"', '"number": "LX-2026-000002"', "件号与登记内容相符"),
        ("欧阳秘而不宣", "欧阳公之于众", "本人信息确在登记之中"),
        ('"format"', '"formal"', "这是一份回执"),
    ],
)
async def test_a_receipt_that_was_altered_fails_the_check_that_names_it(
    client: AsyncClient, receipt: bytes, was: str, becomes: str, fails: str
) -> None:
    text = receipt.decode()
    assert was in text
    answer = (await client.post("/verify", data={"text": text.replace(was, becomes, 1)})).text
    failed = answer.partition('class="yg-checks__failed"')[2].partition("</li>")[0]
    assert "回执不成立" in answer
    assert fails in failed


async def test_nothing_to_verify_is_said_beside_the_field(client: AsyncClient) -> None:
    answer = await client.post("/verify", data={"text": " "})
    assert answer.status_code == 422
    assert 'href="#text"' in answer.text


async def test_the_transparency_table_leaves_small_groups_out(client: AsyncClient, desk: Desk) -> None:
    few = desk.profile.reports.public_from
    for n in range(few + 1):
        kept: dict[str, object] = {"promise_kept": n > 0, "actual_days": n + 1}
        _done(desk, f"LX-2026-0001{n:02}", "LX-DJ-01", kept)
    _done(desk, "LX-2026-000200", "LX-KF-01", {"promise_kept": False, "actual_days": 40})
    _done(desk, "LX-2026-000201", "LX-LS-01", {"promise_kept": True, "actual_days": 4})
    forget(desk.ledger)
    found = (await client.get("/transparency.json")).json()
    lines = {(line["by"], line["code"]): line for line in found["lines"]}
    assert lines["total", ""]["cases"] == few + 3
    told = lines["item", "LX-DJ-01"]
    assert lines["item", "LX-KF-01"]["cases"] is None
    assert lines["item", "LX-LS-01"]["rate_tenths"] is None
    # Two small groups alone would follow from the total: the next larger one is left out with them.
    assert told["cases"] is None
    rows = list(csv.DictReader(io.StringIO((await client.get("/transparency.csv")).text)))
    assert {row["cases"] for row in rows if row["by"] == "item"} == {"few"}
    total = next(row for row in rows if row["by"] == "total")
    assert (total["cases"], total["kept"]) == (str(few + 3), str(few + 1))
    page = (await client.get("/transparency")).text
    assert "件数太少，不公布" in page


async def test_who_looks_up_a_finished_matter_reads_promise_and_fact(client: AsyncClient, desk: Desk) -> None:
    took = {"promised_days": 5, "actual_days": 1, "saved_days": 4, "promise_kept": True, "same_day": False}
    _done(desk, "LX-2026-000300", "LX-DJ-01", dict(took))
    text = (await client.post("/lookup", data={"number": "LX-2026-000300", "code": CODE})).text
    assert "承诺天数 5 · 实际天数 1 · 节省天数 4 · 按时兑现承诺" in text


def _done(desk: Desk, number: str, item: str, figures: dict[str, object]) -> None:
    course = Course(desk.ledger, number, item=item, code=CODE).register().accept()
    course.state = "result_ready"
    course.say("case.result_ready", "06-17 09:00", "result_ready", figures=figures)


async def test_while_the_engine_is_away_an_application_is_kept_and_reading_goes_on(
    client: AsyncClient,
) -> None:
    typed = {
        "step": "check",
        "go": "send",
        "name": "等一等",
        "id_number": "370285199001011234",
        "phone": "13800000009",
    }
    answer = await client.post("/apply/LX-GK-01", data=typed | {"token": "t" * 24})
    assert answer.status_code == 503
    assert "等一等" in answer.text
    assert 'name="token" value="tttttttttttttttttttttttt"' in answer.text
    assert (await client.get(f"/receipts/{NUMBER}")).status_code == 200


async def test_what_does_not_exist_has_a_page_in_the_frame(client: AsyncClient, english: AsyncClient) -> None:
    zh, en = await client.get("/nothing"), await english.get("/items/LX-NO-99")
    assert (zh.status_code, en.status_code) == (404, 404)
    assert "没有这个页面" in zh.text
    assert "There is no such page" in en.text
    wrong_way = await client.put("/lookup")
    assert wrong_way.status_code == 405
    assert "Traceback" not in wrong_way.text


async def test_the_api_keeps_its_problems(client: AsyncClient) -> None:
    answer = await client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil"])
async def test_choosing_a_language_leads_to_no_other_site(client: AsyncClient, back: str) -> None:
    answer = await client.post("/language", data={"language": "en", "back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Services" in (await client.get("/")).text

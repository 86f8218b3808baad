"""Applying, complaining and rating through the pages, on the real engine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient, Response

from ledger.db import OriginKind
from ledger.read import entries
from starter.desk import Desk
from starter.files import files_of
from starter.identity.keys import public_keys
from starter.simulation import SimulatedClient
from tests.web.visiting import browser, home_of, sign_in
from tests.workflows.house import PROFILE, House
from web.app import make_app
from web.public.account import STREAM

pytestmark = pytest.mark.asyncio(loop_scope="session")

ITEM = "LX-DJ-01"
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n"
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """The pages over the tests' engine and ledger; the home is a sample one, so that officers can sign in."""
    home = home_of(tmp_path_factory.mktemp("pages"), OriginKind.SAMPLE)
    client = SimulatedClient(house.client, house.ledger)
    client.desk_keys = public_keys(home)
    yield make_app(Desk(home, house.ledger, client, PROFILE))


@pytest.fixture
def citizen(app: FastAPI) -> AsyncClient:
    return browser(app)


def carried(page: Response) -> dict[str, str]:
    """What the page sends along unseen."""
    main = page.text.partition("<main")[2]
    return {name: unescape(value) for name, value in _FIELD.findall(main) if name != "csrf"}


async def go(
    client: AsyncClient, page: Response, where: str, press: str = "next", /, **typed: str
) -> Response:
    """Fill in a page and press a button."""
    more = {name.replace("__", "."): value for name, value in typed.items()}
    return await client.post(where, data=carried(page) | {"go": press} | more)


async def filled(client: AsyncClient, name: str, address: str = f"/apply/{ITEM}") -> Response:
    """An application up to the page where it is checked."""
    page = await client.get(address)
    page = await go(client, page, address, name=name, id_number="370285199001011234")
    page = await go(client, page, address, phone="13800000001", address="某镇某村1号")
    page = await go(client, page, address, has__application="on", pages__application="3")
    assert "核对后提交" in page.text
    return page


async def send(client: AsyncClient, page: Response, address: str = f"/apply/{ITEM}") -> Response:
    """Send the checked application; gives the receipt page."""
    answer = await go(client, page, address, "send")
    assert answer.status_code == 303, answer.text
    return await client.get(answer.headers["location"])


def number_and_code(receipt: Response) -> tuple[str, str]:
    number = re.search(r"<strong>([A-Z]{2}-\d{4}-\d{6})</strong>", receipt.text)
    code = re.search(r'<code class="yg-code">([A-Z2-9]{10})</code>', receipt.text)
    assert number is not None, receipt.text
    assert code is not None
    return number[1], code[1]


async def test_an_application_ends_with_a_receipt_that_can_be_looked_up(
    citizen: AsyncClient, app: FastAPI
) -> None:
    receipt = await send(citizen, await filled(citizen, "孙小满"))
    number, code = number_and_code(receipt)
    found = await citizen.post("/lookup", data={"number": number, "code": code})
    assert found.status_code == 200
    assert "已收件，待受理" in found.text
    assert "窗口受理岗" in found.text
    with app.state.desk.reading() as connection:
        registered = entries(connection, number)[0]
    assert registered.data["channel"] == "online"
    assert registered.data["materials"] == [{"code": "application", "pages": 3, "sha256": None}]
    assert "孙小满".encode() not in registered.leaf


async def test_the_code_is_in_no_address_and_not_in_the_qr_code(citizen: AsyncClient) -> None:
    checked = await filled(citizen, "乔巧")
    answer = await go(citizen, checked, f"/apply/{ITEM}", "send")
    receipt = await citizen.get(answer.headers["location"])
    _, code = number_and_code(receipt)
    assert code not in answer.headers["location"]
    where = re.search(r'href="([^"]+/verify\?[^"]+)"', receipt.text)
    assert where is not None
    assert code not in where[1]


async def test_a_double_click_registers_once(citizen: AsyncClient) -> None:
    checked = await filled(citizen, "双击")
    sent = await asyncio.gather(*(go(citizen, checked, f"/apply/{ITEM}", "send") for _ in range(2)))
    assert {each.status_code for each in sent} == {303}
    assert len({each.headers["location"] for each in sent}) == 1


async def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(
    citizen: AsyncClient,
) -> None:
    address = f"/apply/{ITEM}"
    page = await citizen.get(address)
    answer = await go(citizen, page, address, name="", id_number="370285199001011234")
    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert "请填写申请人姓名" in answer.text
    assert 'value="370285199001011234"' in answer.text
    assert carried(answer)["token"] == carried(page)["token"]


async def test_nothing_can_be_sent_past_a_page_that_is_not_filled_in(citizen: AsyncClient) -> None:
    address = f"/apply/{ITEM}"
    page = await citizen.get(address)
    answer = await citizen.post(address, data=carried(page) | {"step": "check", "go": "send", "name": "越过"})
    assert answer.status_code == 422
    assert 'href="#id_number"' in answer.text


async def test_a_file_is_kept_and_belongs_to_the_matter(citizen: AsyncClient, app: FastAPI) -> None:
    address = f"/apply/{ITEM}"
    page = await citizen.get(address)
    page = await go(citizen, page, address, name="有文件", id_number="370285199001011235")
    page = await go(citizen, page, address, phone="13800000002")
    sent = {"upload.debt-contract": ("C:\\合同.pdf", PDF, "application/pdf")}
    page = await citizen.post(address, data=carried(page) | {"go": "next"}, files=sent)
    assert "合同.pdf" in page.text
    number, _ = number_and_code(await send(citizen, page))
    with app.state.desk.reading() as connection:
        kept = files_of(connection, number)
        pieces = entries(connection, number)[0].data["materials"]
    assert [each.name for each in kept] == ["合同.pdf"]
    assert pieces[0]["sha256"] == kept[0].sha256


async def test_a_digest_read_elsewhere_is_no_ticket_for_a_file(citizen: AsyncClient, app: FastAPI) -> None:
    page = await filled(citizen, "冒用")
    forged = carried(page) | {"sha.application": "a" * 64, "go": "send"}
    answer = await citizen.post(f"/apply/{ITEM}", data=forged)
    with app.state.desk.reading() as connection:
        pieces = entries(connection, answer.headers["location"].rpartition("/")[2])[0].data["materials"]
    assert pieces[0]["sha256"] is None


async def test_a_file_of_a_type_that_is_not_taken_is_refused_beside_its_field(citizen: AsyncClient) -> None:
    address = f"/apply/{ITEM}"
    page = await citizen.get(address)
    page = await go(citizen, page, address, name="坏文件", id_number="370285199001011236")
    page = await go(citizen, page, address, phone="13800000003")
    sent = {"upload.identity": ("x.pdf", b"MZ\x90\x00", "application/pdf")}
    page = await citizen.post(address, data=carried(page) | {"go": "next"}, files=sent)
    assert page.status_code == 422
    assert 'href="#upload.identity"' in page.text


async def test_a_linked_item_does_not_ask_for_the_same_paper_again(citizen: AsyncClient) -> None:
    address = f"/apply/{ITEM}"
    page = await citizen.get(address)
    page = await go(citizen, page, address, name="连办", id_number="370285199001011237")
    page = await go(citizen, page, address, phone="13800000004")
    page = await go(citizen, page, address, has__identity="on", pages__identity="4")
    number, code = number_and_code(await send(citizen, page))
    page = await citizen.get(address)
    page = await go(citizen, page, address, name="连办", id_number="370285199001011237")
    page = await go(citizen, page, address, phone="13800000004")
    page = await go(citizen, page, address, "earlier", earlier_number=number, earlier_code=code)
    assert f"已随该件提交，不必再交：{number}" in page.text
    assert re.search(r'id="has\.identity"[^>]* checked', page.text)
    assert not re.search(r'id="has\.application"[^>]* checked', page.text)


async def test_a_clerk_takes_any_item_in_at_the_counter(app: FastAPI) -> None:
    clerk = await sign_in(browser(app), "1101")
    address = "/counter/LX-KF-01"
    page = await clerk.get(address)
    page = await go(clerk, page, address, name="窗口来人", id_number="370285199001011238", channel="visit")
    page = await go(clerk, page, address, phone="13800000005")
    page = await go(clerk, page, address)
    number, _ = number_and_code(await send(clerk, page, address))
    with app.state.desk.reading() as connection:
        registered = entries(connection, number)[0]
    assert (registered.event["actor"], registered.data["channel"]) == ("1101", "visit")


async def test_a_clerk_opens_the_account_of_somebody_present_and_that_is_on_record(
    citizen: AsyncClient, app: FastAPI
) -> None:
    address = f"/apply/{ITEM}"
    numbers = []
    for phone in ("13800000011", "13800000012"):
        page = await go(
            citizen, await citizen.get(address), address, name="一户口", id_number="37028519900101777X"
        )
        page = await go(citizen, page, address, phone=phone)
        page = await go(citizen, page, address)
        numbers.append(number_and_code(await send(citizen, page))[0])
    clerk = await sign_in(browser(app), "1102")
    shown = await clerk.post("/counter/account", data={"id_number": "３７０２８５19900101777x"})
    assert all(number in shown.text for number in numbers)
    with app.state.desk.reading() as connection:
        opened = entries(connection, STREAM)[-1]
    assert opened.event["actor"] == "1102"
    assert sorted(opened.data["matters"]) == sorted(numbers)
    assert b"777X" not in opened.leaf
    handler = await sign_in(browser(app), "1201")
    assert (
        await handler.post("/counter/account", data={"id_number": "37028519900101777X"})
    ).status_code == 403
    assert (await citizen.get("/account")).status_code == 303


async def test_a_reminder_is_registered_once_a_day(citizen: AsyncClient) -> None:
    number, code = number_and_code(await send(citizen, await filled(citizen, "催一催")))
    sent = [await citizen.post("/lookup/nudge", data={"number": number, "code": code}) for _ in range(2)]
    assert [each.status_code for each in sent] == [303, 303]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    assert "/receipts/ZX-" in sent[0].headers["location"]


async def test_a_bad_rating_becomes_a_complaint_and_cannot_be_given_twice(
    citizen: AsyncClient, app: FastAPI
) -> None:
    number, code = number_and_code(await send(citizen, await filled(citizen, "不满意")))
    key = {"number": number, "code": code}
    answer = await citizen.post("/rate", data=key | {"score": "1", "why": "态度差"})
    assert answer.status_code == 303, answer.text
    assert "/receipts/TS-" in answer.headers["location"]
    again = await citizen.post("/rate", data=key | {"score": "5"})
    assert again.status_code == 409
    assert "这一件已经评价过" in again.text


async def test_a_complaint_goes_to_the_supervision_office_and_is_sealed(
    citizen: AsyncClient, app: FastAPI
) -> None:
    page = await citizen.get("/complain?about=LX-2026-000001")
    typed = {"type": "hotline", "topic": "窗口推诿三次", "name": "某人", "token": carried(page)["token"]}
    answer = await citizen.post("/complain", data=typed)
    assert answer.status_code == 303, answer.text
    number = answer.headers["location"].rpartition("/")[2]
    with app.state.desk.reading() as connection:
        registered = entries(connection, number)[0]
    assert "推诿".encode() not in registered.leaf
    assert registered.event["actor"] == "1901"


async def test_a_complaint_without_a_topic_keeps_what_was_typed(citizen: AsyncClient) -> None:
    answer = await citizen.post("/complain", data={"type": "petition", "name": "留着", "topic": " "})
    assert answer.status_code == 422
    assert 'href="#topic"' in answer.text
    assert 'value="留着"' in answer.text

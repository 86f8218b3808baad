"""Intake over HTTP on a real engine: registered once, by whom it may be, with its files, and supplemented."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import AsyncClient

from ledger.read import entries
from schemas.acts import NotifyCorrection
from starter.desk import Desk
from starter.simulation import SimulatedClient
from tests.api.desks import AS_SYSTEM, app_for, asking, desk_over, key
from tests.workflows.house import ITEMS, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

PDF = b"%PDF-1.7 an application of its own"
ITEM = ITEMS["LX-LS-01"]
CITIZEN = {"name": "宋问路", "phone": "13800000000"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(house: House, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk over the session's bureau."""
    client = SimulatedClient(house.client, house.ledger, patience=house.patience)
    return desk_over(tmp_path_factory.mktemp("intake"), client)


@pytest.fixture(scope="module")
def app(desk: Desk) -> FastAPI:
    """Its application."""
    return app_for(desk)


@pytest_asyncio.fixture(loop_scope="session")
async def public(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody who asks."""
    async with asking(app) as client:
        yield client


def application(**more: Any) -> dict[str, Any]:
    """An application with all papers of the list."""
    papers = [{"code": each.code, "pages": 2} for each in ITEM.materials]
    return {"item": ITEM.code, "materials": papers, "applicant": CITIZEN, **more}


async def uploaded(client: AsyncClient, content: bytes, **headers: str) -> str:
    """A ticket for a file."""
    answer = await client.post("/files", files={"file": ("张三.pdf", content)}, headers=key() | headers)
    return str(answer.json()["ticket"])


async def test_an_application_is_registered_with_its_files_and_the_public_comes_online(
    public: AsyncClient, desk: Desk
) -> None:
    """Channel and receiving officer are facts of the ledger; names of files are not."""
    body = application()
    body["materials"][0]["file"] = await uploaded(public, PDF)
    body["files"] = [await uploaded(public, PDF + b"2")]
    answer = await public.post("/cases", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert answer.headers["Location"] == told["links"]["receipt"] == f"/api/v1/receipts/{told['number']}"
    with desk.reading() as connection:
        (registered,) = entries(connection, told["number"])
    data = registered.data
    assert (registered.type, data["channel"], registered.event["actor"]) == (
        "case.registered",
        "online",
        "1101",
    )
    assert data["materials"][0]["sha256"] == sha256(PDF).hexdigest()
    assert data["attachments"] == [
        {"name": "attachment-1.pdf", "sha256": sha256(PDF + b"2").hexdigest(), "pages": 1}
    ]
    assert "张三" not in registered.leaf.decode()
    assert "宋问路" not in registered.leaf.decode()
    code = {"code": told["lookup_code"]}
    files = (await public.get(f"/cases/{told['number']}/files", params=code)).json()["files"]
    assert {each["sha256"] for each in files} == {sha256(PDF).hexdigest(), sha256(PDF + b"2").hexdigest()}
    receipt = (await public.get(f"/receipts/{told['number']}", params=code)).json()
    assert receipt["entry"]["leaf_hash"] == told["receipt"]["leaf_hash"]
    found = (await public.get("/lookup", params={"number": told["number"], **code})).json()
    assert (found["state"], found["held_by"]["code"]) == ("received", "window-clerk")


async def test_sent_again_it_is_the_same_matter_even_where_the_answer_was_lost(
    public: AsyncClient, desk: Desk
) -> None:
    """The table answers first; where it has forgotten, number and receipt are the same all the same."""
    from starter.api.tables import api_answer  # noqa: PLC0415 - only here is it emptied

    headers, body = key(), application()
    first = await public.post("/cases", json=body, headers=headers)
    again = await public.post("/cases", json=body, headers=headers)
    with desk.writing() as connection:
        connection.execute(api_answer.delete())
    forgotten = await public.post("/cases", json=body, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in forgotten.headers
    answers = [answer.json() | {"as_of": 0} for answer in (first, again, forgotten)]
    assert answers[0] == answers[1] == answers[2]
    other = await public.post("/cases", json=application(applicant={"name": "另一人"}), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_many_at_once_under_one_key_are_one_matter(public: AsyncClient) -> None:
    """Some are told to wait; nobody gets another number."""
    headers, body = key(), application()
    answers = await asyncio.gather(*(public.post("/cases", json=body, headers=headers) for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["number"] for answer in answers if answer.status_code == 201}) == 1


async def test_an_inquiry_and_a_complaint_are_registered_too(public: AsyncClient, desk: Desk) -> None:
    """A complaint goes to the supervision office, and past whom it is about."""
    asked = await public.post("/inquiries", json={"topic": "抵押登记怎么办"}, headers=key())
    assert asked.status_code == 201
    assert asked.json()["number"].startswith("ZX-")
    body = {"type": "hotline", "topic": "窗口无人值守", "accused": ["1101"]}
    complained = await public.post("/complaints", json=body, headers=key())
    assert complained.status_code == 201
    with desk.reading() as connection:
        (registered,) = entries(connection, complained.json()["number"])
    assert registered.event["actor"] == "1901"
    assert "无人值守" not in registered.leaf.decode()


@pytest.mark.parametrize(
    "named",
    [
        {"channel": "phone"},
        {"officer": "1103"},
        {"post": "window-lead"},
        {"business_key": "mine"},
        {"received_at": "2026-06-15T09:00:00+08:00"},
        {"late_reason": "outage"},
    ],
)
async def test_only_a_system_may_name_channel_officer_key_and_time(
    public: AsyncClient, named: dict[str, str]
) -> None:
    """The public would choose who is in charge, and when."""
    answer = await public.post("/cases", json=application(**named), headers=key())
    assert (answer.status_code, answer.json()["code"]) == (403, "systems_only")


async def test_a_system_names_channel_officer_and_its_own_key(public: AsyncClient, desk: Desk) -> None:
    """The same business key under another Idempotency-Key is the same matter; other content is a conflict."""
    named = {"channel": "phone", "officer": "1103", "post": "window-lead", "business_key": "intake-1/4711"}
    body = application(**named)
    first = await public.post("/cases", json=body, headers=key() | AS_SYSTEM)
    again = await public.post("/cases", json=body, headers=key() | AS_SYSTEM)
    assert first.status_code == again.status_code == 201
    assert first.json()["number"] == again.json()["number"]
    with desk.reading() as connection:
        (registered,) = entries(connection, first.json()["number"])
    assert (registered.data["channel"], registered.event["actor"]) == ("phone", "1103")
    other = await public.post("/cases", json=body | {"applicant": {}}, headers=key() | AS_SYSTEM)
    assert (other.status_code, other.json()["code"]) == (409, "business_key_conflict")


async def test_what_the_rules_do_not_take_is_told(public: AsyncClient) -> None:
    """Unknown item, unknown paper, work that nobody applies for, another's ticket."""
    told = [
        ({"item": "LX-XX-99"}, "unknown_item"),
        (application(materials=[{"code": "none"}]), "unknown_material"),
        (application(files=["forged"]), "bad_ticket"),
    ]
    for body, code in told:
        answer = await public.post("/cases", json=body, headers=key())
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_what_was_missing_is_supplemented_with_the_code_or_by_a_system(
    public: AsyncClient, desk: Desk
) -> None:
    """The applicant hands papers in; whether a point is met, the window says."""
    lacking = application(materials=[{"code": each.code} for each in ITEM.materials[1:]])
    given = (await public.post("/cases", json=lacking, headers=key())).json()
    number, code = given["number"], given["lookup_code"]
    notice = NotifyCorrection(
        id=f"notice-{number}", officer="1101", post="window-clerk", points={"p1": "缺少申请书"}
    )
    await desk.client.act("case", number, "notify_correction", notice)
    waiting = (await public.get("/lookup", params={"number": number, "code": code})).json()
    assert (waiting["state"], waiting["missing"]) == ("correction_pending", {"p1": "缺少申请书"})
    ticket = await uploaded(public, PDF + b"3")
    body = {"materials": [{"code": ITEM.materials[0].code, "pages": 1, "file": ticket}]}
    path = f"/cases/{number}/supplement"
    assert (await public.post(path, json=body, headers=key())).status_code == 404
    judging = {**body, "code": code, "satisfied": ["p1"]}
    assert (await public.post(path, json=judging, headers=key())).status_code == 403
    answer = await public.post(path, json={**body, "code": code}, headers=key())
    assert answer.status_code == 200, answer.text
    with desk.reading() as connection:
        last = entries(connection, number)[-1]
    assert (last.type, last.leaf_hash) == ("case.resubmitted", answer.json()["receipt"]["leaf_hash"])
    met = await public.post(path, json={"satisfied": ["p1"]}, headers=key() | AS_SYSTEM)
    assert met.status_code == 200, met.text
    found = (await public.get("/lookup", params={"number": number, "code": code})).json()
    assert found["state"] == "in_stage"

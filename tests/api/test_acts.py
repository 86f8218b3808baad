"""Acts over HTTP: decided on what was seen, recorded once, and refused with what is on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import FastAPI

from ledger.db import OriginKind
from rules.facts import DECISIONS
from rules.procedures import PROCEDURES
from starter.acting import message_for
from starter.api import acts
from starter.api.act_bodies import acts_of, body_of, example_of
from starter.api.openapi import describe
from starter.desk import desk_for
from tests.api.acting import API, do, facts_of, new_key, officer
from tests.web.visiting import browser, home_of
from tests.workflows.house import File, House
from tests.workflows.test_cards import with_the_handler
from web.app import make_app

pytestmark = pytest.mark.asyncio(loop_scope="session")
OLD, NEW = "a" * 64, "b" * 64
GRANT = {"opinion": "同意", "outcome": "granted"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """The application over the session's bureau."""
    home = home_of(tmp_path_factory.mktemp("acts"), OriginKind.SIMULATION)
    yield make_app(desk_for(home, house.client, house.ledger))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def case(house: House) -> File:
    """A case in the hands of its examiner."""
    return await with_the_handler(house)


async def test_a_decision_is_made_on_the_facts_that_were_shown_and_recorded_once(
    app: FastAPI, house: House
) -> None:
    """The officer is whoever is signed in; the same key gets the same answer and no second entry."""
    case = await with_the_handler(house)
    await case.sign_through("H", "R")
    await case.act("take_over", "deputy-land")
    async with officer(app, "1003") as deputy:
        key, facts, post = new_key(), await facts_of(deputy, case), {"post": "deputy-land"}
        answer = await do(deputy, case, "decide", facts=facts, key=key, **GRANT, **post)
        again = await do(deputy, case, "decide", facts=facts, key=key, **GRANT, **post)
    assert answer.status_code == 200, answer.text
    assert (again.status_code, again.content) == (200, answer.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    told, (entry,) = answer.json(), case.entries("case.decided")
    assert (told["receipt"]["caseseq"], told["receipt"]["leaf_hash"]) == (entry.seq, entry.leaf_hash)
    assert (told["act"], told["state"], told["state_zh"]) == ("decide", "granted", "准予")
    assert (entry.event["actor"], entry.event["onbehalfof"]) == ("1003", "1002")
    assert entry.data["actid"] == told["act_id"]


async def test_without_the_facts_nothing_is_sent(app: FastAPI, case: File) -> None:
    """Missing and malformed are answered before the matter hears of it."""
    before = len(case.entries())
    async with officer(app, "1301") as handler:
        missing = await do(handler, case, "sign_stage", opinion="同意")
        wrong = [
            await do(handler, case, "sign_stage", opinion="同意", facts=tag)
            for tag in ("*", "0" * 64, f'W/"{OLD}"', f'"{OLD}", "{NEW}"', '"abc"')
        ]
        noted = await do(handler, case, "note", opinion="批注不是决定")
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    assert {(each.status_code, each.json()["code"]) for each in wrong} == {(400, "bad_if_match")}
    assert noted.status_code == 200
    assert len(case.entries()) == before + 1


async def test_a_file_replaced_while_the_officer_reads_is_refused_with_the_difference(
    app: FastAPI, house: House
) -> None:
    """412 is the matter's own recorded refusal: what it was, what it is, and which entry changed it."""
    case = await with_the_handler(house)
    await case.act("resubmit", "window-clerk", materials=[{"code": "map", "pages": 3, "sha256": OLD}])
    async with officer(app, "1301") as handler:
        facts = await facts_of(handler, case)
        paper = {"code": "map", "pages": 3, "sha256": NEW}
        replaced = await case.act("resubmit", "window-clerk", materials=[paper])
        answer = await do(handler, case, "sign_stage", facts=facts, opinion="同意")
    entry, problem = case.entries("act.refused")[-1], answer.json()
    assert (answer.status_code, problem["code"]) == (412, "stale")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem["ledger_seq"], problem["detail"]) == (entry.seq, entry.data["told"])
    (changed,) = problem["changed"]
    assert entry.data["changed"] == [changed]
    assert (changed["part"], changed["seq"]) == ("materials", replaced.caseseq)
    assert (["map", 3, OLD] in changed["before"], ["map", 3, NEW] in changed["after"]) == (True, True)


async def test_of_two_who_decide_at_once_the_other_sees_the_winners_act(app: FastAPI, house: House) -> None:
    """A and B officer press the button together."""
    case = await with_the_handler(house)
    async with officer(app, "1301") as a, officer(app, "1302") as b:
        facts = await facts_of(a, case)
        answers = await asyncio.gather(
            do(a, case, "sign_stage", facts=facts, opinion="同意"),
            do(b, case, "sign_stage", facts=facts, opinion="不同意", agrees=False),
        )
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409), [won.text, lost.text]
    problem, signed = lost.json(), case.entries("case.stage_signed")[-1]
    assert problem["code"] == "already_decided"
    assert problem["winner"]["seq"] == won.json()["receipt"]["caseseq"] == signed.seq
    assert (problem["winner"]["officer"], problem["winner"]["act"]) == (signed.event["actor"], "sign_stage")
    assert problem["winner"]["outcome"] == ("yes" if signed.event["actor"] == "1301" else "no")
    assert problem["ledger_seq"] == case.entries("act.refused")[-1].seq


async def test_a_refused_act_says_why_and_where_it_is_recorded(app: FastAPI, case: File) -> None:
    """Whoever sees the case and may not do the act is refused by the rules, on record."""
    async with officer(app, "1303") as chief:
        answer = await do(chief, case, "hand_over", to_post="land-use-chief", reason="代办")
    entry, problem = case.entries("act.refused")[-1], answer.json()
    assert (answer.status_code, problem["code"]) == (403, "not_on_duty")
    assert (problem["ledger_seq"], problem["detail"]) == (entry.seq, entry.data["told"])
    assert (entry.event["actor"], entry.data["act"]) == ("1303", "hand_over")


async def test_who_acts_cannot_be_said_in_the_body(app: FastAPI, case: File) -> None:
    """Officer, id, facts and what the desk vouches for are no fields; what is wrong is named."""
    async with officer(app, "1301") as handler:
        for field in ("officer", "id", "facts", "seen_at", "assertion"):
            url = f"{API}/cases/{case.number}/acts/note"
            answer = await handler.post(url, json={"opinion": "批注", field: "1001"}, headers=new_key())
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")
        nul = await do(handler, case, "note", opinion="a\0b")
        wrong = await do(handler, case, "request_extension", days=0, reason="复杂")
    assert nul.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/days"


async def test_whoever_is_not_of_the_bureau_does_nothing(app: FastAPI, case: File) -> None:
    """Nobody signed in, an auditor, an administrator."""
    before = len(case.entries())
    async with browser(app) as nobody:
        assert (await do(nobody, case, "note", opinion="批注")).status_code == 401
    for staff_no in ("8001", "8002"):
        async with officer(app, staff_no) as reader:
            assert (await do(reader, case, "note", opinion="批注")).status_code == 403
    assert len(case.entries()) == before


async def test_what_may_not_be_seen_is_answered_like_what_is_not_there(app: FastAPI, house: House) -> None:
    """An inquiry and a case share no numbers; a fault case is hidden from whom it is about."""
    async with officer(app, "1901") as supervisor, officer(app, "1301") as accused:
        lead = {"source": "complaint", "text": "超期", "accused": ["1301"], "codes": ["F03"]}
        begun = await supervisor.post(f"{API}/faults", json=lead, headers=new_key())
        assert begun.status_code == 201, begun.text
        number = begun.json()["number"]
        missing = "GC-2037-999999"
        for path, body in (("", None), ("/facts", None), ("/acts/screen", {}), ("/acts/note", {})):
            answers = []
            for each in (number, missing):
                url = f"{API}/faults/{each}{path}"
                asked = accused.get(url) if body is None else accused.post(url, json=body, headers=new_key())
                answer = await asked
                answers.append((answer.status_code, answer.text.replace(each, "-")))
            assert answers[0] == answers[1]
            assert answers[0][0] == 404
        shown = await supervisor.get(f"{API}/faults/{number}")
        assert (shown.status_code, shown.json()["matter"]["state"]) == (200, "lead")
        listed = [await each.get(f"{API}/faults") for each in (supervisor, accused)]
    assert [number in answer.text for answer in listed] == [True, False]


async def test_every_act_of_every_kind_has_an_address_and_an_example_that_its_message_takes() -> None:
    """The description lists each of them."""
    app = FastAPI()
    app.include_router(acts.router, prefix=API)
    describe(app)
    described = app.openapi()["paths"]
    plural = {"inquiry": "inquiries"}
    for kind in PROCEDURES:
        for name in acts_of(kind):
            path = f"{API}/{plural.get(kind, f'{kind}s')}/{{number}}/acts/{name}"
            operation, example = described[path]["post"], example_of(kind, name)
            body_of(kind, name).model_validate(example)
            if not {"calendar", "rules", "name"} & example.keys():
                message_for(kind, name, {**example, "id": "x", "officer": "1001", "post": "head"})
            given = operation["requestBody"]["content"]["application/json"]["examples"]["example"]["value"]
            assert given == example
            assert "428" in operation["responses"]
    assert {name for bound in DECISIONS.values() for name in bound} <= {
        name for kind in PROCEDURES for name in acts_of(kind)
    }

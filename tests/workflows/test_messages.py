"""What reaches a matter from outside: repeated, simultaneous, unreadable messages (design 3.4, 3.5)."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import RawValue

from schemas.errors import ConflictError, NotPermittedError
from starter.client import YangguangClient
from tests.workflows.beside import beside
from tests.workflows.house import ITEMS, File, House, application
from tests.workflows.test_cards import with_the_handler

SIGN: dict[str, Any] = {"officer": "1301", "post": "land-use-handler", "opinion": "同意", "act": "sign_stage"}
DEEP = b"[" * 100_000


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    """A payload as a stranger may send it."""
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


UNREADABLE: tuple[tuple[str, list[Any]], ...] = (
    ("signal_decision", []),
    ("signal_decision", [{}, {}]),
    ("signal_decision", ["approve"]),
    ("signal_decision", [None]),
    ("signal_decision", [7]),
    ("signal_decision", [[SIGN]]),
    ("signal_decision", [{}]),
    ("signal_decision", [{**SIGN, "id": None}]),
    ("signal_decision", [{**SIGN, "id": ""}]),
    ("signal_decision", [{**SIGN, "id": "x", "act": "approve_everything"}]),
    ("signal_decision", [{**SIGN, "id": "x", "act": {"name": "sign_stage"}}]),
    ("signal_decision", [{**SIGN, "id": "x", "act": "z" * 5000}]),
    ("signal_decision", [{**SIGN, "id": "x", "received_at": "yesterday"}]),
    ("signal_decision", [{**SIGN, "id": "x", "received_at": "2037-06-08T09:00:00"}]),
    ("signal_decision", [{**SIGN, "id": "x", "opinion": "长" * 4001}]),
    ("signal_decision", [{**SIGN, "id": "x", "act": "notify_correction", "points": {"p" * 90_000: 5}}]),
    ("signal_decision", [raw(b"{")]),
    ("signal_decision", [raw(b"\xff\xfe")]),
    ("signal_decision", [raw(DEEP)]),
    ("signal_decision", [raw(json.dumps({**SIGN, "id": "x", "opinion": "\ud800"}).encode())]),
    ("signal_decision", [raw(json.dumps({**SIGN, "id": "x", "late_reason": "\ud800"}).encode())]),
    ("signal_decision", [raw(b"\0\1", b"binary/plain")]),
    ("approve", [SIGN]),
    ("审批", []),
    ("x" * 900, [SIGN]),
)
"""Signals that no act can be read from."""


async def recorded(case: File, entries: int) -> None:
    """Wait until the chain has so many entries."""
    for _ in range(3000):
        if len(case.entries()) >= entries:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{len(case.entries())} of {entries} entries: {case.types()}")


@beside
async def test_every_unreadable_signal_is_a_recorded_refusal_and_wedges_nothing(house: House) -> None:
    """Each once, however often the same bytes come; afterwards the matter takes acts as before."""
    case = await with_the_handler(house)
    before = len(case.entries())
    for _ in range(2):
        await asyncio.gather(*(case.handle.signal(name, args=args) for name, args in UNREADABLE))
    await recorded(case, before + len(UNREADABLE))
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    refusals = case.entries("act.refused")
    assert len(refusals) == len(UNREADABLE)
    assert {entry.data["refused"] for entry in refusals} == {"bad_envelope"}
    assert {entry.event["actor"] for entry in refusals} == {"unknown"}


@beside
async def test_a_supervisor_approves_with_the_stock_command_line(house: House) -> None:
    """The lenient envelope ends where the Update ends; its id is the act's id, whichever way it comes."""
    case = await with_the_handler(house)
    await case.handle.signal("signal_decision", {**SIGN, "decision_id": "d-1", "unknown_field": True})
    await recorded(case, 5)
    signed = case.entries()[-1]
    assert (signed.type, signed.data["actid"]) == ("case.stage_signed", "d-1")
    message = case.message("sign_stage", "land-use-handler", id="d-1", opinion="同意")
    receipt = await case.desk.act("case", case.number, "sign_stage", message)
    assert (receipt.id, len(case.entries())) == (signed.id, 5)
    await case.act("take_over", "land-use-chief", id="d-2")
    await case.handle.signal(
        "signal_decision", {**SIGN, "id": "d-2", "act": "take_over", "post": "land-use-chief"}
    )
    await case.handle.signal("signal_decision", {**SIGN, "id": "d-3"})
    await recorded(case, 8)
    refused = {entry.data["refused"]: entry.data["actid"] for entry in case.entries("act.refused")}
    assert refused["not_stage_owner"] == "d-3"
    assert refused["act_id_conflict"].startswith("d-2")


@beside
async def test_an_id_stands_for_one_act_only(house: House) -> None:
    """Other words under a used id are a conflict on record, not the success of somebody else's act."""
    case = await with_the_handler(house)
    first = case.message("note", "land-use-handler", id="n-1", opinion="第一")
    receipt = await case.desk.act("case", case.number, "note", first)
    assert (await case.desk.act("case", case.number, "note", first)).id == receipt.id
    for name, opinion in (("note", "第二"), ("sign_stage", "第一")):
        other = case.message(name, "land-use-handler", id="n-1", opinion=opinion)
        with pytest.raises(ConflictError) as conflict:
            await case.desk.act("case", case.number, name, other)
        assert conflict.value.code == "act_id_conflict"
    assert [entry.type for entry in case.entries()[-1:]] == ["case.noted"]
    await case.handle.signal("signal_decision", {**SIGN, "id": "n-1"})
    await recorded(case, len(case.entries()) + 1)
    assert case.entries("act.refused")[-1].data["refused"] == "act_id_conflict"


@beside
async def test_names_no_column_can_hold_are_still_recorded(house: House) -> None:
    """A NUL in the officer's number is nobody's number, and the attempt is on record."""
    case = await with_the_handler(house)
    entry = await case.refused("not_in_post", "note", "land-use-handler", who="13\x0001", opinion="x")
    assert entry.event["actor"] == "13\ufffd01"


@beside
async def test_unfit_updates_are_rejected_to_the_caller_and_change_nothing(house: House) -> None:
    """Wrong number or shape of arguments, unknown names: an answer, no entry, no wedge."""
    case = await with_the_handler(house)
    before = case.types()
    good = case.message("note", "land-use-handler", opinion="x")
    unfit: list[tuple[str, list[Any]]] = [
        ("note", []),
        ("note", [good, good]),
        ("note", ["note"]),
        ("note", [{"id": "n"}]),
        ("note", [{**good.model_dump(mode="json"), "opinion": "长" * 4001}]),
        ("accept", [{**good.model_dump(mode="json"), "materials": "all"}]),
        ("charge", [{**good.model_dump(mode="json"), "amount_fen": -1}]),
        ("approve", [good]),
        ("__init__", [good]),
        ("past_acts", [{"digest": "x", "acts": [{"name": "note", "message": {}}]}]),
        ("past_acts", [{"digest": "x", "acts": [{"name": "nothing", "message": {}}]}]),
    ]
    for n, (name, args) in enumerate(unfit):
        with pytest.raises(WorkflowUpdateFailedError):
            await case.handle.execute_update(name, args=args, id=f"unfit-{n}")
    await case.act("note", "land-use-handler", opinion="仍可办理")
    assert case.types() == [*before, "case.noted"]


@beside
async def test_a_repeated_id_has_no_second_effect(house: House) -> None:
    """The same receipt again, the same refusal again, and one entry of each."""
    case = await with_the_handler(house)
    message = case.message("sign_stage", "land-use-handler", opinion="同意")
    receipts = [await case.desk.act("case", case.number, "sign_stage", message) for _ in range(3)]
    assert len(set(receipts)) == 1
    wrong = case.message("accept", "window-clerk")
    told = set()
    for _ in range(3):
        with pytest.raises(NotPermittedError) as refused:
            await case.desk.act("case", case.number, "accept", wrong)
        told.add(refused.value.message)
    assert len(told) == 1
    counts = Counter(entry.data.get("actid") for entry in case.entries())
    assert (counts[message.id], counts[wrong.id]) == (1, 1)


@beside
async def test_two_people_at_one_instant_one_decides(house: House) -> None:
    """A and B sign at once: one signature, one recorded refusal; whoever comes second is told."""
    case = await with_the_handler(house)
    now = await case.desk.now("case", case.number)
    acts = [
        case.message("sign_stage", "land-use-handler", who=who, opinion="同意", received_at=now, stage="H")
        for who in ("1301", "1302")
    ]
    answers = await asyncio.gather(
        *(case.desk.act("case", case.number, "sign_stage", act) for act in acts), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, NotPermittedError)]
    assert len(refused) == 1
    assert (case.types().count("case.stage_signed"), case.types().count("act.refused")) == (2, 1)


@beside
async def test_twenty_at_once_are_decided_one_after_the_other(house: House) -> None:
    """Every act has its own receipt, the chain is without gaps, no act is lost or doubled."""
    case = await with_the_handler(house)
    before = len(case.entries())
    await asyncio.gather(*(case.act("note", "land-use-handler", opinion=f"第{n}条") for n in range(20)))
    entries = case.entries()[before:]
    assert [entry.seq for entry in entries] == list(range(before + 1, before + 21))
    assert {entry.data["opinion"] for entry in entries} == {f"第{n}条" for n in range(20)}


@beside
async def test_a_submission_is_registered_once_whoever_repeats_it(house: House) -> None:
    """Ten times at once, and again after the end: one matter, one receipt; other content is a conflict."""
    desk, request = house.desk(), application(ITEMS["LX-LS-01"])
    receipts = await asyncio.gather(*(house.desk().start_case(request) for _ in range(10)))
    assert len({receipt.model_dump_json() for receipt in receipts}) == 1
    with pytest.raises(ConflictError, match=receipts[0].number):
        await desk.start_case(request.model_copy(update={"flags": ("court_seizure",)}))
    case = File(house, desk, "case", receipts[0], ITEMS["LX-LS-01"])
    assert case.types() == ["case.registered"]
    await case.act("withdraw", "window-clerk", reason="申请人要求")
    await case.handle.result()
    assert await house.desk().start_case(request) == receipts[0]


@beside
async def test_an_act_on_an_ended_matter_is_refused_and_the_attempt_recorded(house: House) -> None:
    """The chain ends with the matter; the attempt stands in a stream of its own."""
    case = await house.case()
    await case.act("withdraw", "window-clerk", reason="申请人要求")
    await case.handle.result()
    message = case.message("note", "window-clerk", opinion="迟了")
    for _ in range(2):
        with pytest.raises(NotPermittedError) as refused:
            await case.desk.act("case", case.number, "note", message)
        assert refused.value.code == "ended"
    attempts = [e for e in house.entries("attempts") if e.data["matter"] == f"case/{case.number}"]
    assert [entry.data["actid"] for entry in attempts] == [message.id]


@beside
async def test_a_submission_turned_away_may_come_again_corrected(house: House) -> None:
    """A stamp of the future, a late one without reason: told, recorded, and the business key is not lost."""
    desk = YangguangClient(house.client, house.ledger)
    request, now = application(ITEMS["LX-LS-01"]), datetime.now(UTC)
    for stamp, code in ((timedelta(hours=1), "future_time"), (timedelta(hours=-1), "late_entry")):
        with pytest.raises(NotPermittedError) as refused:
            await desk.start_case(request.model_copy(update={"received_at": now + stamp}))
        assert refused.value.code == code
    receipt = await desk.start_case(request)
    assert [entry.type for entry in house.entries(receipt.number)] == [
        *("act.refused", "act.refused", "case.registered")
    ]


@beside
async def test_a_long_life_goes_on_in_new_runs_and_nothing_is_lost(house: House) -> None:
    """Continue-as-new keeps state, clocks, receipts and the ids already handled."""
    case = await house.case("LX-LS-01", "06-08 09:00", start={"history_limit": 40})
    first = (await case.handle.describe()).run_id
    await case.act("accept", "window-clerk", id="accepted")
    for n in range(12):
        await case.act("note", "window-clerk", opinion=f"第{n}条")
    await case.until("06-10 01:00")
    assert (await case.handle.describe()).run_id != first
    await recorded(case, 17)
    assert (await case.cards())["Y1"].ref == "W"
    again = case.message("accept", "window-clerk", id="accepted")
    receipt = await case.desk.act("case", case.number, "accept", again)
    assert receipt.caseseq == 2
    assert await case.handle.execute_update("register", id="again", result_type=dict)
    await case.sign_through("W", "H", "R")
    await case.finish()
    await case.until("06-20 01:00")  # the card is not explained, and the case stays until it has turned red
    assert (await case.handle.result())["state"] == "closed"
    runs = {entry.event["wfrunid"] for entry in case.entries()}
    assert len(runs) > 2
    assert [entry.seq for entry in case.entries()] == list(range(1, len(case.entries()) + 1))


@beside
async def test_time_alone_also_goes_on_in_new_runs(house: House) -> None:
    """A correction nobody makes: reminder and lapse come on their days, whatever run they fall in."""
    case = await house.case("LX-LS-01", "06-15 09:00", start={"history_limit": 25})
    await case.act("notify_correction", "window-clerk", points={"map": "图不清"})
    await case.pass_time(timedelta(days=40))
    assert (await case.handle.result())["state"] == "lapsed"
    assert [e.event["time"][:10] for e in case.entries("case.correction_reminded", "case.lapsed")] == [
        "2037-07-15",
        "2037-07-22",
    ]

"""Who is told of what: secret kinds need a grant, the house's own records are nobody's, words stay here."""

from __future__ import annotations

import json

import pytest
from cloudevents.core.formats.json import JSONFormat

from ledger.append import append
from schemas.entries import EntryDraft, RecordRequest
from schemas.entry_types import MATTER_TYPES
from schemas.errors import ConflictError, UsageError
from starter.delivery import numbers
from starter.delivery.cloud import event_of
from starter.delivery.names import is_told, known_types
from starter.delivery.sending import Sender
from starter.delivery.subscription import ORDINARY
from tests.delivery.house import START, Desk
from tests.delivery.receiver import Receiver


def put_secrets(desk: Desk) -> None:
    """One ordinary matter and two that are not everybody's, and an entry that tells of one of them."""
    desk.happens("LX-1", "case.registered", data={"view": {"kind": "case", "state": "review"}})
    desk.happens("TS-1", "complaint.registered", kind="complaint")
    desk.happens("GC-1", "fault.registered", kind="fault")
    desk.happens("LX-1", "case.lead_opened", data={"lead": "L1", "fault": "GC-1"})
    desk.happens("LX-1", "case.accepted")


async def test_complaints_and_fault_cases_are_told_to_nobody_who_was_not_granted_them(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    desk.subscribe(receiver.url)
    put_secrets(desk)
    await desk.webhooks(sender).round()
    assert [each.event["type"] for each in receiver.messages] == ["case.registered", "case.accepted"]
    assert not {"complaint", "fault", "card", "supervision"} & set(ORDINARY)


async def test_a_subscription_that_was_granted_them_is_told_of_them_and_of_what_tells_of_them(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    desk.subscribe(receiver.url, kinds=("case", "fault"))
    put_secrets(desk)
    await desk.webhooks(sender).round()
    told = [(each.event["subject"], each.event["type"]) for each in receiver.messages]
    assert told == [
        ("LX-1", "case.registered"),
        ("GC-1", "fault.registered"),
        ("LX-1", "case.lead_opened"),
        ("LX-1", "case.accepted"),
    ]


async def test_only_the_types_asked_for_are_sent_and_the_rest_is_passed_over(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    desk.subscribe(receiver.url, types=("lamp.changed", "duty.*"))
    desk.happens("LX-1", "case.registered", "lamp.yellow", "duty.offered", "clock.breached", "case.decided")
    await desk.webhooks(sender).round()
    assert [(each.number, each.event["type"]) for each in receiver.messages] == [
        (1, "lamp.changed"),
        (2, "duty.offered"),
        (3, "lamp.changed"),
    ]


async def test_the_houses_own_records_are_no_events(desk: Desk, receiver: Receiver, sender: Sender) -> None:
    desk.subscribe(receiver.url)
    denied = EntryDraft(
        type="sight.denied", time=START, actor="1001", role="unverified", business_key="k", data={}
    )
    with desk.ledger.engine.begin() as connection:
        append(desk.ledger, connection, RecordRequest(matter="denials", now=START, entries=(denied,)))
    desk.happens("LX-1", "case.registered")
    await desk.webhooks(sender).round()
    assert [each.number for each in receiver.messages] == [1]


def test_every_type_of_a_matters_entry_has_a_name_as_an_event() -> None:
    named = {"case.accepted", "lamp.changed", "duty.offered", "vote.cast", "decision.made", "card.issued"}
    assert named <= known_types()
    assert len(MATTER_TYPES) > len(known_types())


def test_the_document_is_read_by_the_library_of_the_specification_and_names_no_person(desk: Desk) -> None:
    card = {
        "id": "LX-1-P1",
        "code": "yellow-1",
        "colour": "yellow",
        "issue_day": "2026-06-16",
        "addressees": ["1002"],
        "cause": "未按时受理，责任人姜守田",
    }
    clocks = [{"clock": "promise", "due": "2026-06-22", "red_from": "2026-06-23", "owner": "1002"}]
    data = {"card": card, "clocks": clocks, "reason": "家庭住址", "to": "1002", "notify_phone": "13800000000"}
    desk.happens("LX-1", "card.issued", data=data, notify=("1002",))
    with desk.reading() as connection:
        (one,) = numbers.numbered(connection, 0, 10)
    assert is_told(one.entry)
    body = event_of(one)
    event = JSONFormat().read(None, body)
    assert event.get_type() == "card.issued"
    assert event.get_extension("sequence") == "0" * 16
    assert json.loads(body)["data"]["card"] == {
        name: card[name] for name in ("id", "code", "colour", "issue_day")
    }
    for private in ("1002", "姜守田", "住址", "138"):
        assert private not in body.decode()


def test_a_name_is_given_once_and_kinds_and_types_must_exist(desk: Desk) -> None:
    desk.subscribe("https://city.example/hook", identity="city")
    with pytest.raises(ConflictError):
        desk.subscribe("https://city.example/hook", identity="city")
    for wrong in ({"kinds": ("nosuch",)}, {"types": ("nosuch.*",)}, {"identity": "No Such"}):
        with pytest.raises(UsageError):
            desk.subscribe("https://city.example/hook", **wrong)

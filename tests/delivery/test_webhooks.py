"""Webhooks against a real receiver: signed, in order, none lost and none under two ids."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.errors import NotFoundError, VerificationError
from starter.delivery import queue, registry
from starter.delivery.queue import Fate
from starter.delivery.sending import Sender
from starter.delivery.signing import verify
from tests.delivery.house import VAULT, Desk
from tests.delivery.receiver import Receiver


def fates(desk: Desk, identity: str) -> dict[int, str]:
    """What became of each event."""
    with desk.reading() as connection:
        return {each.number: each.state for each in registry.deliveries(connection, identity)}


async def test_an_event_arrives_masked_and_signed_in_both_ways(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    shown = desk.subscribe(receiver.url)
    desk.happens(
        "LX-1", "case.accepted", data={"opinion": "张三住在东街", "act": "accept", "after": "accepted"}
    )
    await desk.webhooks(sender).round()
    (message,) = receiver.messages
    for key in (shown.secret, shown.public_key):
        verify(key, message.headers, message.body, desk.clock())
    assert message.headers["webhook-id"] == message.event["id"]
    assert message.headers["content-type"] == "application/cloudevents+json"
    assert (message.event["type"], message.event["subject"]) == ("case.accepted", "LX-1")
    assert message.event["source"] == desk.ledger.origin.name
    assert message.event["data"]["matter"]["item"] == "LX-DJ-01"
    assert "张三" not in message.body.decode()
    assert "S001" not in message.body.decode()
    assert "opinion" not in message.event["data"]


async def test_a_signature_holds_for_five_minutes_and_for_these_bytes_only(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    shown = desk.subscribe(receiver.url)
    desk.happens("LX-1", "case.accepted")
    await desk.webhooks(sender).round()
    (message,) = receiver.messages
    late = desk.clock() + timedelta(minutes=5, seconds=2)
    for key in (shown.secret, shown.public_key):
        with pytest.raises(VerificationError, match="five minutes"):
            verify(key, message.headers, message.body, late)
        with pytest.raises(VerificationError, match="no signature"):
            verify(key, message.headers, message.body + b" ", desk.clock())


async def test_events_arrive_in_order_although_the_receiver_was_away(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    shown = desk.subscribe(receiver.url)
    desk.happens("LX-1", "case.registered", "case.accepted")
    webhooks = desk.webhooks(sender)
    await receiver.down()
    await webhooks.round()
    desk.happens("LX-2", "case.registered")
    desk.clock.pass_by(seconds=4)
    await webhooks.round()
    assert fates(desk, shown.subscription.id) == dict.fromkeys(range(3), Fate.WAITING)
    await receiver.up()
    desk.clock.pass_by(seconds=2)
    await webhooks.round()
    assert [each.number for each in receiver.messages] == [0, 1, 2]
    assert fates(desk, shown.subscription.id) == dict.fromkeys(range(3), Fate.DELIVERED)


async def test_what_was_answered_but_not_written_down_comes_again_under_the_same_id(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    desk.subscribe(receiver.url)
    desk.happens("LX-1", "case.registered", "case.accepted")
    webhooks = desk.webhooks(sender)
    dying = desk.webhooks(sender)

    def die(*_: object) -> bool:
        raise ConnectionError("killed between the answer and the record of it")

    dying._note = die  # type: ignore[assignment,method-assign]
    with pytest.raises(ConnectionError):
        await dying.round()
    await webhooks.round()
    ids = [each.headers["webhook-id"] for each in receiver.messages]
    assert [each.number for each in receiver.messages] == [0, 0, 1]
    assert len(set(ids)) == 2


async def test_a_failure_holds_up_the_ones_behind_it_and_the_gaps_grow(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    shown = desk.subscribe(receiver.url)
    desk.happens("LX-1", "case.registered", "case.accepted")
    receiver.answers = [b"500 Oops"] * 4
    webhooks, gaps = desk.webhooks(sender), []
    for _ in range(4):
        await webhooks.round()
        with desk.reading() as connection:
            hold = registry.get(connection, shown.subscription.id).hold
        gaps.append((hold - desk.clock()).total_seconds())
        desk.clock.now = hold
    assert gaps == [5, 15, 45, 135]
    assert {each.number for each in receiver.messages} == {0}
    await webhooks.round()
    assert [each.number for each in receiver.messages][-2:] == [0, 1]


async def test_an_event_is_tried_for_a_day_then_it_is_a_dead_letter_and_the_next_one_goes(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    shown = desk.subscribe(receiver.url)
    identity = shown.subscription.id
    desk.happens("LX-1", "case.registered")
    webhooks, first = desk.webhooks(sender), desk.clock()
    receiver.answers = [b"500 Oops"] * 50
    for _ in range(50):
        await webhooks.round()
        if fates(desk, identity) == {0: Fate.DEAD}:
            break
        with desk.reading() as connection:
            desk.clock.now = registry.get(connection, identity).hold
    assert desk.clock() - first == timedelta(hours=24)
    assert len(receiver.messages) == 11
    receiver.answers = []
    desk.happens("LX-1", "case.accepted")
    await webhooks.round()
    assert fates(desk, identity) == {0: Fate.DEAD, 1: Fate.DELIVERED}
    with desk.ledger.engine.begin() as connection:
        assert queue.redeliver(connection, identity, desk.clock(), dead=True) == 1
    await webhooks.round()
    assert fates(desk, identity) == {0: Fate.DELIVERED, 1: Fate.DELIVERED}
    assert receiver.messages[-1].headers["webhook-id"] == receiver.messages[0].headers["webhook-id"]


async def test_a_receiver_may_ask_for_time_and_may_say_that_it_is_gone(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    shown = desk.subscribe(receiver.url)
    identity = shown.subscription.id
    desk.happens("LX-1", "case.registered")
    webhooks = desk.webhooks(sender)
    receiver.answers = [b"503 Busy\r\nRetry-After: 600", b"410 Gone"]
    await webhooks.round()
    with desk.reading() as connection:
        assert registry.get(connection, identity).hold == desk.clock() + timedelta(seconds=600)
    desk.clock.pass_by(seconds=601)
    await webhooks.round()
    desk.clock.pass_by(hours=1)
    await webhooks.round()
    assert len(receiver.messages) == 2
    with desk.ledger.engine.begin() as connection:
        assert registry.get(connection, identity).state == "gone"
        queue.redeliver(connection, identity, desk.clock())
    await webhooks.round()
    assert fates(desk, identity) == {0: Fate.DELIVERED}


async def test_redelivering_one_number_sends_it_again_and_an_unknown_one_is_an_error(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    identity = desk.subscribe(receiver.url).subscription.id
    desk.happens("LX-1", "case.registered", "case.accepted")
    webhooks = desk.webhooks(sender)
    await webhooks.round()
    with desk.ledger.engine.begin() as connection:
        queue.redeliver(connection, identity, desk.clock(), chosen=[1])
    with pytest.raises(NotFoundError), desk.ledger.engine.begin() as connection:
        queue.redeliver(connection, identity, desk.clock(), chosen=[0, 7])
    await webhooks.round()
    assert [each.number for each in receiver.messages] == [0, 1, 1]


async def test_old_and_new_secrets_sign_together_until_the_old_ones_end(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    old = desk.subscribe(receiver.url)
    webhooks = desk.webhooks(sender)
    with desk.ledger.engine.begin() as connection:
        new = registry.rotate(connection, VAULT, desk.clock(), old.subscription.id)
    assert new.secret != old.secret
    desk.happens("LX-1", "case.registered")
    await webhooks.round()
    first = receiver.messages[0]
    for key in (old.secret, new.secret, old.public_key, new.public_key):
        verify(key, first.headers, first.body, desk.clock())
    desk.clock.pass_by(hours=25)
    desk.happens("LX-1", "case.accepted")
    await webhooks.round()
    last = receiver.messages[1]
    verify(new.secret, last.headers, last.body, desk.clock())
    with pytest.raises(VerificationError):
        verify(old.secret, last.headers, last.body, desk.clock())


async def test_secrets_lie_sealed_in_the_database(desk: Desk, receiver: Receiver) -> None:
    shown = desk.subscribe(receiver.url)
    with desk.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM delivery_secret").all()
    assert len(rows) == 2
    assert shown.secret.removeprefix("whsec_") not in str(rows)
    assert "whsk_" not in str(rows)


async def test_a_slow_receiver_holds_up_nobody_else(
    desk: Desk, receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("starter.delivery.sending.WHOLE", 0.3)
    slow = Receiver(silent=True)
    await slow.up()
    identity = desk.subscribe(slow.url).subscription.id
    desk.subscribe(receiver.url)
    desk.happens("LX-1", "case.registered", "case.accepted")
    await desk.webhooks(sender).round()
    await slow.down()
    assert [each.number for each in receiver.messages] == [0, 1]
    with desk.reading() as connection:
        told = registry.deliveries(connection, identity)
    assert [each.problem for each in told if each.attempts] == ["no answer within 0 s"]


async def test_removing_a_subscription_takes_its_secrets_and_its_queue_along(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    identity = desk.subscribe(receiver.url).subscription.id
    desk.happens("LX-1", "case.registered")
    with desk.ledger.engine.begin() as connection:
        registry.remove(connection, identity)
    await desk.webhooks(sender).round()
    assert receiver.messages == []
    with desk.reading() as connection, pytest.raises(NotFoundError):
        registry.get(connection, identity)

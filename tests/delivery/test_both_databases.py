"""What the databases do differently: order of numbers, taking in, streams and settings on each of them."""

from __future__ import annotations

from sqlalchemy import func, select

from ledger.tables import ledger_outbox
from starter.delivery import notices, numbers, people, queue, registry, tables
from starter.delivery.admin import Admin, Wanted
from starter.delivery.lease import Lease
from starter.delivery.sending import Sender
from starter.delivery.signing import verify
from tests.delivery.house import LOOPBACK, VAULT, Clock, Desk
from tests.delivery.receiver import Receiver


async def test_events_are_queued_sent_and_forgotten(
    any_desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    desk, admin = any_desk, Admin(any_desk.ledger, "8002", any_desk.clock())
    shown = admin.add(VAULT, Wanted(receiver.url, "city", allowed=LOOPBACK, since=0))
    desk.happens("LX-1", "case.registered", "case.accepted")
    desk.happens("LX-2", "case.registered")
    await desk.webhooks(sender).round()
    with desk.reading() as connection:
        size = numbers.reached(connection)
    assert [each.number for each in receiver.messages] == [size - 3, size - 2, size - 1]
    verify(shown.secret, receiver.messages[0].headers, receiver.messages[0].body, desk.clock())
    with desk.reading() as connection:
        (standing,) = registry.standings(connection)
    assert (standing.counts, standing.behind) == ({"delivered": 3}, 0)
    admin.rotate(VAULT, "city")
    desk.clock.pass_by(days=91)
    with desk.ledger.engine.begin() as connection:
        assert queue.forget(connection, desk.clock()) == 3
        assert len(registry.secrets_of(connection, VAULT, "city", desk.clock())) == 2
    admin.remove("city")


def test_notices_leave_the_outbox_in_the_step_that_takes_them_in(any_desk: Desk) -> None:
    desk = any_desk
    with desk.ledger.engine.begin() as connection:
        people.set_address(connection, VAULT, "1001", "a@b.example")
        people.choose(connection, "1001", muted=True)
        people.choose(connection, "1001", digest=False)
    desk.happens("LX-1", "case.stage_returned", notify=("1001", "1002"))
    with desk.ledger.engine.begin() as connection:
        assert notices.take_in(connection, sends=True) == 2
        assert connection.scalar(select(func.count()).select_from(ledger_outbox)) == 0
        states = list(connection.scalars(select(tables.notice.c.state).order_by(tables.notice.c.id)))
        assert states == ["muted", "no_address"]
        assert people.settings_of(connection, "1001") == people.Settings("1001", True, True, False)
        desk.clock.pass_by(days=3650)
        assert notices.forget(connection, desk.clock()) == 2


def test_a_lease_falls_to_another_when_its_holder_says_nothing(any_desk: Desk) -> None:
    clock = Clock()
    one, other = Lease(any_desk.ledger), Lease(any_desk.ledger)
    assert one.take(clock())
    assert not other.take(clock())
    clock.pass_by(seconds=59)
    assert one.take(clock())
    clock.pass_by(seconds=59)
    assert not other.take(clock())
    clock.pass_by(seconds=2)
    assert other.take(clock())
    assert not one.take(clock())
    one.give_back()
    assert other.take(clock())
    other.give_back()
    assert one.take(clock())

"""The deliverer as a process: killed in the middle nothing is lost, and of two only one delivers."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ledger.db import open_database
from starter.delivery import registry
from starter.delivery.deliverer import Deliverer, deliver
from starter.delivery.lease import Lease
from starter.home import open_home
from starter.rulebook import load_profile
from tests.delivery.house import VAULT, Desk
from tests.delivery.receiver import Receiver

FORKING = multiprocessing.get_context("fork")
"""Reading all modules again would take longer than the test."""


def deliverer(desk: Desk) -> Deliverer:
    """A deliverer that looks often."""
    term = timedelta(seconds=30)
    return Deliverer(desk.ledger, VAULT, load_profile("current"), look=0.02, term=term)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


@contextmanager
def process(desk: Desk) -> Iterator[None]:
    """A process that delivers; killed when the body ends."""
    url = desk.ledger.engine.url.render_as_string(hide_password=False)
    started = FORKING.Process(target=deliver_for_ever, args=(url,))
    started.start()
    try:
        yield
    finally:
        started.kill()
        started.join()


def deliver_for_ever(url: str) -> None:
    """What the process does."""
    term = timedelta(seconds=1)
    at_work = Deliverer(open_database(url), VAULT, load_profile("current"), look=0.05, term=term)
    asyncio.run(at_work.run(asyncio.Event()))


async def test_a_deliverer_killed_in_the_middle_loses_no_event_and_makes_none_up(
    desk: Desk, receiver: Receiver
) -> None:
    identity = desk.subscribe(receiver.url).subscription.id
    for n in range(20):
        desk.happens(f"LX-{n}", "case.registered", "case.accepted")
    with process(desk):
        await until(lambda: len(receiver.messages) >= 10)
    before = len(receiver.messages)
    assert before < 40
    with process(desk):
        await until(lambda: len({each.number for each in receiver.messages}) == 40)
        await until(lambda: all_delivered(desk, identity))
    numbers = [each.number for each in receiver.messages]
    assert numbers == sorted(numbers)
    assert len(numbers) - len(set(numbers)) <= 1
    assert len({each.headers["webhook-id"] for each in receiver.messages}) == 40


def all_delivered(desk: Desk, identity: str) -> bool:
    """Whether nothing waits."""
    with desk.reading() as connection:
        return all(each.state == "delivered" for each in registry.deliveries(connection, identity))


async def test_of_two_deliverers_one_delivers_and_the_other_takes_over_when_it_ends(
    desk: Desk, receiver: Receiver
) -> None:
    desk.subscribe(receiver.url)
    first_stop, second_stop = asyncio.Event(), asyncio.Event()
    first, second = deliverer(desk), deliverer(desk)
    one = asyncio.create_task(first.run(first_stop))
    await until(first._holds)
    other = asyncio.create_task(second.run(second_stop))
    desk.happens("LX-1", "case.registered", "case.accepted")
    await until(lambda: len(receiver.messages) == 2)
    assert not second._holds()
    first_stop.set()
    await one
    await until(second._holds)
    desk.happens("LX-2", "case.registered")
    await until(lambda: len(receiver.messages) == 3)
    second_stop.set()
    await other
    assert [each.number for each in receiver.messages] == [0, 1, 2]


async def test_a_silent_receiver_does_not_hold_up_the_end(desk: Desk, receiver: Receiver) -> None:
    receiver.silent = True
    identity = desk.subscribe(receiver.url).subscription.id
    desk.happens("LX-1", "case.registered")
    stop = asyncio.Event()
    running = asyncio.create_task(deliverer(desk).run(stop))
    await until(lambda: bool(receiver.messages))
    stop.set()
    async with asyncio.timeout(15):
        await running
    with desk.reading() as connection:
        (waiting,) = registry.deliveries(connection, identity)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)


async def test_a_ledger_that_is_away_for_a_while_ends_nothing(desk: Desk, receiver: Receiver) -> None:
    desk.subscribe(receiver.url)
    stop = asyncio.Event()
    at_work = deliverer(desk)
    running = asyncio.create_task(at_work.run(stop))
    await until(at_work._holds)
    with desk.ledger.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE delivery_subscription RENAME TO elsewhere")
    await asyncio.sleep(0.1)
    with desk.ledger.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO delivery_subscription")
    desk.happens("LX-1", "case.registered")
    await until(lambda: len(receiver.messages) == 1)
    stop.set()
    await running


async def test_a_worker_without_the_delivery_key_waits_and_holds_up_nobody(
    tmp_path: Path, desk: Desk
) -> None:
    home, stop = open_home(tmp_path / "home"), asyncio.Event()
    keyless = asyncio.create_task(deliver(home, desk.ledger, stop, None, makes_keys=False))
    await asyncio.sleep(0.1)
    assert Lease(desk.ledger).take(datetime.now(UTC))
    stop.set()
    await keyless
    assert not list(home.keys.glob("delivery*"))

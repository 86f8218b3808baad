"""The sealer of a process: seals by itself, tells what it did, and outlives what keeps it from sealing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, insert, select, text
from structlog.testing import capture_logs

import ledger.sealing.sealer as module
from ledger.db import Ledger, snapshot
from ledger.sealing.seal import Sealed, seal
from ledger.sealing.sealer import Sealer
from ledger.tables import ledger_inbox, ledger_log
from tests.ledger.support import record, work
from tests.ledger.tampering import without_guards
from tests.ledger.test_sealing_killed import check

pytestmark = pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)


@pytest.fixture
def told() -> list[Sealed]:
    """What the sealer told."""
    return []


@pytest.fixture
def sealer(ledger: Ledger, told: list[Sealed]) -> Iterator[Sealer]:
    """A running sealer."""
    sealer = Sealer(ledger, told.append)
    sealer.start()
    yield sealer
    sealer.close()


def until(so: Callable[[], bool]) -> None:
    """Wait for as long as it takes; the test's own time-out is the limit."""
    while not so():
        time.sleep(0.01)


def size_of(ledger: Ledger) -> int:
    with snapshot(ledger.engine) as connection:
        return int(connection.execute(select(ledger_log.c.size)).scalar_one())


def test_it_seals_what_is_appended_and_tells(ledger: Ledger, sealer: Sealer, told: list[Sealed]) -> None:
    for n in range(3):
        record(ledger, work("LX-1", str(n)), work("LX-2", str(n)))
        sealer.wake()
        until(lambda size=2 * n + 2: bool(told) and told[-1].size == size)  # type: ignore[misc]
    check(ledger)
    assert sum(sealed.count for sealed in told) == 6
    record(ledger, work("LX-3"))  # and nobody wakes it
    until(lambda: told[-1].size == 7)


def test_two_sealers_share_the_work(ledger: Ledger, sealer: Sealer) -> None:
    other = Sealer(ledger)
    other.start()
    for n in range(100):
        record(ledger, work(f"LX-{n % 3}", str(n)))
        (sealer if n % 2 else other).wake()
    until(lambda: size_of(ledger) == 100)
    other.close()
    check(ledger)


def test_it_outlives_a_lost_database(ledger: Ledger, sealer: Sealer) -> None:
    record(ledger, work("LX-1"))
    until(lambda: size_of(ledger) == 1)
    others = "pid <> pg_backend_pid() AND query LIKE '%ledger_inbox%'"
    with ledger.engine.begin() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    record(ledger, work("LX-1", "2"))
    until(lambda: size_of(ledger) == 2)
    check(ledger)


def test_a_refusal_is_an_alarm_and_tried_again(
    ledger: Ledger, told: list[Sealed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEHIND", 0.0)
    record(ledger, work("LX-1"))
    with ledger.engine.begin() as connection:
        connection.execute(insert(ledger_inbox).values(pos=99))
    with capture_logs() as logs:
        sealer = Sealer(ledger, told.append)
        sealer.start()
        alarms = {("seal_refused", "error"), ("seal_behind", "error")}
        until(lambda: alarms <= {(line["event"], line["log_level"]) for line in logs})
        assert told == []
        with ledger.engine.begin() as connection:
            without_guards(connection)
            connection.execute(delete(ledger_inbox).where(ledger_inbox.c.pos == 99))
        until(lambda: [sealed.size for sealed in told] == [1])
        sealer.close()
    check(ledger)


def test_a_listener_that_fails_stops_nothing(ledger: Ledger) -> None:
    def fail(_: Sealed) -> None:
        raise RuntimeError("not today")

    with capture_logs() as logs:
        sealer = Sealer(ledger, fail)
        sealer.start()
        for n in range(2):
            record(ledger, work("LX-1", str(n)))
            until(lambda size=n + 1: size_of(ledger) == size)  # type: ignore[misc]
        sealer.close()
    assert "seal_failed" in {line["event"] for line in logs}


def test_it_waits_for_another_candidate(ledger: Ledger, sealer: Sealer, told: list[Sealed]) -> None:
    with ledger.engine.connect() as other, other.begin():
        assert seal(other) is not None
        record(ledger, work("LX-1"))
        sealer.wake()
        assert told == []
    until(lambda: [sealed.size for sealed in told] == [1])

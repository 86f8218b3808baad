"""Sealing: what waits gets its place, once and in order; what is not as it was recorded is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, delete, func, insert, select, text, update
from structlog.testing import capture_logs

from ledger.append import append_all
from ledger.db import MIGRATIONS, Ledger, connect, open_database, snapshot
from ledger.errors import SealRefusedError
from ledger.merkle import EMPTY_ROOT, verify_inclusion
from ledger.sealing.seal import seal, seal_waiting
from ledger.sealing.stored import inclusion, log_index
from ledger.tables import ledger_entry, ledger_inbox, ledger_index, ledger_log, ledger_tile
from tests.ledger.fixtures import SAMPLE
from tests.ledger.support import chain, draft, record, work
from tests.ledger.tampering import Tamper, at, put, without_guards
from tests.ledger.test_sealing_killed import check

only_postgresql = pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
only_sqlite = pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)


def size_of(ledger: Ledger) -> int:
    with snapshot(ledger.engine) as connection:
        return int(connection.execute(select(ledger_log.c.size)).scalar_one())


def test_an_empty_log_has_the_empty_root(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        sealed = seal(connection)
    assert sealed is not None
    assert (sealed.size, sealed.root, sealed.count) == (0, EMPTY_ROOT, 0)


def test_everything_recorded_is_sealed_once(ledger: Ledger) -> None:
    record(ledger, *(work(f"LX-{n % 7}", str(n)) for n in range(50)))
    # On SQLite nothing ever waits: it was sealed in the transaction that recorded it.
    assert seal_waiting(ledger) == (0 if ledger.engine.dialect.name == "sqlite" else 50)
    assert seal_waiting(ledger) == 0
    check(ledger)


def test_every_sealed_entry_has_a_proof(ledger: Ledger) -> None:
    record(ledger, *(work(f"LX-{n % 7}", str(n)) for n in range(300)))
    seal_waiting(ledger)
    with snapshot(ledger.engine) as connection:
        log = connection.execute(select(ledger_log)).one()
        for row in connection.execute(select(ledger_entry.c.id, ledger_entry.c.leaf_hash)).all():
            place = log_index(connection, row.id)
            assert place is not None
            proof = inclusion(connection, place, log.size).proof
            verify_inclusion(bytes.fromhex(row.leaf_hash), place, 300, proof, bytes.fromhex(log.root))


@only_postgresql
def test_a_row_that_commits_late_is_sealed_in_the_next_batch(ledger: Ledger) -> None:
    record(ledger, work("LX-2", "0"))
    assert seal_waiting(ledger) == 1
    with ledger.engine.connect() as late, late.begin():
        append_all(ledger, late, [work("LX-2")])
        record(ledger, work("LX-1"), work("LX-1", "2"))
        assert seal_waiting(ledger) == 2
    assert seal_waiting(ledger) == 1
    check(ledger)
    entry = chain(ledger, "LX-2")[-1]
    with snapshot(ledger.engine) as connection:
        position = connection.scalar(select(ledger_entry.c.pos).where(ledger_entry.c.id == entry.id))
        assert (position, log_index(connection, entry.id)) == (2, 3)


@only_postgresql
def test_of_many_candidates_one_seals_at_a_time(ledger: Ledger) -> None:
    with ledger.engine.connect() as first, first.begin():
        record(ledger, work("LX-1"))
        assert seal(first) is not None
        with ledger.engine.begin() as second:
            assert seal(second) is None
    record(ledger, *(work(f"LX-{n % 9}", str(n + 10)) for n in range(400)))

    def candidate(_: int) -> int:
        count = 0
        for _ in range(200):
            with ledger.engine.begin() as connection:
                sealed = seal(connection, limit=9)
            count += sealed.count if sealed else 0
        return count

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(candidate, range(4))) + seal_waiting(ledger) == 400
    check(ledger)


def _swap_order(connection: Connection) -> None:
    """The chain's second entry waits in front of its first."""
    for seq, pos in ((1, 900), (2, 800)):
        connection.execute(update(ledger_entry).where(at("LX-8", seq)).values(pos=pos))
    connection.execute(delete(ledger_inbox))
    connection.execute(insert(ledger_inbox), [{"pos": 900}, {"pos": 800}])


NEWEST = select(func.max(ledger_entry.c.pos)).scalar_subquery()

REFUSALS: dict[str, tuple[Tamper, str]] = {
    "changed leaf": (
        lambda c: c.execute(update(ledger_entry).where(ledger_entry.c.pos == NEWEST).values(leaf=b"{}")),
        "LX-8 seq 2.*hash is not the recorded one",
    ),
    "changed hash": (
        lambda c: c.execute(update(ledger_entry).where(ledger_entry.c.pos == NEWEST).values(leaf_hash="0")),
        "LX-8 seq 2.*hash is not the recorded one",
    ),
    "missing entry": (
        lambda c: c.execute(delete(ledger_entry).where(ledger_entry.c.pos == NEWEST)),
        "waits to be sealed, but is not there",
    ),
    "entry never recorded": (
        lambda c: c.execute(insert(ledger_inbox).values(pos=999)),
        "999 waits to be sealed, but is not there",
    ),
    "entry before it not waiting": (
        lambda c: c.execute(delete(ledger_inbox).where(ledger_inbox.c.pos < NEWEST)),
        "LX-8 seq 2.*before it is not sealed",
    ),
    "order within a case": (_swap_order, "LX-8 seq 2.*before it is not sealed"),
    "sealed already": (
        lambda c: c.execute(insert(ledger_inbox).values(pos=1)),
        "the database refuses",
    ),
    "tile missing": (lambda c: c.execute(delete(ledger_tile)), "tile 0/0 is missing or has not 5 hashes"),
    "tile too short": (
        lambda c: c.execute(update(ledger_tile).values(hashes=b"\1" * 32)),
        "tile 0/0 is missing or has not 5 hashes",
    ),
    "tile too long": (
        lambda c: c.execute(update(ledger_tile).values(hashes=b"\1" * 32 * 9)),
        "tile 0/0 is missing or has not 5 hashes",
    ),
    "tile of other hashes": (
        lambda c: c.execute(update(ledger_tile).values(hashes=b"\1" * 32 * 5)),
        "not those of the log of 5 entries",
    ),
    "frontier": (
        lambda c: c.execute(update(ledger_log).values(frontier=b"\1" * 64)),
        "not those of the log of 5 entries",
    ),
    "root": (lambda c: c.execute(update(ledger_log).values(root="00" * 32)), "not those of the log of 5"),
    "smaller": (lambda c: c.execute(update(ledger_log).values(size=4)), "tile 0/0 .* has not 4 hashes"),
    "larger": (lambda c: c.execute(update(ledger_log).values(size=261)), "tile 0/1 .* has not 5 hashes"),
    "negative": (lambda c: c.execute(update(ledger_log).values(size=-1)), "a log of -1 entries cannot be"),
    "no log": (lambda c: c.execute(delete(ledger_log)), "the log's row is missing"),
}


HELD_UP = "CREATE TRIGGER wait BEFORE INSERT ON ledger_index BEGIN SELECT RAISE(ABORT, 'not now'); END"
"""On SQLite nothing waits unless its sealing was refused."""


def _damaged(ledger: Ledger, damage: Tamper) -> list[object]:
    """Five entries sealed, two waiting, something damaged; returns the state of the log after it."""
    record(ledger, *(work("LX-1", str(n)) for n in range(5)))
    seal_waiting(ledger)
    with ledger.engine.begin() as connection:
        without_guards(connection)
        if connection.dialect.name == "sqlite":
            connection.execute(text(HELD_UP))
    record(ledger, work("LX-8", "8"), work("LX-8", "9"))
    with ledger.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER wait"))
        damage(connection)
    return _state(ledger)


def _state(ledger: Ledger) -> list[object]:
    with snapshot(ledger.engine) as connection:
        tables = (ledger_log, ledger_index, ledger_tile, ledger_inbox)
        return [connection.execute(select(table).order_by(*table.primary_key)).all() for table in tables]


@pytest.mark.parametrize("damage", REFUSALS)
def test_what_is_refused_changes_nothing(ledger: Ledger, damage: str) -> None:
    change, told = REFUSALS[damage]
    before = _damaged(ledger, change)
    for _ in range(2):
        with pytest.raises(SealRefusedError, match=told) as refused:
            seal_waiting(ledger)
        assert refused.value.code == "seal_refused"
        assert _state(ledger) == before


@only_sqlite
def test_a_log_that_refuses_does_not_stop_recording(ledger: Ledger) -> None:
    _damaged(ledger, REFUSALS["root"][0])
    with capture_logs() as logs:
        record(ledger, work("LX-9"))
    assert [(line["event"], line["log_level"]) for line in logs] == [("seal_refused", "error")]
    assert len(chain(ledger, "LX-9")) == 1
    assert size_of(ledger) == 5
    with snapshot(ledger.engine) as connection:
        assert len(connection.scalars(select(ledger_inbox.c.pos)).all()) == 3


def test_a_refusal_is_over_when_its_cause_is(ledger: Ledger) -> None:
    _damaged(ledger, lambda connection: put(connection, "LX-8", 2, b"{}"))
    assert seal_waiting(ledger) == 2
    check(ledger)


def test_a_ledger_of_the_first_form_is_upgraded_and_sealed(url: str) -> None:
    # What the first form held is what it holds now, without all that came later.
    ledger = open_database(url, SAMPLE)
    record(ledger, *(work(f"LX-{n % 3}", str(n), draft(business_key=f"k{n}")) for n in range(30)))
    with snapshot(ledger.engine) as connection:
        old = {
            name: [
                dict(row) for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY 1")).mappings()
            ]
            for name in ("ledger_meta", "ledger_case", "ledger_entry")
        }
    first = _first_form(ledger, old)
    upgraded = open_database(first)
    seal_waiting(upgraded)
    assert size_of(upgraded) == 30
    check(upgraded)
    assert record(upgraded, work("LX-0", "0", draft(business_key="k0"))) == record(
        ledger, work("LX-0", "0", draft(business_key="k0"))
    )
    record(upgraded, work("LX-0", "new"))
    seal_waiting(upgraded)
    check(upgraded)
    upgraded.close()
    ledger.close()


def _first_form(ledger: Ledger, rows: dict[str, list[dict[str, object]]]) -> str:
    """A database of revision 0001 with these rows."""
    url = ledger.engine.url
    if url.get_backend_name() == "sqlite":
        new = url.set(database=f"{url.database}.old")
    else:
        schema = f"{str(url.query['options']).removeprefix('-csearch_path=')}_old"
        with ledger.engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        new = url.set(query={**url.query, "options": f"-csearch_path={schema}"})
    address = new.render_as_string(hide_password=False)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = connect(address)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table, values in rows.items():
            names = values[0].keys()
            places = ", ".join(f":{name}" for name in names)
            connection.execute(text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"), values)
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('ledger_entry_pos_seq', 1000)"))
    engine.dispose()
    return address

"""What the database itself refuses: to every role, to the owner, and to a superuser who goes around them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from structlog.testing import capture_logs

from ledger.db import Ledger, open_database, snapshot
from ledger.redact import Order, redact
from ledger.sealing.seal import seal_waiting
from ledger.tables import (
    ledger_checkpoint,
    ledger_cosignature,
    ledger_disclosure,
    ledger_history,
    ledger_key,
    ledger_log,
    ledger_outbox,
    ledger_token,
    ledger_watermark,
    metadata,
)
from ledger.verify import verify
from tests.ledger.fixtures import SAMPLE, NewUrl
from tests.ledger.support import MONDAY, draft, record, sealed, work
from tests.ledger.tampering import without_guards

ROLES = ("yangguang_writer", "yangguang_sealer", "yangguang_signer", "yangguang_eraser", "yangguang_reader")
GUARDED = [table for table in metadata.tables.values() if table not in (ledger_outbox, ledger_watermark)]
NOT_BACK = {
    "ledger_case": "seq = seq - 1",
    "ledger_log": "size = size - 1",
    "ledger_tile": "hashes = substr(hashes, 2)",
}
QUIET = (ledger_checkpoint, ledger_cosignature, ledger_token, ledger_history)
"""An INSERT over these has no effect, as with ON CONFLICT DO NOTHING."""


@pytest.fixture
def evidence(ledger: Ledger) -> Ledger:
    """A ledger with rows in every table."""
    record(ledger, work("LX-1", "1", draft(business_key="intake")), work("LX-2"))
    record(ledger, work("LX-1", "2", draft(sealed=(sealed(ledger, "LX-1", "name"),))))
    seal_waiting(ledger)
    rows: dict[Table, dict[str, Any]] = {
        ledger_checkpoint: {"size": 3, "root": "00", "note": "n", "signed": "s"},
        ledger_cosignature: {"size": 3, "key": "w", "line": "l", "received": "r"},
        ledger_token: {"size": 3, "authority": "a", "note": "n", "token": b"t", "stamped": "s"},
        ledger_history: {
            column.name: b"h" if column.name in ("protobuf", "json_gzip") else "h"
            for column in ledger_history.c
        },
    }
    with ledger.engine.begin() as connection:
        for table, row in rows.items():
            connection.execute(insert(table).values(row))
    record(ledger, work("LX-3"))
    return ledger


def refused(connection: Connection, statement: str) -> bool:
    """Whether the database refuses a statement, which leaves no trace either way."""
    point = connection.begin_nested()
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError:
        point.rollback()
        return True
    point.rollback()
    return False


def change_of(table: Table) -> str:
    column = next(iter(table.c.keys()))
    return f"UPDATE {table.name} SET {NOT_BACK.get(table.name, f'{column} = {column}')}"


def upsert_of(table: Table) -> str:
    names, key = ", ".join(table.c.keys()), [column.name for column in table.primary_key]
    column, _, value = NOT_BACK.get(table.name, f"{key[0]} = {key[0]}").partition(" = ")
    value = value.replace(column, f"{table.name}.{column}")
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {table.name} WHERE true"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {column} = {value}"
    )


def rows_in(connection: Connection, table: Table) -> int:
    return len(connection.execute(select(table)).all())


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("role", ROLES)
def test_no_role_changes_evidence(evidence: Ledger, role: str) -> None:
    statements = ["SET session_replication_role = replica"]
    for table in GUARDED:
        statements += [
            change_of(table),
            upsert_of(table),
            f"DELETE FROM {table.name}",
            f"TRUNCATE {table.name}",
        ]
        statements += [f"ALTER TABLE {table.name} DISABLE TRIGGER ALL", f"DROP TABLE {table.name}"]
    with evidence.engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
        assert [statement for statement in statements if not refused(connection, statement)] == []


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("replication", ["origin", "replica"])
def test_not_even_a_superuser_as_long_as_the_triggers_are_there(evidence: Ledger, replication: str) -> None:
    with evidence.engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL session_replication_role = {replication}")
        for table in GUARDED:
            assert rows_in(connection, table), f"{table.name} is empty: nothing would be proven"
            for statement in (
                change_of(table),
                upsert_of(table),
                f"DELETE FROM {table.name}",
                f"TRUNCATE {table.name}",
            ):
                assert refused(connection, statement), statement
        # This is what only copies elsewhere can convict.
        without_guards(connection)
        assert not refused(connection, "DELETE FROM ledger_entry")


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("table", GUARDED, ids=lambda table: table.name)
def test_no_way_to_write_over_a_row_of_sqlite(evidence: Ledger, table: Table, recursive: str) -> None:
    names = ", ".join(table.c.keys())
    spoilt = ", ".join(_spoilt(table, name) for name in names.split(", "))
    change = change_of(table).removeprefix("UPDATE ")
    statements = [
        f"UPDATE {change}",
        f"UPDATE OR REPLACE {change}",
        f"DELETE FROM {table.name}",
        f"REPLACE INTO {table.name} ({names}) SELECT {spoilt} FROM {table.name}",
        f"INSERT OR REPLACE INTO {table.name} ({names}) SELECT {spoilt} FROM {table.name}",
        upsert_of(table),
    ]
    with evidence.engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA recursive_triggers = {recursive}")
        if table.name == "ledger_inbox":
            connection.exec_driver_sql("INSERT INTO ledger_inbox SELECT max(pos) + 1 FROM ledger_entry")
            statements = statements[:3]  # a position is all there is: the same one is written over it
        before = connection.execute(select(table)).all()
        assert before
        for statement in statements:
            if table in QUIET and " INTO " in statement:
                connection.exec_driver_sql(statement)
            else:
                with pytest.raises(IntegrityError, match="only grows"):
                    connection.exec_driver_sql(statement)
            assert connection.execute(select(table)).all() == before, statement


def _spoilt(table: Table, name: str) -> str:
    if table.name in NOT_BACK:
        column, _, value = NOT_BACK[table.name].partition(" = ")
        return value if column == name else name
    return name if name in (column.name for column in table.primary_key) else f"{name} || 'x'"


def test_what_grows_may_grow(evidence: Ledger) -> None:
    record(evidence, work("LX-1", "9"))
    seal_waiting(evidence)
    with evidence.engine.begin() as connection:
        assert connection.scalar(select(ledger_log.c.size)) == 5
        assert refused(connection, "UPDATE ledger_log SET root = 'other'")
        assert refused(connection, "INSERT INTO ledger_log SELECT 2, size, root, frontier FROM ledger_log")


def test_nothing_leaves_the_inbox_unsealed(evidence: Ledger) -> None:
    with evidence.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("INSERT INTO ledger_inbox SELECT max(pos) + 1 FROM ledger_entry")
        assert refused(connection, "DELETE FROM ledger_inbox")
        without_guards(connection)
        assert not refused(connection, "DELETE FROM ledger_inbox")


def test_openings_and_keys_go_on_record_only(evidence: Ledger) -> None:
    delete = ("DELETE FROM ledger_disclosure", "DELETE FROM ledger_key")
    # The redaction of another case, whose name begins alike, opens nothing.
    for case in ("LX-1/2", "LX-10"):
        record(evidence, work(case, "1", draft(sealed=(sealed(evidence, case, case),))))
        redact(evidence, Order(case, "测试依据", "S008", "S009"), MONDAY)
    with evidence.engine.begin() as connection:
        assert all(refused(connection, statement) for statement in delete)
    redact(evidence, Order("LX-1", "测试依据", "S008", "S009"), MONDAY)
    with evidence.engine.begin() as connection:
        assert (rows_in(connection, ledger_disclosure), rows_in(connection, ledger_key)) == (0, 0)


@pytest.fixture
def accounts(new_url: NewUrl) -> Iterator[dict[str, Ledger]]:
    """One ledger, opened once by each role."""
    url = make_url(new_url())
    with_role = {"": url}
    for role in ROLES:
        with_role[role] = url.set(query={**url.query, "options": f"{url.query['options']} -crole={role}"})
    opened = {
        role: open_database(each.render_as_string(hide_password=False), SAMPLE)
        for role, each in with_role.items()
    }
    yield opened
    for ledger in opened.values():
        ledger.close()


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
def test_each_role_can_do_its_duty(accounts: dict[str, Ledger]) -> None:
    writer, sealer, signer, eraser, reader = (accounts[role] for role in ROLES)
    record(writer, work("LX-1", "1", draft(sealed=(sealed(writer, "LX-1", "name"),), notify=("S002",))))
    record(writer, work("LX-1", "1", draft(sealed=(sealed(writer, "LX-1", "name"),), notify=("S002",))))
    assert seal_waiting(sealer) == 1
    with signer.engine.begin() as connection:
        row = {"size": 1, "root": "00", "note": "n", "signed": "s"}
        connection.execute(insert(ledger_checkpoint).values(row))
    redact(eraser, Order("LX-1", "测试依据", "S008", "S009"), MONDAY + timedelta(days=1))
    assert seal_waiting(sealer) == 1
    with snapshot(reader.engine) as connection:
        assert verify(connection).entries == 2
    for other in (sealer, signer, reader):
        with pytest.raises(DBAPIError, match="permission denied"):
            record(other, work("LX-2"))


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
def test_who_may_make_no_roles_gets_the_guards_and_is_told_what_to_run(new_url: NewUrl) -> None:
    url = make_url(new_url())
    schema = str(url.query["options"]).removeprefix("-csearch_path=")
    owner = open_database(new_url(), SAMPLE)  # somebody whom the server lets make roles
    with owner.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE u{schema}")
        connection.exec_driver_sql(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO u{schema}")
    mine = url.set(query={**url.query, "options": f"{url.query['options']} -crole=u{schema}"})
    with capture_logs() as logs:
        ledger = open_database(mine.render_as_string(hide_password=False), SAMPLE)
    (told,) = [line for line in logs if line["event"] == "roles_missing"]
    record(ledger, work("LX-1"))
    with ledger.engine.begin() as connection:
        assert refused(connection, "UPDATE ledger_entry SET actor = 'S999'")
    with owner.engine.begin() as connection:
        connection.exec_driver_sql(told["run"], execution_options={"no_parameters": True})
    record(ledger, work("LX-1", "2"))
    assert seal_waiting(ledger) == 2
    with owner.engine.begin() as connection:
        where = f"schemaname = '{schema}' AND tablename = 'ledger_entry'"
        found = connection.exec_driver_sql(f"SELECT tableowner FROM pg_tables WHERE {where}").scalar()
    assert found == "yangguang_owner"
    ledger.close()
    owner.close()

"""Redaction: on record, whole or not at all, and the bytes are gone from the files."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, make_url, select
from typer.testing import CliRunner

from cli import context
from cli.ledger import app
from ledger.canonical import canonical
from ledger.db import Ledger, open_database, snapshot
from ledger.keys import case_key, find_key
from ledger.merkle import verify_inclusion
from ledger.openings import encrypt_opening, make_opening
from ledger.redact import REDACTIONS, Order, redact, redaction_of, sweep
from ledger.sealing.seal import seal_waiting
from ledger.sealing.stored import inclusion, log_index, tree_of
from ledger.tables import ledger_disclosure, ledger_entry, ledger_log
from schemas.entries import SealedField
from schemas.errors import ConflictError, NotFoundError, NotPermittedError, UsageError
from tests.ledger.support import MONDAY, chain, draft, leaves, record, work

run = CliRunner()
BASIS = "个人信息保护法第四十七条"
ORDER = Order("LX-1", BASIS, "1003", "1001")
WORDS = ["redact", "LX-1", "--basis", BASIS, "--approver", "1003", "--second", "1001", "--yes"]


def registered(ledger: Ledger, case: str) -> bytes:
    """Record a case with a name and a telephone number; gives its key."""
    with ledger.engine.begin() as connection:
        key = case_key(connection, case)
    openings = [make_opening(key, name, value) for name, value in (("name", "欧阳某"), ("phone", "1390"))]
    sealed = tuple(
        SealedField(
            name=each.name, digest=each.digest, ciphertext=encrypt_opening(key, each), key_id=key.key_id
        )
        for each in openings
    )
    record(ledger, work(case, "1", draft("case.registered", sealed=sealed)))
    return key.key


@pytest.fixture
def key(ledger: Ledger) -> bytes:
    """The key of LX-1, which is registered beside another case."""
    registered(ledger, "LX-2")
    return registered(ledger, "LX-1")


@pytest.fixture
def home(ledger: Ledger, key: bytes, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """The ledger as the one the command opens."""
    monkeypatch.setattr(context, "open_ledger", lambda: ledger)
    return ledger


def openings(ledger: Ledger) -> int:
    """How many rows of `ledger_disclosure` there are."""
    with snapshot(ledger.engine) as connection:
        return connection.scalar(select(func.count()).select_from(ledger_disclosure)) or 0


def test_the_openings_and_the_key_go_and_an_entry_says_so(ledger: Ledger, key: bytes) -> None:
    (registration,) = chain(ledger, "LX-1")
    before = leaves(ledger)
    done = redact(ledger, ORDER, MONDAY)
    (entry,) = chain(ledger, REDACTIONS)
    assert entry.leaf == done.entry.leaf
    digests = registration.data["_sd"]
    assert entry.data == {
        "case": "LX-1",
        "digests": digests,
        "basis": BASIS,
        "approver": "1003",
        "second": "1001",
        "business_key": f"LX-1/{sha256(canonical(digests)).hexdigest()}",
    }
    assert (entry.type, entry.event["actor"], entry.seq) == (REDACTIONS, "1003", 1)
    with snapshot(ledger.engine) as connection:
        assert find_key(connection, "LX-1") is None
        assert find_key(connection, "LX-2") is not None
    assert openings(ledger) == 2
    assert set(before) < set(leaves(ledger))


def test_proofs_hold_afterwards(ledger: Ledger, key: bytes) -> None:
    (registration,) = chain(ledger, "LX-1")
    redact(ledger, ORDER, MONDAY)
    seal_waiting(ledger)
    with snapshot(ledger.engine) as connection:
        size = connection.scalar(select(ledger_log.c.size)) or 0
        index = log_index(connection, registration.id)
        assert size == 3
        assert index is not None
        proof = inclusion(connection, index, size).proof
        root = tree_of(connection, size).root()
    verify_inclusion(bytes.fromhex(registration.leaf_hash), index, size, proof, root)


def test_the_same_order_again_changes_nothing(ledger: Ledger, key: bytes) -> None:
    first = redact(ledger, ORDER, MONDAY)
    again = redact(ledger, ORDER, MONDAY.replace(hour=11))
    assert (first.repeated, again.repeated) == (False, True)
    assert again.entry.leaf == first.entry.leaf
    assert len(chain(ledger, REDACTIONS)) == 1


def test_another_order_on_a_redacted_case_is_a_conflict(ledger: Ledger, key: bytes) -> None:
    redact(ledger, ORDER, MONDAY)
    with pytest.raises(ConflictError, match="LX-1 is redacted already, by 1003 and 1001") as error:
        redact(ledger, Order("LX-1", "另一依据", "1003", "1001"), MONDAY)
    assert error.value.code == "already_redacted"
    assert len(chain(ledger, REDACTIONS)) == 1


@pytest.mark.parametrize(
    ("order", "kind", "code"),
    [
        (Order("LX-1", BASIS, "1003", "1003"), UsageError, "two_approvers"),
        (Order("LX-1", BASIS, "1003", ""), UsageError, "two_approvers"),
        (Order("LX-1", "", "1003", "1001"), UsageError, "basis_required"),
        (Order("LX-1", " ——。", "1003", "1001"), UsageError, "basis_required"),
        (Order("LX-1", "法" * 4001, "1003", "1001"), UsageError, "basis_required"),
        (Order("LX-9", BASIS, "1003", "1001"), NotFoundError, "not_found"),
        (Order("LX", BASIS, "1003", "1001"), NotFoundError, "not_found"),
        (Order("plain", BASIS, "1003", "1001"), NotFoundError, "nothing_sealed"),
    ],
)
def test_what_is_refused_leaves_everything_as_it_was(
    ledger: Ledger, key: bytes, order: Order, kind: type[Exception], code: str
) -> None:
    record(ledger, work("plain"))
    before = leaves(ledger)
    with pytest.raises(kind) as error:
        redact(ledger, order, MONDAY)
    assert getattr(error.value, "code", "") == code
    assert (leaves(ledger), openings(ledger)) == (before, 4)
    with snapshot(ledger.engine) as connection:
        assert find_key(connection, "LX-1") is not None
        assert redaction_of(connection, "LX-1") is None


@pytest.mark.parametrize("table", ["ledger_disclosure", "ledger_key"])
def test_a_deletion_that_fails_takes_the_entry_with_it(ledger: Ledger, key: bytes, table: str) -> None:
    def break_off(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(f"DELETE FROM {table}"):
            raise RuntimeError(table)

    event.listen(ledger.engine, "before_cursor_execute", break_off)
    with pytest.raises(RuntimeError, match=table):
        redact(ledger, ORDER, MONDAY)
    event.remove(ledger.engine, "before_cursor_execute", break_off)
    assert (chain(ledger, REDACTIONS), openings(ledger)) == ([], 4)
    assert not redact(ledger, ORDER, MONDAY).repeated


def test_the_eraser_of_a_postgresql_may_do_it_and_cannot_sweep(ledger: Ledger, url: str, key: bytes) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite knows no roles")
    options = make_url(url).query["options"]
    as_eraser = make_url(url).update_query_dict({"options": f"{options} -crole=yangguang_eraser"})
    erasing = open_database(as_eraser.render_as_string(hide_password=False))
    assert not redact(erasing, ORDER, MONDAY).repeated
    assert not sweep(erasing.engine)
    erasing.close()
    assert openings(ledger) == 2


def test_a_case_is_not_taken_for_one_whose_name_begins_alike(ledger: Ledger, key: bytes) -> None:
    registered(ledger, "LX-1/2")
    redact(ledger, Order("LX-1/2", BASIS, "1003", "1001"), MONDAY)
    with snapshot(ledger.engine) as connection:
        assert redaction_of(connection, "LX-1") is None
        assert redaction_of(connection, "LX_1") is None
        assert redaction_of(connection, "LX-1/2") is not None


def test_no_file_of_the_database_holds_the_key_any_more(ledger: Ledger, url: str) -> None:
    """Among hundreds of keys: pages that split must not keep a copy."""
    if not url.startswith("sqlite"):
        pytest.skip("the files of a PostgreSQL server are its operator's")
    with ledger.engine.begin() as connection:
        keys = {n: case_key(connection, f"LX-{n}").key for n in range(400)}
    chosen = (0, 1, 39, 200, 399)
    for n in chosen:
        registered(ledger, f"LX-{n}")
    assert all(_in_files(url, keys[n]) for n in chosen)
    for n in chosen:
        redact(ledger, Order(f"LX-{n}", BASIS, "1003", "1001"), MONDAY)
        assert sweep(ledger.engine)
    assert not any(_in_files(url, keys[n]) for n in chosen)
    assert _in_files(url, keys[2])


def _in_files(url: str, secret: bytes) -> bool:
    file = Path(url.removeprefix("sqlite:///"))
    return any(secret in each.read_bytes() for each in file.parent.glob(f"{file.name}*"))


def test_a_reader_delays_the_sweep_and_it_says_so(ledger: Ledger, url: str, key: bytes) -> None:
    if not url.startswith("sqlite"):
        assert sweep(ledger.engine)  # tests own their tables
        return
    with snapshot(ledger.engine) as reading:
        reading.execute(select(ledger_entry.c.id)).all()
        redact(ledger, ORDER, MONDAY)
        with ledger.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA busy_timeout=1")
            connection.rollback()
        assert not sweep(ledger.engine)
    assert sweep(ledger.engine)


def test_the_command_redacts(home: Ledger) -> None:
    result = run.invoke(app, WORDS)
    assert result.exit_code == 0, result.output
    assert "LX-1 已依法遮蔽：2 项密封字段与密钥已销毁 / redacted: 2 sealed fields" in result.stdout
    again = json.loads(run.invoke(app, [*WORDS, "--json"]).stdout)
    (entry,) = chain(home, REDACTIONS)
    assert again["repeated"] is True
    assert again["swept"] is True
    assert again["entry"] == {"id": entry.id, "seq": 1, "leaf_hash": entry.leaf_hash}
    assert again["digests"] == entry.data["digests"]
    assert "nothing was done" in run.invoke(app, WORDS).stdout


@pytest.mark.parametrize("place", [5, 7])
def test_the_command_knows_who_holds_a_post(home: Ledger, place: int) -> None:
    words = [*WORDS]
    words[place] = "9999"
    result = run.invoke(app, words)
    assert isinstance(result.exception, NotPermittedError)
    assert "officer 9999 holds no post" in result.exception.message
    assert openings(home) == 4


def test_a_program_has_to_confirm(home: Ledger) -> None:
    result = run.invoke(app, [*WORDS[:-1], "--json"])
    assert isinstance(result.exception, UsageError)
    assert result.exception.code == "confirm"
    assert openings(home) == 4


@pytest.mark.parametrize(("answer", "code", "left"), [("", 1, 4), ("n\n", 1, 4), ("y\n", 0, 2)])
def test_a_person_is_asked(home: Ledger, answer: str, code: int, left: int) -> None:
    result = run.invoke(app, WORDS[:-1], input=answer)
    assert result.exit_code == code
    assert "will be destroyed for good" in result.stderr
    assert openings(home) == left

"""Time-stamps of a real authority beside the log: what they prove, and when they contradict."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.x509 import Certificate
from sqlalchemy import insert

from ledger.anchors.timestamps import verify_token
from ledger.db import snapshot
from ledger.entry import instant
from ledger.report import Report
from ledger.tables import ledger_token
from ledger.verify import verify
from tests.anchors.tsa import LocalAuthority
from tests.tampering.attacker import leaves_of, rewrite
from tests.tampering.bureau import Bureau, as_owner
from tests.tampering.damages import WHOLE, edited, place
from tests.tampering.test_matrix import places


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    """An authority whose answers are asked for by hand."""
    return LocalAuthority(tmp_path_factory.mktemp("authority") / "files")


def stamp(bureau: Bureau, authority: LocalAuthority, **changed: Any) -> None:
    """Have the newest note stamped, and keep the token."""
    note = bureau.notes[WHOLE].encode()
    token = authority.stamp(note)
    at = verify_token(token, note, [authority.root])
    row = {"size": WHOLE, "authority": "http://tsa.example", "note": note.decode(), "token": token}
    with as_owner(bureau.ledger) as connection:
        connection.execute(insert(ledger_token), row | {"stamped": instant(at)} | changed)


def report(bureau: Bureau, *roots: Certificate) -> Report:
    """Verify with these roots."""
    with snapshot(bureau.ledger.engine) as connection:
        return verify(connection, roots=roots)


def test_a_token_is_verified_with_a_root_and_told_unchecked_without(
    bureau: Bureau, authority: LocalAuthority
) -> None:
    stamp(bureau, authority)
    with_root, without = report(bureau, authority.root), report(bureau)
    assert (with_root.failures, with_root.tokens, with_root.tokens_unchecked) == ((), 1, 0)
    assert (without.failures, without.tokens, without.tokens_unchecked) == ((), 0, 1)


OLD = "2020-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "changed", [{"token": b"?"}, {"note": "?\n"}, {"stamped": OLD}, {"stamped": "?"}], ids=str
)
def test_a_token_that_does_not_hold(
    bureau: Bureau, authority: LocalAuthority, changed: dict[str, Any]
) -> None:
    stamp(bureau, authority, **changed)
    assert places(report(bureau, authority.root)) == {place("token", size=WHOLE)}


def test_a_log_rewritten_behind_its_token(bureau: Bureau, authority: LocalAuthority) -> None:
    stamp(bureau, authority)
    with as_owner(bureau.ledger) as connection:
        rewrite(connection, edited(13, actor="S999")(leaves_of(connection)))
    assert places(report(bureau, authority.root)) == {place("token", size=WHOLE)}

"""`yangguang ledger` as somebody types it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cli import context
from cli.ledger import app
from ledger.canonical import canonical, leaf_hash
from ledger.db import Ledger
from schemas.errors import NotFoundError
from tests.ledger.support import draft, record, sealed, work

run = CliRunner()


@pytest.fixture
def home(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger of one case, which the commands take for theirs."""
    url = ledger.engine.url.render_as_string(hide_password=False)
    monkeypatch.setattr(context, "database_url", lambda: url)
    field = sealed(ledger, "LX-1", "name")
    record(ledger, work("LX-1", "1", draft(sealed=(field,), on_behalf_of="S009"), draft("case.noted")))
    return ledger


def test_show_tells_who_did_what(home: Ledger) -> None:
    result = run.invoke(app, ["show", "LX-1"])
    assert result.exit_code == 0
    _, first, second = result.stdout.splitlines()
    assert first.split("\t")[0] == "1"
    for part in ("2026-06-15T09:30:00", "S001 → S009", "window", "case.accepted", "同意"):
        assert part in first
    assert len(first.split("\t")[-1]) == 43
    assert second.startswith("2\t")


def test_show_json_lets_anybody_compute_the_hashes(home: Ledger) -> None:
    document = json.loads(run.invoke(app, ["show", "LX-1", "--json"]).stdout)
    assert document["case"] == "LX-1"
    assert [entry["event"]["caseseq"] for entry in document["entries"]] == [1, 2]
    for entry in document["entries"]:
        assert leaf_hash(canonical(entry["event"])) == entry["leaf_hash"]


def test_show_of_nothing_is_not_found(home: Ledger) -> None:
    assert isinstance(run.invoke(app, ["show", "LX-9"]).exception, NotFoundError)

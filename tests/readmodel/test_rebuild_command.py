"""`yangguang readmodel rebuild`: the same rows again, and how many there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from cli import context
from cli.readmodel import app
from ledger.db import Ledger
from tests.readmodel.living import all_rows, case


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A home with two cases, whose rows somebody has spoilt."""
    context.choose_home(tmp_path_factory.mktemp("home") / "home")
    ledger = context.open_ledger()
    case(ledger, "LX-2026-000001", personal={"name": "王芳", "id_number": "X1"})
    case(ledger, "LX-2026-000002")
    yield ledger
    ledger.close()
    context.choose_home(None)


def test_spoilt_rows_are_made_good(home: Ledger) -> None:
    before = all_rows(home)
    with home.engine.begin() as connection:
        connection.execute(text("DELETE FROM matter_task"))
        connection.execute(text("UPDATE matter SET state = 'spoilt', applicant_masked = 'spoilt'"))
    told = CliRunner().invoke(app, ["rebuild", "--json"])
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert document["entries"] == 2
    assert document["rows"]["matter_task"] == len(before["matter_task"]) == 2
    assert all_rows(home) == before


def test_people_are_told_in_one_line(home: Ledger, tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["rebuild"])
    assert told.exit_code == 0
    assert "rebuilt from 2 entries" in told.stdout

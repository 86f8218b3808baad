"""`yangguang detect` without an engine: what is seen, of which weeks, and what is typed wrongly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from cli import context
from cli.detect import detect_command
from ledger.db import Ledger
from schemas.errors import UsageError
from tests.ledger.support import draft, record, work

app = Typer()
app.command()(detect_command)
run = CliRunner()

DONE = datetime.now(UTC) - timedelta(days=30)
"""Entered now, a month later."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The ledger of a sample home, with an act that was keyed in later, live and imported."""
    context.choose_home(tmp_path)
    opened = context.open_ledger()
    said = {"actid": "a-1", "lateentry": "outage"}
    live = draft("case.noted", time=DONE, actor="1201", data={**said, "timesource": "intake"})
    past = draft("case.noted", time=DONE, actor="1202", data={**said, "timesource": "import"})
    record(opened, work("LX-1", "1", live, now=DONE), work("LX-2", "1", past, now=DONE))
    yield opened
    opened.close()


def ask(*words: str) -> Any:
    """The answer under --json."""
    told = run.invoke(app, [*words, "--json"])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def test_it_tells_what_was_seen_of_whom_and_where(ledger: Ledger) -> None:
    found = ask("--dry-run")
    told = [(each["detector"], each["officer"], each["imported"]) for each in found["findings"]]
    assert told == [("keyed_in_later", "1201", False), ("keyed_in_later", "1202", True)]
    assert found["findings"][0]["evidence"] == [{"kind": "case", "number": "LX-1", "seq": 1}]
    assert (found["entries"], found["opened"]) == (2, [])
    assert len(found["weeks"]) == 2


def test_a_person_reads_it_as_a_table(ledger: Ledger) -> None:
    told = run.invoke(app, ["--dry-run"]).stdout
    assert "1201" in told
    assert "2 条记录 / entries" in told


def test_only_the_weeks_named(ledger: Ledger) -> None:
    assert ask("--dry-run", "--week", "2020-W01")["findings"] == []
    assert len(ask("--dry-run", "--all")["findings"]) == 2


def test_of_imported_matters_nothing_is_to_be_opened(ledger: Ledger) -> None:
    """No engine is asked for: there is nothing to open in that week."""
    assert ask("--week", "2020-W01")["opened"] == []


@pytest.mark.parametrize(
    "words", [("--week", "2026-W54"), ("--week", "heute"), ("--week", "2026-W24", "--all")]
)
def test_what_is_no_week_is_told(ledger: Ledger, words: tuple[str, ...]) -> None:
    assert isinstance(run.invoke(app, [*words, "--dry-run"]).exception, UsageError)

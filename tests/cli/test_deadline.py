"""`yangguang deadline explain`: dates, lamps, refusals and wrong usage, as a program meets them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer

from cli.deadline import app
from schemas.errors import NotPermittedError, UsageError, YangguangError


def run(line: str) -> None:
    """One command line as the `yangguang` command runs it, errors left to the caller."""
    app(["explain", *line.split()], standalone_mode=False)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    """The JSON document of a command line."""

    def answer(line: str) -> Any:
        run(f"{line} --json")
        return json.loads(capsys.readouterr().out)

    return answer


MORTGAGE = "--item LX-DJ-01 --accepted 2026-06-15"
DATES = ("due", "yellow_from", "red_from", "provisional")


@pytest.mark.parametrize(
    ("line", "promise", "statutory"),
    [
        (
            MORTGAGE,
            ("2026-06-23", "2026-06-22", "2026-06-24", False),
            ("2026-07-28", "2026-07-23", "2026-07-29", False),
        ),
        (
            f"{MORTGAGE} --suspend 2026-06-17..2026-06-23",
            ("2026-06-26", "2026-06-25", "2026-06-27", False),
            ("2026-07-31", "2026-07-28", "2026-08-01", False),
        ),
        (
            f"{MORTGAGE} --suspend 2026-06-17..2026-06-19 --suspend 2026-06-18..2026-06-23",
            ("2026-06-26", "2026-06-25", "2026-06-27", False),
            ("2026-07-31", "2026-07-28", "2026-08-01", False),
        ),
        (f"{MORTGAGE} --suspend 2026-06-17..", (None, None, None, False), (None, None, None, False)),
        # 40 calendar days from 15 June: 25 July, a Saturday, rolls to the 27th; warned with 4 left.
        # The promise counts 20 working days: 10 by 30 June, 18 by 10 July, 20 on the 14th.
        (
            "--item LX-KC-01 --accepted 2026-06-15",
            ("2026-07-14", "2026-07-10", "2026-07-15", False),
            ("2026-07-27", "2026-07-21", "2026-07-28", False),
        ),
        (
            "--item LX-CX-01 --accepted 2026-06-15",
            ("2026-06-15", "2026-06-15", "2026-06-16", False),
            ("2026-06-15", "2026-06-15", "2026-06-16", False),
        ),
        # 5 + 10: 10 by 30 June, 13 by 3 July, the 7th. 20 + 10: as the thirty days of a registration.
        (
            "--item LX-LS-01 --accepted 2026-06-15 --extend 10 --approved 2026-06-23",
            ("2026-07-07", "2026-07-06", "2026-07-08", False),
            ("2026-07-28", "2026-07-23", "2026-07-29", False),
        ),
        # over the year's end: 31 December, then 4 to 7 January of a year without a notice.
        # Thirty: 1, 20 by 29 January, 24 by 4 February (the 5th and 8th are off), 9-12 and 15-16.
        (
            "--item LX-DJ-01 --accepted 2026-12-30",
            ("2027-01-07", "2027-01-06", "2027-01-08", True),
            ("2027-02-15", "2027-02-10", "2027-02-16", True),
        ),
    ],
)
def test_dates(ask: Any, line: str, promise: tuple[Any, ...], statutory: tuple[Any, ...]) -> None:
    clocks = ask(line)["clocks"]
    assert tuple(clocks["promise"][key] for key in DATES) == promise
    assert tuple(clocks["statutory"][key] for key in DATES) == statutory

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
        # Thirty: 1, 21 by 29 January, 25 by 4 February (the 5th and 8th are off), 29 by the 12th, the 15th.
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


def test_the_rules_of_2008(ask: Any) -> None:
    """20 calendar days end on 29 September, in the National Day holiday, which lasts to 5 October.

    Five working days: 10-12 September, then Mid-Autumn to the 15th, 16, 17.
    """
    clocks = ask("--item LX-DJ-01 --accepted 2008-09-09 --profile laixi2008")["clocks"]
    assert tuple(clocks["statutory"][key] for key in DATES) == (
        "2008-10-06",
        "2008-09-27",
        "2008-10-07",
        False,
    )
    assert tuple(clocks["promise"][key] for key in DATES) == ("2008-09-17", "2008-09-16", "2008-09-18", False)


def test_every_day_is_told(ask: Any) -> None:
    days = ask(MORTGAGE)["clocks"]["promise"]["days"]
    assert [(d["day"], d["counted"], d["n"], d["why"], d["zh"]) for d in days[3:6]] == [
        ("2026-06-18", True, 3, "working_day", "工作日"),
        ("2026-06-19", False, 3, "holiday", "端午节"),
        ("2026-06-20", False, 3, "weekend", "周末"),
    ]
    assert (days[0]["day"], days[0]["why"]) == ("2026-06-15", "start_day_excluded")
    assert (days[-1]["day"], days[-1]["n"]) == ("2026-06-23", 5)


def test_lamp_and_days_left_on_a_day(ask: Any) -> None:
    clocks = ask(f"{MORTGAGE} --as-of 2026-06-24")["clocks"]
    assert (clocks["promise"]["lamp"], clocks["promise"]["left"]) == ("red", -1)
    assert (clocks["statutory"]["lamp"], clocks["statutory"]["left"]) == ("green", 24)


def test_no_lamp_without_a_day(ask: Any) -> None:
    promise = ask(MORTGAGE)["clocks"]["promise"]
    assert "lamp" not in promise
    assert "left" not in promise


def test_the_acceptance_clock_runs_from_the_day_of_receipt(ask: Any) -> None:
    told = ask("--item LX-LS-01 --received 2026-06-12 --accepted 2026-06-15 --as-of 2026-06-16")
    acceptance = told["clocks"]["acceptance"]
    # five working days from Friday 12 June: 15-18 are four, the 22nd
    assert (acceptance["due"], acceptance["lamp"], acceptance["left"]) == ("2026-06-22", "done", 4)
    assert told["notes"] == {}


def test_a_late_acceptance_is_told_to_be_deemed(ask: Any) -> None:
    """A registration that is not refused on the spot is accepted on the spot."""
    told = ask("--item LX-DJ-01 --received 2026-06-12 --accepted 2026-06-15")
    assert told["clocks"]["acceptance"]["due"] == "2026-06-12"
    assert "2026-06-12" in told["notes"]["acceptance"]


def test_a_clock_that_is_not_there_is_null_with_a_reason(ask: Any) -> None:
    told = ask("--item LX-GD-01 --accepted 2026-06-15")
    assert told["clocks"]["acceptance"] is None
    assert "--received" in told["notes"]["acceptance"]
    missing = {kind for kind, clock in told["clocks"].items() if clock is None}
    assert set(told["notes"]) == missing
    assert "promise" in missing


def test_the_calendar_is_named(ask: Any) -> None:
    told = ask(MORTGAGE)
    assert told["calendar"]["version"].startswith("2026.1+")
    assert len(told["calendar"]["sha256"]) == 64


def test_for_people_it_is_chinese_first(capsys: pytest.CaptureFixture[str]) -> None:
    run(f"{MORTGAGE} --as-of 2026-06-22")
    shown = capsys.readouterr().out
    assert shown.index("应于 2026-06-23 前办结") < shown.index("due 2026-06-23")
    assert "灯 / lamp: 黄灯 / yellow; 剩余 / left: 1" in shown
    assert "2026-06-19\t\t端午节 / Dragon Boat Festival" in shown
    assert "未给收件日" in shown


LAND_USE = "--item LX-LS-01 --accepted 2026-06-15"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"{LAND_USE} --extend 10 --approved 2026-06-24", "extension_late"),
        (f"{LAND_USE} --extend 11 --approved 2026-06-16", "extension_too_long"),
        (f"{MORTGAGE} --extend 1 --approved 2026-06-16", "no_extension"),
    ],
)
def test_an_extension_that_is_not_valid_is_refused_with_the_reason(line: str, code: str) -> None:
    with pytest.raises(NotPermittedError) as error:
        run(line)
    assert error.value.code == code
    assert error.value.exit_code == 4
    assert " / " in error.value.message


def test_a_suspension_moves_the_last_day_for_an_extension(ask: Any) -> None:
    promise = ask(f"{LAND_USE} --suspend 2026-06-17..2026-06-23 --extend 1 --approved 2026-06-26")["clocks"][
        "promise"
    ]
    assert promise["due"] == "2026-06-29"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--item LX-XX-99 --accepted 2026-06-15", "LX-DJ-01"),
        (f"{MORTGAGE} --profile nowhere", "current"),
        ("--item LX-DJ-01 --accepted 2026-06-31", "--accepted"),
        ("--item LX-DJ-01 --accepted 15.6.2026", "15.6.2026"),
        (f"{MORTGAGE} --suspend 2026-06-17", "S..R"),
        (f"{MORTGAGE} --suspend 2026-06-17..tomorrow", "tomorrow"),
        (f"{MORTGAGE} --suspend ..2026-06-17", "--suspend"),
        (f"{MORTGAGE} --suspend 2026-06-23..2026-06-17", "ends before it starts"),
        (f"{MORTGAGE} --suspend 2026-06-14..2026-06-17", "before --accepted"),
        (f"{MORTGAGE} --received 2026-06-16", "later than --accepted"),
        (f"{MORTGAGE} --extend 5", "belong together"),
        (f"{MORTGAGE} --approved 2026-06-16", "belong together"),
        (f"{LAND_USE} --extend 5 --approved 2026-06-14", "earlier than --accepted"),
        (f"{MORTGAGE} --as-of 2126-06-15", "too far ahead"),
        ("--item LX-DJ-01 --accepted 9999-06-15", "too far ahead"),
    ],
)
def test_wrong_usage_is_told_in_one_sentence(line: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence.replace(".", r"\.")) as error:
        run(line)
    assert error.value.exit_code == 2
    assert "\n" not in error.value.message


@pytest.mark.parametrize("line", ["--item LX-DJ-01", "--accepted 2026-06-15", f"{MORTGAGE} --extend -1"])
def test_missing_and_impossible_options(line: str) -> None:
    with pytest.raises(typer.TyperException) as error:
        run(line)
    assert not isinstance(error.value, YangguangError)
    assert error.value.exit_code == 2

"""`--as` on the command line: lists, files and bundles through somebody's eyes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from cli import audit, context, inquiry
from ledger.db import open_database, snapshot
from ledger.read import entries
from schemas.errors import NotFoundError, NotPermittedError, UsageError, YangguangError
from schemas.intake import InquiryRequest
from starter.sight import STREAM

NOWHERE = "ZX-2020-999999"


CLERKS = {"1101": "window-clerk", "1301": "land-use-handler"}


async def two_inquiries() -> None:
    """One at the window, one that the land-use section answers for."""
    async with context.clients() as client:
        for officer, post in CLERKS.items():
            said = {"business_key": f"k-{officer}", "topic": "何处办理", "officer": officer, "post": post}
            await client.start_inquiry(InquiryRequest.model_validate(said))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two inquiries, sealed and signed."""
    place = tmp_path_factory.mktemp("home")
    context.choose_home(place)
    context.run(two_inquiries())
    ledger = context.open_ledger()
    context.keep_now(ledger)
    ledger.close()
    return place


@pytest.fixture
def home(made: Path) -> Path:
    """That home, chosen for the commands of one test."""
    context.choose_home(made)
    return made


def ask(app: Typer, *words: object) -> Any:
    """The answer of a command that succeeds."""
    told = CliRunner().invoke(app, [*map(str, words), "--json"])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def refused(app: Typer, *words: object) -> YangguangError:
    """The error of one that does not."""
    problem = CliRunner().invoke(app, [str(word) for word in words]).exception
    assert isinstance(problem, YangguangError)
    return problem


def listed(app: Typer, *who: str) -> list[str]:
    """Numbers in a list."""
    return [row["case_id"] for row in ask(app, "list", *who)["rows"]]


@pytest.fixture
def number(home: Path) -> str:
    """Number of the inquiry at the window."""
    (found,) = listed(inquiry.app, "--owner", "1101")
    return found


def test_a_list_is_what_its_reader_may_see(number: str) -> None:
    """Whoever answers for it and her section; what another section has is not hers to see."""
    assert listed(inquiry.app, "--as", "1101") == listed(inquiry.app, "--as", "1103") == [number]
    assert listed(inquiry.app, "--as", "1401") == []
    (other,) = listed(inquiry.app, "--as", "1301")
    assert listed(inquiry.app) == listed(inquiry.app, "--as", "1901") == sorted([number, other])
    assert listed(inquiry.app, "--as", "1001", "--limit", "1") == [min(number, other)]


def test_it_says_through_whose_eyes(home: Path) -> None:
    assert ask(inquiry.app, "list")["seen_as"] == "house"
    assert ask(inquiry.app, "list", "--as", "1101")["seen_as"] == "1101"
    assert "seen by the house itself" in CliRunner().invoke(inquiry.app, ["list"]).stdout
    assert "seen by: 1101" in CliRunner().invoke(inquiry.app, ["list", "--as", "1101"]).stdout


def test_what_may_not_be_seen_is_answered_like_what_does_not_exist(home: Path, number: str) -> None:
    """The same words and code; only the ledger knows that somebody asked."""
    answers = []
    for asked in (number, NOWHERE, number):
        problem = refused(inquiry.app, "show", asked, "--as", "1401")
        answers.append((problem.message.replace(asked, "?"), problem.code, problem.exit_code))
    assert answers[0] == answers[1] == answers[2]
    ledger = open_database(context.database_url())
    with snapshot(ledger.engine) as connection:
        denied = [each for each in entries(connection, STREAM) if each.data["route"] == "inquiry show"]
    ledger.close()
    assert {(each.event["actor"], each.data["asked"]) for each in denied} == {("1401", number)}
    assert len(denied) <= 2  # an hour may have ended between the two


def test_who_answers_for_it_reads_it(number: str) -> None:
    shown = ask(inquiry.app, "show", number, "--as", "1101")
    assert (shown["seen_as"], shown["status"]["id"]) == ("1101", number)
    assert [line["type"] for line in shown["timeline"]] == ["inquiry.registered"]


def test_a_stranger_looks_at_nothing(home: Path) -> None:
    problem = refused(inquiry.app, "list", "--as", "8888")
    assert isinstance(problem, UsageError)
    assert problem.code == "unknown_officer"


def test_a_bundle_for_somebody_holds_what_he_may_see(home: Path, number: str, tmp_path: Path) -> None:
    """Each matter a bundle of its own, which holds under the log's policy; the kinds left out are named."""
    clerk = tmp_path / "clerk"
    written = ask(audit.app, "bundle", "--all", "--out", clerk, "--as", "1101")
    assert list(written["folders"]) == [number]
    assert {"case", "card", "complaint", "fault"} <= set(written["left_out"])
    folder = clerk / written["folders"][number]
    report = ask(audit.app, "verify-bundle", folder, "--policy", home / "keys" / "policy")
    assert (report["verified"], report["case"]) == (True, number)


def test_the_supervision_office_gets_all_but_what_may_be_about_itself(home: Path, tmp_path: Path) -> None:
    every = ask(audit.app, "bundle", "--all", "--out", tmp_path / "office", "--as", "1901")
    assert len(every["folders"]) == 2
    assert set(every["left_out"]) == {"card", "complaint", "fault", "supervision"}


def test_who_may_see_nothing_gets_an_empty_folder(home: Path, tmp_path: Path) -> None:
    told = ask(audit.app, "bundle", "--all", "--out", tmp_path / "nobody", "--as", "1401")
    assert told["folders"] == {}
    assert list((tmp_path / "nobody").iterdir()) == []


def test_the_bundle_of_a_hidden_matter_is_that_of_none(number: str, tmp_path: Path) -> None:
    out, as_planner = tmp_path / "no", ("--as", "1401")
    answers = []
    for asked, who in ((number, as_planner), (NOWHERE, as_planner), (NOWHERE, ())):
        problem = refused(audit.app, "bundle", asked, "--out", out, *who)
        assert isinstance(problem, NotFoundError)
        answers.append((problem.message.replace(asked, "?"), problem.code))
    assert answers[0] == answers[1] == answers[2]
    assert not out.exists()


def test_sealed_fields_go_with_nobodys_sight(number: str, tmp_path: Path) -> None:
    out = tmp_path / "open"
    problem = refused(audit.app, "bundle", number, "--out", out, "--as", "1901", "--openings")
    assert isinstance(problem, NotPermittedError)
    assert not out.exists()

"""What a recorded log comes to under the rules: cards with their days and people, rows with their entries."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ledger.db import snapshot
from ledger.read import entries
from schemas.errors import UsageError
from starter.assessment import AssessedCard, AssessedCase, Assessment, assess
from starter.assessment_tables import (
    COLUMNS,
    NOWHERE,
    by_officer,
    by_unit,
    check_ending,
    document,
    write_out,
)
from starter.importing import Prepared, prepare, run
from starter.logs.runner import LogClient
from starter.rulebook import load_profile
from tests.starter.desk import RECEIPT, T02, T04, T05, Row, event, open_desk, write_csv

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROFILE = load_profile("current")
DAY = 24 * 60
"""Minutes; the cases come in on Tuesday 11 October 2011 at 13:00, promised for Tuesday 1 November."""


def case(number: str, done: int, *, checked_by: str = "R1", **more: str) -> list[Row]:
    """Checked on the next day, determined on the second, the result out after `done` days."""
    return [
        event(number, RECEIPT, "R3", 5, **more),
        event(number, T02, checked_by, DAY, **more),
        event(number, T04, "R2", 2 * DAY, **more),
        event(number, T05, "R3", done * DAY, **more),
    ]


def rows() -> list[Row]:
    """Kept; two days late; a week late; after the deadline; one person twice; in the wrong order."""
    late = {"case:deadline": "2012-03-01T12:00:00+01:00"}
    nobody = {"case:responsible": "EMPTY", "case:group": "EMPTY"}
    unknown = [
        each | nobody | {"org:resource": "EMPTY", "org:group": "EMPTY"} for each in case("nameless", 28)
    ]
    return [
        *case("kept", 10),
        *case("rectified", 23),
        *case("escalated", 28),
        *case("overdue", 57),
        *case("twice", 10, checked_by="R2"),
        event("disorder", T04, "R2", 30),
        event("disorder", T02, "R1", 60),
        event("disorder", T05, "R3", 90),
        *unknown,
        *case("last", 10, **late),
        event("last", RECEIPT, "R3", 100 * DAY, **late),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LogClient]:
    async with open_desk(tmp_path_factory.mktemp("assessed")) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prepared(desk: LogClient, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    found = prepare(write_csv(tmp_path_factory.mktemp("logs") / "log.csv", rows()), "wabo", 15)
    await run(desk, found)
    return found


@pytest.fixture(scope="module")
def assessed(desk: LogClient, prepared: Prepared) -> Assessment:
    return assess(desk.ledger, prepared, PROFILE)


def found(assessed: Assessment, number: str) -> AssessedCase:
    return next(each for each in assessed.assessed if each.number == number)


def days(cards: tuple[AssessedCard, ...]) -> list[tuple[str, str, str]]:
    return [(card.code, str(card.day), card.status) for card in cards]


async def test_a_case_in_time_and_in_order_is_not_told_of(assessed: Assessment) -> None:
    assert "kept" not in {each.number for each in assessed.assessed}
    assert (assessed.cases, assessed.late, assessed.irregular) == (8, 4, 2)


async def test_a_yellow_card_that_was_rectified_in_time(assessed: Assessment) -> None:
    """Due on 1 November, card on the 2nd, two working days to rectify it; done on the 3rd."""
    case_found = found(assessed, "rectified")
    assert days(case_found.cards) == [("Y2", "2011-11-02", "rectified")]
    (card,) = case_found.cards
    assert str(card.rectify_due) == "2011-11-04"
    assert card.to == (("owner", "Resource21"), ("chief", "not_in_log"))
    (proposal,) = case_found.proposals
    rows = [(row.officer, row.role, row.degree.value) for row in proposal.rows]
    assert (proposal.fault, proposal.rule, rows) == ("F04", "LT1", [("Resource21", "clock_owner", "D")])


async def test_a_yellow_card_that_turned_red_across_a_weekend(assessed: Assessment) -> None:
    """The rectify limit ends on Friday 4 November, so the red card comes on Monday the 7th."""
    case_found = found(assessed, "escalated")
    assert [(code, day) for code, day, _ in days(case_found.cards)] == [
        ("Y2", "2011-11-02"),
        ("R1", "2011-11-07"),
    ]
    assert ("deputy", "not_in_log") in case_found.cards[1].to
    (proposal,) = case_found.proposals
    rows = [(row.officer, row.role, row.degree.value) for row in proposal.rows]
    assert rows == [("Resource21", "clock_owner", "D"), ("not_in_log", "chief", "M")]


async def test_after_the_deadline_the_red_card_takes_the_others_in(assessed: Assessment) -> None:
    """The deadline is 6 December at 13:00; the fault is serious now, and the deputy answers too."""
    case_found = found(assessed, "overdue")
    assert days(case_found.cards)[:2] == [("Y2", "2011-11-02", "absorbed"), ("R1", "2011-11-07", "absorbed")]
    assert days(case_found.cards)[2][:2] == ("R2", "2011-12-07")
    (proposal,) = case_found.proposals
    assert {row.role: row.degree.value for row in proposal.rows} == {
        "clock_owner": "D",
        "chief": "M",
        "deputy_in_charge": "I",
    }
    assert {row.grade.value for row in proposal.rows if row.grade} == {"serious"}


async def test_one_person_twice_is_a_card_to_confirm_and_a_question(assessed: Assessment) -> None:
    case_found = found(assessed, "twice")
    assert [(card.code, card.status, card.to) for card in case_found.cards] == [
        ("Y4", "proposed", (("actor", "R2"),))
    ]
    (proposal,) = case_found.proposals
    assert (proposal.fault, proposal.incomplete, proposal.rule) == ("F20", True, "")
    assert [(row.officer, row.degree.value, row.entries) for row in proposal.rows] == [("R2", "open", (4,))]


async def test_out_of_order_examines_the_whole_chain(assessed: Assessment) -> None:
    case_found = found(assessed, "disorder")
    assert case_found.irregularities == ("out_of_order",)
    assert case_found.cards[0].code == "R3"
    (proposal,) = case_found.proposals
    assert proposal.fault == "F10"
    assert {row.officer for row in proposal.rows} == {"R1", "R2"}


async def test_whom_the_log_does_not_name(assessed: Assessment) -> None:
    case_found = found(assessed, "nameless")
    assert (case_found.unit, case_found.owner) == ("not_in_log", "not_in_log")
    names = {each.name for each in by_unit(assessed)}
    assert names == {"Group 2", "not_in_log"}


async def test_every_card_and_row_cites_entries_that_are_there(desk: LogClient, assessed: Assessment) -> None:
    with snapshot(desk.ledger.engine) as connection:
        for each in assessed.assessed:
            seqs = {entry.seq for entry in entries(connection, each.number)}
            assert each.cards
            assert each.proposals
            assert all(set(card.entries) & seqs == set(card.entries) != set() for card in each.cards)
            cited = [row.entries for proposal in each.proposals for row in proposal.rows]
            assert cited
            assert all(set(one) <= seqs and one for one in cited)


async def test_nothing_is_begun_and_nobody_told(desk: LogClient, assessed: Assessment) -> None:
    """The ledger holds no card and no lead, and assessing has added nothing to it."""
    with snapshot(desk.ledger.engine) as connection:
        for each in assessed.assessed:
            events = [entry.event for entry in entries(connection, each.number)]
            begun = ("card.registered", "card.proposed", "fault.", "case.lead_opened")
            assert not [event for event in events if event["type"].startswith(begun)]
            assert not [event for event in events if event["data"].get("notify")]


async def test_assessing_again_gives_the_same(
    desk: LogClient, prepared: Prepared, assessed: Assessment
) -> None:
    told: list[int] = []
    again = assess(desk.ledger, prepared, PROFILE, told.append)
    assert document(again) == document(assessed)
    assert told == [1] * 8


async def test_summaries_count_cases_cards_and_rows(assessed: Assessment) -> None:
    (group,) = [each.figures for each in by_unit(assessed) if each.name == "Group 2"]
    assert group == {
        "late": 3,
        "irregular": 2,
        "yellow": 3,
        "red": 3,
        "proposed": 2,
        "D": 3,
        "M": 2,
        "I": 1,
        "none": 0,
        "open": 3,
    }
    people = {each.name: each.figures for each in by_officer(assessed)}
    assert (people["Resource21"]["late"], people["Resource21"]["yellow"], people["R2"]["open"]) == (3, 3, 2)
    assert people["not_in_log"]["M"] == 3


async def test_written_as_csv_and_as_json(assessed: Assessment, tmp_path: Path) -> None:
    write_out(tmp_path / "a.csv", assessed)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as table:
        lines = list(csv.DictReader(table))
    assert tuple(lines[0]) == COLUMNS
    first = [line for line in lines if line["case"] == "rectified"]
    told = [(line["what"], line["code"], line["fault"], line["who"], line["as"]) for line in first]
    assert told == [
        ("card", "Y2", "F04", "Resource21", "owner"),
        ("card", "Y2", "F04", NOWHERE, "chief"),
        ("row", "LT1", "F04", "Resource21", "clock_owner"),
    ]
    write_out(tmp_path / "a.json", assessed)
    read: dict[str, Any] = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert read == json.loads(json.dumps(document(assessed)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.json"]


async def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv or \.json"):
        check_ending(tmp_path / "a.xlsx")

"""The inbox: four lists, each by lamp and day, page by page, as of the day on which one looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ledger.db import Ledger, open_database, snapshot
from readmodel.inbox import InboxFilters, InboxPage, Tab, TaskRow, counts, inbox, lamp_of, left_of
from schemas.clocks import Calendar
from schemas.errors import UsageError
from tests.ledger.fixtures import SAMPLE, new_schema
from tests.readmodel.living import GREEN, RED, TODAY, YELLOW, case, clock, tell

POSTS = ("window", "registry")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def bureau(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Matters of S001, who holds `window` and `registry`, of his colleague S002 and of strangers."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('inbox') / 'ledger.db'}"
    else:
        url = new_schema(request.getfixturevalue("postgresql"))
    ledger = open_database(url, SAMPLE)
    case(ledger, "LX-green-2", days=GREEN, item="LX-DJ-01")
    case(ledger, "LX-green-1", days=GREEN)
    case(ledger, "LX-late", days=RED)
    case(ledger, "LX-soon", days=YELLOW)
    case(ledger, "LX-still", days=None, state="suspended")
    case(ledger, "LX-no-limit", days=GREEN)
    tell(ledger, "LX-no-limit", "case.noted", view={"state": "correction_pending"}, clocks=[])
    case(ledger, "LX-colleague", owner="S002", days=YELLOW)
    case(ledger, "LX-stranger", owner="S003", post="land-use")
    offers = [clock("handover", YELLOW, ref="offer", owner="S009")]
    case(ledger, "LX-offered", owner="S003", post="land-use")
    tell(ledger, "LX-offered", "duty.offered", actor="S003", to="registry", view={}, clocks=offers)
    passed = [["owner", "S001"], ["owner", "S003"]]
    case(ledger, "LX-passed-on", owner="S003", post="land-use", days=RED, people=passed)
    for n in (1, 2):
        case(ledger, f"LX-over-{n}")
        tell(ledger, f"LX-over-{n}", "case.closed", view={"state": "closed", "closed": True})
    yield ledger
    ledger.close()


def numbers(page: InboxPage) -> list[str]:
    """The matters of a page, in its order."""
    return [row.case_id for row in page.rows]


def listed(ledger: Ledger, tab: Tab, person: str = "S001", today: date = TODAY, **filters: str) -> list[str]:
    """A tab from end to end, two rows at a time."""
    found: list[str] = []
    after: str | None = None
    with snapshot(ledger.engine) as connection:
        while True:
            given = InboxFilters.model_validate(filters)
            page = inbox(connection, person, POSTS, tab, today, filters=given, after=after, limit=2)
            found += numbers(page)
            if page.next is None:
                return found
            after = page.next


MINE = [
    "LX-late",
    "LX-offered",
    "LX-soon",
    "LX-green-1",
    "LX-green-2",
    "LX-no-limit",
    "LX-still",
]


def test_mine_is_red_yellow_green_grey_and_by_day_within(bureau: Ledger) -> None:
    assert listed(bureau, Tab.MINE) == MINE


def test_the_lamp_turns_with_the_day_and_not_with_the_rows(bureau: Ledger) -> None:
    later = listed(bureau, Tab.MINE, today=date(2026, 7, 8))
    assert later[:5] == ["LX-late", "LX-offered", "LX-soon", "LX-green-1", "LX-green-2"]
    with snapshot(bureau.engine) as connection:
        page = inbox(connection, "S001", POSTS, Tab.MINE, TODAY)
    lamps = {row.case_id: lamp_of(row, TODAY) for row in page.rows}
    assert [lamps[number] for number in MINE] == [*["red"], *["yellow"] * 2, *["green"] * 3, "grey"]
    after = {row.case_id: lamp_of(row, date(2026, 7, 8)) for row in page.rows}
    assert (after["LX-soon"], after["LX-green-1"], after["LX-still"]) == ("red", "yellow", "grey")


def test_team_is_what_colleagues_of_the_same_posts_have(bureau: Ledger) -> None:
    assert listed(bureau, Tab.TEAM) == ["LX-colleague"]
    assert "LX-late" in listed(bureau, Tab.TEAM, person="S002")


def test_nobody_sees_what_is_neither_his_nor_his_posts(bureau: Ledger) -> None:
    for tab in (Tab.MINE, Tab.TEAM):
        assert "LX-stranger" not in listed(bureau, tab)


def test_waiting_is_what_others_have_of_matters_one_had_a_part_in(bureau: Ledger) -> None:
    with snapshot(bureau.engine) as connection:
        (row,) = inbox(connection, "S001", POSTS, Tab.WAITING, TODAY).rows
    assert (row.case_id, row.assignee, row.what) == ("LX-passed-on", "S003", "sign_stage")


def test_done_is_what_is_over_latest_first(bureau: Ledger) -> None:
    assert listed(bureau, Tab.DONE) == ["LX-over-2", "LX-over-1"]
    assert listed(bureau, Tab.DONE, person="S003") == []


def test_each_tab_is_counted(bureau: Ledger) -> None:
    with snapshot(bureau.engine) as connection:
        found = counts(connection, "S001", POSTS)
        nobody = counts(connection, "S404", ())
    assert found.model_dump() == {"mine": len(MINE), "team": 1, "waiting": 1, "done": 2}
    assert set(nobody.model_dump().values()) == {0}


def test_filters_narrow_and_pages_go_on_where_they_stood(bureau: Ledger) -> None:
    assert listed(bureau, Tab.MINE, what="take_over") == ["LX-offered"]
    assert listed(bureau, Tab.MINE, item="LX-DJ-01") == ["LX-green-2"]
    assert listed(bureau, Tab.MINE, state="suspended", kind="case") == ["LX-still"]
    assert listed(bureau, Tab.DONE, kind="inquiry") == []


def test_a_page_of_what_may_be_seen_is_as_full_as_any(bureau: Ledger) -> None:
    with snapshot(bureau.engine) as connection:
        page = inbox(
            connection,
            "S001",
            POSTS,
            Tab.MINE,
            TODAY,
            limit=2,
            keep=lambda rows: ["green" in row.case_id for row in rows],
        )
    assert numbers(page) == ["LX-green-1", "LX-green-2"]
    assert page.next is None


def test_a_cursor_belongs_to_its_tab(bureau: Ledger) -> None:
    with snapshot(bureau.engine) as connection:
        cursor = inbox(connection, "S001", POSTS, Tab.MINE, TODAY, limit=1).next
        assert cursor is not None
        for wrong in (cursor, "no cursor", "bnVsbA"):
            with pytest.raises(UsageError):
                inbox(connection, "S001", POSTS, Tab.DONE, TODAY, after=wrong)


def test_working_days_left_are_counted_by_the_calendar() -> None:
    year = {"first_day": "2026-01-01", "last_day": "2026-12-31", "version": "1", "sha256": "0"}
    calendar = Calendar.model_validate({"jurisdiction": "CN", "timezone": "Asia/Shanghai", **year})
    given: dict[str, Any] = {
        "case_id": "LX-1",
        "kind": "case",
        "item": None,
        "what": "accept",
        "assignee": "S001",
    }
    given |= {"assignee_kind": "person", "state": None, "stage": None, "section": None, "last_seq": 1}
    row = TaskRow.model_validate(given | {"since": "2026-06-15T00:00:00Z", "due": "2026-06-22"})
    assert left_of(row, date(2026, 6, 19), calendar) == 1
    assert left_of(row, date(2026, 6, 22), calendar) == 0
    assert left_of(row, date(2026, 6, 24), calendar) == -2
    assert left_of(row.model_copy(update={"due": None}), TODAY, calendar) is None

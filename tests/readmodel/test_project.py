"""Rows follow from leaves: written along with them, or derived again, they are the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, select

from ledger.append import Work
from ledger.db import Ledger, open_database, snapshot
from ledger.errors import BadEntryError
from ledger.read import stream
from readmodel.project import DERIVED, project, rebuild
from readmodel.query import cards, clocks, get_matter
from readmodel.tables import matter, matter_clock, matter_task
from schemas.entries import EntryDraft
from tests.ledger.fixtures import SIMULATION
from tests.ledger.support import chain, draft, leaves, record, work

STAGE = {"clock": "stage", "ref": "review", "due": "2026-06-17", "owner": "S002"}
PROMISE = {"clock": "promise", "due": "2026-06-23", "yellow_from": "2026-06-22", "red_from": "2026-06-24"}
CARD = {
    "id": "LX-1/card/1",
    "code": "Y1",
    "colour": "yellow",
    "clock": "stage",
    "cause": "stage_overrun",
    "issue_day": "2026-06-18",
    "rectify_due": "2026-06-22",
    "addressees": ["S002", "S003"],
    "status": "open",
    "something_newer": {"a": 1},
}


def says(kind: str = "case.accepted", **data: Any) -> EntryDraft:
    """An entry that speaks to the read model."""
    return draft(kind, data=data)


def rows(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the read model."""
    with snapshot(ledger.engine) as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in TABLES
        }


TABLES: tuple[Table, ...] = DERIVED


def write(ledger: Ledger, *works: Work) -> None:
    """Record with rows."""
    record(ledger, *works, project=project)


def test_views_add_up(ledger: Ledger) -> None:
    first = {"kind": "case", "item": "LX-DJ-01", "state": "accepted", "promise_due": "2026-06-23"}
    write(ledger, work("LX-1", "1", says(view=first)))
    write(ledger, work("LX-1", "2", says(view={"state": "review", "owner": "S002", "promise_due": None})))
    write(ledger, work("LX-1", "3", says("case.noted")))
    with ledger.engine.begin() as connection:
        row = get_matter(connection, "LX-1")
    assert row is not None
    assert (row.kind, row.item, row.state, row.owner) == ("case", "LX-DJ-01", "review", "S002")
    assert row.promise_due is None
    assert row.closed is False
    last = chain(ledger, "LX-1")[-1]
    assert (row.last_seq, row.last_recorded.isoformat(timespec="microseconds")) == (3, last.recorded)


def test_a_matter_can_close(ledger: Ledger) -> None:
    write(
        ledger,
        work("LX-1", "1", says(view={"state": "open"}), says(view={"closed": True, "outcome": "granted"})),
    )
    with ledger.engine.begin() as connection:
        row = get_matter(connection, "LX-1")
    assert row is not None
    assert (row.closed, row.outcome, row.state) == (True, "granted", "open")


def test_a_chain_without_view_is_no_matter(ledger: Ledger) -> None:
    write(ledger, work("attempts", "1", says("act.refused")))
    assert rows(ledger) == {table.name: [] for table in TABLES}


def test_clocks_are_replaced_only_when_told(ledger: Ledger) -> None:
    write(ledger, work("LX-1", "1", says(clocks=[STAGE, PROMISE])), work("LX-2", "1", says(clocks=[PROMISE])))
    write(ledger, work("LX-1", "2", says()))
    with ledger.engine.begin() as connection:
        assert [(c.clock, c.ref, c.owner) for c in clocks(connection, "LX-1")] == [
            ("promise", "", None),
            ("stage", "review", "S002"),
        ]
    write(
        ledger,
        work("LX-1", "3", says(clocks=[STAGE]), says(clocks=[PROMISE | {"due": None, "stopped": True}])),
    )
    with ledger.engine.begin() as connection:
        (clock,) = clocks(connection, "LX-1")
        assert (clock.clock, clock.due, clock.stopped, clock.breached) == ("promise", None, True, False)
        assert len(clocks(connection, "LX-2")) == 1
    write(ledger, work("LX-1", "4", says(clocks=[])))
    with ledger.engine.begin() as connection:
        assert clocks(connection, "LX-1") == []


def test_a_card_is_shown_as_it_stands(ledger: Ledger) -> None:
    write(ledger, work("LX-1", "1", says("card.issued", card=CARD)))
    write(ledger, work("LX-1", "2", says("card.absorbed", card=CARD | {"status": "absorbed"})))
    with ledger.engine.begin() as connection:
        (card,) = cards(connection, "LX-1")
    assert (card.code, card.colour, card.status) == ("Y1", "yellow", "absorbed")
    assert card.addressees == ("S002", "S003")
    assert card.last_seq == 2


def test_a_card_may_live_in_a_chain_of_its_own(url: str) -> None:
    ledger = open_database(url, SIMULATION)
    own = CARD | {"case_id": "LX-1", "status": "rectified"}
    write(ledger, work("LX-1", "1", says("card.issued", card=CARD)))
    write(ledger, work("card/1", "1", says("card.rectified", card=own)))
    before = rows(ledger)
    with ledger.engine.begin() as connection:
        (card,) = cards(connection, "LX-1")
        rebuild(connection)
    assert card.status == "rectified"
    assert rows(ledger) == before
    ledger.close()


def test_the_status_of_a_card_follows_from_the_entry_where_it_is_not_said(ledger: Ledger) -> None:
    bare = {name: value for name, value in CARD.items() if name != "status"} | {"addressees": []}
    write(ledger, work("LX-1", "1", says("card.revoked", card=bare)))
    with ledger.engine.begin() as connection:
        assert cards(connection, "LX-1")[0].status == "revoked"


def test_other_entries_do_not_speak_of_cards(ledger: Ledger) -> None:
    write(ledger, work("LX-1", "1", says("case.noted", card=CARD)))
    assert rows(ledger)["matter_card"] == []


def test_names_it_does_not_know_are_ignored(ledger: Ledger) -> None:
    write(
        ledger, work("LX-1", "1", says(view={"state": "open", "case_id": "LX-9", "last_seq": 7, "mood": 1}))
    )
    with ledger.engine.begin() as connection:
        row = get_matter(connection, "LX-1")
        assert get_matter(connection, "LX-9") is None
    assert row is not None
    assert row.last_seq == 1


@pytest.mark.parametrize(
    "data",
    [
        {"view": {"state": 1}},
        {"view": {"closed": "yes"}},
        {"view": {"closed": None}},
        {"view": {"promise_due": "soon"}},
        {"view": {"promise_due": "20260623"}},
        {"view": {"promise_due": "2026-02-30"}},
        {"view": {"owner": "a\0"}},
        {"clocks": [STAGE | {"due": "2026-06-17T00:00:00"}]},
        {"clocks": [{"ref": "x"}]},
        {"clocks": [STAGE, STAGE]},
        {"card": {"id": "1"}},
        {"card": CARD | {"issue_day": None}},
        {"card": CARD | {"rectify_due": "never"}},
    ],
    ids=repr,
)
def test_a_value_that_fits_no_column_is_refused_with_its_entry(ledger: Ledger, data: dict[str, Any]) -> None:
    with pytest.raises(BadEntryError, match="LX-1"):
        write(ledger, work("LX-1", "1", says("card.issued", **data)))
    assert leaves(ledger) == []


VIEWS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["case", "review", "complaint"]),
        "state": st.sampled_from(["received", "in_stage", "requested", "accepted", "closed", None]),
        "people": st.sampled_from([[["owner", "S001"]], [["offered", "S003"], ["owner", "S002"]]]),
        "owner": st.sampled_from(["S001", "S002"]),
        "closed": st.booleans(),
        "promise_due": st.sampled_from(["2026-06-23", None]),
    },
)
OFFER = {"clock": "handover", "ref": "offer", "due": "2026-06-16", "owner": "S003"}
CLOCKS = st.lists(st.sampled_from([STAGE, PROMISE, OFFER]), unique_by=lambda clock: str(clock["clock"]))
SAYINGS = st.fixed_dictionaries(
    {},
    optional={
        "view": VIEWS,
        "clocks": CLOCKS,
        "opinion": st.sampled_from(["同意", "退回补正 A4"]),
        "card": st.sampled_from(["open", "absorbed"]).map(lambda status: CARD | {"status": status}),
    },
)
STORIES = st.lists(
    st.lists(st.tuples(st.sampled_from(["LX-1", "LX-2", "LX-3"]), SAYINGS), min_size=1, max_size=5),
    max_size=6,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORIES)
def test_rows_are_the_same_however_they_come_about(
    ledger: Ledger, story: list[list[tuple[str, Any]]]
) -> None:
    activity = f"{len(leaves(ledger))}-"
    for n, batch in enumerate(story):
        calls = enumerate(batch)
        write(
            ledger,
            *(work(case, f"{activity}{n}-{m}", says("card.issued", **data)) for m, (case, data) in calls),
        )
    told = rows(ledger)
    count = len(leaves(ledger))
    with ledger.engine.begin() as connection:
        assert rebuild(connection) == count
    assert rows(ledger) == told
    with ledger.engine.begin() as connection:
        for table in TABLES:
            connection.execute(delete(table))
        for (entry,) in stream(connection, 1):
            project(connection, [entry])
    assert rows(ledger) == told


def test_rebuilding_forgets_what_no_leaf_says(ledger: Ledger) -> None:
    view = {"kind": "case", "state": "received", "owner": "S001"}
    write(ledger, work("LX-1", "1", says(view=view, clocks=[STAGE])))
    before = rows(ledger)
    assert len(before["matter_task"]) == 1
    with ledger.engine.begin() as connection:
        connection.execute(matter.update().values(state="forged", applicant_key="forged"))
        connection.execute(matter_task.update().values(assignee="S099"))
        connection.execute(
            matter_clock.insert().values(
                case_id="LX-7", clock="x", ref="", provisional=False, stopped=False, breached=False
            )
        )
        rebuild(connection)
    assert rows(ledger) == before

"""Who sees what of real rows: lists without gaps, what does not exist, what others tell, and denials."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.db import Ledger, snapshot
from ledger.errors import BadEntryError
from ledger.read import entries
from ledger.verify import verify
from readmodel.project import project, rebuild
from readmodel.query import Filters, Order, get_matter
from schemas.errors import NotFoundError, UsageError
from starter.rulebook import load_profile
from starter.sight import (
    STREAM,
    Eyes,
    UnseenError,
    eyes_of,
    look,
    record_denial,
    seen_page,
    seen_until,
    visible,
)
from tests.ledger.fixtures import ledger, new_url, postgresql, url
from tests.ledger.support import draft, record, work

__all__ = ["ledger", "new_url", "postgresql", "url"]

PROFILE = load_profile("current")


def eyes(officer: str = "") -> Eyes:
    """Of somebody in the shipped organisation."""
    return eyes_of(officer, PROFILE)


def put(ledger: Ledger, number: str, kind: str, *people: tuple[str, str], **view: Any) -> None:
    """A matter in the supervision office's hands, unless told otherwise."""
    about = {"owner": "1901", "owner_post": "supervisor", "section": "supervision", "state": "served"}
    shown = {"kind": kind, **about, "people": [list(each) for each in people], **view}
    record(ledger, work(number, "1", draft(data={"view": shown})), project=project)


def case(ledger: Ledger, number: str = "LX-1") -> None:
    """A case that the registry signed and the deputy head approved."""
    chain = (("handler", "1201"), ("reviewer", "1205"), ("approver", "1003"))
    place = {"owner": "1203", "owner_post": "registry-clerk", "section": "registry"}
    put(ledger, number, "case", *chain, ("owner", "1203"), **place)


def numbers(ledger: Ledger, who: str = "", **filters: Any) -> list[str]:
    """The whole list, page by page."""
    seen: list[str] = []
    after = None
    while True:
        with snapshot(ledger.engine) as connection:
            page = seen_page(connection, eyes(who), Filters(after=after, **filters))
        seen += [row.case_id for row in page.rows]
        if page.next is None:
            return seen
        assert len(page.rows) == filters.get("limit", 50)
        after = page.next


def test_a_list_holds_what_somebody_may_see_and_no_gap_betrays_the_rest(ledger: Ledger) -> None:
    case(ledger)
    put(ledger, "GC-1", "fault", ("accused", "1401"), state="investigating")
    put(ledger, "GC-2", "fault", ("accused", "1401"), state="noticed")
    put(ledger, "TS-1", "complaint", ("accused", "1205"), state="accepted")
    put(ledger, "PZ-1", "card", ("addressee", "1401"))
    everything = ["GC-1", "GC-2", "LX-1", "PZ-1", "TS-1"]
    assert numbers(ledger) == numbers(ledger, "1901") == everything
    assert numbers(ledger, "1401") == ["GC-2", "PZ-1"]
    assert numbers(ledger, "1201") == ["LX-1"]
    assert numbers(ledger, "1403") == ["PZ-1"]  # her section chief
    assert numbers(ledger, "1401", kind="fault") == ["GC-2"]
    assert numbers(ledger, "1101") == []


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_are_full_and_end_where_the_visible_ends(ledger: Ledger, order: Order, limit: int) -> None:
    for n in range(9):
        put(ledger, f"PZ-{n}", "card", ("addressee", "1401" if n % 3 == 0 else "1501"))
    assert sorted(numbers(ledger, "1401", order=order, limit=limit)) == ["PZ-0", "PZ-3", "PZ-6"]
    assert sorted(numbers(ledger, "1901", order=order, limit=limit)) == [f"PZ-{n}" for n in range(9)]
    with snapshot(ledger.engine) as connection:
        assert seen_page(connection, eyes("1401"), Filters(limit=3)).next is None


def test_a_list_goes_on_behind_many_that_are_hidden(ledger: Ledger) -> None:
    """More than one portion of the read model."""
    hidden = {"kind": "card", "state": "served", "people": [["addressee", "1501"]]}
    many = (work(f"A-{n:03}", "1", draft(data={"view": hidden})) for n in range(450))
    record(ledger, *many, project=project)
    put(ledger, "B-1", "card", ("addressee", "1401"))
    assert numbers(ledger, "1401", limit=1) == ["B-1"]


def test_the_chain_of_the_matter_it_is_about_sees_no_fault_case(ledger: Ledger) -> None:
    """Through the card it came from too; the head, who has no part in it, does."""
    case(ledger)
    put(ledger, "PZ-1", "card", ("addressee", "1203"), about="LX-1")
    put(ledger, "GC-1", "fault", ("accused", "1203"), state="investigating", about="PZ-1")
    put(ledger, "GC-2", "fault", state="screening", about="LX-1")
    for officer in ("1201", "1205", "1003", "1203"):
        assert numbers(ledger, officer, kind="fault") == []
    assert numbers(ledger, "1001", kind="fault") == ["GC-1", "GC-2"]
    put(ledger, "LX-2", "case", ("approver", "1001"))
    put(ledger, "GC-3", "fault", state="screening", about="LX-2")
    assert numbers(ledger, "1001", kind="fault") == ["GC-1", "GC-2"]


def test_what_may_not_be_seen_is_answered_like_what_does_not_exist(ledger: Ledger) -> None:
    put(ledger, "GC-1", "fault", ("accused", "1401"), state="lead")
    with snapshot(ledger.engine) as connection:
        assert look(connection, eyes("1901"), "fault", "GC-1").case_id == "GC-1"
        told = {}
        for number in ("GC-1", "GC-9"):
            with pytest.raises(NotFoundError) as problem:
                look(connection, eyes("1401"), "fault", number)
            told[number] = (problem.value.message.replace(number, "?"), problem.value.code)
        assert told["GC-1"] == told["GC-9"]
        with pytest.raises(NotFoundError):
            look(connection, eyes(), "case", "GC-1")  # it is no case


def test_a_stranger_to_the_bureau_looks_at_nothing() -> None:
    with pytest.raises(UsageError, match="8888"):
        eyes("8888")


def test_a_matter_does_not_tell_of_a_hidden_lead(ledger: Ledger) -> None:
    """A card's own chain tells that it opened a lead; its addressee reads on without that entry."""
    lead = {"source": "red_card", "accused": ["1401"]}
    shown = {"kind": "card", "state": "served", "owner": "1401", "people": [["addressee", "1401"]]}
    record(
        ledger,
        work(
            "PZ-1",
            "1",
            draft("card.issued", data={"view": shown}),
            draft("card.registered", data={"lead": lead}),
            draft("card.corrected", data={}),
        ),
        project=project,
    )
    put(ledger, "GC-PZ-1", "fault", ("accused", "1401"), state="lead", about="PZ-1")
    with snapshot(ledger.engine) as connection:
        whole = entries(connection, "PZ-1")
        seen = [each.seq for each in visible(connection, eyes("1401"), whole)]
        assert (seen, len(list(visible(connection, eyes("1901"), whole)))) == ([1, 3], 3)
        assert len(list(visible(connection, eyes(), whole))) == 3
        ends = [seen_until(connection, eyes(who), "PZ-1") for who in ("1401", "1901", "")]
        assert ends == [1, None, None]  # an extract for him ends before it


def test_denials_are_counted_once_a_person_route_and_hour(ledger: Ledger) -> None:
    """And the ledger that holds them verifies."""
    for number in ("GC-1", "GC-2", "GC-1"):
        record_denial(ledger, "1401", "fault show", number)
    record_denial(ledger, "1401", "case show", "LX-1")
    record_denial(ledger, "1402", "fault show", "GC-1")
    with snapshot(ledger.engine) as connection:
        denied = entries(connection, STREAM)
        assert verify(connection).failures == ()
        assert get_matter(connection, STREAM) is None
    found = [(each.event["actor"], each.data["route"]) for each in denied]
    # An hour may end between two of them; it is counted anew then.
    assert sorted(set(found)) == [("1401", "case show"), ("1401", "fault show"), ("1402", "fault show")]
    assert len(found) <= 4


def test_unseen_is_a_not_found_error_of_the_same_code() -> None:
    assert UnseenError("x").code == NotFoundError("x").code


def test_people_come_from_the_leaf_stay_until_told_otherwise_and_are_rebuilt(ledger: Ledger) -> None:
    put(ledger, "PZ-1", "card", ("addressee", "1401"), about="LX-1")
    record(ledger, work("PZ-1", "2", draft(data={"view": {"state": "closed"}})), project=project)
    with ledger.engine.begin() as connection:
        before = get_matter(connection, "PZ-1")
        rebuild(connection)
        assert get_matter(connection, "PZ-1") == before
    assert before is not None
    assert (before.people, before.about, before.state) == ((("addressee", "1401"),), "LX-1", "closed")
    put(ledger, "PZ-2", "card", ("addressee", "1501"))
    record(ledger, work("PZ-2", "2", draft(data={"view": {"people": []}})), project=project)
    assert numbers(ledger, "1501") == []


@pytest.mark.parametrize("people", ["1401", [["addressee"]], [["addressee", None]], [["a", "b", "c"]], [1]])
def test_people_of_the_wrong_form_are_refused(ledger: Ledger, people: Any) -> None:
    with pytest.raises(BadEntryError, match="people"):
        record(ledger, work("PZ-1", "1", draft(data={"view": {"people": people}})), project=project)


def test_a_row_without_people_is_seen_by_whoever_answers_for_it(ledger: Ledger) -> None:
    """As rows from before people were kept are."""
    view = {"kind": "case", "state": "in_stage", "owner": "1201", "owner_post": "registry-handler"}
    record(ledger, work("LX-1", "1", draft(data={"view": view})), project=project)
    assert numbers(ledger, "1201") == numbers(ledger, "1202") == ["LX-1"]
    assert numbers(ledger, "1401") == []

"""The import of a recorded log on the real engine: each act an entry, each number told by the file too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ledger.db import Ledger, snapshot
from ledger.entry import Entry
from ledger.read import entries
from ledger.sealing.duties import Keeping
from ledger.sealing.keeper import keep
from readmodel.query import clocks, get_matter
from rules.procedures import CASE
from schemas.errors import ConflictError
from starter.importing import Summary, check_out, prepare, run
from starter.logs.runner import LogClient
from tests.starter.assessing import check_assessment
from tests.starter.by_hand import compare, instant, told
from tests.starter.desk import (
    REAL,
    RECEIPT,
    T02,
    T04,
    T05,
    T06,
    Row,
    event,
    first_cases,
    open_desk,
    real_rows,
    write_csv,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LogClient]:
    async with open_desk(tmp_path_factory.mktemp("desk")) as client:
        yield client


async def imported(
    desk: LogClient, path: Path, promise: int | None = None, out: Path | None = None
) -> Summary:
    return await run(desk, prepare(path, "wabo", promise), out=out, keep=signed)


def signed(ledger: Ledger) -> None:
    """Seal and sign with keys that lie beside the ledger."""
    keep(Keeping(ledger, Path(str(ledger.engine.url.database)).with_name("keys")))


def chain(desk: LogClient, number: str) -> list[Entry]:
    with snapshot(desk.ledger.engine) as connection:
        return entries(connection, number)


# -- numbers -------------------------------------------------------------------------------


@pytest.mark.timeout(900)
async def test_the_whole_real_log_comes_out_as_the_file_says(desk: LogClient, tmp_path: Path) -> None:
    rows, out = real_rows(), tmp_path / "cases.csv"
    first = await imported(desk, REAL, out=out)
    compare(first, out, rows, 15)
    assert (first.cases, first.acts, first.new) == (1434, 8577, 8577)
    assert first.irregularities["four_eyes"] > 0
    check_assessment(desk.ledger, prepare(REAL, "wabo", 15), first)

    before = out.read_bytes()
    again = await imported(desk, REAL, out=out)
    assert again.new == 0
    assert again.model_dump(exclude={"new", "seconds"}) == first.model_dump(exclude={"new", "seconds"})
    assert out.read_bytes() == before

    with pytest.raises(ConflictError) as caught:
        await imported(desk, REAL, promise=10)
    assert caught.value.exit_code == 5
    assert (await imported(desk, REAL)).ledger == first.ledger


@pytest.mark.parametrize("promise", [0, 5, 40])
async def test_another_promise_comes_out_as_the_file_says(
    promise: int, desk: LogClient, tmp_path: Path
) -> None:
    rows, out = first_cases(real_rows(), 20, f"p{promise}"), tmp_path / "cases.csv"
    compare(await imported(desk, write_csv(tmp_path / "log.csv", rows), promise, out), out, rows, promise)


async def test_every_act_is_an_entry_with_its_own_time_officer_and_name(
    desk: LogClient, tmp_path: Path
) -> None:
    rows = first_cases(real_rows(), 20, "own")
    await imported(desk, write_csv(tmp_path / "log.csv", rows))
    recorded = {}
    for number in {row["case:concept:name"] for row in rows}:
        for entry in chain(desk, number):
            if entry.data.get("act") not in (None, "register", "end_of_log"):
                recorded[entry.data["actid"]] = entry
    assert len(recorded) == len(rows)
    for row in rows:
        entry = recorded[row["concept:instance"]]
        assert instant(entry.event["time"]) == instant(row["time:timestamp"])
        assert entry.event["actor"] == row["org:resource"]
        assert entry.data["reason"] == row["concept:name"]
        assert entry.data["post"] == row["org:group"].replace("EMPTY", "unknown")
        assert entry.data["timesource"] == "import"


async def test_several_acts_in_one_call_are_what_they_are_one_by_one(desk: LogClient, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", first_cases(real_rows(), 4, "one"))
    for sent in prepare(path, "wabo").submissions:
        await desk.register("case", sent.start)
        for portion in sent.portions:
            for each in portion.acts:
                await desk.handle("case", sent.start.id).execute_update(
                    each.name,
                    CASE.table[each.name].payload.model_validate(each.message),
                    id=str(each.message["id"]),
                )
    await imported(desk, write_csv(tmp_path / "two.csv", first_cases(real_rows(), 4, "all")))
    for sent in prepare(path, "wabo").submissions:
        number = sent.start.id
        assert [_said(e) for e in chain(desk, number)] == [
            _said(e) for e in chain(desk, number.replace("one-", "all-", 1))
        ]


def _said(entry: Entry) -> tuple[object, ...]:
    """What an entry says, apart from which case and which run it belongs to."""
    event = entry.event
    data = json.loads(json.dumps(entry.data).replace("all-case", "one-case"))
    for name in ("digest", "detected_at"):
        data.pop(name, None)
    return entry.type, event["time"], event["actor"], event["actorrole"], event["caseseq"], data


async def test_read_model_and_summary_agree(desk: LogClient, tmp_path: Path) -> None:
    rows, out = first_cases(real_rows(), 20, "rm"), tmp_path / "cases.csv"
    await imported(desk, write_csv(tmp_path / "log.csv", rows), out=out)
    with snapshot(desk.ledger.engine) as connection:
        for number, case in told(out).items():
            row = get_matter(connection, number)
            assert row is not None
            assert (row.state, row.closed, str(row.promise_due)) == ("closed", True, case["promise_due"])
            late = {clock.clock: clock.breached for clock in clocks(connection, number)}
            assert late["statutory"] == (case["after_deadline"] == "true")
            if case["promise"] != "unfinished":
                assert late["promise"] == (case["promise"] == "overdue")


# -- irregularities ------------------------------------------------------------------------


async def closing(desk: LogClient, tmp_path: Path, rows: list[Row]) -> dict[str, Any]:
    await imported(desk, write_csv(tmp_path / "log.csv", rows))
    data: dict[str, Any] = chain(desk, rows[0]["case:concept:name"])[-1].data
    return data


async def test_a_clean_case_has_no_irregularity(desk: LogClient, tmp_path: Path) -> None:
    steps = [(RECEIPT, "R1"), (T02, "R2"), (T04, "R3"), (T05, "R1"), (T06, "R2")]
    rows = [event("clean", what, who, n) for n, (what, who) in enumerate(steps)]
    data = await closing(desk, tmp_path, rows)
    assert data["irregularities"] == []
    assert data["figures"]["promise_kept"]


async def test_irregularities_name_code_and_people(desk: LogClient, tmp_path: Path) -> None:
    steps = [(T05, "R1"), (T04, "R2"), (T02, "R2"), (T02, "R3"), (T05, "R4")]
    rows = [event("wild", what, who, n) for n, (what, who) in enumerate(steps)]
    data = await closing(desk, tmp_path, rows)
    found = {(each["code"], *each["people"]): each["times"] for each in data["irregularities"]}
    assert found == {
        ("out_of_order", "R1"): 1,  # a result before the decision
        ("out_of_order", "R2"): 1,  # a decision before the check
        ("after_end", "R2"): 2,
        ("four_eyes", "R2"): 1,
        ("after_end", "R3"): 1,
        ("repeated", "R3"): 1,
        ("repeated", "R4"): 1,
    }
    own = {
        e.data["actid"]: e.data.get("irregularities", []) for e in chain(desk, "wild") if "actid" in e.data
    }
    assert [each["code"] for each in own["task-wild-2-T02"]] == ["four_eyes", "after_end"]


async def test_nobody_known_is_nobody_twice(desk: LogClient, tmp_path: Path) -> None:
    rows = [event("nobody", what, "EMPTY", n) for n, what in enumerate([RECEIPT, T02, T04])]
    assert (await closing(desk, tmp_path, rows))["irregularities"] == []


async def test_nobody_is_told_today_of_what_happened_then(desk: LogClient, tmp_path: Path) -> None:
    rows = [event("late", RECEIPT, "R1", 1), event("late", T05, "R1", 90 * 24 * 60)]
    await closing(desk, tmp_path, rows)
    found = chain(desk, "late")
    assert {"clock.breached", "card.issued"} <= {entry.type for entry in found}
    assert not [entry for entry in found if "notify" in entry.data]


async def test_a_first_act_before_the_start_is_taken_as_it_is(desk: LogClient, tmp_path: Path) -> None:
    rows = [
        event("early", what, who, n - 9000)
        for n, (what, who) in enumerate([(T02, "R1"), (T04, "R2"), (T05, "R1")])
    ]
    out = tmp_path / "cases.csv"
    summary = await imported(desk, write_csv(tmp_path / "log.csv", rows), out=out)
    assert summary.promise.kept == 1
    assert told(out)["early"]["ready_day"] < told(out)["early"]["received_day"]


# -- again, grown, half done ---------------------------------------------------------------


def long_case(number: str, acts: int) -> list[Row]:
    steps = [event(number, T06, f"R{n % 7}", n) for n in range(acts - 3)]
    end = [
        event(number, what, who, acts + n)
        for n, (what, who) in enumerate([(T02, "A"), (T04, "B"), (T05, "C")])
    ]
    return [*steps, *end]


async def test_a_case_of_several_portions_is_whole_and_stays_so(desk: LogClient, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", long_case("long", 120))
    assert len(prepare(path, "wabo").submissions[0].portions) == 3
    first, again = await imported(desk, path), await imported(desk, path)
    assert (first.acts, first.new, again.acts, again.new) == (120, 120, 120, 0)


async def test_an_interrupted_import_goes_on_where_it_stopped(desk: LogClient, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", long_case("half", 120))
    (sent,) = prepare(path, "wabo").submissions
    await desk.send(type(sent)(sent.start, sent.events, sent.portions[:2]))
    halfway = [entry.id for entry in chain(desk, "half")]
    summary = await imported(desk, path)
    assert (summary.acts, summary.new) == (120, 20)
    assert [entry.id for entry in chain(desk, "half")][: len(halfway)] == halfway


async def test_two_importers_at_once_do_it_once(desk: LogClient, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", first_cases(real_rows(), 20, "twice"))
    both = await asyncio.gather(imported(desk, path), imported(desk, path))
    assert both[0].acts == both[1].acts == prepare(path, "wabo").acts
    assert (await imported(desk, path)).new == 0


async def test_a_closed_case_takes_no_other_past(desk: LogClient, tmp_path: Path) -> None:
    rows = [event("fixed", what, who, n) for n, (what, who) in enumerate([(RECEIPT, "R1"), (T02, "R2")])]
    await imported(desk, write_csv(tmp_path / "log.csv", rows))
    length = len(chain(desk, "fixed"))
    grown = [*rows, event("fixed", T04, "R3", 9)]
    other_officer = [rows[0], rows[1] | {"org:resource": "R9"}]
    shrunk = rows[:1]
    for changed in (grown, other_officer, shrunk):
        with pytest.raises(ConflictError, match="nothing was changed"):
            await imported(
                desk, write_csv(tmp_path / "other.csv", [*changed, event("newcomer", RECEIPT, "R1", 1)])
            )
    assert len(chain(desk, "fixed")) == length
    assert not chain(desk, "newcomer")


async def test_an_open_case_of_another_promise_is_refused_by_the_case_itself(
    desk: LogClient, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "log.csv", long_case("open", 60))
    (mine,), (theirs,) = prepare(path, "wabo").submissions, prepare(path, "wabo", 3).submissions
    await desk.send(type(mine)(mine.start, mine.events, mine.portions[:1]))
    with pytest.raises(ConflictError):
        await desk.send(theirs)
    assert (await imported(desk, path)).acts == 60


async def test_a_table_that_cannot_be_written_is_told_before_anything_is_done(tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "nowhere" / "cases.csv"):
        with pytest.raises(Exception, match="cannot be written"):
            check_out(out)

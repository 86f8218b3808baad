"""Matters that rest on each other's entries: what each was told, and what became of it, is checked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.testing import WorkflowEnvironment

from audit.children import Children
from audit.history import content_of
from audit.reconcile import reconcile
from audit.testimonies import look_ups_of
from audit.verdicts import Kind, Verdict
from ledger.canonical import leaf_hash
from ledger.db import Ledger, snapshot
from ledger.history_checks import check_histories
from ledger.tables import ledger_entry
from tests.audit.desks import Desk, archived, history_in
from tests.audit.forgery import failures, verdicts
from tests.audit.forging_both import stolen
from tests.workflows.house import File, House
from tests.workflows.kin_desk import (
    at_rest,
    eventually,
    kin_bureau,
    name_of,
    new_pupil,
    point,
    ref,
    sender,
    told,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
ENTRY = ledger_entry.c


@dataclass(frozen=True)
class Pair:
    """A sender and its pupil, both over, and one that could not be begun."""

    house: House
    one: File
    other: File
    away: File


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pair(
    environment: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pair]:
    """Begun, told of what changes something and of what does not, of what it refuses, and of forgeries."""
    async with kin_bureau(environment, "kin-audit", tmp_path_factory.mktemp("kin")) as house:
        one, other, away = await sender(house), new_pupil(house), new_pupil(house)
        await point(one, begins=[name_of(other)])
        await eventually(other, "pupil.registered")
        silent = await point(one, tells=[name_of(other)], opinion="silence")
        aside = await point(one, tells=[name_of(other)], aside=True)
        heard = await point(one, tells=[name_of(other)], opinion="answer me")
        await point(one, tells=[name_of(other)], opinion="object")
        await point(one, begins=[name_of(away)], opinion="refuse me")
        await at_rest(one)
        for entry in (silent, aside, heard):
            await told(other, ref(one, entry))
        for false in (ref(one, heard, seq=99), ref(one, heard, leaf_hash="0" * 64)):
            with pytest.raises(Exception, match="failed"):
                await told(other, false)
        for file in (one, other):
            await at_rest(file)
            await file.act("close", "window-clerk")
            await file.handle.result()
        yield Pair(house, one, other, away)


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    """Processes that know the pair."""
    with Children(1, module="tests.workflows.kin_pair") as pool:
        yield pool


@pytest.fixture
def desk(pair: Pair, children: Children) -> Desk:
    """Beside the pair's own ledger."""
    return Desk(pair.house, pair.house.ledger, children)


def look_up(history: History, n: int) -> HistoryEvent:
    """The event with the answer to the n-th time that something was looked up."""
    ended = look_ups_of(history)[n].ended
    assert ended is not None
    return ended


async def test_what_matters_tell_each_other_replays(pair: Pair, desk: Desk) -> None:
    """Errands, look-ups, answers of nothing and refusals are all as the procedures would have them again."""
    for file in (pair.one, pair.other):
        (run,) = await desk.audit(file.number)
        assert verdicts(run.checks) == dict.fromkeys(Kind, Verdict.PASS) | {
            Kind.INTEGRITY: Verdict.NOT_APPLICABLE
        }, run
    for run in await desk.audit(pair.away.number):
        assert not failures(run), run


FORGED = [
    (0, b"sender.pointed", b"sender.painted"),
    (1, b"silence", b"another"),
    (2, b"sender.noted", b"sender.voted"),
    (3, b"answer me", b"silence"),
    (3, b'"type":"sender.pointed"', b'"type":"sender.pointless"'),
]
"""Which answer, and what is altered in it: it began the matter, changes nothing, is not heard, is heard."""


@pytest.mark.parametrize(("n", "old", "new"), FORGED)
async def test_an_altered_testimony_is_found(pair: Pair, desk: Desk, n: int, old: bytes, new: bytes) -> None:
    """Whatever it is and whether or not anything followed from it."""
    history = await history_in(desk, pair.other.number)
    event = look_up(history, n)
    (payload,) = content_of(event)[1].result.payloads
    assert old in payload.data
    payload.data = payload.data.replace(old, new)
    run = await desk.forged(pair.other.number, history)
    assert event.event_id in failures(run)[Kind.COMPLETENESS]


async def test_a_denied_testimony_is_found(pair: Pair, desk: Desk) -> None:
    """The history says that the ledger held no such entry."""
    history = await history_in(desk, pair.other.number)
    event = look_up(history, 0)
    done = content_of(event)[1]
    event.event_type = EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED
    event.activity_task_failed_event_attributes.scheduled_event_id = done.scheduled_event_id
    event.activity_task_failed_event_attributes.started_event_id = done.started_event_id
    event.activity_task_failed_event_attributes.failure.CopyFrom(Failure(message="no such entry"))
    run = await desk.forged(pair.other.number, history)
    assert event.event_id in failures(run)[Kind.COMPLETENESS]


async def test_a_message_whose_entry_is_gone_is_found(pair: Pair, children: Children, tmp_path: Path) -> None:
    """To be told of something that changes something must have left its entry."""
    copy = stolen(pair.house.ledger, tmp_path)
    with copy.engine.begin() as connection:
        connection.execute(delete(ledger_entry).where(ENTRY.type == "pupil.heard"))
    (run,) = await Desk(pair.house, copy, children).audit(pair.other.number)
    messages = [each for check in run.checks for each in check.findings if each.said.startswith("told")]
    assert len(messages) == 1
    copy.close()


async def test_kept_and_found_again(pair: Pair, children: Children, tmp_path: Path) -> None:
    """The archive takes numbers with a slash in them; integrity holds, and the ledger verifies."""
    copy = stolen(pair.house.ledger, tmp_path)
    desk = Desk(pair.house, copy, children)
    await archived(desk, pair.other.number)
    (run,) = await desk.audit(pair.other.number)
    assert verdicts(run.checks) == dict.fromkeys(Kind, Verdict.PASS), run
    with snapshot(copy.engine) as connection:
        assert not list(check_histories(connection))
    copy.close()


# -- both ways -----------------------------------------------------------------------------------


async def differences(pair: Pair, ledger: Ledger) -> set[tuple[str, str]]:
    """What differs in the pair: kind and workflow."""
    outcome = await reconcile(ledger, pair.house.client, record=False)
    return {(each.kind, each.workflow) for each in outcome.differences}


async def test_only_what_could_not_be_begun_is_missing(pair: Pair) -> None:
    """An errand that was refused for good is a difference until somebody has seen to it."""
    assert await differences(pair, pair.house.ledger) == {("missing_matter", name_of(pair.one))}
    outcome = await reconcile(pair.house.ledger, pair.house.client, record=False)
    (missing,) = outcome.differences
    assert missing.expected.startswith(name_of(pair.away))


async def test_a_matter_that_is_gone_is_missed(pair: Pair, tmp_path: Path) -> None:
    """All entries of a matter are taken away: whoever began it, and whoever rests on it, misses it."""
    copy = stolen(pair.house.ledger, tmp_path)
    with copy.engine.begin() as connection:
        connection.execute(delete(ledger_entry).where(ENTRY.case_id == pair.other.number))
    outcome = await reconcile(copy, pair.house.client, record=False)
    found = {(each.kind, each.expected.split(",")[0].split(" ")[0]) for each in outcome.differences}
    assert ("missing_matter", name_of(pair.other)) in found
    assert any(kind == "missing_ground" and about.startswith(name_of(pair.other)) for kind, about in found)
    copy.close()


async def test_an_exchanged_ground_is_missed(pair: Pair, tmp_path: Path) -> None:
    """An entry that another matter rests on is written anew, hash and all."""
    copy = stolen(pair.house.ledger, tmp_path)
    at: Any = (ENTRY.case_id == pair.one.number) & (ENTRY.seq == 2)
    with copy.engine.begin() as connection:
        leaf = bytes(connection.scalars(select(ENTRY.leaf).where(at)).one())
        changed = leaf.replace(b'"channel":"internal"', b'"channel":"external"')
        values = {"leaf": changed, "leaf_hash": leaf_hash(changed)}
        connection.execute(update(ledger_entry).where(at).values(values))
    found = await differences(pair, copy)
    assert {("missing_ground", name_of(pair.other)), ("missing_matter", name_of(pair.one))} <= found
    copy.close()

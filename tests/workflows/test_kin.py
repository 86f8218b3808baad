"""Matters that point each other to entries: once whatever happens, and nothing on anybody's word."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.testing import WorkflowEnvironment

from ledger.entry import Entry
from ledger.tables import ledger_outbox
from rules.procedures import PROCEDURES
from schemas.entries import Receipts
from schemas.errors import NotPermittedError
from schemas.kin import EntryRef
from schemas.matters import MatterInput, TimeSource
from tests.workflows.house import POSTS, File, House, at
from tests.workflows.kin_desk import (
    CLERK,
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
from tests.workflows.kin_pair import PairInput
from workflows import TASK_QUEUE

REUSE = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
BIG = [{"name": f"附件{n}" + "长" * 100, "sha256": "0" * 64} for n in range(200)]
"""More than any leaf holds: the ledger refuses it for good."""


Course = Callable[..., Awaitable[None]]
COURSES: list[Course] = []
ONE_AT_A_TIME = asyncio.Lock()


def with_all_others(course: Course) -> Any:
    """Make a test of a course: it is begun together with all others of this file, and awaited here."""
    COURSES.append(course)

    @pytest.mark.asyncio(loop_scope="session")
    async def test(running_pair: dict[Course, asyncio.Task[None]]) -> None:
        await running_pair[course]

    functools.update_wrapper(test, course)
    del test.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for the course's arguments
    return test


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running_pair(
    environment: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[Course, asyncio.Task[None]]]:
    """All courses, in a bureau that knows the pair as well."""
    async with kin_bureau(environment, "kin", tmp_path_factory.mktemp("kin")) as pair:
        tasks = {course: asyncio.ensure_future(course(pair)) for course in COURSES}
        yield tasks
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


def notices(pair: House, entry: Entry) -> list[str]:
    """Who is to be told of an entry."""
    with pair.ledger.engine.connect() as connection:
        return list(
            connection.scalars(select(ledger_outbox.c.recipient).where(ledger_outbox.c.entry_id == entry.id))
        )


# -- what is owed is done, once -------------------------------------------------------------


@with_all_others
async def test_begun_and_told_once(pair: House) -> None:
    """Both sides say in their entries what belongs together; the answer comes back."""
    one, other = await sender(pair), new_pupil(pair)
    first = await point(one, begins=[name_of(other)], opinion="begin")
    (opened,) = await eventually(other, "pupil.registered")
    assert first.data["begins"] == [name_of(other)]
    assert opened.data["because"] == ref(one, first).model_dump()
    assert (opened.data["saw"], opened.event["time"]) == ("sender.pointed", first.event["time"])
    assert (opened.event["actor"], opened.event["onbehalfof"]) == ("system", CLERK.a)
    second = await point(one, tells=[name_of(other)], opinion="answer me")
    heard = (await eventually(other, "pupil.registered", "pupil.heard"))[1]
    assert heard.data["because"] == ref(one, second).model_dump()
    back = (await eventually(one, "sender.registered", "sender.pointed", "sender.pointed", "sender.heard"))[3]
    assert back.data["because"] == ref(other, heard).model_dump()
    assert heard.data["tells"] == [name_of(one)]


@with_all_others
async def test_told_again_and_again(pair: House) -> None:
    """By whomever, at the same time and later: the first one writes, and gets the receipts."""
    one, other = await sender(pair), new_pupil(pair)
    await point(one, begins=[name_of(other)])
    await eventually(other, "pupil.registered")
    entry = await point(one, tells=[name_of(other)])
    answers = await asyncio.gather(*(told(other, ref(one, entry)) for _ in range(4)))
    await asyncio.gather(*(other.desk.tell("pupil", other.number, ref(one, entry)) for _ in range(3)))
    await at_rest(one)
    entries = await eventually(other, "pupil.registered", "pupil.heard")
    receipts = [receipt for answer in answers for receipt in answer.receipts]
    assert [each.leaf_hash for each in receipts] in ([], [entries[1].leaf_hash])


@with_all_others
async def test_nobody_is_lost_by_another(pair: House) -> None:
    """An entry may begin and tell many; in each matter things come in the order in which they became due."""
    one, others = await sender(pair), [new_pupil(pair) for _ in range(5)]
    names = [name_of(each) for each in others]
    await point(one, begins=names, tells=names, opinion="one")
    await asyncio.gather(*(point(one, tells=names, opinion=f"{n}") for n in range(3)))
    for each in others:
        entries = await eventually(each, "pupil.registered", *["pupil.heard"] * 4)
        seqs = [entry.data["because"]["seq"] for entry in entries]
        assert seqs == [2, 2, 3, 4, 5]


@with_all_others
async def test_what_changes_nothing_is_not_written(pair: House) -> None:
    """A type nobody hears, or an effect there is none of; the answer says so."""
    one, other = await sender(pair), new_pupil(pair)
    await point(one, begins=[name_of(other)])
    await eventually(other, "pupil.registered")
    unheard = await point(one, tells=[name_of(other)], aside=True)
    silent = await point(one, tells=[name_of(other)], opinion="silence")
    for entry in (unheard, silent):
        assert await told(other, ref(one, entry)) == Receipts(receipts=())
    assert other.types() == ["pupil.registered"]


@with_all_others
async def test_one_that_has_ended_or_never_was_needs_no_telling(pair: House) -> None:
    """The errand is done; the sender can end."""
    one, other, nobody = await sender(pair), new_pupil(pair), new_pupil(pair)
    await point(one, begins=[name_of(other)])
    await eventually(other, "pupil.registered")
    await other.act("close", "window-clerk")
    await other.handle.result()
    await point(one, tells=[name_of(other), name_of(nobody)])
    await one.act("close", "window-clerk")
    await one.handle.result()
    assert one.types()[-2:] == ["sender.pointed", "sender.closed"]
    assert other.types() == ["pupil.registered", "pupil.closed"]


@with_all_others
async def test_begun_again_after_its_end(pair: House) -> None:
    """The errand is repeated after a crash: who asks again gets the registration of the first time."""
    one, other = await sender(pair), new_pupil(pair)
    entry = await point(one, begins=[name_of(other)])
    await eventually(other, "pupil.registered")
    again = await other.desk.register("pupil", origin_start(one, other, ref(one, entry)))
    await other.act("close", "window-clerk")
    await other.handle.result()
    assert await other.desk.register("pupil", origin_start(one, other, ref(one, entry))) == again
    assert other.types() == ["pupil.registered", "pupil.closed"]


# -- runs, refused records, matters that cannot be reached -----------------------------------


@asynccontextmanager
async def unreachable() -> AsyncIterator[None]:
    """No `later` can be begun meanwhile."""
    async with ONE_AT_A_TIME:
        kept = PROCEDURES.pop("later")
        try:
            yield
        finally:
            PROCEDURES["later"] = kept


@with_all_others
async def test_carried_into_the_next_run(pair: House) -> None:
    """Errands go on in a new run; meanwhile the matter goes on as well."""
    one, other = await sender(pair, history_limit=60), new_pupil(pair, "later")
    async with unreachable():
        entry = await point(one, begins=[name_of(other)])
        first = (await one.handle.describe()).run_id
        for _ in range(30):
            await one.act("note", "window-clerk")
        assert (await one.handle.describe()).run_id != first
    (opened,) = await eventually(other, "later.registered")
    assert opened.data["because"] == ref(one, entry).model_dump()
    await one.act("close", "window-clerk")
    await one.handle.result()
    assert "errand.failed" not in one.types()


@with_all_others
async def test_refused_records_begin_nothing_and_lose_nothing(pair: House) -> None:
    """The ledger refuses an entry for good: nobody is begun for it, and what was owed before still is."""
    one, other, nobody = await sender(pair), new_pupil(pair, "later"), new_pupil(pair)
    async with unreachable():
        await point(one, begins=[name_of(other)])
        for _ in range(2):
            message = one.message("point", "window-clerk", begins=[name_of(nobody)], attachments=BIG)
            with pytest.raises(NotPermittedError) as refused:
                await one.desk.act("sender", one.number, "point", message)
            assert refused.value.code == "leaf_too_large"
    await eventually(other, "later.registered")
    await one.act("close", "window-clerk")
    await one.handle.result()
    assert one.types() == ["sender.registered", "sender.pointed", "sender.closed"]
    assert nobody.types() == []


# -- what cannot be done is on record --------------------------------------------------------


@with_all_others
async def test_an_errand_that_is_refused_for_good(pair: House) -> None:
    """On record on both sides; the supervision office is told."""
    one, other = await sender(pair), new_pupil(pair)
    entry = await point(one, begins=[name_of(other)], opinion="refuse me")
    failed = (await eventually(one, "sender.registered", "sender.pointed", "errand.failed"))[2]
    assert failed.data["errand"] == {"kind": "pupil", "number": other.number, "begins": True}
    assert failed.data["because"] == ref(one, entry).model_dump()
    assert failed.data["code"] == "unauthenticated"
    assert notices(pair, failed) == [POSTS["supervisor"].a]
    assert {(away.type, away.data.get("refused")) for away in other.entries()} == {
        ("act.refused", "unauthenticated")
    }
    await one.act("close", "window-clerk")
    await one.handle.result()


@with_all_others
async def test_two_entries_cannot_begin_the_same_matter(pair: House) -> None:
    """The second is a conflict that somebody has to look at."""
    one, other = await sender(pair), new_pupil(pair)
    await point(one, begins=[name_of(other)])
    await eventually(other, "pupil.registered")
    second = await point(one, begins=[name_of(other)])
    types = ["sender.registered", "sender.pointed", "sender.pointed", "errand.failed"]
    failed = (await eventually(one, *types))[3]
    assert (failed.data["code"], failed.data["because"]["seq"]) == ("business_key_conflict", second.seq)
    assert other.types() == ["pupil.registered"]


@with_all_others
async def test_who_objects_to_what_he_is_told(pair: House) -> None:
    """Nothing of the effect stays; the refusal does, once, and the sender knows."""
    one, other = await sender(pair), new_pupil(pair)
    await point(one, begins=[name_of(other)])
    await eventually(other, "pupil.registered")
    entry = await point(one, tells=[name_of(other)], opinion="object")
    refused = (await eventually(other, "pupil.registered", "act.refused"))[1]
    assert (refused.data["act"], refused.data["refused"]) == ("told", "unauthenticated")
    types = ["sender.registered", "sender.pointed", "sender.pointed", "errand.failed"]
    assert (await eventually(one, *types))[3].data["code"] == "unauthenticated"
    with pytest.raises(WorkflowUpdateFailedError):
        await told(other, ref(one, entry))
    assert len(other.entries()) == 2


# -- forged messages -------------------------------------------------------------------------


@with_all_others
async def test_forged_messages(pair: House) -> None:
    """No such entry, other bytes, another matter's, not for this one: each on record, once for a flood."""
    one, other, third = await sender(pair), new_pupil(pair), new_pupil(pair)
    await point(one, begins=[name_of(other), name_of(third)])
    await eventually(other, "pupil.registered")
    entry = await point(one, tells=[name_of(third)])
    forged = {
        "no_such_entry": [
            ref(one, entry, seq=99),
            ref(one, entry, leaf_hash="0" * 64),
            ref(one, entry, number="FA-1"),
            ref(one, entry, kind="pupil"),
        ],
        "not_for_this": [ref(one, entry), ref(one, one.entries()[0]), ref(other, other.entries()[0])],
    }
    for code, entries in forged.items():
        for each in entries:
            flood = (told(other, each) for _ in range(4))
            for answer in await asyncio.gather(*flood, return_exceptions=True):
                assert isinstance(answer, WorkflowUpdateFailedError)
                assert getattr(answer.cause, "type", "") == code
    recorded = other.entries("act.refused")
    assert sorted(each.data["refused"] for each in recorded) == ["no_such_entry"] * 4 + ["not_for_this"] * 3
    assert {each.data["act"] for each in recorded} == {"told"}
    await other.act("note", "window-clerk")


@with_all_others
async def test_an_answer_cannot_be_stolen(pair: House) -> None:
    """Whoever sends something else first, under whatever id, keeps nobody from being told."""
    one, other = await sender(pair), new_pupil(pair)
    await point(one, begins=[name_of(other)])
    await eventually(other, "pupil.registered")
    wrong = EntryRef(kind="sender", number=one.number, seq=3, leaf_hash="f" * 64)
    for update_id in (f"told/{one.number}/3", f"told/sender/{one.number}/3"):
        with pytest.raises(WorkflowUpdateFailedError):
            await other.handle.execute_update("told", wrong, id=update_id, result_type=Receipts)
    await point(one, tells=[name_of(other)])
    await eventually(other, "pupil.registered", "act.refused", "pupil.heard")


NO_MESSAGES: list[dict[str, Any]] = [
    {"seq": 0},
    {"seq": 1 << 63},
    {"seq": "x"},
    {"leaf_hash": "F" * 64},
    {"leaf_hash": ""},
    {"number": "FA\0"},
    {"number": "F" * 121},
    {"kind": ""},
]


@with_all_others
async def test_what_is_no_message_leaves_no_trace(pair: House) -> None:
    """It is turned away at the door and wedges nothing."""
    one = await sender(pair)
    for said in NO_MESSAGES:
        whole = {"kind": "sender", "number": one.number, "seq": 1, "leaf_hash": "0" * 64, **said}
        for args in ([whole], [whole, whole]):
            with pytest.raises(WorkflowUpdateFailedError):
                await one.handle.execute_update("told", args=args, result_type=Receipts)
    await one.act("note", "window-clerk")
    assert one.types() == ["sender.registered", "sender.noted"]


@with_all_others
async def test_signals_tell_nothing(pair: House) -> None:
    """Told by the stock tools: a recorded refusal, as of any signal nobody can act on."""
    one, other = await sender(pair), new_pupil(pair)
    await point(one, begins=[name_of(other)])
    await eventually(other, "pupil.registered")
    entry = ref(one, await point(one))
    await other.handle.signal("told", entry)
    await other.handle.signal("signal_decision", {"act": "told", "id": "x", **entry.model_dump()})
    entries = await eventually(other, "pupil.registered", "act.refused", "act.refused")
    assert {each.data["refused"] for each in entries[1:]} == {"bad_envelope"}


# -- forged beginnings -----------------------------------------------------------------------


def origin_start(one: File, other: File, entry: EntryRef | None, **said: Any) -> MatterInput:
    """The start of a matter because of an entry."""
    about = {
        "id": other.number,
        "business_key": f"{one.number}/2",
        "digest": entry.leaf_hash if entry else "0" * 64,
        "rules": one.desk.rules_of("LX-LS-01"),
        "channel": "internal",
        "officer": CLERK.a,
        "post": CLERK.code,
        "received_at": at("06-15 09:00"),
        "source": TimeSource.SIMULATION,
        "origin": entry,
    }
    return PairInput.model_validate({**about, **said})


FORGED_BEGINNINGS = ("none", "another", "forged", "type", "not_named", "imported")


@with_all_others
async def test_forged_beginnings(pair: House) -> None:
    """Turned away on record; the true entry begins it all the same."""
    await asyncio.gather(*(forged_beginning(pair, which) for which in FORGED_BEGINNINGS))


async def forged_beginning(pair: House, which: str) -> None:
    """One of them."""
    one, other = await sender(pair), new_pupil(pair)
    third = new_pupil(pair)
    foreign = ref(one, await point(one, begins=[name_of(third)]))
    aside = ref(one, await point(one, begins=[name_of(other)], aside=True))
    origin, code = {
        "none": (None, "wrong_origin"),
        "another": (foreign.model_copy(update={"seq": 99}), "no_such_entry"),
        "forged": (foreign.model_copy(update={"leaf_hash": "0" * 64}), "no_such_entry"),
        "type": (aside, "wrong_origin"),
        "not_named": (foreign, "not_for_this"),
        "imported": (None, "wrong_origin"),
    }[which]
    more = {"source": TimeSource.IMPORT} if which == "imported" else {}
    start = origin_start(one, other, origin, **more)
    await at_rest(one)
    handle = await pair.client.start_workflow(
        "PupilWorkflow", start, id=name_of(other), task_queue=TASK_QUEUE, id_reuse_policy=REUSE
    )
    with pytest.raises(WorkflowFailureError) as refused:
        await handle.result()
    assert getattr(refused.value.cause, "type", "") == code
    assert set(other.types()) == {"act.refused"}
    assert other.entries()[-1].data["refused"] == code
    await point(one, begins=[name_of(other)])
    for _ in range(3000):
        if other.types()[-1] == "pupil.registered":
            break
        await asyncio.sleep(0.02)
    assert other.types().count("pupil.registered") == 1

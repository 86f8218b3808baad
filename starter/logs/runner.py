"""The importer: every case of a log through the same workflows on the same engine.

Nothing is sent before everything is read and compared with what is already recorded. After that
each case is a call or two; a repeated call has no second effect, so an import that was interrupted
is simply run again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from temporalio.exceptions import WorkflowAlreadyStartedError

from schemas.acts import PastActs
from schemas.entries import Receipts
from schemas.errors import ConflictError, PendingError, YangguangError
from schemas.matters import TimeSource
from starter.client import YangguangClient
from starter.logs.recorded import DoneAct, Recorded, recorded
from starter.logs.submissions import Submission

IN_FLIGHT = 30
"""Cases that are with the engine at the same time."""

KIND = "case"
Advance = Callable[[int], None]


class LogClient(YangguangClient):
    """The typed client, for matters that live on a log's time."""

    source = TimeSource.IMPORT

    async def send(self, each: Submission) -> None:
        """Start a case and send all its acts. A case that has ended meanwhile is left as it is."""
        first, *more = each.portions
        try:
            begun = self.begin(
                KIND, each.start, "past_acts", first, update_id=_update_id(first), answer=Receipts
            )
            await self._told(begun, f"{KIND}/{each.start.id}")
            for portion in more:
                await self._told(self._go_on(each.start.id, portion), f"{KIND}/{each.start.id}")
        except WorkflowAlreadyStartedError:
            return

    async def _go_on(self, number: str, acts: PastActs) -> None:
        handle = self.handle(KIND, number)
        await handle.execute_update(
            "past_acts", acts, id=_update_id(acts), result_type=Receipts, rpc_timeout=self.patience
        )


async def import_cases(
    client: LogClient, submissions: Sequence[Submission], advance: Advance
) -> tuple[dict[str, Recorded], int]:
    """Run every case that is not complete yet; gives what is recorded of all, and the number of new acts.

    `advance(n)` is told of every n acts done. Raises ConflictError before anything is sent where a
    case is already here with another content, PendingError where the engine could not finish.
    """
    numbers = [each.start.id for each in submissions]
    before = await asyncio.to_thread(recorded, client.ledger, numbers)
    _refuse_conflicts(submissions, before)
    waiting = []
    for each in submissions:
        known = before.get(each.start.id)
        if known is not None and known.outcome is not None:
            advance(len(each.events))
        else:
            waiting.append(each)
    await _send_all(client, waiting, advance)
    after = await asyncio.to_thread(recorded, client.ledger, numbers) if waiting else before
    _refuse_gaps(submissions, after)
    return {number: after[number] for number in numbers}, _acts(after) - _acts(before)


async def _send_all(client: LogClient, waiting: Sequence[Submission], advance: Advance) -> None:
    """At most IN_FLIGHT cases at a time; the first error stops all."""
    queue = iter(waiting)

    async def work() -> None:
        for each in queue:
            await client.send(each)
            advance(len(each.events))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(IN_FLIGHT, len(waiting))):
                group.create_task(work())
    except* YangguangError as errors:
        raise _first(errors) from None


def _first(errors: BaseExceptionGroup[YangguangError]) -> YangguangError:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _refuse_conflicts(submissions: Sequence[Submission], known: Mapping[str, Recorded]) -> None:
    differing = list(_conflicts(submissions, known))
    if not differing:
        return
    more = f" 等 {len(differing)} 件" if len(differing) > 1 else ""
    also = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
    raise ConflictError(
        f"{differing[0]}{more}已按另一份内容导入（承诺、映射、日期或事件不同），未作任何改动 / "
        f"{differing[0]}{also}: already here with another content (promise, mapping, dates or events);"
        " nothing was changed",
        code="import_conflict",
    )


def _conflicts(submissions: Sequence[Submission], known: Mapping[str, Recorded]) -> Iterator[str]:
    """Cases recorded from another submission, with other acts, or closed without all of these."""
    for each in submissions:
        there = known.get(each.start.id)
        if there is None:
            continue
        acts = {event.id: DoneAct(event.officer, event.at, event.activity) for event in each.events}
        same = there.digest == each.start.digest and all(
            acts[act_id] == done for act_id, done in there.acts.items() if act_id in acts
        )
        if not same or (there.outcome is not None and there.acts.keys() != acts.keys()):
            yield each.start.id


def _refuse_gaps(submissions: Sequence[Submission], after: Mapping[str, Recorded]) -> None:
    """What was sent must be recorded, whole; anything else is told and never passed over."""
    nothing = Recorded()
    open_cases = [s.start.id for s in submissions if after.get(s.start.id, nothing).outcome is None]
    if open_cases:
        raise PendingError(
            f"{len(open_cases)} 件尚未办完（{open_cases[0]}），请再次导入 / "
            f"{len(open_cases)} cases are not complete yet ({open_cases[0]}); run the import again",
            code="import_incomplete",
        )
    _refuse_conflicts(submissions, after)


def _acts(known: Mapping[str, Recorded]) -> int:
    return sum(len(case.acts) for case in known.values())


def _update_id(acts: PastActs) -> str:
    ids = "\0".join(str(each.message["id"]) for each in acts.acts)
    return f"past_acts/{hashlib.sha256(ids.encode()).hexdigest()[:32]}"

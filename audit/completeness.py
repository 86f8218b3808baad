"""Completeness: every call of the recorder has its entries, every entry its call, every message its answer.

Joined by workflow, run and activity id, as the leaves name them. What was accepted from outside (an update, a
signal) must have led to an entry, of the act or of its refusal. Places in the chain follow one another,
a recorded time lies between the beginning and the end of the call that asked for it, and what a matter looked
up of another is what the ledger holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from google.protobuf.timestamp_pb2 import Timestamp

from audit.calls import Call, calls_of, request_in
from audit.history import Held
from audit.messages import unanswered
from audit.testimonies import Cited, false_testimonies
from audit.verdicts import Check, Finding, Kind, judged, skipped
from ledger.entry import Entry

TOLERANCE = timedelta(seconds=60)
"""How far the clocks of engine and ledger may lie apart: what the ledger itself tolerates."""

_SIMULATED = "模拟时间，未比对钟点 / simulated time: clocks are not compared"


def completeness(
    held: Held,
    chain: Sequence[Entry] | None,
    heads: Mapping[int, str],
    cited: Cited | None = None,
    *,
    real: bool = True,
    whole: bool = True,
) -> Check:
    """Judge a history against the chain of its case, `None` where the ledger at hand knows nothing of it.

    `heads` are the receipts of the matter's histories, of all of them where it is `whole`; `cited` are the
    entries of other matters that it looked up, None where nobody has; `real` says that the ledger keeps
    real time.
    """
    calls = calls_of(held.history)
    findings = list(_places(calls, heads, whole=whole))
    if chain is None:
        nothing = "总账中没有此运行 / the ledger at hand holds nothing of this run"
        return judged(Kind.COMPLETENESS, findings) if findings else skipped(Kind.COMPLETENESS, nothing)
    mine = [entry for entry in chain if entry.event.get("wfid") == held.workflow_id]
    for call in calls:
        made = [each for each in mine if _key(each) == (call.run_id, call.activity_id)]
        findings += [*_joined(call, made), *(_times(call, made) if real else ())]
    findings += _unasked(held, calls, mine)
    findings += unanswered(held, calls, chain)
    findings += false_testimonies(held, cited, real=real) if cited is not None else ()
    return judged(Kind.COMPLETENESS, sorted(findings, key=_event), "" if real else _SIMULATED)


def _event(finding: Finding) -> int:
    return finding.event or 0


def _key(entry: Entry) -> tuple[str, str]:
    return str(entry.event.get("wfrunid")), str(entry.event.get("activityid"))


def _places(calls: Sequence[Call], heads: Mapping[int, str], *, whole: bool) -> Iterator[Finding]:
    """Receipts name one place after the other; those between two were given to other runs of the matter."""
    receipts = [(call, receipt) for call in calls for receipt in call.receipts]
    last = receipts[0][1].caseseq - 1 if receipts and not whole else 0
    for call, receipt in receipts:
        between = range(last + 1, receipt.caseseq)
        if receipt.caseseq <= last or not all(seq in heads for seq in between):
            said = f"序号不连续 / place {receipt.caseseq} does not follow {last}"
            yield Finding(said=said, event=call.last_event, entry=receipt.id, seq=receipt.caseseq)
        last = receipt.caseseq


def _joined(call: Call, made: Sequence[Entry]) -> Iterator[Finding]:
    """The entries a call made are as many, of the types and in the order it asked for."""
    at, request = call.scheduled.event_id, request_in(call.argument)
    if request is None or (call.succeeded and len(call.receipts) != len(request.entries)):
        yield Finding(said="请求或回执无法读取 / request or receipts cannot be read", event=at)
        return
    asked, there = [each.type for each in request.entries], [each.type for each in made]
    pending = call.ended is None and not made
    refused = call.ended is not None and not call.succeeded
    if there != ([] if refused else asked) and not pending:
        wanted = "无 / none" if refused else ", ".join(asked)
        said = f"应有记录 / entries due: {wanted}; 总账有 / in the ledger: {', '.join(there) or '-'}"
        first = next(iter(made), None)
        yield Finding(
            said=said, event=at, entry=first.id if first else None, seq=first.seq if first else None
        )
    given, ids = sha256(call.argument.data).hexdigest(), {receipt.id for receipt in call.receipts}
    for entry in made:
        if call.succeeded and entry.id not in ids:
            said = "没有此记录的回执 / no receipt in the history names this entry"
            yield Finding(said=said, event=call.last_event, entry=entry.id, seq=entry.seq)
        if entry.event.get("inputhash") != given:
            said = "参数哈希不符 / the entry was made from another argument (inputhash)"
            yield Finding(said=said, event=at, entry=entry.id, seq=entry.seq)


def _times(call: Call, made: Sequence[Entry]) -> Iterator[Finding]:
    """Recorded while the call was under way, in no later attempt than the one that ended it."""
    earliest = _instant(call.scheduled.event_time) - TOLERANCE
    latest = _instant(call.ended.event_time) + TOLERANCE if call.ended else None
    for entry in made:
        recorded = datetime.fromisoformat(entry.recorded)
        if recorded < earliest or (latest is not None and recorded > latest):
            said = f"记录时间在调用之外 / recorded at {entry.recorded}, outside the call that asked for it"
            yield Finding(said=said, event=call.scheduled.event_id, entry=entry.id, seq=entry.seq)
        if call.ended and call.attempt < int(entry.event.get("attempt", 0)):
            said = f"记录出自第 {entry.event['attempt']} 次尝试 / by an attempt later than the last"
            yield Finding(said=said, event=call.scheduled.event_id, entry=entry.id, seq=entry.seq)


def _unasked(held: Held, calls: Sequence[Call], mine: Sequence[Entry]) -> Iterator[Finding]:
    """Entries that name this run, but no call of it."""
    known = {(call.run_id, call.activity_id) for call in calls}
    for entry in mine:
        if entry.event.get("wfrunid") == held.run_id and _key(entry) not in known:
            said = f"{entry.type}: 历史中没有这次调用 / the history knows of no such call"
            yield Finding(said=said, entry=entry.id, seq=entry.seq)


def _instant(stamp: Timestamp) -> datetime:
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC) + TOLERANCE

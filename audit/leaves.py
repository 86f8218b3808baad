"""What a replay would have had recorded, against the ledger's own bytes.

The leaf is built again from the regenerated argument and from where the call stands in the history, with
place and predecessor as the receipts in the history tell them. Only what the recorder alone could know is
taken from the leaf: recorded time, attempt, version of the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History

from audit.calls import Call, request_in
from audit.history import RECORD, begun_of
from audit.verdicts import Finding
from ledger.canonical import canonical, leaf_hash
from ledger.entry import NO_HASH, Event, Provenance, describe
from ledger.errors import NotCanonicalError
from schemas.entries import Receipt
from schemas.errors import YangguangError

NOT_FROM_THE_HISTORY = ("recordedtime", "attempt", "appversion")
"""Attributes of a leaf that no history tells exactly."""


@dataclass(frozen=True)
class Beside:
    """What the ledger says of a run: enough to compute its leaves again."""

    origin: str
    namespace: str
    leaves: Mapping[str, bytes]
    """By entry id."""
    heads: Mapping[int, str]
    """Leaf hashes by place in the chain, from the receipts in the matter's histories."""


def unlike_the_ledger(history: History, call: Call, argument: Payload, beside: Beside) -> Iterator[Finding]:
    """What differs between a regenerated call and the ledger's leaves, a leaf missing altogether apart."""
    at, request = call.scheduled.event_id, request_in(argument)
    if request is None:
        yield Finding(said="重放所得参数无法读取 / the regenerated argument cannot be read", event=at)
        return
    provenance = provenance_of(history, call, argument, beside.namespace)
    for ordinal in range(len(request.entries)):
        try:
            stable = describe(beside.origin, request, ordinal, provenance)
        except YangguangError as error:
            yield Finding(said=error.message, event=at)
            continue
        receipt = call.receipts[ordinal] if ordinal < len(call.receipts) else None
        if leaf := beside.leaves.get(stable["id"]):
            yield from _unlike(stable, leaf, receipt, call, beside.heads)
        elif receipt is not None and receipt.id != stable["id"]:
            said = "回执编号不属此记录 / the receipt names another entry than this call makes"
            yield Finding(said=said, event=call.last_event, entry=receipt.id, seq=receipt.caseseq)


def _unlike(
    stable: Event, leaf: bytes, receipt: Receipt | None, call: Call, heads: Mapping[int, str]
) -> Iterator[Finding]:
    entry, event = str(stable["id"]), _read(leaf)
    seq = receipt.caseseq if receipt else event.get("caseseq")
    before = heads.get(seq - 1) if isinstance(seq, int) else None
    prev = NO_HASH if seq == 1 else before or event.get("prevhash")
    again = stable | {"caseseq": seq, "prevhash": prev}
    again |= {name: event[name] for name in NOT_FROM_THE_HISTORY if name in event}
    if not _same(again, leaf):
        said = f"总账与重放不同 / the leaf is not what would have been recorded: {_names(event, again)}"
        yield Finding(said=said, event=call.scheduled.event_id, entry=entry, seq=seq)
    if receipt and (receipt.id, receipt.leaf_hash) != (entry, leaf_hash(leaf)):
        said = "回执与总账记录不符 / the receipt in the history is not this leaf's"
        yield Finding(said=said, event=call.last_event, entry=entry, seq=seq)


def _same(event: Event, leaf: bytes) -> bool:
    try:
        return canonical(event) == leaf
    except NotCanonicalError:
        return False


def provenance_of(history: History, call: Call, argument: Payload, namespace: str) -> Provenance:
    begun = begun_of(history).workflow_execution_started_event_attributes
    return Provenance(
        namespace=namespace,
        workflow_id=begun.workflow_id,
        run_id=call.run_id,
        workflow_type=begun.workflow_type.name,
        activity_id=call.activity_id,
        activity_type=RECORD,
        attempt=0,
        input_hash=sha256(argument.data).hexdigest(),
        app_version="",
    )


def _read(leaf: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(leaf)
    except orjson.JSONDecodeError:
        return {}
    return event if isinstance(event, dict) else {}


def _names(there: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """Names of what differs, one level into `data`."""
    names = [name for name in sorted({*there, *again}) if there.get(name) != again.get(name)]
    if "data" in names and isinstance(there.get("data"), dict):
        one, other = there["data"], again["data"]
        inner = [f"data.{name}" for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
        at = names.index("data")
        names[at : at + 1] = inner
    return ", ".join(names[:8]) or "encoding"

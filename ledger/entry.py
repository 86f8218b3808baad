"""What one act looks like in the ledger: a CloudEvents 1.0.2 envelope in canonical bytes.

The leaf is the only evidence; every other column of the database is an index computed from it.
Names of attributes are lower-case letters and digits, absent attributes are left out (CloudEvents
section 3.1). Personal data is present as salted digests only, under `_sd` (RFC 9901).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from ledger.canonical import canonical, leaf_hash
from ledger.errors import BadEntryError, LeafTooLargeError, NotCanonicalError
from schemas.entries import EntryDraft, Receipt, RecordRequest

MAX_LEAF = 65_535
"""Bytes; C2SP tlog-tiles writes the length of an entry in sixteen bits."""

NO_HASH = "0" * 64
"""`prevhash` of a case's first entry."""

DATA_SCHEMA = "urn:yangguang:entry:1"

VOLATILE = ("recordedtime", "caseseq", "prevhash", "attempt", "appversion")
"""Attributes that may differ between two attempts at the same entry."""

RESERVED = ("_sd", "notify", "business_key")
"""Names inside `data` that the ledger writes itself."""

_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")

Event = dict[str, Any]
"""A leaf, parsed."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which execution of which activity asked for an entry; the auditor finds it in the history."""

    namespace: str
    workflow_id: str
    run_id: str
    workflow_type: str
    activity_id: str
    activity_type: str
    attempt: int
    input_hash: str
    """SHA-256 (hex) of the activity's argument as the pydantic converter writes it, before any codec."""
    app_version: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded act: its bytes, their hash, and the same bytes parsed."""

    event: Event
    leaf: bytes
    leaf_hash: str

    @property
    def id(self) -> str:
        """Entry id: hex SHA-256 of where the entry came from."""
        return str(self.event["id"])

    @property
    def case_id(self) -> str:
        """The chain the entry belongs to."""
        return str(self.event["subject"])

    @property
    def seq(self) -> int:
        """Place in the chain, from 1."""
        return int(self.event["caseseq"])

    @property
    def type(self) -> str:
        """Dotted event type."""
        return str(self.event["type"])

    @property
    def recorded(self) -> str:
        """Time of recording, UTC, RFC 3339 with microseconds."""
        return str(self.event["recordedtime"])

    @property
    def data(self) -> dict[str, Any]:
        """What the act says."""
        data: dict[str, Any] = self.event["data"]
        return data

    @property
    def receipt(self) -> Receipt:
        """What the caller keeps."""
        return Receipt(id=self.id, caseseq=self.seq, leaf_hash=self.leaf_hash)


def entry_id(provenance: Provenance, entry_type: str, ordinal: int) -> str:
    """Identity of a workflow's entry; the attempt is left out, so that a retry is the same entry."""
    return identity(
        "led1",
        provenance.namespace,
        provenance.workflow_id,
        provenance.run_id,
        provenance.activity_id,
        entry_type,
        ordinal,
    )


def stream_entry_id(stream: str, entry_type: str, business_key: str) -> str:
    """Identity of an entry that no workflow made."""
    return identity("led1x", stream, entry_type, business_key)


def identity(*parts: str | int) -> str:
    """Hex SHA-256 of the canonical list of parts."""
    return sha256(canonical(parts)).hexdigest()


def instant(moment: datetime) -> str:
    """RFC 3339 with microseconds, the offset as given; UTC for offsets with seconds, which RFC 3339 lacks."""
    offset = moment.utcoffset()
    if offset is None:
        raise BadEntryError(f"时间缺少时区 / time without an offset: {moment.isoformat()}")
    if offset % timedelta(minutes=1):
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")


def describe(origin: str, request: RecordRequest, ordinal: int, provenance: Provenance | None) -> Event:
    """The stable part of an entry: all that two attempts at it must agree on.

    `provenance` is None for entries that no workflow makes; those need a business key, from
    which their id comes.
    """
    draft = request.entries[ordinal]
    event: Event = {
        "specversion": "1.0",
        "id": _identify(request.matter, draft, ordinal, provenance),
        "source": origin,
        "type": draft.type,
        "subject": request.matter,
        "time": instant(draft.time),
        "dataschema": DATA_SCHEMA,
        "datacontenttype": "application/json",
        "actor": draft.actor,
        "actorrole": draft.role,
        "data": _data(request.matter, draft),
    }
    if draft.on_behalf_of:
        event["onbehalfof"] = draft.on_behalf_of
    if draft.auth_ref:
        event["authref"] = draft.auth_ref
    if provenance is not None:
        event |= _origin_of_call(provenance, request.history_length)
    return event


def place(stable: Event, *, seq: int, prev: str, recorded: datetime, provenance: Provenance | None) -> Entry:
    """Put a described entry into its chain: sequence, previous hash, recorded time; then the bytes."""
    event = stable | {
        "recordedtime": instant(recorded.astimezone(UTC)),
        "caseseq": seq,
        "prevhash": prev,
    }
    if provenance is not None:
        event["attempt"] = provenance.attempt
        event["appversion"] = provenance.app_version
    leaf = _bytes(event)
    return Entry(event, leaf, leaf_hash(leaf))


def stable_part(event: Event) -> Event:
    """A stored event without what may differ between attempts."""
    return {name: value for name, value in event.items() if name not in VOLATILE}


def _identify(stream: str, draft: EntryDraft, ordinal: int, provenance: Provenance | None) -> str:
    if provenance is not None:
        return entry_id(provenance, draft.type, ordinal)
    if not draft.business_key:
        where = _where(stream, draft.type)
        raise BadEntryError(f"{where}: 缺少业务键 / an entry without workflow needs a business key")
    return stream_entry_id(stream, draft.type, draft.business_key)


def _data(stream: str, draft: EntryDraft) -> dict[str, Any]:
    """The act's data with the names the ledger adds. Columns cannot hold NUL, so neither may their values."""
    where = _where(stream, draft.type)
    taken = [name for name in RESERVED if name in draft.data]
    if taken:
        raise BadEntryError(f"{where}: 保留字段 / reserved name in data: {', '.join(taken)}")
    if "\0" in "".join((stream, draft.type, draft.actor, draft.business_key or "", *draft.notify)):
        raise BadEntryError(f"{where}: 标识含空字符 / NUL character in an identifier")
    data: dict[str, Any] = dict(draft.data)
    if draft.business_key:
        data["business_key"] = draft.business_key
    if draft.notify:
        data["notify"] = list(draft.notify)
    if draft.sealed:
        data["_sd"] = _digests(where, draft)
    return data


def _digests(where: str, draft: EntryDraft) -> list[str]:
    """Digests of the sealed fields, sorted: their order would tell which field is which."""
    digests = sorted({field.digest for field in draft.sealed})
    if len(digests) != len(draft.sealed) or not all(map(_DIGEST.fullmatch, digests)):
        raise BadEntryError(f"{where}: 摘要格式不符或重复 / malformed or repeated digest of a sealed field")
    return digests


def _origin_of_call(provenance: Provenance, history_length: int) -> Event:
    return {
        "wfnamespace": provenance.namespace,
        "wfid": provenance.workflow_id,
        "wfrunid": provenance.run_id,
        "wftype": provenance.workflow_type,
        "activityid": provenance.activity_id,
        "activitytype": provenance.activity_type,
        "wfhistlen": history_length,
        "inputhash": provenance.input_hash,
    }


def _bytes(event: Event) -> bytes:
    where = _where(event["subject"], event["type"])
    try:
        leaf = canonical(event)
    except NotCanonicalError as error:
        raise NotCanonicalError(f"{where}: {error.message}") from None
    if len(leaf) > MAX_LEAF:
        raise LeafTooLargeError(f"{where}: 记录过大 / entry of {len(leaf)} bytes, at most {MAX_LEAF}")
    return leaf


def _where(stream: str, entry_type: str) -> str:
    return f"{stream} {entry_type}"

"""One case's chain under verification: each link against its own bytes and against the link before."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Row

from ledger.canonical import is_canonical, leaf_hash
from ledger.entry import NO_HASH, Entry, Event, identity, stream_entry_id
from ledger.report import Findings
from ledger.rows import row_of

_CALL = ("wfnamespace", "wfid", "wfrunid", "activityid")
_STRINGS = ("id", "source", "type", "subject", "time", "recordedtime", "prevhash", "actor", "actorrole")


class Link:
    """A stored row, and what its bytes turn out to be."""

    def __init__(self, row: Row[Any], openings: set[str]) -> None:
        """`openings` are the digests stored beside the entry."""
        self.row = row
        self.openings = openings
        self.leaf: bytes | None = row.leaf if isinstance(row.leaf, bytes) else None
        self.hash = leaf_hash(self.leaf) if self.leaf is not None else ""
        self.event = _parsed(self.leaf)


class Chain:
    """Walks along one case. After a failure it goes on from what is there, so that each is told once."""

    def __init__(self, case_id: str, origin: str | None, findings: Findings) -> None:
        """`origin` is what every leaf must name as its source."""
        self.case_id = case_id
        self._origin = origin
        self._findings = findings
        self._seq = 0
        self._hash = NO_HASH
        self._recorded = ""
        self._call: tuple[str, ...] | None = None
        self._ordinal = 0
        self._last: Row[Any] | None = None

    def add(self, link: Link) -> None:
        """Check the next row."""
        row = link.row
        if row.seq != self._seq + 1:
            self._fail(row, "sequence", f"缺号 / seq {self._seq + 1} expected, {row.seq} found")
        if row.leaf_hash != link.hash:
            self._fail(row, "leaf_hash", "哈希不符 / the leaf's hash is not the stored one")
        if link.event is None:
            self._fail(row, "leaf", "记录不是规范字节 / the leaf is not the canonical bytes of an entry")
        else:
            self._check_event(link, link.event)
        self._seq = row.seq if isinstance(row.seq, int) else self._seq + 1
        self._hash, self._last = link.hash, row

    def close(self) -> None:
        """After the last row: the head must be it."""
        row = self._last
        if row is None:
            return
        if row.head_seq is None:
            self._fail(row, "head", "缺链头 / entries without a head")
        elif (row.head_seq, row.head, row.head_recorded) != (self._seq, self._hash, self._recorded):
            told = f"链头不符 / the head (seq {row.head_seq}) is not the last entry (seq {self._seq})"
            self._fail(row, "head", told)

    def _check_event(self, link: Link, event: Event) -> None:
        row = link.row
        if event["prevhash"] != self._hash:
            self._fail(row, "previous_hash", "前链不符 / previous hash is not that of the entry before")
        if event["source"] != self._origin:
            self._fail(row, "origin", f"来源不符 / entry of another ledger: {event['source']}")
        if event["recordedtime"] <= self._recorded:
            self._fail(row, "recorded_time", "时间倒退 / recorded not later than the entry before")
        self._check_columns(link, event)
        self._check_id(row, event)
        self._check_openings(link, event)
        self._recorded = event["recordedtime"]

    def _check_columns(self, link: Link, event: Event) -> None:
        computed = row_of(Entry(event, link.leaf or b"", link.hash))
        for name, value in computed.items():
            # The hash has a check of its own, and the leaf is what the others are compared with.
            if name not in ("leaf", "leaf_hash") and getattr(link.row, name) != value:
                self._fail(link.row, "column", f"列与记录不符 / column {name} differs from the leaf")

    def _check_id(self, row: Row[Any], event: Event) -> None:
        """Ids follow from where an entry came from; entries of one call stand together, in their order."""
        if "wfid" not in event:
            self._call = None
            wanted = stream_entry_id(event["subject"], event["type"], event["data"].get("business_key", ""))
        else:
            call = tuple(str(event.get(name)) for name in _CALL)
            self._ordinal = self._ordinal + 1 if call == self._call else 0
            self._call = call
            wanted = identity("led1", *call, event["type"], self._ordinal)
        if event["id"] != wanted:
            self._fail(row, "id", "编号不符 / the id does not follow from the entry's own fields")

    def _check_openings(self, link: Link, event: Event) -> None:
        promised = set(event["data"].get("_sd", ()))
        for digest in sorted(promised - link.openings):
            self._fail(link.row, "opening", f"披露缺失 / sealed field without opening: {digest}")
        for digest in sorted(link.openings - promised):
            self._fail(link.row, "opening", f"披露多余 / opening whose digest is not in the leaf: {digest}")

    def _fail(self, row: Row[Any], check: str, detail: str) -> None:
        self._findings.add(check, detail, case=str(row.case_id), seq=_number(row.seq), id=str(row.id))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _parsed(leaf: bytes | None) -> Event | None:
    """The event in a leaf; None where the bytes are no canonical entry."""
    if leaf is None or not is_canonical(leaf):
        return None
    event = orjson.loads(leaf)
    if not isinstance(event, dict) or type(event.get("caseseq")) is not int:
        return None
    whole = isinstance(event.get("data"), dict) and all(isinstance(event.get(name), str) for name in _STRINGS)
    return event if whole else None

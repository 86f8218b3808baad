"""One entry under verification: its bytes against its columns, and against everything it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

from ledger.entry import DATA_SCHEMA, Entry, Event
from ledger.merkle import HASH_BYTES
from ledger.report import Findings
from ledger.rows import row_of
from ledger.verifier.chains import Call, Link, Walk
from ledger.verifier.leaf import read_leaf
from ledger.verifier.source import Row
from ledger.verifier.trust import Trust
from ledger.verifier.windows import Window

NOTHING = bytes(HASH_BYTES)
"""Stands for the hash of a leaf that is not there: no root comes out right with it."""

_COLUMNS = ("id", "case_id", "seq", "type", "acted", "recorded", "actor", "business_key")
_INDEXED = itemgetter("id", "subject", "caseseq", "type", "time", "recordedtime", "actor")
_FIRST, _KEY, _LEAF, _HASH = 2, 9, 10, 11
_CALL_NAMES = ("wfnamespace", "wfid", "wfrunid", "activityid")
_CALL = itemgetter(*_CALL_NAMES)


class Examiner:
    """Looks at entries in the order of the log."""

    def __init__(self, trust: Trust, times: Sequence[Window], walk: Walk, findings: Findings) -> None:
        """`times` are the windows of the places that will be looked at."""
        self._promised: dict[str, tuple[Link, Any]] = {}
        self._name, self._types = trust.name, trust.types
        self._walk, self._findings = walk, findings
        self._times: Iterator[Window] = iter(times)
        self._window = next(self._times)

    def take_promised(self) -> dict[str, tuple[Link, Any]]:
        """By id the entries with sealed fields seen since the last time: their links, and the digests."""
        promised, self._promised = self._promised, {}
        return promised

    def look(self, row: Row) -> bytes:
        """Check a row; gives the hash of its leaf."""
        leaf = row[_LEAF]
        if type(leaf) is not bytes:
            self._absent(row)
            return NOTHING
        digest = sha256(b"\x00" + leaf).digest()
        found = digest.hex()
        if row[_HASH] != found:
            self._fail_row(row, "leaf_hash", "哈希不符 / the leaf's hash is not the stored one")
        event = read_leaf(leaf)
        if event is None:
            self._unreadable(row, found)
        else:
            self._check(row, event, found)
        return digest

    def _check(self, row: Row, event: Event, found: str) -> None:
        identifier, case, seq, kind, _, recorded, _ = indexed = _INDEXED(event)
        data = event["data"]
        key = data.get("business_key")
        link = Link(
            row[0], case, seq, found, event["prevhash"], recorded, call_of(event), kind, identifier, key or ""
        )
        if row[_FIRST:_KEY] != indexed or row[_KEY] != key:
            self._columns(link, row, event)
        if event["source"] != self._name:
            self._fail(link, "origin", f"来源不符 / entry of another ledger: {event['source']}")
        if kind not in self._types or event.get("dataschema") != DATA_SCHEMA:
            self._fail(link, "type", f"类型未知 / unknown type: {kind} {event.get('dataschema')!r:.80}")
        self._time(link)
        if "_sd" in data:
            self._promised[identifier] = (link, data["_sd"])
        self._walk.add(link)

    def _columns(self, link: Link, row: Row, event: Event) -> None:
        computed = row_of(Entry(event, b"", ""))
        stored = dict(zip(_COLUMNS, row[_FIRST:_LEAF], strict=True))
        for name, value in stored.items():
            if value != computed[name]:
                self._fail(link, "column", f"列与记录不符 / column {name} differs from the leaf")

    def _time(self, link: Link) -> None:
        if link.place is not None:
            while self._window.until is not None and link.place >= self._window.until:
                self._window = next(self._times)
        if link.recorded < self._window.floor:
            told = f"早于前一检查点 / recorded {link.recorded}, before a checkpoint that does not hold it"
            self._fail(link, "backdated", told)
        elif link.recorded > self._window.ceiling:
            told = f"晚于其检查点 / recorded {link.recorded}, after a checkpoint that holds it was signed"
            self._fail(link, "postdated", told)

    def _absent(self, row: Row) -> None:
        if row[_FIRST] is None:
            self._fail_row(row, "index" if row[0] is not None else "inbox", _missing(row))
        else:
            self._unreadable(row, "")

    def _unreadable(self, row: Row, found: str) -> None:
        self._fail_row(row, "leaf", "记录不是规范字节 / the leaf is not the canonical bytes of an entry")
        _, _, identifier, case, seq = row[:5]
        number = seq if isinstance(seq, int) else 0
        self._walk.add(Link(row[0], str(case), number, found, None, "", None, "", str(identifier), ""))

    def _fail(self, link: Link, check: str, detail: str) -> None:
        self._findings.add(check, detail, case=link.case, seq=link.seq, id=link.id, index=link.place)

    def _fail_row(self, row: Row, check: str, detail: str) -> None:
        index, _, identifier, case, seq = row[:5]
        place = {"case": None if case is None else str(case), "id": None if case is None else str(identifier)}
        self._findings.add(check, detail, seq=seq if isinstance(seq, int) else None, index=index, **place)


def call_of(event: Event) -> Call | None:
    """Which call of which run asked for the entry."""
    if "wfid" not in event:
        return None
    try:
        call: Call = _CALL(event)
    except KeyError:
        return tuple(str(event.get(name)) for name in _CALL_NAMES)
    return call


def _missing(row: Row) -> str:
    return f"记录不存在 / the entry at position {row[1]} is not there"

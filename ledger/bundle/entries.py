"""The entries of a bundle, one after the other: canonical bytes, chains, ids, times, and what they promise.

The same checks as the ledger's own verifier makes of leaves; columns there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from ledger.bundle.select import is_about
from ledger.entry import DATA_SCHEMA, Event
from ledger.histories import HISTORY_TYPE
from ledger.merkle import leaf_hash
from ledger.redact import REDACTIONS
from ledger.report import Findings
from ledger.verifier.chains import START, Link, State, follow
from ledger.verifier.entries import call_of
from ledger.verifier.leaf import read_leaf
from ledger.verifier.windows import Window
from schemas.entry_types import ENTRY_TYPES

Fail = Callable[[str, str, str], None]
"""Takes check, place and detail."""


@dataclass
class Content:
    """What the entries say that other files of the bundle must answer to."""

    entries: int = 0
    digests: dict[str, frozenset[str]] = field(default_factory=dict)
    """Of each entry whose openings are in the bundle, by its id: the digests in it."""
    redacted: set[str] = field(default_factory=set)
    """Digests whose openings were destroyed on record."""
    exports: dict[str, str] = field(default_factory=dict)
    """Every exported history file, by its name in a bundle, and the run it is of."""
    states: dict[str, State] = field(default_factory=dict)
    """Ends of the chains, by case."""


class EntryCheck:
    """Looks at entries in the order of the log."""

    def __init__(
        self, origin: str, windows: list[Window], fail: Fail, case: str | None, opened: Collection[str]
    ) -> None:
        """`windows` bound the recorded times by place in the log; `fail` takes what does not hold.

        `case` is that of an extract; `opened` are the ids of the entries whose openings are there.
        """
        self.content = Content()
        self._origin, self._fail, self._case, self._opened = origin, fail, case, opened
        self._windows: Iterator[Window] = iter(windows)
        self._window = next(self._windows)

    def look(self, index: int, leaf: bytes) -> bytes:
        """Check one entry; gives the hash of its leaf."""
        digest = leaf_hash(leaf)
        self.content.entries += 1
        event = read_leaf(leaf)
        place = f"entry {index}"
        if event is None:
            self._fail("entry", place, "记录不是规范字节 / the leaf is not the canonical bytes of an entry")
            return digest
        self._header(place, event)
        self._follow(index, event, digest.hex())
        self._time(index, event["recordedtime"])
        self._keep(event)
        return digest

    def _header(self, place: str, event: Event) -> None:
        if event["source"] != self._origin:
            self._fail("entry", place, f"来源不符 / entry of another log: {event['source']!r:.80}")
        if event["type"] not in ENTRY_TYPES or event.get("dataschema") != DATA_SCHEMA:
            told = f"{event['type']!r:.80} {event.get('dataschema')!r:.80}"
            self._fail("entry", place, f"类型未知 / unknown type: {told}")
        if self._case is not None and not is_about(self._case, event):
            told = f"与所称的件无关 / not about the case of this extract: {event['subject']!r:.80}"
            self._fail("entry", place, told)

    def _follow(self, index: int, event: Event, found: str) -> None:
        case, data, findings = event["subject"], event["data"], Findings()
        link = Link(
            index, case, event["caseseq"], found, event["prevhash"], event["recordedtime"], call_of(event),
            event["type"], event["id"], str(data.get("business_key") or ""),
        )  # fmt: skip
        self.content.states[case] = follow(self._before(link), link, findings)
        for each in findings.kept:
            self._fail("chain", f"entry {index}", f"{case!r:.80} seq {link.seq} {each.check}: {each.detail}")

    def _before(self, link: Link) -> State:
        """What the link follows on. An extract leaves the redactions of other cases out of their stream."""
        known = self.content.states.get(link.case, START)
        if self._case is not None and link.case == REDACTIONS and link.seq > known.seq + 1:
            return State(link.seq - 1, link.prev or "", known.recorded, None, 0)
        return known

    def _time(self, index: int, recorded: str) -> None:
        while self._window.until is not None and index >= self._window.until:
            self._window = next(self._windows)
        if not self._window.floor <= recorded <= self._window.ceiling:
            told = f"与检查点时间不符 / recorded {recorded:.40}, which its checkpoints deny"
            self._fail("time", f"entry {index}", told)

    def _keep(self, event: Event) -> None:
        data: dict[str, Any] = event["data"]
        if event["id"] in self._opened:
            self.content.digests[event["id"]] = _texts(data.get("_sd"))
        if event["type"] == REDACTIONS:
            self.content.redacted |= _texts(data.get("digests"))
        if event["type"] == HISTORY_TYPE:
            for name, suffix in (("protobuf_sha256", "pb"), ("json_sha256", "json")):
                file = f"histories/{data.get(name)!s:.80}.{suffix}"
                self.content.exports[file] = f"{data.get('run')!s:.80}"


def _texts(value: object) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()

"""Openings of sealed fields: there and right, destroyed on record, or missing without anybody's order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from ledger.keys import CaseKey
from ledger.openings import BadOpeningError, opened
from ledger.report import Findings
from ledger.verifier.chains import Link
from ledger.verifier.source import Source
from ledger.verifier.trust import Trust

_STORED = "SELECT entry_id, digest, ciphertext, key_id FROM ledger_disclosure WHERE entry_id IN ({})"
_KEYS = "SELECT key_id, case_id, key FROM ledger_key WHERE key_id IN ({})"

Sealed = tuple[str, str]
"""Ciphertext, and the id of the key it was sealed under."""


@dataclass(slots=True)
class Met:
    """What was met beside the entries that were looked at."""

    count: int = 0
    """Openings that belong to one of them."""
    redacted: set[tuple[str, str]] = field(default_factory=set)
    """(case, digest) that are gone on record."""
    locked: set[str] = field(default_factory=set)
    """Keys that openings were sealed under, and which are not there."""

    def take(self, other: Met) -> None:
        """Add what another met."""
        self.count += other.count
        self.redacted |= other.redacted
        self.locked |= other.locked


class Openings:
    """Holds openings against the digests in the leaves."""

    def __init__(self, trust: Trust, source: Source, findings: Findings) -> None:
        """What is missing, superfluous or wrong goes into `findings`."""
        self.met = Met()
        self._trust, self._source, self._findings = trust, source, findings
        self._keys: dict[str, tuple[str, CaseKey]] = {}
        """By id, each with the case it belongs to."""

    def check(self, promised: dict[str, tuple[Link, Any]]) -> None:
        """Hold the openings stored for these entries against the digests in their leaves."""
        stored: dict[str, dict[str, Sealed]] = defaultdict(dict)
        for entry_id, digest, ciphertext, key_id in self._source.among(_STORED, promised):
            stored[entry_id][digest] = ciphertext, key_id
            self.met.count += 1
        self._find_keys({key_id for each in stored.values() for _, key_id in each.values()})
        for entry_id, (link, digests) in promised.items():
            wanted = set(map(str, digests)) if isinstance(digests, list) else set()
            self._compare(link, wanted, stored.get(entry_id, {}))

    def _find_keys(self, wanted: set[str]) -> None:
        found = self._source.among(_KEYS, wanted)
        self._keys = {key_id: (case, CaseKey(key_id, bytes(key))) for key_id, case, key in found}

    def _compare(self, link: Link, wanted: set[str], stored: dict[str, Sealed]) -> None:
        if wanted != stored.keys():
            for digest in sorted(wanted - stored.keys()):
                self._absent(link, digest)
            for digest in sorted(stored.keys() - wanted):
                self._fail(link, f"披露多余 / opening whose digest is not in the leaf: {digest}")
        for digest, sealed in stored.items():
            if digest in wanted:
                self._present(link, digest, *sealed)

    def _absent(self, link: Link, digest: str) -> None:
        if (link.case, digest) in self._trust.redacted:
            self.met.redacted.add((link.case, digest))
        else:
            self._fail(link, f"披露缺失 / sealed field without opening: {digest}")

    def _present(self, link: Link, digest: str, ciphertext: str, key_id: str) -> None:
        if (link.case, digest) in self._trust.redacted:
            told = f"已遮蔽仍可打开 / redacted on record, but its opening is there: {digest}"
            self._findings.add("redaction", told, case=link.case, seq=link.seq, id=link.id, index=link.place)
        if key_id not in self._keys:
            self.met.locked.add(str(key_id))
            return
        owner, key = self._keys[key_id]
        try:
            if owner != link.case:
                raise BadOpeningError(f"密钥属于 {owner} / sealed under the key of {owner}: {digest}")
            opened(key, digest, ciphertext)
        except (BadOpeningError, ValueError, TypeError, AttributeError) as error:
            self._fail(link, str(error))

    def _fail(self, link: Link, detail: str) -> None:
        self._findings.add("opening", detail, case=link.case, seq=link.seq, id=link.id, index=link.place)

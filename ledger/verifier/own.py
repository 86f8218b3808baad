"""What the log says of itself before anything else is read: its keys, and what was redacted on record.

Both stand in streams of their own, of a handful of entries; they are checked like all others as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.entry import Event
from ledger.notes import BadKeyError, VerifierKey, parse_vkey
from ledger.notes.policy import BadPolicyError, LogKey, Policy
from ledger.report import Findings
from ledger.verifier.leaf import read_leaf
from ledger.verifier.source import Source

_STREAM = "SELECT leaf FROM ledger_entry WHERE case_id = ? AND type = ? ORDER BY seq"
KEYS, REDACTIONS = "ledger.key", "ledger.redaction"


def policy_of(source: Source, findings: Findings) -> Policy:
    """A policy of the keys that the log's entries tell of, each with the sizes it may sign; no witness."""
    keys: dict[VerifierKey, LogKey] = {}
    for event in _events(source, KEYS):
        try:
            found = _key(event["data"])
            keys[found.key] = found
        except (BadKeyError, BadPolicyError) as error:
            _fail(findings, "key", event, error.message)
        except (KeyError, TypeError, ValueError) as error:
            _fail(findings, "key", event, f"无法读取 / not the entry of a key: {error!r:.80}")
    try:
        return Policy(logs=tuple(keys.values()))
    except BadPolicyError as error:
        findings.add("key", error.message)
        return Policy()


Redactions = dict[tuple[str, str], Event]
"""By (case, digest) the entry that says its opening was destroyed."""


def redactions(source: Source, findings: Findings) -> Redactions:
    """All openings that were destroyed on record; entries without authority are told."""
    found: Redactions = {}
    for event in _events(source, REDACTIONS):
        data = event["data"]
        people = data.get("approver"), data.get("second")
        if not all(isinstance(each, str) and each for each in people) or people[0] == people[1]:
            told = f"须两名不同的批准人 / a redaction needs two different approvers: {people!r:.80}"
            _fail(findings, "redaction", event, told)
        if not isinstance(data.get("basis"), str) or not data["basis"].strip():
            _fail(findings, "redaction", event, "缺法律依据 / a redaction without a legal basis")
        for digest in _digests(data):
            found[str(data.get("case")), digest] = event
    return found


def check_destroyed(known: Redactions, met: set[tuple[str, str]], findings: Findings) -> None:
    """Redactions of digests that no leaf of the case holds, or whose openings are there still."""
    for (case, digest), event in known.items():
        if (case, digest) not in met:
            told = f"所称披露并未销毁 / tells of an opening of {case} that is not destroyed: {digest:.43}"
            _fail(findings, "redaction", event, told)


def _events(source: Source, stream: str) -> Iterator[Event]:
    for (leaf,) in source.rows(_STREAM, (stream, stream)):
        event = read_leaf(leaf) if isinstance(leaf, bytes) else None
        if event is not None:  # else it is told where the entries are checked
            yield event


def _key(data: dict[str, Any]) -> LogKey:
    last = data.get("last")
    key = parse_vkey(str(data["vkey"]))
    return LogKey(key, int(data["first"]), None if last is None else int(last))


def _digests(data: dict[str, Any]) -> list[str]:
    digests = data.get("digests")
    return [str(each) for each in digests] if isinstance(digests, list) else []


def _fail(findings: Findings, check: str, event: Event, detail: str) -> None:
    findings.add(check, detail, case=event["subject"], seq=event["caseseq"], id=event["id"])

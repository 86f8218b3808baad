"""Chains under verification, walked in the order of the log: each link against the link before it.

Work is cut into pieces of the log that know nothing of each other. A piece walks each case from where it
first meets it; what that first call's entries follow on is known only once the piece before has been
joined. After a failure a walk goes on from what is there, so that each is told once.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

import orjson

from ledger.entry import NO_HASH
from ledger.report import Findings

Call = tuple[str, ...]
"""Namespace, workflow, run and activity behind an entry."""


class Link(NamedTuple):
    """An entry as its chain sees it."""

    place: int | None
    """In the log, from 0; None while it waits to be sealed."""
    case: str
    seq: int
    hash: str
    prev: str | None
    """None where the leaf cannot be read: then only its number and its hash count."""
    recorded: str
    call: Call | None
    """None for entries that no workflow made."""
    type: str
    id: str
    key: str
    """Business key."""


class State(NamedTuple):
    """The end of a chain so far."""

    seq: int
    hash: str
    recorded: str
    call: Call | None
    ordinal: int
    """How many entries of the same call stand before."""


START = State(0, NO_HASH, "", None, 0)


def follow(state: State, link: Link, findings: Findings) -> State:
    """The state after one more link; whatever does not fit is noted."""
    if link.seq != state.seq + 1:
        _fail(findings, link, "sequence", f"缺号 / seq {state.seq + 1} expected, {link.seq} found")
    if link.prev is None:
        return State(link.seq, link.hash, state.recorded, state.call, state.ordinal)
    if link.prev != state.hash:
        _fail(findings, link, "previous_hash", "前链不符 / previous hash is not that of the entry before")
    if link.recorded <= state.recorded:
        _fail(findings, link, "recorded_time", "时间倒退 / recorded not later than the entry before")
    ordinal = state.ordinal + 1 if link.call is not None and link.call == state.call else 0
    if link.id != _identity(link, ordinal):
        _fail(findings, link, "id", "编号不符 / the id does not follow from the entry's own fields")
    return State(link.seq, link.hash, link.recorded, link.call, ordinal)


class Walk:
    """The chains of one piece of the log."""

    def __init__(self, findings: Findings) -> None:
        """What does not fit goes into `findings`."""
        self.leads: dict[str, list[Link]] = {}
        """Of each case the entries of the first call, whose links are still to be checked."""
        self.ends: dict[str, State] = {}
        """Of the cases that went on after that, the end."""
        self._findings = findings

    def add(self, link: Link) -> None:
        """Check the next entry, or keep it until it is known what it follows on."""
        state = self.ends.get(link.case)
        if state is None:
            leads = self.leads.setdefault(link.case, [])
            if not leads or (link.call is not None and link.call == leads[-1].call):
                leads.append(link)
                return
            state = _after(leads[-1])
        self.ends[link.case] = follow(state, link, self._findings)


class Chains:
    """All chains, joined from pieces in the order of the log."""

    def __init__(self, findings: Findings) -> None:
        """What does not fit goes into `findings`."""
        self.states: dict[str, State] = {}
        self._findings = findings

    def join(self, leads: dict[str, list[Link]], ends: dict[str, State]) -> None:
        """Put the next piece behind what is there."""
        for case, links in leads.items():
            state = self.states.get(case, START)
            for link in links:
                state = follow(state, link, self._findings)
            self.states[case] = ends.get(case, state)


def _after(link: Link) -> State:
    return State(link.seq, link.hash, link.recorded, link.call, 0)


def _identity(link: Link, ordinal: int) -> str:
    """What `ledger.entry` makes of the same fields: texts and a small number need no guard of the profile."""
    if link.call is None:
        parts: tuple[str | int, ...] = ("led1x", link.case, link.type, link.key)
    else:
        parts = ("led1", *link.call, link.type, ordinal)
    return sha256(orjson.dumps(parts)).hexdigest()


def _fail(findings: Findings, link: Link, check: str, detail: str) -> None:
    findings.add(check, detail, case=link.case, seq=link.seq, id=link.id, index=link.place)

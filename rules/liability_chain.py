"""The decision chain (承办人、审核人、批准人 and every voter), read off the entries of a matter.

Whoever actually used a power counts as having it: who decides is an approver whatever his post, and the B
officer or delegate answers for what he did, not the A officer in whose name he did it. Nothing is concluded
here; who was what, by which entry, is all. Entries are plain mappings, as the ledger holds them (`Event`).
Source: bureau rules on joint liability, part 3.4; 公务员法 Art.60.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.liability import NOT_IN_LOG

Event = Mapping[str, Any]
"""An entry as the ledger holds it: type, time, actor, actorrole, onbehalfof, subject, caseseq, data."""

SYSTEM, UNKNOWN = "system", "unknown"
NOBODY = frozenset({"", SYSTEM})
NAMELESS = frozenset({UNKNOWN, NOT_IN_LOG})
"""Not a person: two acts of somebody unknown are never counted as the same one's."""

HANDLER, REVIEWER, APPROVER = "handler", "reviewer", "approver"
REFUSED = "act.refused"
SIGNED, DECIDED, RETURNED = "case.stage_signed", "case.decided", "case.stage_returned"
CLOSED = "case.closed"
"""Of a recorded log it sums up what the entries before it said."""

_OVERRIDDEN = ".overridden"
_SIDE = {"agree": "passed", "oppose": "failed"}


@dataclass(frozen=True)
class Part:
    """One thing somebody was, and the entry that shows it."""

    officer: str
    capacity: str
    post: str = ""
    subject: str = ""
    seq: int = 0
    on_behalf_of: str = ""
    examined: bool = True
    """Signed or voted, and is examined whatever comes of it; others appear only if they answer."""


@dataclass(frozen=True)
class Person:
    """Somebody of the chain with all that he was."""

    officer: str
    parts: tuple[Part, ...]

    @property
    def capacities(self) -> tuple[str, ...]:
        """Everything he was, in the order of the entries."""
        return tuple(dict.fromkeys(part.capacity for part in self.parts))

    @property
    def examined(self) -> bool:
        """Whether he gets a row in any case."""
        return any(part.examined for part in self.parts)


def people_of(parts: Iterable[Part]) -> tuple[Person, ...]:
    """The people behind the parts, each once, in the order in which they appear."""
    found: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        if part.officer not in NOBODY:
            key = (part.officer, part.capacity if part.officer in NAMELESS else "")
            found.setdefault(key, []).append(part)
    return tuple(Person(officer, tuple(own)) for (officer, _), own in found.items())


def valid(events: Iterable[Event]) -> list[Event]:
    """The entries of what was done; a refused act was not."""
    return [event for event in events if event["type"] != REFUSED]


def parts_of(events: Sequence[Event], acts: Sequence[str] = ()) -> list[Part]:
    """Who signed, decided, voted; with `acts` only who made the entries of these types."""
    if acts:
        return [part for event in events if event["type"] in acts for part in _acted(event)]
    signers = [part for event in events for part in _signer(event)]
    return [*signers, *_voters(events)]


def irregular(events: Sequence[Event], codes: Collection[str]) -> list[Part]:
    """Who did what the rules would have refused, in a record of the past: named by the entry, no verdict."""
    return [
        _part(event, "named", officer=who)
        for event in events
        for each in (event["data"].get("irregularities", ()) if event["type"] != CLOSED else ())
        if each["code"] in codes
        for who in each["people"]
    ]


def _acted(event: Event) -> list[Part]:
    """Who did it is the handler of it, whatever his post."""
    return [] if event["actor"] in NOBODY else [_part(event, HANDLER), *_principal(event)]


def _signer(event: Event) -> list[Part]:
    kind, role = event["type"], event.get("actorrole", "")
    if kind not in (SIGNED, DECIDED, RETURNED) or event["actor"] in NOBODY:
        return []
    own = [_part(event, role)]
    if kind == DECIDED and role != APPROVER:
        own.append(_part(event, APPROVER))
    return [*own, *_principal(event)]


def _principal(event: Event) -> list[Part]:
    """The A officer in whose name the B officer acted is told that he does not answer for it."""
    a = event.get("onbehalfof")
    return [_part(event, "principal", officer=a, b=False)] if a else []


def _part(event: Event, capacity: str, *, officer: str = "", b: bool = True) -> Part:
    return Part(
        officer=officer or event["actor"],
        capacity=capacity,
        post=event["data"].get("post", ""),
        subject=event["subject"],
        seq=event["caseseq"],
        on_behalf_of=(event.get("onbehalfof") or "") if b else "",
    )


# -- the collective --------------------------------------------------------------------------


def decisive(events: Sequence[Event]) -> Event | None:
    """The entry that closed the latest meeting with a majority; None where nobody decided together."""
    closed = [e for e in events if _about(e) == "closed" and e["data"].get("outcome") in ("passed", "failed")]
    return closed[-1] if closed else None


def _about(event: Event) -> str:
    """What an entry of a session says; nothing for other entries."""
    return event["type"].rpartition(".")[2] if "meeting" in event["data"] else ""


def _voters(events: Sequence[Event]) -> list[Part]:
    end = decisive(events)
    if end is None:
        return []
    meeting = [e for e in events if (e["subject"], e["data"].get("meeting")) == _meeting(end)]
    called = next((e for e in reversed(meeting) if _about(e) == "convened"), None)
    last = _last_word(events, end)
    parts = [part for event in meeting for part in _sat(event, last)]
    return [*_chaired(end), *parts, *(_silent(called, parts) if called else [])]


def _meeting(event: Event) -> tuple[str, Any]:
    return event["subject"], event["data"]["meeting"]


def _chaired(end: Event) -> list[Part]:
    return [] if end["actor"] in NOBODY else [_part(end, "chair")]


def _last_word(events: Sequence[Event], end: Event) -> Event:
    """The entry with what was decided: the chair may have decided otherwise after the meeting closed."""
    after = [e for e in events if e["subject"] == end["subject"] and e["caseseq"] > end["caseseq"]]
    return [end, *(e for e in after if e["type"].endswith(_OVERRIDDEN))][-1]


def _sat(event: Event, last: Event) -> list[Part]:
    data, about = event["data"], _about(event)
    if about == "voted":
        own = last["type"].endswith(_OVERRIDDEN) and event["actor"] == last["actor"]
        return [_part(event, "member_for" if own else _side(data["choice"], last["data"]["outcome"]))]
    if about == "recused":
        return [_part(event, "recused", officer=data["member"])]
    if about in ("opened", "void"):
        away = [(who, "absent_with_leave") for who in data.get("leave", ())]
        away += [(who, "absent") for who in data.get("absent", ()) if who not in data.get("leave", ())]
        return [_part(event, capacity, officer=who) for who, capacity in away]
    return []


def _side(choice: str, outcome: str) -> str:
    """With the decision, against it, or neither."""
    if choice not in _SIDE:
        return "member_abstained"
    return "member_for" if _SIDE[choice] == outcome else "member_against"


def _silent(called: Event, parts: Sequence[Part]) -> list[Part]:
    """Members of whom the record says nothing more than that they were called."""
    known = {part.officer for part in parts}
    listed = [member["officer"] for member in called["data"].get("members", ())]
    return [_part(called, "absent", officer=who) for who in listed if who not in known]

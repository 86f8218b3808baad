"""A fault case as its page needs it: its course, the liability proposal with its entries, who said what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger.entry import Entry
from rules.liability import propose
from rules.procedures.fault import FAULT
from schemas.errors import YangguangError
from schemas.liability import Row
from schemas.profile import Profile
from starter.liability import chain_of, house_of
from starter.sight import Eyes
from web.names import Words, state_words

COURSE = (
    "lead",
    "screening",
    "investigating",
    "reported",
    "noticed",
    "verified",
    "discussed",
    "decided",
    "served",
    "effective",
    "filed",
)
"""States of an ordinary course, in order; the others are shown beside it when they come."""

STEPS: dict[str, Words] = {
    "fault.defended": Words("陈述申辩", "defence"),
    "fault.defence_waived": Words("放弃申辩", "defence waived"),
    "fault.verified": Words("复核申辩", "defence verified"),
    "window.closed": Words("期满未申辩", "time for a defence has passed"),
}
"""Who said what to the facts as they were noticed."""

REMEDIES: dict[str, Words] = {
    "fault.remedy_applied": Words("申请救济", "remedy applied for"),
    "fault.remedy_answered": Words("救济答复", "remedy answered"),
    "fault.decision_changed": Words("决定变更", "decision changed"),
    "fault.decision_revoked": Words("决定撤销", "decision revoked"),
    "fault.effective": Words("决定生效", "decision effective"),
}


@dataclass(frozen=True)
class Stage:
    """A state of the course: when it was first reached, if it was."""

    words: Words
    reached: str
    current: bool


@dataclass(frozen=True)
class FaultPage:
    """Everything about a fault case besides its file and its meeting."""

    about_kind: str
    about: str
    source: str
    codes: tuple[Words, ...]
    accused: tuple[str, ...]
    team: tuple[str, ...]
    text: str
    stages: tuple[Stage, ...]
    rows: tuple[Row, ...]
    confirmed: bool
    """The rows are those of the investigators' report; else they are computed now."""
    statements: tuple[tuple[Words, Entry], ...]
    remedies: tuple[tuple[Words, Entry], ...]
    decision: dict[str, Any] | None
    noticed: tuple[str, ...]
    """Those who have been given notice of the facts."""


def fault_page(connection: Connection, eyes: Eyes, profile: Profile, chain: Sequence[Entry]) -> FaultPage:
    """The page of a fault case from its entries."""
    about = _last(chain, "about") or {}
    codes = tuple(str(code) for code in _last(chain, "codes") or ())
    reported = _last_of(chain, "fault.reported")
    rows = _reported(reported) if reported else tuple(_computed(connection, eyes, profile, about, codes))
    decided = _last_of(chain, "fault.decided")
    noticed = _last_of(chain, "fault.facts_noticed")
    return FaultPage(
        about_kind=str(about.get("kind", "")),
        about=str(about.get("number", "")),
        source=str(_last(chain, "source") or ""),
        codes=tuple(_fault_words(profile, code) for code in codes),
        accused=tuple(map(str, _last(chain, "accused") or ())),
        team=tuple(map(str, _last(chain, "team") or ())),
        text=str(_last(chain, "text") or ""),
        stages=tuple(_stages(chain)),
        rows=rows,
        confirmed=reported is not None,
        statements=tuple((STEPS[each.type], each) for each in chain if _is_statement(each)),
        remedies=tuple((REMEDIES[each.type], each) for each in chain if each.type in REMEDIES),
        decision=decided.data if decided else None,
        noticed=tuple(each["officer"] for each in noticed.data.get("measures") or ()) if noticed else (),
    )


def _is_statement(entry: Entry) -> bool:
    defence = str(entry.data.get("ref", "")).startswith("defence/")
    return entry.type in STEPS and (entry.type != "window.closed" or defence)


def _last(chain: Sequence[Entry], name: str) -> Any:
    return next((each.data[name] for each in reversed(chain) if each.data.get(name)), None)


def _last_of(chain: Sequence[Entry], kind: str) -> Entry | None:
    return next((each for each in reversed(chain) if each.type == kind), None)


def _stages(chain: Sequence[Entry]) -> Iterator[Stage]:
    reached: dict[str, str] = {}
    for entry in chain:
        state = str(entry.data.get("after") or "")
        if state:
            reached.setdefault(state, entry.event["time"])
    now = str(chain[-1].data.get("after") or "")
    aside = [state for state in reached if state not in COURSE and state in FAULT.states]
    for state in (*COURSE, *aside):
        yield Stage(state_words("fault", state), reached.get(state, ""), state == now)


def _reported(entry: Entry) -> tuple[Row, ...]:
    return tuple(Row.model_validate(each) for each in entry.data.get("rows") or ())


def _computed(
    connection: Connection, eyes: Eyes, profile: Profile, about: dict[str, Any], codes: Sequence[str]
) -> Iterator[Row]:
    """What the table proposes now; it proposes only."""
    number = str(about.get("number", ""))
    if about.get("kind") != "case" or not eyes.sees(connection, number):
        return
    chain = chain_of(connection, number)
    for code in codes:
        try:
            yield from propose(chain, (), code, profile.liability, house_of(profile, chain)).rows
        except YangguangError:
            continue


def _fault_words(profile: Profile, code: str) -> Words:
    known = next((each for each in profile.faults.codes if each.code == code), None)
    return Words(f"{code} {known.name}", f"{code} {known.name_en}") if known else Words(code, code)

"""Detectors: what is seen in the ledger that is worth a look (异常行为筛查). Pure functions over entries.

The same entries and the same profile give the same findings, at most one a person, detector and week. Nothing
here accuses: a finding says what was seen of whom, how often, and by which entries. Entry time is asserted,
and nobody backdates without leave; keying in later is measured against the recorded time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from rules.detector_looks import LOOKS, Matter, Seen, Setting, Sighting, sighting, week_of
from schemas.clocks import Calendar
from schemas.detector_rules import Detector, DetectorRules, Pattern
from schemas.fault import EvidenceRef
from schemas.findings import Finding

SHOWN = 20
"""Entries that a finding names."""

Event = Mapping[str, Any]


@dataclass
class Watch:
    """What is remembered while the ledger goes by."""

    setting: Setting
    matters: dict[str, Matter] = field(default_factory=dict)
    opinions: dict[tuple[str, str, bool, str], list[Seen]] = field(default_factory=dict)
    """By officer, week, whether it is of the past, and words."""
    sightings: list[Sighting] = field(default_factory=list)


def findings(events: Iterable[Event], setting: Setting) -> tuple[Finding, ...]:
    """All findings, in the order of week, detector and staff number."""
    watch = Watch(setting)
    for event in events:
        look(watch, event)
    return concluded(watch)


def look(watch: Watch, event: Event) -> None:
    """Take in one entry; within a matter they come in the order of its chain."""
    number, data = str(event["subject"]), event["data"]
    matter = watch.matters.setdefault(number, Matter())
    seen = _read(event, watch.setting.calendar)
    if seen:
        _look_at(watch, seen, matter)
        _remember(watch.setting.rules, seen, matter)
    if "clocks" in data:
        matter.dues = _running(data["clocks"])
    if data.get("view", {}).get("closed") and not matter.closed:
        del watch.matters[number]


def concluded(watch: Watch) -> tuple[Finding, ...]:
    """What is worth telling, once all entries went by."""
    grouped: dict[tuple[str, Pattern, str, bool], list[Seen]] = {}
    for each in (*watch.sightings, *_bursts(watch)):
        key = each.week, each.detector, each.officer, each.seen.imported
        grouped.setdefault(key, []).append(each.seen)
    known = {each.code: each for each in watch.setting.rules.detectors}
    return tuple(
        _finding(known[key[1]], key, seen)
        for key, seen in sorted(grouped.items())
        if len(seen) >= known[key[1]].times
    )


def _finding(detector: Detector, key: tuple[str, Pattern, str, bool], seen: list[Seen]) -> Finding:
    week, code, officer, imported = key
    ordered = sorted(seen, key=lambda each: (each.at, each.ref.number, each.ref.seq))
    facts = {"times": len(seen), "within": detector.within, "week": week}
    return Finding(
        detector=code,
        officer=officer,
        week=week,
        times=len(seen),
        faults=detector.faults,
        text=f"{detector.name}：{detector.says.format(**facts)} / {detector.says_en.format(**facts)}",
        evidence=tuple(each.ref for each in ordered[:SHOWN]),
        imported=imported,
    )


def _read(event: Event, calendar: Calendar) -> Seen | None:
    """The act of a person; None for what the engine did, and for what was refused."""
    data = event["data"]
    if "actid" not in data or event["type"] == "act.refused":
        return None
    at = datetime.fromisoformat(event["time"])
    number = str(event["subject"])
    kind = str(event.get("wfid") or "").partition("/")[0] or str(data.get("view", {}).get("kind", "case"))
    return Seen(
        type=event["type"],
        officer=event["actor"],
        at=at,
        week=week_of(calendar, at),
        ref=EvidenceRef(kind=kind, number=number, seq=event["caseseq"]),
        data=data,
        recorded=datetime.fromisoformat(event["recordedtime"]),
        imported=data.get("timesource") == "import",
    )


def _running(clocks: Iterable[Mapping[str, Any]]) -> tuple[date, ...]:
    return tuple(
        date.fromisoformat(each["due"]) for each in clocks if each.get("due") and not each["stopped"]
    )


def _remember(rules: DetectorRules, seen: Seen, matter: Matter) -> None:
    if seen.type in rules.closing:
        matter.closed = seen


def _look_at(watch: Watch, seen: Seen, matter: Matter) -> None:
    setting = watch.setting
    for detector in setting.rules.detectors:
        if detector.code is Pattern.IDENTICAL_OPINIONS:
            _keep_opinion(watch, seen)
            continue
        found = LOOKS[detector.code](seen, matter, detector, setting)
        if found and (setting.weeks is None or found.week in setting.weeks):
            watch.sightings.append(found)


def _keep_opinion(watch: Watch, seen: Seen) -> None:
    words = " ".join(str(seen.data.get("opinion", "")).split())
    wanted = watch.setting.weeks is None or seen.week in watch.setting.weeks
    if words and wanted and seen.type in watch.setting.rules.signing:
        key = seen.officer, seen.week, seen.imported, words
        watch.opinions.setdefault(key, []).append(seen)


def _bursts(watch: Watch) -> Iterator[Sighting]:
    """The same words on many matters within minutes; a matter signed twice counts once."""
    detector = next((d for d in watch.setting.rules.detectors if d.code is Pattern.IDENTICAL_OPINIONS), None)
    if detector is None:
        return
    for signed in watch.opinions.values():
        first = {seen.ref.number: seen for seen in sorted(signed, key=lambda each: each.at, reverse=True)}
        yield from (sighting(detector, seen) for seen in _dense(list(first.values()), detector))


def _dense(signed: list[Seen], detector: Detector) -> list[Seen]:
    """Those that stand among `times` within `within` minutes."""
    ordered, span = sorted(signed, key=lambda each: each.at), timedelta(minutes=detector.within)
    chosen: set[int] = set()
    for end in range(detector.times - 1, len(ordered)):
        begin = end - detector.times + 1
        if ordered[end].at - ordered[begin].at <= span:
            chosen |= set(range(begin, end + 1))
    return [ordered[place] for place in sorted(chosen)]

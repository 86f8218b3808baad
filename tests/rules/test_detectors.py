"""The detectors over entries worked out by hand: what is seen, what is just not seen, and how it is told.

Monday 15 June to Sunday 21 June 2026 is week 25; Friday 19 June is a holiday. The make-up Saturday
of 28 February and the Spring Festival from 15 to 23 February come where working days are counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rules.detector_looks import Setting, week_of
from rules.detectors import SHOWN, findings
from schemas.clocks import Expiry
from schemas.detector_rules import Pattern
from schemas.findings import Finding
from starter.rulebook import load_profile
from tests.rules.calendars import china

PROFILE = load_profile("current")
CALENDAR = china(2025, 2027)
SETTING = Setting(PROFILE.detectors, CALENDAR, PROFILE.thresholds)
NINE = datetime(2026, 6, 15, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
_seqs = count(1)


def entry(
    kind: str, when: str, number: str = "LX-1", officer: str = "1201", recorded: str = "", **data: Any
) -> dict[str, Any]:
    """An act of somebody, local time."""
    at = f"{when}:00+08:00" if len(when) == 16 else f"{when}+08:00"
    return {
        "subject": number,
        "wfid": f"{kind.partition('.')[0]}/{number}",
        "type": kind,
        "time": at,
        "recordedtime": f"{recorded}:00+08:00" if recorded else at,
        "actor": officer,
        "caseseq": next(_seqs),
        "data": {"actid": f"a-{next(_seqs)}", "timesource": "intake", **data},
    }


def due(*days: str, stopped: bool = False) -> list[dict[str, Any]]:
    """Clocks that are due on these days."""
    return [{"clock": "stage", "due": day, "stopped": stopped} for day in days]


def opened(number: str, *days: str) -> dict[str, Any]:
    """A case with running clocks."""
    return entry("case.registered", "2026-06-01 09:00", number, "1101", clocks=due(*days))


def found(pattern: Pattern, *events: dict[str, Any], setting: Setting = SETTING) -> list[Finding]:
    """Findings of one detector."""
    return [each for each in findings(events, setting) if each.detector is pattern]


def signed(number: str, when: str, officer: str = "1201", **data: Any) -> dict[str, Any]:
    """Somebody signs a stage."""
    return entry("case.stage_signed", when, number, officer, **data)


def paused(number: str, when: str) -> dict[str, Any]:
    """Somebody asks for the clocks to be stopped."""
    return entry("case.suspension_requested", when, number)


def test_pausing_with_hardly_a_day_left() -> None:
    """Friday 19 June is a holiday: on Thursday a limit of Monday has one working day left."""
    events = [opened("A", "2026-06-22"), opened("B", "2026-06-18", "2026-07-30"), opened("C", "2026-06-23")]
    first, second = paused("A", "2026-06-18 10:00"), paused("B", "2026-06-18 16:00")
    (finding,) = found(Pattern.PAUSE_BEFORE_EXPIRY, *events, first, second)
    assert (finding.officer, finding.week, finding.times) == ("1201", "2026-W25", 2)
    assert [each.number for each in finding.evidence] == ["A", "B"]
    assert finding.key == "detector/pause_before_expiry/1201/2026-W25"
    assert found(Pattern.PAUSE_BEFORE_EXPIRY, *events, first, paused("C", "2026-06-18 16:00")) == []


def test_pausing_after_the_limit_or_with_no_clock_running_is_another_matter() -> None:
    pauses = [paused(n, "2026-06-16 09:00") for n in "AB"]
    late = [opened(n, "2026-06-15") for n in "AB"]
    assert found(Pattern.PAUSE_BEFORE_EXPIRY, *late, *pauses) == []
    clocks = due("2026-06-16", stopped=True)
    stopped = [entry("case.result_ready", "2026-06-15 08:00", n, clocks=clocks) for n in "AB"]
    assert found(Pattern.PAUSE_BEFORE_EXPIRY, *stopped, *pauses) == []


def test_pausing_counts_make_up_saturdays_and_no_festival() -> None:
    """Saturday 14 February is worked; after it the festival lasts to 23 February."""
    events = [opened(n, "2026-02-24") for n in "AB"]
    over = [paused("A", "2026-02-14 10:00"), paused("B", "2026-02-14 10:00")]
    before = [paused("A", "2026-02-13 10:00"), paused("B", "2026-02-13 10:00")]
    assert [each.times for each in found(Pattern.PAUSE_BEFORE_EXPIRY, *events, *over)] == [2]
    assert found(Pattern.PAUSE_BEFORE_EXPIRY, *events, *before) == []


@pytest.mark.parametrize(
    ("expiry", "when", "seen"),
    [
        (Expiry.END_OF_DAY, "2026-06-16 22:59", False),
        (Expiry.END_OF_DAY, "2026-06-16 23:00", True),
        (Expiry.END_OF_DAY, "2026-06-17 01:00", True),
        (Expiry.END_OF_DAY, "2026-06-17 01:01", False),
        (Expiry.CLOSE_OF_BUSINESS, "2026-06-16 15:59", False),
        (Expiry.CLOSE_OF_BUSINESS, "2026-06-16 16:30", True),
        (Expiry.CLOSE_OF_BUSINESS, "2026-06-16 18:00", True),
        (Expiry.CLOSE_OF_BUSINESS, "2026-06-16 23:30", False),
    ],
)
def test_signing_in_the_last_hour_or_the_first_after(expiry: Expiry, when: str, seen: bool) -> None:
    thresholds = PROFILE.thresholds.model_copy(update={"expiry": expiry})
    setting = Setting(PROFILE.detectors, CALENDAR, thresholds)
    events = [*(opened(n, "2026-06-16") for n in "ABC"), *(signed(n, when) for n in "ABC")]
    assert bool(found(Pattern.SIGN_LATE, *events, setting=setting)) is seen
    assert found(Pattern.SIGN_LATE, *events[:-1], setting=setting) == []  # twice is not repeatedly


def closed_and_reopened(number: str, days: int) -> list[dict[str, Any]]:
    """A complaint closed by one and reopened by another."""
    again = (NINE + timedelta(days=days)).strftime("%Y-%m-%d %H:%M")
    return [
        entry("complaint.closed", "2026-06-15 09:00", number, "1205", view={"closed": True}),
        entry("complaint.reopened", again, number, "1901", view={"closed": False}),
    ]


def test_closed_and_reopened_is_told_of_whoever_closed() -> None:
    within = [*closed_and_reopened("A", 2), *closed_and_reopened("B", 2)]
    (finding,) = found(Pattern.CLOSE_AND_REOPEN, *within)
    assert (finding.officer, finding.times) == ("1205", 2)
    assert finding.evidence[0].kind == "complaint"
    later = [*closed_and_reopened("A", 11), *closed_and_reopened("B", 11)]
    assert found(Pattern.CLOSE_AND_REOPEN, *later) == []
    assert found(Pattern.CLOSE_AND_REOPEN, *[e for e in within if e["type"] == "complaint.reopened"]) == []


def burst(minutes: int, words: str = "同意，材料齐全", size: int = 5, **data: Any) -> list[dict[str, Any]]:
    """The same words, one matter every `minutes`."""
    times = ((NINE + timedelta(minutes=minutes * n)).strftime("%Y-%m-%d %H:%M") for n in range(size))
    return [signed(f"M-{n}", when, opinion=words, **data) for n, when in enumerate(times)]


def test_the_same_words_on_five_matters_within_ten_minutes() -> None:
    assert [each.times for each in found(Pattern.IDENTICAL_OPINIONS, *burst(2))] == [5]
    assert found(Pattern.IDENTICAL_OPINIONS, *burst(3)) == []
    assert found(Pattern.IDENTICAL_OPINIONS, *burst(2, size=4)) == []
    assert [each.times for each in found(Pattern.IDENTICAL_OPINIONS, *burst(2, size=9))] == [9]


def test_other_words_other_people_and_one_matter_twice_make_no_burst() -> None:
    four = burst(2, size=4)
    assert found(Pattern.IDENTICAL_OPINIONS, *four, signed("M-9", "2026-06-15 09:08", opinion="同意")) == []
    other = signed("M-9", "2026-06-15 09:08", "1202", opinion="同意，材料齐全")
    assert found(Pattern.IDENTICAL_OPINIONS, *four, other) == []
    again = signed("M-0", "2026-06-15 09:08", opinion="同意，材料齐全")
    assert found(Pattern.IDENTICAL_OPINIONS, *four, again) == []
    spaced = signed("M-9", "2026-06-15 09:08", opinion=" 同意，材料齐全 ")
    assert len(found(Pattern.IDENTICAL_OPINIONS, *four, spaced)) == 1


def test_what_is_no_signature_is_no_opinion() -> None:
    notes = [{**each, "type": "case.noted"} for each in burst(1, size=8)]
    assert found(Pattern.IDENTICAL_OPINIONS, *notes) == []


@pytest.mark.parametrize(("seconds", "seen"), [(0, True), (5, True), (6, False), (-1, False)])
def test_signed_seconds_after_it_was_shown(seconds: int, seen: bool) -> None:
    """A time of seeing that lies after the signature proves nothing."""
    shown = (NINE - timedelta(seconds=seconds)).isoformat()
    events = [signed(n, "2026-06-15 09:00", seenat=shown) for n in "ABC"]
    assert bool(found(Pattern.SEEN_TO_SIGNED, *events)) is seen
    assert found(Pattern.SEEN_TO_SIGNED, *events[:2]) == []
    assert found(Pattern.SEEN_TO_SIGNED, *(signed(n, "2026-06-15 09:00") for n in "ABC")) == []


@pytest.mark.parametrize(
    ("done", "entered", "seen"),
    [
        ("2026-06-15 09:00", "2026-06-16 18:00", False),
        ("2026-06-15 09:00", "2026-06-17 08:00", True),
        ("2026-06-18 09:00", "2026-06-22 18:00", False),  # a holiday and a week-end between
        ("2026-06-18 09:00", "2026-06-23 09:00", True),
        ("2026-02-14 09:00", "2026-02-24 09:00", False),  # the festival between
        ("2026-02-14 09:00", "2026-02-25 09:00", True),
        ("2026-12-31 09:00", "2027-01-04 09:00", False),
    ],
)
def test_keyed_in_working_days_after(done: str, entered: str, seen: bool) -> None:
    """It belongs to the week in which it was keyed in, by whoever did."""
    event = signed("A", done, recorded=entered, lateentry="field_work")
    told = found(Pattern.KEYED_IN_LATER, event)
    assert bool(told) is seen
    assert all(each.week == week_of(CALENDAR, datetime.fromisoformat(f"{entered}:00+08:00")) for each in told)
    assert found(Pattern.KEYED_IN_LATER, signed("A", done, recorded=entered)) == []


def test_what_the_engine_did_or_the_rules_refused_is_nobodys() -> None:
    events = burst(1, size=6)
    refused = [{**each, "type": "act.refused"} for each in events]
    engine = [{**each, "data": {k: v for k, v in each["data"].items() if k != "actid"}} for each in events]
    assert findings([*refused, *engine], SETTING) == ()


def test_of_the_past_it_is_told_by_itself_and_marked() -> None:
    """An import and live work of one week are two findings; only together they would not be one."""
    past = burst(2, timesource="import")
    live = [{**each, "subject": f"N-{n}"} for n, each in enumerate(burst(2))]
    told = found(Pattern.IDENTICAL_OPINIONS, *past, *live)
    assert [(each.imported, each.times) for each in told] == [(False, 5), (True, 5)]
    assert found(Pattern.IDENTICAL_OPINIONS, *past[:3], *live[:3]) == []


def test_only_the_weeks_that_are_asked_for() -> None:
    setting = Setting(PROFILE.detectors, CALENDAR, PROFILE.thresholds, frozenset({"2026-W26"}))
    late = signed("A", "2026-06-15 09:00", recorded="2026-06-22 09:00", lateentry="outage")
    told = findings([*burst(2), late], setting)
    assert [(each.detector, each.week) for each in told] == [(Pattern.KEYED_IN_LATER, "2026-W26")]


def test_one_finding_a_person_detector_and_week_with_its_evidence() -> None:
    """However much was seen; the order in which other matters come makes no difference."""
    many = [signed(f"M-{n:02}", "2026-06-15 09:00", opinion="同意") for n in range(SHOWN + 5)]
    next_week = [signed(f"N-{n}", "2026-06-22 09:00", opinion="同意") for n in range(5)]
    told = found(Pattern.IDENTICAL_OPINIONS, *many, *next_week)
    assert [(each.week, each.times, len(each.evidence)) for each in told] == [
        ("2026-W25", SHOWN + 5, SHOWN),
        ("2026-W26", 5, 5),
    ]
    assert len({each.key for each in told}) == 2
    assert findings([*next_week, *reversed(many)], SETTING) == findings([*many, *next_week], SETTING)


def test_the_words_say_what_was_seen_and_name_nobody() -> None:
    for finding in findings([*burst(2), opened("A", "2026-06-15")], SETTING):
        assert finding.text.startswith("雷同意见：2026-W25 内有 5 件")
        assert "5 matters in 2026-W25" in finding.text
        assert finding.officer not in finding.text
        assert finding.faults == ("F10",)


def test_a_week_begins_on_monday_at_the_bureau() -> None:
    """Sunday 16:00 UTC is Monday there; the first days of January may belong to the old year's last week."""
    assert week_of(CALENDAR, datetime.fromisoformat("2026-06-14T15:59:00+00:00")) == "2026-W24"
    assert week_of(CALENDAR, datetime.fromisoformat("2026-06-14T16:00:00+00:00")) == "2026-W25"
    assert week_of(CALENDAR, datetime.fromisoformat("2027-01-03T12:00:00+08:00")) == "2026-W53"


def test_every_detector_is_shipped_and_without_rules_nothing_is_found() -> None:
    known = {each.code for each in PROFILE.faults.codes}
    for each in PROFILE.detectors.detectors:
        assert set(each.faults) <= known
        facts = {"times": 7, "within": each.within, "week": "2026-W25"}
        for words in (each.says, each.says_en):
            told = words.format(**facts)
            assert "7" in told
            assert "2026-W25" in told
    assert {each.code for each in PROFILE.detectors.detectors} == set(Pattern)
    bare = Setting(type(PROFILE.detectors)(), CALENDAR, PROFILE.thresholds)
    assert findings(burst(1, size=9), bare) == ()

"""The policy dry-run on dates worked out by hand: what cases would have come to under other limits.

June 2026: the 15th is a Monday, the 19th (Dragon Boat) is a holiday. Five working days from the 15th end on
the 23rd: 16, 17, 18, 22, 23.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rules.dryrun import Verdict, judge
from rules.dryrun_counts import Compared, changes
from rules.dryrun_facts import CaseFacts, facts_of
from schemas.clocks import Lamp
from schemas.profile import Rules
from starter.rulebook import load_profile, rules_for
from tests.rules.calendars import china

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = china(2026, 2027)
NOON = "12:00"


def at(text: str) -> datetime:
    """`06-15`, noon unless it says otherwise; local time of 2026."""
    day, _, hour = text.partition(" ")
    return datetime.fromisoformat(f"2026-{day} {hour or NOON}").replace(tzinfo=ZONE)


def row(
    clock: str, start: str, stopped: str = "", ref: str = "", *, suspended: bool = False
) -> dict[str, Any]:
    """A clock as an entry holds it; what its limit was is of no concern."""
    return {
        "clock": clock,
        "ref": ref,
        "start": f"2026-{start}",
        "stopped_on": f"2026-{stopped}" if stopped else None,
        "suspended": suspended,
    }


def entry(kind: str, time: str, *clocks: dict[str, Any], **data: Any) -> dict[str, Any]:
    """One entry of a case."""
    told = {"clocks": list(clocks)} if clocks else {}
    return {"subject": "LX-1", "type": kind, "time": at(time).isoformat(), "data": {**told, **data}}


def registered(time: str = "06-15", **data: Any) -> dict[str, Any]:
    """The first entry."""
    return entry("case.registered", time, view={"item": "LX-DJ-01"}, **data)


def facts(*events: dict[str, Any]) -> CaseFacts:
    """The facts of a case with these entries after its registration."""
    found = facts_of([registered(), *events], CALENDAR)
    assert found is not None
    return found


def rules(promise: int = 5, warn: int = 10, **stages: int) -> Rules:
    """Rules of the mortgage registration with another promise, threshold or stage limits."""
    made = rules_for(load_profile("current"), "LX-DJ-01", date(2026, 6, 15))
    item = made.item
    assert item is not None
    assert item.promise is not None
    limits = {
        each.code: each.limit.model_copy(update={"n": stages.get(each.code, 9)}) for each in item.stages
    }
    changed = item.model_copy(
        update={
            "promise": item.promise.model_copy(update={"n": promise}),
            "stages": tuple(each.model_copy(update={"limit": limits[each.code]}) for each in item.stages),
        }
    )
    thresholds = made.thresholds.model_copy(update={"warn_divisor": warn})
    return made.model_copy(update={"item": changed, "thresholds": thresholds, "calendar": CALENDAR})


def promised(stopped: str = "", **more: Any) -> CaseFacts:
    """A case whose promise began on the 15th and was kept or not on a day."""
    begun = entry("case.accepted", "06-15", row("promise", "06-15"))
    ended = [entry("case.result_ready", stopped, row("promise", "06-15", stopped), **more)] if stopped else []
    return facts(begun, *ended)


@pytest.mark.parametrize(
    ("promise", "stopped", "lamp"),
    [
        (5, "06-18", Lamp.GREEN),
        (5, "06-22", Lamp.YELLOW),
        (5, "06-23", Lamp.YELLOW),
        (5, "06-24", Lamp.RED),
        (3, "06-18", Lamp.YELLOW),
        (2, "06-18", Lamp.RED),
        (1, "06-16", Lamp.YELLOW),
        (0, "06-15", Lamp.GREEN),
        (0, "06-16", Lamp.RED),
    ],
)
def test_another_promise_gives_another_lamp(promise: int, stopped: str, lamp: Lamp) -> None:
    assert judge(promised(stopped), rules(promise), at("06-30")) == Verdict(lamp=lamp)


def test_another_threshold_turns_the_lamp_yellow_earlier_and_never_red() -> None:
    """With a half of five days left (two), yellow begins on the third day, the 18th."""
    assert judge(promised("06-18"), rules(warn=2), at("06-30")).lamp is Lamp.YELLOW
    assert judge(promised("06-17"), rules(warn=2), at("06-30")).lamp is Lamp.GREEN


def test_what_still_runs_is_judged_as_of_now() -> None:
    assert judge(promised(), rules(), at("06-21")).lamp is Lamp.GREEN
    assert judge(promised(), rules(), at("06-23 23:59")).lamp is Lamp.YELLOW
    assert judge(promised(), rules(), at("06-24 00:00")).lamp is Lamp.RED


def test_an_imported_case_stands_at_its_last_entry() -> None:
    past = facts_of(
        [
            registered(timesource="import"),
            entry("case.accepted", "06-15", row("promise", "06-15")),
            entry("case.noted", "06-17"),
        ],
        CALENDAR,
    )
    assert past is not None
    assert judge(past, rules(2), at("12-31")).lamp is Lamp.YELLOW
    assert judge(past, rules(1), at("12-31")).lamp is Lamp.RED


def paused(stopped: str) -> CaseFacts:
    """Suspended on the 16th, resumed on the 23rd: the 16th counts, the 17th to the 23rd do not."""
    return facts(
        entry("case.accepted", "06-15", row("promise", "06-15")),
        entry("case.suspended", "06-16", row("promise", "06-15", suspended=True)),
        entry("case.noted", "06-18", row("promise", "06-15", suspended=True)),
        entry("case.resumed", "06-23", row("promise", "06-15")),
        entry("case.result_ready", stopped, row("promise", "06-15", stopped)),
    )


def test_days_of_a_standstill_do_not_count_under_the_draft_either() -> None:
    """16, 24, 25, 26, 29: the fifth day is the 29th."""
    assert judge(paused("06-25"), rules(), at("07-30")).lamp is Lamp.GREEN
    assert judge(paused("06-26"), rules(), at("07-30")).lamp is Lamp.YELLOW
    assert judge(paused("06-30"), rules(), at("07-30")).lamp is Lamp.RED
    assert judge(paused("06-25"), rules(2), at("07-30")).lamp is Lamp.RED


def test_an_extension_lengthens_the_draft_too() -> None:
    """Five days and three: 16, 17, 18, 22, 23, 24, 25, 26."""
    extended = facts(
        entry("case.accepted", "06-15", row("promise", "06-15")),
        entry("case.extended", "06-18", row("promise", "06-15"), days=3),
        entry("case.result_ready", "06-26", row("promise", "06-15", "06-26")),
    )
    assert judge(extended, rules(5), at("07-30")).lamp is Lamp.YELLOW
    assert judge(extended, rules(4), at("07-30")).lamp is Lamp.RED


def test_a_stage_that_was_sent_back_is_charged_for_its_own_days() -> None:
    """The 16th and the 23rd are the handler's; what lies between was in later hands."""
    returned = facts(
        entry("case.stage_taken", "06-15", row("stage", "06-15", ref="H")),
        entry("case.stage_signed", "06-16", row("stage", "06-15", "06-16", ref="H"), stage="H"),
        entry("case.stage_taken", "06-22", row("stage", "06-15", ref="H")),
        entry("case.stage_signed", "06-23", row("stage", "06-15", "06-23", ref="H"), stage="H"),
    )
    assert judge(returned, rules(H=2), at("07-30")).lamp is Lamp.YELLOW
    assert judge(returned, rules(H=1), at("07-30")).lamp is Lamp.RED


def test_a_second_handover_of_the_same_name_is_a_clock_of_its_own() -> None:
    twice = facts(
        entry("duty.offered", "06-15", row("handover", "06-15", ref="post")),
        entry("duty.accepted", "06-15", row("handover", "06-15", "06-15", ref="post")),
        entry("duty.offered", "06-17", row("handover", "06-17", ref="post")),
        entry("duty.accepted", "06-23", row("handover", "06-17", "06-23", ref="post")),
    )
    assert [(each.start.day, each.stopped_on and each.stopped_on.day) for each in twice.ran] == [
        (15, 15),
        (17, 23),
    ]
    assert judge(twice, rules(), at("07-30")).lamp is Lamp.RED


def staged(*codes: str, decided: bool = True) -> CaseFacts:
    """A case in which these stages were signed within the day."""
    signed = [
        entry("case.stage_signed", "06-15", row("stage", "06-15", "06-15", ref=code), stage=code)
        for code in codes
    ]
    return facts(*signed, *([entry("case.decided", "06-15")] if decided else []))


def test_stages_that_do_not_match_cannot_be_judged() -> None:
    assert judge(staged("W", "H", "R", "C"), rules(), at("06-30")) == Verdict(lamp=Lamp.GREEN)
    assert judge(staged("W", "H", "X", "R", "C"), rules(), at("06-30")) == Verdict(
        lamp=None, unmatched=("X",)
    )
    assert judge(staged("W", "R", "C"), rules(), at("06-30")) == Verdict(lamp=None, unmatched=("H",))


def test_an_open_case_has_its_later_stages_still_to_come() -> None:
    assert judge(staged("W", "H", decided=False), rules(), at("06-30")).lamp is Lamp.GREEN


def test_red_is_red_whatever_else_cannot_be_judged() -> None:
    late = facts(
        entry("case.accepted", "06-15", row("promise", "06-15"), row("stage", "06-15", ref="X")),
        entry("case.result_ready", "06-25", row("promise", "06-15", "06-25")),
    )
    assert judge(late, rules(), at("06-30")) == Verdict(lamp=Lamp.RED, unmatched=("X",))


def test_what_was_recorded_is_told_beside_it() -> None:
    warned = entry("lamp.yellow", "06-22", clock="promise", ref="")
    breached = entry("clock.breached", "06-24", clock="promise", ref="")
    withdrawn = entry("clock.breach_withdrawn", "06-25", clock="promise", ref="")
    other = entry("clock.breached", "06-24", clock="rectify", ref="LX-1/Y1-1")
    assert facts().recorded is Lamp.GREEN
    assert facts(other).recorded is Lamp.GREEN
    assert facts(warned).recorded is Lamp.YELLOW
    assert facts(warned, breached).recorded is Lamp.RED
    assert facts(warned, breached, withdrawn).recorded is Lamp.YELLOW


def test_what_is_no_case_has_no_facts() -> None:
    assert facts_of([entry("inquiry.registered", "06-15")], CALENDAR) is None


def test_counts_add_up_to_the_cases() -> None:
    total = Compared(item="")
    verdicts = [Verdict(lamp=Lamp.RED), Verdict(lamp=Lamp.GREEN), Verdict(lamp=None, unmatched=("X", "Y"))]
    for draft in verdicts:
        total = total.plus(Lamp.GREEN, Verdict(lamp=Lamp.YELLOW), draft)
    both = total.and_also(total)
    for side in (both.recorded, both.now, both.draft):
        assert side.green + side.yellow + side.red + side.unjudged == both.cases == 6
    assert both.draft.model_dump() == {"green": 2, "yellow": 0, "red": 2, "unjudged": 2}
    assert both.unmatched == {"X": 2, "Y": 2}


def test_changes_are_told_by_code_and_not_by_place() -> None:
    now = {"items": [{"code": "A", "n": 1}, {"code": "B", "n": 2}], "same": [1, 2]}
    draft = {"items": [{"code": "B", "n": 3}, {"code": "A", "n": 1}, {"code": "C", "n": 1}], "same": [1, 2]}
    found = [(each.key, each.now, each.draft) for each in changes(now, draft)]
    assert found == [("items.B.n", "2", "3"), ("items.C", "–", "{…}")]

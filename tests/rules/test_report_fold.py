"""Entries become figures: what is counted, in which period, by whom, and with which rows behind it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rules.report.counts import CARDS, COUNTS, MEASURES, NOT_KEPT, STANDING
from rules.report.document import Document, figure_of, ranking
from rules.report.names import FIGURES, figure_name, label_name
from rules.report.rows import code
from schemas.entry_types import ENTRY_TYPES
from schemas.errors import NotFoundError
from tests.rules.report_events import Log


def total(found: Document, name: str) -> Any:
    return figure_of(found, name)["total"]


def rows(found: Document, name: str) -> list[str]:
    return [row[0] for row in figure_of(found, name)["rows"]]


def test_an_act_belongs_to_the_month_of_its_own_time() -> None:
    log = Log()
    log.case("LX-1", "05-31 23:59")
    log.case("LX-2", "06-01 00:00")
    log.case("LX-3", "06-30 23:59", channel="online")
    log.case("LX-4", "07-01 00:00")
    june = log.report()
    assert total(june, "received") == {"count": 2, "labels": {"window": 1, "online": 1}}
    assert rows(june, "received") == ["LX-2", "LX-3"]
    assert rows(log.report("2026-05"), "received") == ["LX-1"]
    assert rows(log.report("2026-07"), "received") == ["LX-4"]


def test_what_is_recorded_after_the_end_is_counted_and_shown_as_late() -> None:
    log = Log()
    log.case("LX-1", "06-10 09:00")
    log.add("LX-1", "case.accepted", "06-30 16:00", {"state": "in_stage"}, recorded="07-02 09:00")
    log.add("LX-1", "case.noted", "07-02 09:10")
    june, july = log.report(), log.report("2026-07")
    assert figure_of(june, "accepted")["rows"] == [
        ["LX-1", 2, "registry", "LX-LS-01", ["1101"], "window", None, True]
    ]
    assert total(june, "late_records") == {"count": 1, "labels": {"case.accepted": 1}}
    assert total(july, "late_for_earlier") == {"count": 1, "labels": {"case.accepted": 1}}
    assert total(july, "accepted")["count"] == 0


def test_by_section_item_and_officer() -> None:
    log = Log()
    log.case("LX-1", "06-10 09:00")
    log.case("LX-2", "06-11 09:00", item="LX-DJ-01", section="land-use")
    log.add("LX-2", "case.accepted", "06-12 09:00", {"state": "in_stage"}, actor="1102", section="window")
    log.add("LX-1", "case.deemed_accepted", "06-18 00:00", actor="system", account="1101")
    june = log.report()
    received = figure_of(june, "received")
    assert {key: each["count"] for key, each in received["sections"].items()} == {
        "land-use": 1,
        "registry": 1,
    }
    assert set(received["items"]) == {"LX-DJ-01", "LX-LS-01"}
    accepted = figure_of(june, "accepted")
    assert (set(accepted["sections"]), set(accepted["officers"])) == ({"window"}, {"1102"})
    assert set(figure_of(june, "deemed_accepted")["officers"]) == {"1101"}


def test_promise_and_statute_once_a_case_when_its_result_came_out() -> None:
    log = Log()
    for n, days in enumerate((1, 2, 2, 7)):
        log.case(f"LX-{n}", "06-01 09:00")
        log.result(f"LX-{n}", "06-20 09:00", days)
        figures = log.events[-1]["data"]["figures"]
        log.add(f"LX-{n}", "case.closed", "06-21 09:00", {"state": "closed", "closed": True}, figures=figures)
    june = log.report()
    assert total(june, "on_time_promise") == {"count": 4, "labels": {"kept": 3, "missed": 1}}
    assert total(june, "on_time_statute") == {"count": 4, "labels": {"kept": 4}}
    days = total(june, "actual_days")
    assert (days["sum"], days["average_tenths"], days["median_tenths"]) == (12, 30, 20)
    saved = total(june, "days_saved")
    assert (saved["sum"], saved["average_tenths"], saved["median_tenths"]) == (8, 20, 30)
    assert total(june, "closed") == {"count": 4, "labels": {"closed": 4}}
    assert total(log.report("2026-07"), "on_time_promise")["count"] == 0


@pytest.mark.parametrize(
    ("values", "average", "median"),
    [([1, 2], 15, 15), ([1, 1, 2], 13, 10), ([3], 30, 30), ([0, 0, 0, 1], 3, 0), ([-4, 1], -15, -15)],
)
def test_average_and_median_are_whole_tenths(values: list[int], average: int, median: int) -> None:
    log = Log()
    for n, days in enumerate(values):
        log.case(f"LX-{n}", "06-01 09:00")
        log.result(f"LX-{n}", "06-20 09:00", days)
    found = total(log.report(), "actual_days")
    assert (found["average_tenths"], found["median_tenths"]) == (average, median)


def test_notices_suspensions_hand_overs_and_refused_charges() -> None:
    log = Log()
    log.case("LX-1", "06-01 09:00")
    log.add("LX-1", "case.correction_notified", "06-02 09:00", second="", points={"a": "x"})
    log.add("LX-1", "case.correction_notified", "06-03 09:00", second="unmet", points={"a": "x"})
    log.add("LX-1", "case.suspended", "06-04 09:00", ground="hearing")
    log.add("LX-1", "case.extended", "06-05 09:00", days=10)
    log.add("LX-1", "duty.offered", "06-06 09:00", pingpong=True)
    log.add("LX-1", "duty.declined", "06-07 09:00")
    log.add("LX-1", "act.refused", "06-08 09:00", refused="zero_fee", actor="某人 13800000000")
    log.add("LX-1", "act.refused", "06-08 09:00", refused="second_notice", actor="9999")
    log.add("LX-1", "clock.breached", "06-09 00:00", clock="stage", actor="system", account="1301")
    june = log.report()
    for name in ("correction_notices", "second_notices", "second_notices_refused", "extensions"):
        assert total(june, name)["count"] == 1, name
    assert total(june, "suspended")["labels"] == {"hearing": 1}
    assert (total(june, "ping_pong")["count"], total(june, "hand_over_returns")["count"]) == (1, 1)
    assert total(june, "acts_refused")["labels"] == {"second_notice": 1, "zero_fee": 1}
    breach = figure_of(june, "zero_fee_breaches")
    assert set(breach["officers"]) == {
        "1201"
    }  # whoever answers for the matter, not what a caller called himself
    assert set(figure_of(june, "limits_missed")["officers"]) == {"1301"}


def test_no_word_that_somebody_typed_gets_into_a_report() -> None:
    log = Log()
    log.case("LX-1", "06-01 09:00", channel="张三的电话", section="张三", owner="李四")
    log.add("LX-1", "case.accepted", "06-02 09:00", {"state": "in_stage"}, actor="王五", opinion="赵六同意")
    log.add("LX-1", "case.suspended", "06-03 09:00", {"state": "=cmd|x"}, ground="孙七要求", reason="周八")
    told = json.dumps(log.report(), ensure_ascii=False)
    assert not [word for word in ("张三", "李四", "王五", "赵六", "孙七", "周八", "cmd") if word in told]
    assert total(log.report(), "received")["labels"] == {"other": 1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "none"),
        ("", "none"),
        (5, "5"),
        (True, "yes"),
        ("land-use", "land-use"),
        ("x" * 61, "other"),
        ("=1+1", "other"),
        ("a,b", "other"),
        ("a\n", "other"),
        ({}, "other"),
    ],
)
def test_codes(value: object, expected: str) -> None:
    assert code(value) == expected


CLOCK = {"clock": "promise", "yellow_from": "2026-06-29", "red_from": "2026-07-01", "stopped": False}


@pytest.mark.parametrize(
    ("changes", "lamp"),
    [
        ({}, "yellow"),
        ({"yellow_from": "2026-07-01"}, "green"),
        ({"red_from": "2026-06-30"}, "red"),
        ({"breached": True}, "red"),
        ({"suspended": True, "red_from": None, "yellow_from": None}, "grey"),
        ({"stopped": True}, "done"),
    ],
)
def test_lamps_are_those_of_the_last_day(changes: dict[str, Any], lamp: str) -> None:
    log = Log()
    log.case("LX-1", "06-01 09:00")
    log.add("LX-1", "case.accepted", "06-02 09:00", {"state": "in_stage"}, clocks=[{**CLOCK, **changes}])
    log.add("LX-1", "case.noted", "06-03 09:00")
    assert total(log.report(), "lamps") == {"count": 1, "labels": {lamp: 1}}


def test_a_late_special_procedure_shows_through_the_grey() -> None:
    log = Log()
    log.case("LX-1", "06-01 09:00")
    paused = {**CLOCK, "suspended": True, "red_from": None, "yellow_from": None}
    special = {"clock": "special", "yellow_from": "2026-06-10", "red_from": "2026-06-20", "stopped": False}
    log.add("LX-1", "case.suspended", "06-02 09:00", {"state": "suspended"}, clocks=[paused, special])
    assert total(log.report(), "lamps")["labels"] == {"red": 1}


def test_states_at_the_end_of_the_period_by_kind() -> None:
    """Of any kind of matter there may be, without a row for it: open ones, and those that ended now."""
    log = Log()
    about = {"kind": "fault", "section": "supervision", "owner": "1901"}
    log.add("GC-1", "fault.registered", "05-01 09:00", {**about, "state": "lead"})
    log.add("GC-2", "fault.registered", "06-01 09:00", {**about, "state": "lead"})
    log.add("GC-2", "fault.filed", "06-20 09:00", {"state": "filed", "closed": True})
    log.add("GC-3", "fault.registered", "05-01 09:00", {**about, "state": "lead"})
    log.add("GC-3", "fault.filed", "05-20 09:00", {"state": "filed", "closed": True})
    log.add("GC-1", "fault.screened", "07-01 09:00", {"state": "screened"})
    june = log.report()
    assert total(june, "state_fault") == {"count": 2, "labels": {"filed": 1, "lead": 1}}
    assert total(june, "begun")["labels"] == {"fault": 1}
    assert total(june, "lamps")["count"] == 1
    assert total(log.report("2026-07"), "state_fault")["labels"] == {"screened": 1}
    assert figure_name("state_inquiry") == ("咨询 (按状态)", "inquiry: by state")
    assert label_name("state_inquiry", "closed") == ("已办结归档", "closed")


def card(status: str, **changes: Any) -> dict[str, Any]:
    about = {"id": "LX-1/Y2-1", "code": "Y2", "colour": "yellow", "addressees": ["1301", "1303"]}
    return {**about, "status": status, "corrected": False, **changes}


def test_cards_are_counted_once_whichever_chain_tells_of_them() -> None:
    log = Log()
    log.case("LX-1", "06-01 09:00")
    log.add("LX-1", "card.issued", "06-10 00:00", card=card("open"), actor="system", account="1301")
    log.add(
        "LX-1/Y2-1", "card.registered", "06-10 00:00", {"kind": "card", "state": "served"}, card=card("open")
    )
    log.add("LX-1", "card.corrected", "06-11 09:00", card=card("open", corrected=True))
    june = log.report()
    issued = figure_of(june, "cards_issued")
    assert issued["total"] == {"count": 1, "labels": {"Y2": 1}}
    assert set(issued["officers"]) == {"1301", "1303"}
    assert (total(june, "cards_corrected")["count"], total(june, "cards_open")["count"]) == (1, 1)
    log.add("LX-1", "card.revoked", "07-02 09:00", card=card("revoked", corrected=True))
    log.add("LX-1", "card.noted", "07-03 09:00", card_id="LX-1/Y2-1")
    july = log.report("2026-07")
    assert (total(july, "cards_issued")["count"], total(july, "cards_revoked")["count"]) == (0, 1)
    assert total(july, "cards_open")["count"] == 0
    assert log.report()["figures"] == june["figures"]


def test_every_number_is_the_number_of_its_rows() -> None:
    log = Log()
    for n in range(7):
        log.case(f"LX-{n}", "06-01 09:00", section=("registry", "land-use")[n % 2])
        log.result(f"LX-{n}", "06-20 09:00", n)
    for figure in log.report()["figures"]:
        assert figure["total"]["count"] == len(figure["rows"]), figure["name"]
        assert sum(figure["total"]["labels"].values()) in (0, len(figure["rows"]))
        for by in ("sections", "items"):
            assert sum(each["count"] for each in figure[by].values()) == len(figure["rows"])


def test_sections_with_few_cases_are_not_ranked() -> None:
    log = Log()
    sections = {"registry": (1, 1, 9), "land-use": (1, 1), "planning": (1,), "mining": (9, 1, 1)}
    for section, all_days in sections.items():
        for n, days in enumerate(all_days):
            log.case(f"LX-{section}-{n}", "06-01 09:00", section=section)
            log.result(f"LX-{section}-{n}", "06-20 09:00", days, section=section)
    order, unranked = ranking(log.report())
    assert order == [("land-use", 2, 2), ("mining", 2, 3), ("registry", 2, 3)]
    assert unranked == ["planning"]


def test_a_figure_that_is_none_is_said_to_be_none() -> None:
    with pytest.raises(NotFoundError, match="received"):
        figure_of(Log().report(), "nothing")


def test_every_figure_has_a_name_and_every_counted_type_exists() -> None:
    """A figure over a type that no procedure writes would stay at nought for ever."""
    known = {*COUNTS, *MEASURES, *CARDS, *STANDING, *NOT_KEPT}
    assert known == set(FIGURES)
    assert {kind for count in COUNTS.values() for kind in count.types} - ENTRY_TYPES == set()


def test_what_is_not_kept_is_said_to_be_not_kept() -> None:
    assert Log().report()["not_kept"] == list(NOT_KEPT)

"""The public edition and the table: what is told to everybody, and what is too small to be told."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from rules.report.document import OPEN_TO_ALL, figure_of, public
from rules.report.sheet import HEAD, sheet
from tests.rules.report_events import Log


def log_of(**cases: int) -> Log:
    """So many cases of each section, all received and done in June."""
    log = Log()
    for section, count in cases.items():
        for n in range(count):
            number = f"LX-{section}-{n}"
            log.case(number, "06-01 09:00", section=section.replace("_", "-"))
            log.result(number, "06-20 09:00", n + 1, section=section.replace("_", "-"))
    return log


def sections(found: Any, name: str) -> dict[str, Any]:
    groups = figure_of(found, name)["sections"]
    return {key: each and each["count"] for key, each in groups.items()}


def test_the_public_edition_knows_no_person_and_no_matter() -> None:
    found = public(log_of(registry=5, land_use=4).report())
    told = json.dumps(found)
    assert found["edition"] == "public"
    assert "1101" not in told
    assert "1201" not in told
    assert "LX-registry" not in told
    assert {each["name"] for each in found["figures"]} <= set(OPEN_TO_ALL)
    assert all(set(each) == {"name", "total", "sections", "items"} for each in found["figures"])


def test_what_is_not_on_the_list_of_public_figures_stays_inside() -> None:
    full = log_of(registry=5).report()
    hidden = {each["name"] for each in full["figures"]} - {each["name"] for each in public(full)["figures"]}
    assert {"acts_refused", "hand_overs", "late_records", "leads", "state_case", "cards_open"} <= hidden


def test_a_small_group_is_left_out_and_cannot_be_reckoned_from_the_rest() -> None:
    found = public(log_of(registry=5, land_use=4, planning=2).report())
    assert sections(found, "received") == {"registry": 5, "land-use": None, "planning": None}


def test_two_small_groups_hide_each_other_only_if_they_are_large_enough_together() -> None:
    assert sections(public(log_of(registry=5, land_use=2, planning=2).report()), "received") == {
        "registry": 5,
        "land-use": None,
        "planning": None,
    }
    assert sections(public(log_of(registry=5, land_use=1, planning=1).report()), "received") == {
        "registry": None,
        "land-use": None,
        "planning": None,
    }


def test_large_groups_are_all_told() -> None:
    found = public(log_of(registry=3, land_use=4).report())
    assert sections(found, "received") == {"registry": 3, "land-use": 4}


def test_of_a_small_total_nothing_but_the_number_is_told() -> None:
    found = public(log_of(registry=2).report())
    assert figure_of(found, "actual_days")["total"] == {"count": 2, "labels": {}}
    assert sections(found, "actual_days") == {"registry": None}


def test_the_table_says_the_same_as_the_document() -> None:
    full = log_of(registry=5, land_use=4).report()
    read = list(csv.DictReader(io.StringIO(sheet(full))))
    assert sheet(full).splitlines()[0] == HEAD
    totals = {row["figure"]: row for row in read if row["by"] == "total" and not row["label"]}
    for each in full["figures"]:
        assert totals[each["name"]]["count"] == str(each["total"]["count"])
    assert totals["actual_days"]["median_tenths"] == "30"
    assert totals["activities_lectures"]["count"] == "not kept"
    kept = [row for row in read if (row["figure"], row["label"]) == ("on_time_promise", "kept")]
    assert {(row["by"], row["code"]): row["count"] for row in kept}["section", "registry"] == "5"


def test_the_public_table_says_few_instead_of_a_number() -> None:
    told = sheet(public(log_of(registry=5, land_use=1).report()))
    assert "received,section,land-use,,few,,," in told
    assert "officer" not in told.replace(HEAD, "")

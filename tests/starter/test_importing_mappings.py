"""Mappings: data anyone can write, checked before a log is opened; what they make of a case."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.clocks import ReceiptRoll, Unit
from schemas.errors import UsageError
from schemas.matters import TimeSource
from starter.importing import prepare
from starter.logs.mapping import SHIPPED, load_mapping
from tests.starter.desk import RECEIPT, START, T02, T04, T05, event, write_csv

ROWS = [
    event("c1", RECEIPT, "R1", 5),
    event("c1", T02, "R2", 9),
    event("c1", T04, "R3", 12),
    event("c1", T05, "R1", 20),
]


def wabo(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((SHIPPED / "wabo.yaml").read_text(encoding="utf-8"))
    return content | changes


def saved(folder: Path, content: Any) -> str:
    path = folder / "mine.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return str(path)


def test_the_shipped_mapping_makes_what_the_bureau_asked_for(tmp_path: Path) -> None:
    (sent,) = prepare(write_csv(tmp_path / "log.csv", ROWS), "wabo").submissions
    start, rules = sent.start, sent.start.rules
    assert (start.id, start.business_key, start.source) == ("c1", "c1", TimeSource.IMPORT)
    assert (start.received_at, start.statutory_at) == (START, START + timedelta(days=56))
    assert (start.officer, start.post) == ("Resource21", "Group 2")
    assert rules.thresholds.receipt_roll is ReceiptRoll.NONE
    assert rules.item is not None
    assert rules.item.promise is not None
    assert (rules.item.promise.n, rules.item.promise.unit) == (15, Unit.WORKING_DAY)
    acts = [(act.name, act.message.get("stage"), act.message.get("reason")) for act in sent.portions[0].acts]
    assert acts == [
        ("note", None, RECEIPT),
        ("sign_stage", "T02", T02),
        ("decide", "T04", T04),
        ("result_ready", None, T05),
        ("end_of_log", None, None),
    ]
    assert sent.portions[0].acts[1].message["received_at"] == (START + timedelta(minutes=9)).isoformat()


def test_the_calendar_is_that_of_the_log_s_place_and_years(tmp_path: Path) -> None:
    (sent,) = prepare(write_csv(tmp_path / "log.csv", ROWS), "wabo").submissions
    calendar = sent.start.rules.calendar
    assert (calendar.jurisdiction, calendar.timezone) == ("NL", "Europe/Amsterdam")
    of_2011 = [day for day in calendar.days_off if day.year == 2011]
    assert of_2011 == [
        date(2011, 4, 22),  # Good Friday
        date(2011, 4, 25),  # Easter Monday
        date(2011, 6, 2),  # Ascension
        date(2011, 6, 13),  # Whit Monday
        date(2011, 12, 26),
    ]


def test_a_case_is_the_same_submission_whatever_else_is_in_the_file(tmp_path: Path) -> None:
    other = [event("c2", RECEIPT, "R1", 5, **{"case:startdate": "2004-02-02T00:00:00+01:00"})]
    (alone,) = prepare(write_csv(tmp_path / "a.csv", ROWS), "wabo").submissions
    beside = prepare(write_csv(tmp_path / "b.csv", [*ROWS, *other]), "wabo").submissions
    assert beside[0].start == alone.start


def test_another_promise_or_deadline_is_another_submission(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", ROWS)
    later = write_csv(
        tmp_path / "b.csv", [row | {"case:deadline": "2012-01-01T00:00:00+01:00"} for row in ROWS]
    )
    digests = {
        prepare(path, "wabo").submissions[0].start.digest,
        prepare(path, "wabo", 10).submissions[0].start.digest,
        prepare(later, "wabo").submissions[0].start.digest,
    }
    assert len(digests) == 3
    assert prepare(path, "wabo", 15).submissions[0].start.digest in digests


def test_a_mapping_of_one_s_own_reads_another_log(tmp_path: Path) -> None:
    content = {
        "name": "own",
        "version": "1",
        "columns": {"case": "nr", "activity": "what", "time": "when", "officer": "who"},
        "only": {"state": ["complete"]},
        "acts": {"done": {"act": "result_ready"}},
        "item": "LX-DJ-01",
        "promise": 5,
        "timezone": "Asia/Shanghai",
        "calendar": "profile",
        "delimiter": ";",
        "time_format": "%d-%m-%Y %H:%M",
    }
    rows = [
        {"nr": "7", "what": "come", "when": "11-10-2011 09:30", "who": "张", "state": "complete"},
        {"nr": "7", "what": "done", "when": "12-10-2011 09:30", "who": "", "state": "start"},
        {"nr": "7", "what": "done", "when": "13-10-2011 09:30", "who": "", "state": "complete"},
    ]
    found = prepare(write_csv(tmp_path / "log.csv", rows, ";"), saved(tmp_path, content))
    (sent,) = found.submissions
    assert sent.start.rules.calendar.jurisdiction != "NL"
    assert sent.start.received_at is not None
    assert sent.start.received_at.isoformat() == "2011-10-11T09:30:00+08:00"
    assert sent.start.officer == "张"
    assert [(e.activity, e.officer, e.post) for e in sent.events] == [
        ("come", "张", "unknown"),
        ("done", "unknown", "unknown"),
    ]


WRONG: dict[str, tuple[Any, str]] = {
    "not yaml": ("a: [", "not valid YAML"),
    "not a table": ("- a\n- b\n", "expected a mapping of keys"),
    "unknown key": (wabo(colour="red"), "colour: Extra inputs are not permitted"),
    "wrong type": (wabo(promise="many"), "promise: Input should be a valid integer"),
    "negative": (wabo(promise=-1), "promise: Input should be greater than or equal to 0"),
    "no column": (wabo(columns={"case": "c"}), "columns.activity: Field required"),
    "no zone": (wabo(timezone="Europe/Nowhere"), "there is no time zone Europe/Nowhere"),
    "no act": (wabo(acts={"T02": {"act": "approve"}}), "acts.T02.act: Input should be"),
    "no stage": (
        wabo(acts={"x": {"act": "sign_stage", "stage": "T09"}}),
        "x: 没有环节 T09 / there is no stage",
    ),
    "wrong decision": (wabo(acts={"x": {"act": "decide", "stage": "T02"}}), "decide is for stage T04 alone"),
    "unknown country": (wabo(calendar="QQ"), "the holidays of QQ are not known"),
    "unknown part": (wabo(calendar="DE-QQ"), "the holidays of DE-QQ are not known"),
    "bad country": (wabo(calendar="Holland"), "calendar: String should match pattern"),
    "unknown profile": (wabo(profile="nobody"), "there is no profile nobody"),
    "unknown item": (wabo(item="LX-XX-99", acts={}), "there is no item LX-XX-99"),
    "no stage of the item": (wabo(item="LX-DJ-01"), "there is no stage 'T02'"),
    "other zone": (wabo(calendar="profile"), "is not that of the profile's calendar"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_mapping_is_told_with_its_place(kind: str, tmp_path: Path) -> None:
    content, reason = WRONG[kind]
    name = saved(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        prepare(write_csv(tmp_path / "log.csv", ROWS), name)
    assert reason in caught.value.message


def test_an_unknown_mapping_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are: wabo") as caught:
        load_mapping("waboo")
    assert caught.value.code == "unknown_mapping"
    with pytest.raises(UsageError, match="there is no mapping"):
        load_mapping(str(tmp_path))

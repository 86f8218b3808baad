"""Log files: what is read, what is told of a row, and what makes a whole file unreadable."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.errors import UsageError
from starter.importing import Prepared, prepare
from tests.starter.desk import (
    RECEIPT,
    START,
    T02,
    T05,
    Row,
    event,
    first_cases,
    real_rows,
    write_csv,
    write_xes,
)

CLEAN = [event("c1", RECEIPT, "R1", 5), event("c1", T02, "R2", 9), event("c2", RECEIPT, "R1", 7)]


def read(path: Path, mapping: str = "wabo") -> Prepared:
    return prepare(path, mapping)


def told(path: Path, mapping: str = "wabo") -> str:
    with pytest.raises(UsageError) as caught:
        prepare(path, mapping)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.message


def shape(prepared: Prepared) -> list[object]:
    """Everything the engine would be told."""
    return [(each.start, each.portions) for each in prepared.submissions]


def test_csv_and_xes_plain_and_gzip_say_the_same(tmp_path: Path) -> None:
    rows = first_cases(real_rows(), 20, "x")
    plain = shape(read(write_csv(tmp_path / "log.csv", rows)))
    assert len(plain) == 20
    assert shape(read(write_csv(tmp_path / "log.csv.gz", rows))) == plain
    assert shape(read(write_xes(tmp_path / "log.xes", rows))) == plain
    assert shape(read(write_xes(tmp_path / "log.xes.gz", rows))) == plain


def test_the_content_decides_what_a_file_is(tmp_path: Path) -> None:
    packed = write_csv(tmp_path / "log.csv.gz", CLEAN).rename(tmp_path / "log.dat")
    assert read(packed).acts == 3
    assert read(write_xes(tmp_path / "other.csv", CLEAN)).acts == 3


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", CLEAN)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path).acts == 3


def test_a_row_that_cannot_be_read_is_told_with_its_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1).isoformat()
    bad: list[tuple[Row, str]] = [
        (event("c1", T02, "R2", 9, **{"time:timestamp": "yesterday"}), "not a time: 'yesterday'"),
        (event("c1", T02, "R2", 9, **{"time:timestamp": later}), "lies in the future"),
        (event("c1", T02, "R2", 9, **{"time:timestamp": "0001-01-01T00:00:00"}), "out of range"),
        (event("c1", "", "R2", 9), "concept:name: 为空 / is empty"),
        (event("", T02, "R2", 9), "case:concept:name: 为空 / is empty"),
        (event("c1", T02, "R" * 121, 9), "org:resource: 超过 120 字 / longer than 120"),
        (event("c1", "T" * 4001, "R2", 9), "longer than 4000 characters"),
        (event("c1", T02, "R\0", 9), "org:resource: 含空字符 / holds a NUL character"),
        (event("c1", T02, "R2", 9, **{"case:channel": "Pigeon"}), "not in the mapping's channels: Pigeon"),
        (event("c1", T02, "R2", 9, **{"case:startdate": ""}), "case:startdate: 不是时间"),
        (event("c1", T02, "R2", 9, **{"case:deadline": START.isoformat()}), "contradicts line 2"),
    ]
    rows = [CLEAN[0], *(row for row, _ in bad), CLEAN[2]]
    found = read(write_csv(tmp_path / "log.csv", rows))
    assert [row.line for row in found.log.bad] == list(range(3, 3 + len(bad)))
    for row, (_, reason) in zip(found.log.bad, bad, strict=True):
        assert reason in row.reason
    assert found.acts == 2


def test_rows_of_another_width_are_told_and_empty_lines_passed_over(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", CLEAN)
    path.write_text(path.read_text() + "\n\na,b\n" + ",".join("x" * 20) + "\n")
    found = read(path)
    assert [(row.line, row.reason.split(" / ")[1]) for row in found.log.bad] == [
        (7, "2 fields, not 11"),
        (8, "20 fields, not 11"),
    ]


def test_lines_are_counted_through_quoted_line_breaks(tmp_path: Path) -> None:
    rows = [event("c1", "two\nlines", "R1", 5), event("c1", T02, "R2", 9, **{"time:timestamp": "?"})]
    assert [row.line for row in read(write_csv(tmp_path / "log.csv", rows)).log.bad] == [4]


def test_xes_rows_are_told_with_the_line_of_the_event(tmp_path: Path) -> None:
    path = write_xes(tmp_path / "log.xes", [CLEAN[0], event("c1", T02, "R2", 9, **{"time:timestamp": "?"})])
    lines = path.read_text().splitlines()
    (bad,) = read(path).log.bad
    assert lines[bad.line - 1] == "<event>"
    assert "not a time: '?'" in bad.reason


def garbled(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


UNREADABLE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "absent": (lambda at: at / "nothing.csv", "No such file"),
    "folder": (lambda at: at, "Is a directory"),
    "empty": (lambda at: garbled(at / "log.csv", b""), "the file is empty"),
    "empty gzip": (lambda at: garbled(at / "log.csv.gz", gzip.compress(b"")), "the file is empty"),
    "truncated": (
        lambda at: garbled(at / "log.csv.gz", write_csv(at / "whole.gz", CLEAN).read_bytes()[:-12]),
        "truncated or damaged",
    ),
    "damaged": (
        lambda at: garbled(at / "log.csv.gz", gzip.compress(b"a,b\n" * 999)[:20] + b"\xff" * 30),
        "truncated or damaged",
    ),
    "wrong check sum": (
        lambda at: garbled(at / "log.csv.gz", write_csv(at / "w.gz", CLEAN).read_bytes()[:-8] + b"\0" * 8),
        "truncated or damaged",
    ),
    "not gzip": (lambda at: garbled(at / "log.csv.gz", b"a,b\n"), "not a gzip file"),
    "binary": (lambda at: garbled(at / "log.csv", bytes(range(256)) * 9), "not UTF-8 text"),
    "other table": (lambda at: garbled(at / "log.csv", b"a,b\n1,2\n"), "columns are missing: case:channel"),
    "header only": (
        lambda at: garbled(at / "log.csv", write_csv(at / "w", CLEAN).read_bytes().split(b"\n")[0]),
        "holds no readable event",
    ),
    "open quotation": (
        lambda at: garbled(at / "log.csv", write_csv(at / "w", CLEAN).read_bytes() + b'"c3,'),
        "第 5 行 / line 5: 引号没有结束",
    ),
    "other xml": (lambda at: garbled(at / "log.xes", b"<html/>"), "not an XES log but <html>"),
    "half xml": (
        lambda at: garbled(at / "log.xes", write_xes(at / "w", CLEAN).read_bytes()[:-20]),
        "is not valid XML",
    ),
    "no value": (
        lambda at: garbled(at / "log.xes", b'<log><trace>\n<string key="a"/></trace></log>'),
        "line 2: key or value is missing",
    ),
    "entities": (
        lambda at: garbled(at / "log.xes", b'<!DOCTYPE log [<!ENTITY a "aa">]><log>&a;</log>'),
        "a document type declaration is not accepted",
    ),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_file_is_one_clear_sentence(kind: str, tmp_path: Path) -> None:
    make, reason = UNREADABLE[kind]
    assert reason in told(make(tmp_path))


def test_a_doubled_column_is_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", CLEAN)
    header, *rest = path.read_text().splitlines()
    path.write_text("\n".join([f"{header},concept:name", *(f"{line},x" for line in rest)]))
    assert "columns given twice: concept:name" in told(path)


def test_events_are_taken_in_the_order_of_their_time(tmp_path: Path) -> None:
    rows = [event("c1", T05, "R1", 30), event("c1", T02, "R2", 9), event("c1", RECEIPT, "R1", 5)]
    (case,) = read(write_csv(tmp_path / "log.csv", rows)).log.cases
    assert [e.activity for e in case.events] == [RECEIPT, T02, T05]


def test_act_ids_name_one_act_each_and_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    same = {"concept:instance": "task-1"}
    rows = [
        event("c1", RECEIPT, "R1", 5, **same),
        event("c1", T02, "R2", 9, **same),  # one instance, two acts
        event("c2", RECEIPT, "R1", 5),
        event("c2", RECEIPT, "R1", 5),  # one act, told twice
        event("c3", RECEIPT, "R1", 5, **{"concept:instance": ""}),
        event("c3", RECEIPT, "R1", 5, **{"concept:instance": ""}),  # two acts without a name
    ]
    forth, back = (read(write_csv(tmp_path / "log.csv", order)) for order in (rows, rows[::-1]))
    ids = {case.number: [e.id for e in case.events] for case in forth.log.cases}
    assert [len(found) for found in ids.values()] == [2, 1, 2]
    assert ids["c2"] == ["task-c2-5-Con"]
    assert len({each for found in ids.values() for each in found}) == 5
    assert {case.number: {e.id for e in case.events} for case in back.log.cases} == {
        number: set(found) for number, found in ids.items()
    }
    assert forth.log.repeated == 1

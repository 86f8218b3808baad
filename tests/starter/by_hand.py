"""A recorded log by hand: what must come of each case, from the file alone, with plain Python.

Nothing of the product is used here but the shape of what it is compared with.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from starter.importing import Summary
from tests.starter.desk import T02, T04, T05, Row

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFF = {
    *(date(2010, *day) for day in ((1, 1), (4, 2), (4, 5), (4, 30), (5, 5), (5, 13), (5, 24))),
    *(date(2011, *day) for day in ((4, 22), (4, 25), (6, 2), (6, 13), (12, 26))),
    *(date(2012, *day) for day in ((4, 6), (4, 9), (4, 30), (5, 17), (5, 28), (12, 25), (12, 26))),
}
"""Dutch public holidays on weekdays, from the almanac."""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def local_day(text: str) -> date:
    return instant(text).astimezone(AMSTERDAM).date()


def due_day(start: date, working_days: int) -> date:
    day = start
    while working_days:
        day += timedelta(days=1)
        working_days -= day.weekday() < 5 and day not in OFF
    return day


def expected_case(rows: list[Row], promise: int) -> dict[str, str]:
    """What must come of one case, in the words of the table with one row a case."""
    rows = sorted(rows, key=lambda row: instant(row["time:timestamp"]))
    received = local_day(rows[0]["case:startdate"])
    due = due_day(received, promise)
    ready = [local_day(row["time:timestamp"]) for row in rows if row["concept:name"] == T05]
    last = max(instant(row["time:timestamp"]) for row in rows)
    steps = [row["concept:name"][:3] for row in rows if row["concept:name"][:3] in ("T02", "T04", "T05")]
    return {
        "received_day": str(received),
        "promise_due": str(due),
        "ready_day": str(min(ready)) if ready else "",
        "promise": "unfinished" if not ready else "kept" if min(ready) <= due else "overdue",
        "after_deadline": str(last > instant(rows[0]["case:deadline"])).lower(),
        "acts": str(len(rows)),
        "irregularities": " ".join(sorted({*_both(rows), *_misplaced(steps)})),
    }


def _both(rows: list[Row]) -> set[str]:
    did = {what: {row["org:resource"] for row in rows if row["concept:name"] == what} for what in (T02, T04)}
    return {"four_eyes"} if did[T02] & did[T04] else set()


def _misplaced(steps: list[str]) -> set[str]:
    found, before = set(), {"T02": "", "T04": "T02", "T05": "T04"}
    for n, step in enumerate(steps):
        if step in steps[:n]:
            found.add("repeated")
        elif before[step] and before[step] not in steps[:n]:
            found.add("out_of_order")
        if step != "T05" and "T05" in steps[:n]:
            found.add("after_end")
    return found


def expected(rows: list[Row], promise: int) -> dict[str, dict[str, str]]:
    cases: dict[str, list[Row]] = {}
    for row in rows:
        cases.setdefault(row["case:concept:name"], []).append(row)
    return {number: expected_case(found, promise) for number, found in cases.items()}


def told(out: Path) -> dict[str, dict[str, str]]:
    with out.open(encoding="utf-8", newline="") as table:
        return {row["case"]: row for row in csv.DictReader(table)}


def compare(summary: Summary, out: Path, rows: list[Row], promise: int) -> None:
    """Every number of the summary and every cell of every case."""
    wanted, found = expected(rows, promise), told(out)
    assert {n: {k: row[k] for k in wanted[n]} for n, row in found.items()} == wanted
    assert (summary.cases, summary.acts) == (len(wanted), len(rows))
    assert summary.promise.model_dump() == {
        word: sum(case["promise"] == word for case in wanted.values())
        for word in ("kept", "overdue", "unfinished")
    }
    assert summary.after_deadline == sum(case["after_deadline"] == "true" for case in wanted.values())
    codes = Counter(code for case in wanted.values() for code in case["irregularities"].split())
    assert summary.irregularities == {
        code: codes[code] for code in ("four_eyes", "out_of_order", "repeated", "after_end")
    }
    assert summary.ledger.verified

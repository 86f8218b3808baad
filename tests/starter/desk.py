"""A permit desk's log for tests: rows written as CSV or XES, and the real log where it lies."""

from __future__ import annotations

import asyncio
import csv
import gzip
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from ledger.db import open_database
from starter.connect import connect
from starter.engine import engine
from starter.home import open_home
from starter.logs.runner import LogClient
from worker import run_worker

REAL = Path(__file__).parents[3] / "shared" / "data" / "receipt.csv.gz"
RECEIPT = "Confirmation of receipt"
T02 = "T02 Check confirmation of receipt"
T04 = "T04 Determine confirmation of receipt"
T05 = "T05 Print and send confirmation of receipt"
T06 = "T06 Determine necessity of stop advice"
START = datetime.fromisoformat("2011-10-11T13:00:00+02:00")

Row = dict[str, str]


def real_rows() -> list[Row]:
    """All rows of the real log; skips the test where it is not there."""
    if not REAL.exists():
        pytest.skip(f"no recorded log at {REAL}")
    with gzip.open(REAL, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def first_cases(rows: Iterable[Row], n: int, prefix: str) -> list[Row]:
    """Rows of the first `n` cases, their numbers made a test's own by a prefix."""
    wanted: dict[str, None] = {}
    kept = []
    for row in rows:
        number = row["case:concept:name"]
        if number in wanted or len(wanted) < n:
            wanted[number] = None
            kept.append(row | {"case:concept:name": f"{prefix}-{number}"})
    return kept


def event(case: str, what: str, who: str, minutes: int, **more: str) -> Row:
    """One event of a case that came in on 2011-10-11, with a deadline eight weeks later."""
    return {
        "case:concept:name": case,
        "case:startdate": START.isoformat(),
        "case:deadline": (START + timedelta(days=56)).isoformat(),
        "case:channel": "Internet",
        "case:responsible": "Resource21",
        "case:group": "Group 2",
        "concept:instance": f"task-{case}-{minutes}-{what[:3]}",
        "concept:name": what,
        "org:resource": who,
        "org:group": "Group 1",
        "time:timestamp": (START + timedelta(minutes=minutes)).isoformat(),
        **more,
    }


def write_csv(path: Path, rows: list[Row], delimiter: str = ",") -> Path:
    """The rows as CSV; gzip where the name says so."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return _written(path, text.getvalue())


def write_xes(path: Path, rows: list[Row]) -> Path:
    """The same rows as XES, as process-mining tools write them."""
    traces: dict[str, list[Row]] = {}
    for row in rows:
        traces.setdefault(row["case:concept:name"], []).append(row)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xmlns="http://www.xes-standard.org/" xes.version="1.0">',
    ]
    lines.append('<global scope="event"><string key="concept:name" value="nobody"/></global>')
    for events in traces.values():
        lines.append("<trace>")
        of_case = {key: value for key, value in events[0].items() if key.startswith("case:")}
        lines += [_attribute(key.removeprefix("case:"), value) for key, value in of_case.items()]
        for row in events:
            inner = [_attribute(key, value) for key, value in row.items() if key not in of_case]
            lines += ["<event>", *inner, "</event>"]
        lines.append("</trace>")
    return _written(path, "\n".join([*lines, "</log>"]))


def _written(path: Path, text: str) -> Path:
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def _attribute(key: str, value: str) -> str:
    kind = "date" if key in ("time:timestamp", "startdate", "deadline") else "string"
    return f"<{kind} key={quoteattr(key)} value={quoteattr(value)}/>"


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[LogClient]:
    """An engine of its own, a worker, and a client for the past."""
    home = open_home(folder)
    stop = asyncio.Event()
    async with engine(home) as reached:
        client = await connect(reached)
        ledger = open_database(home.database_url, home.origin)
        working = asyncio.create_task(run_worker(client, open_database(home.database_url, home.origin), stop))
        try:
            yield LogClient(client, ledger, patience=timedelta(minutes=5))
        finally:
            stop.set()
            await working
            ledger.close()

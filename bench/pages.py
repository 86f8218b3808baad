"""What the pages cost: `python -m bench.pages [--quick] [--requests N] [--json]`.

One web process on one core, whoever asks on the other. The ledger holds many open matters, recorded as in
life (`bench.inbox.fill`); the officer who looks holds a hundred posts. Look-ups go to matters with a code.
Times are those of the client, one request after another; rates are of several connections at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil

from bench.inbox import MATTERS, POSTS, fill
from ledger.append import append
from ledger.db import Ledger, open_database
from ledger.openings import lookup_digest
from ledger.sealing.seal import seal_waiting
from readmodel.project import project
from schemas.entries import EntryDraft, RecordRequest
from starter.connect import Engine, connect
from starter.desk import Desk, desk_for
from starter.home import open_home
from web.ports import HOST, free_port
from web.serving import serve

NOWHERE = Engine("127.0.0.1:9", "default", owned=False)
"""Reading asks no engine."""

OFFICER, HELD = "1101", 100
LOOKED_UP, CODE = 200, "ABCDEFGHJK"
RUNS, CONNECTIONS = 200, 8


class Measured(NamedTuple):
    """One line of the table, and what is asked of it."""

    name: str
    value: float
    unit: str
    limit: str


def _number(n: int) -> str:
    return f"LX-2026-9{n:05d}"


def settle(ledger: Ledger, matters: int) -> None:
    """Many open matters, and some with a lookup code."""
    fill(ledger, matters, POSTS)
    for n in range(LOOKED_UP):
        now = datetime.now(UTC)
        view = {
            "kind": "case",
            "state": "in_stage",
            "stage": "W",
            "item": "LX-DJ-01",
            "owner": OFFICER,
            "owner_post": "window-clerk",
            "section": "window",
            "received_day": now.date().isoformat(),
            "lookup_digest": lookup_digest(_number(n), CODE),
            "closed": False,
        }
        draft = EntryDraft(
            type="case.registered", time=now, actor=OFFICER, role="window", data={"view": view}
        )
        with ledger.engine.begin() as connection:
            append(
                ledger, connection, RecordRequest(matter=_number(n), now=now, entries=(draft,)), None, project
            )
    seal_waiting(ledger)


async def show(folder: Path, port: int) -> None:
    """The web process, on the first core: the officer holds a hundred of the posts of `bench.inbox`."""
    os.sched_setaffinity(0, {0})
    home = open_home(folder)
    ledger = open_database(home.database_url, home.origin)
    desk = desk_for(home, await connect(NOWHERE, lazy=True), ledger)
    await serve(_with_posts(desk), port, asyncio.Event(), lambda: print("ready", flush=True))


def _with_posts(desk: Desk) -> Desk:
    clerk = next(each for each in desk.profile.posts if each.code == "window-clerk")
    held = tuple(
        clerk.model_copy(update={"code": f"post-{k * POSTS // HELD:04d}", "a": OFFICER, "b": None})
        for k in range(HELD)
    )
    profile = desk.profile.model_copy(update={"posts": (*desk.profile.posts, *held)})
    return Desk(desk.home, desk.ledger, desk.client, profile, desk.now)


def measure(folder: Path, requests: int) -> Iterator[Measured]:
    """Ask the pages of the home in `folder`."""
    port = free_port()
    line = [sys.executable, "-m", "bench.pages", "--serve", str(folder), "--port", str(port)]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
            yield from _asked(port, requests)
            kept = psutil.Process(process.pid).memory_info().rss / 2**20
            yield Measured(f"memory after {requests:,} look-ups", kept, "MB", "< 200")
        finally:
            process.kill()


def _asked(port: int, requests: int) -> Iterator[Measured]:
    with httpx.Client(base_url=f"http://{HOST}:{port}") as officer:
        page = officer.get("/sign-in")
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
        sent = {"officer": OFFICER} | ({"csrf": token[1]} if token else {})
        assert officer.post("/sign-in", data=sent).status_code == 303
        yield Measured("inbox page, p95", _p95(officer, ["/inbox"]), "ms", "< 100 (SQLite)")
        cases = [f"/matters/case/{_number(n)}" for n in range(LOOKED_UP)]
        yield Measured("case page, p95", _p95(officer, cases), "ms", "< 50")
        page = officer.get("/lookup")
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
        field = f"&csrf={token[1]}" if token else ""
    asked = [f"/api/v1/lookup?number={_number(n)}&code={CODE}" for n in range(LOOKED_UP)]
    many = [f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode() for path in asked]
    yield Measured("public look-up, JSON", asyncio.run(_rate(port, many, requests)), "/s", ">= 300")
    forms = [_form(port, f"number={_number(n)}&code={CODE}{field}") for n in range(LOOKED_UP)]
    yield Measured("public look-up, HTML", asyncio.run(_rate(port, forms, requests // 4)), "/s", ">= 100")


def _form(port: int, body: str) -> bytes:
    head = f"POST /lookup HTTP/1.1\r\nHost: {HOST}:{port}\r\nOrigin: http://{HOST}:{port}\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def _p95(client: httpx.Client, paths: Sequence[str]) -> float:
    times = []
    for n in range(RUNS + 20):
        began = time.perf_counter()
        answer = client.get(paths[n % len(paths)])
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (answer.status_code, paths[n % len(paths)])
    return sorted(times[20:])[RUNS * 95 // 100]


async def _rate(port: int, messages: Sequence[bytes], requests: int) -> float:
    """Answers a second over several connections that stay open; every answer is a success."""
    began = time.perf_counter()
    share = requests // CONNECTIONS
    await asyncio.gather(*(_ask(port, messages, n, share) for n in range(CONNECTIONS)))
    return share * CONNECTIONS / (time.perf_counter() - began)


async def _ask(port: int, messages: Sequence[bytes], first: int, count: int) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    for n in range(count):
        writer.write(messages[(first + n * CONNECTIONS) % len(messages)])
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        found = re.search(rb"content-length: (\d+)", head)
        assert found
        await reader.readexactly(int(found[1]))
    writer.close()
    await writer.wait_closed()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a tenth of the matters")
    parser.add_argument("--requests", type=int, default=4000, help="look-ups in JSON")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        asyncio.run(show(options.serve, options.port))
        return
    matters = MATTERS // 10 if options.quick else MATTERS
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home")
        ledger = open_database(home.database_url, home.origin)
        settle(ledger, matters)
        ledger.close()
        found = list(measure(home.path, options.requests))
    about: dict[str, Any] = {"matters": matters, "posts": HELD, "cores": os.cpu_count()}
    if options.json:
        print(json.dumps(about | {"measured": [each._asdict() for each in found]}, indent=2))
        return
    print("pages, " + ", ".join(f"{name} {value}" for name, value in about.items()))
    for each in found:
        print(f"{each.name:40}{each.value:>10.1f} {each.unit:4}{each.limit}")


if __name__ == "__main__":
    main()

"""What an act over HTTP costs beside the same act through the Python client: `python -m bench.http_act`.

One engine, worker and web server as `yangguang up` runs them; the same officer notes something in the same
matters, in pairs, now one way first and now the other. Over HTTP that is a request with session, token
against forgery and Idempotency-Key, sight, the desk's assertion, and where the matter stands afterwards.

    python -m bench.http_act [--pairs 200] [--quick] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from ledger.db import open_database
from schemas.acts import Note
from schemas.intake import InquiryRequest
from starter.client import YangguangClient
from starter.connect import connect
from starter.desk import Desk, desk_for
from starter.engine import engine
from starter.home import Home, open_home
from web.ports import free_port
from web.serving import serve
from worker import run_worker

PAIRS, QUICK = 200, 30
WARM_UP = 10
MATTERS = 8
"""A matter grows with every act: the pairs go round so many of them."""

OFFICER, POST = "1203", "registry-clerk"
SAID = json.dumps({"opinion": "备查"}).encode()
MOST = 10.0
"""Milliseconds that an act over HTTP may cost more."""


@asynccontextmanager
async def serving(home: Home) -> AsyncIterator[tuple[Desk, str]]:
    """Engine, worker and web server over a home; the desk, and where it is served."""
    stop, ready = asyncio.Event(), asyncio.Event()
    async with engine(home) as reached:
        client = await connect(reached)
        desk = desk_for(home, client, open_database(home.database_url, home.origin))
        port = free_port()
        tasks = [
            asyncio.create_task(run_worker(client, open_database(home.database_url, home.origin), stop)),
            asyncio.create_task(serve(desk, port, stop, ready.set)),
        ]
        try:
            await ready.wait()
            yield desk, f"http://127.0.0.1:{port}"
        finally:
            stop.set()
            await asyncio.gather(*tasks)
            desk.ledger.close()


class Line:
    """One kept-alive connection, spoken by hand: what a library costs its caller is not what is measured."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Both ends of it."""
        self.reader, self.writer = reader, writer

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> bytes:
        """The body of the answer. Raises RuntimeError unless it is a good one."""
        lines = [f"{name}: {value}" for name, value in {**headers, "Content-Length": str(len(body))}.items()]
        self.writer.write("\r\n".join((f"POST {path} HTTP/1.1", *lines, "", "")).encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        answer = await self.reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith("HTTP/1.1 200"):
            raise RuntimeError(f"{head}{answer.decode()}")
        return answer


async def signed_in(address: str) -> dict[str, str]:
    """The headers of the officer's requests, once he has signed in."""
    async with httpx.AsyncClient(base_url=address, timeout=60) as browser:
        await browser.get("/sign-in")
        await browser.post("/sign-in", data={"officer": OFFICER})
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', (await browser.get("/sign-in")).text)
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    host = address.removeprefix("http://")
    token = {"X-CSRF-Token": found[1]} if found else {}
    return {"Host": host, "Cookie": cookies, "Content-Type": "application/json", **token}


async def matters(client: YangguangClient) -> list[str]:
    """Inquiries that the officer answers for."""
    asked = [
        InquiryRequest(business_key=f"bench-{n}", officer=OFFICER, post=POST, topic="基准")
        for n in range(MATTERS)
    ]
    return [(await client.start_inquiry(each)).number for each in asked]


async def measured(act: Callable[[str], Awaitable[None]], number: str) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await act(number)
    return 1000 * (time.perf_counter() - began)


async def measure(folder: Path, pairs: int) -> dict[str, Any]:
    """Pairs of acts, and by how much one way takes longer."""
    async with serving(open_home(folder)) as (desk, address):
        numbers, headers = await matters(desk.client), await signed_in(address)
        host, _, port = headers["Host"].partition(":")
        line = Line(*await asyncio.open_connection(host, int(port)))

        async def by_client(number: str) -> None:
            said = Note(id=f"bench-{uuid.uuid4().hex}", officer=OFFICER, post=POST, opinion="备查")
            await desk.client.act("inquiry", number, "note", said)

        async def by_http(number: str) -> None:
            url, key = f"/api/v1/inquiries/{number}/acts/note", {"Idempotency-Key": uuid.uuid4().hex}
            await line.post(url, headers | key, SAID)

        ways = {"python": by_client, "http": by_http}
        took: dict[str, list[float]] = {way: [] for way in ways}
        for n in range(WARM_UP + pairs):
            number = numbers[n % MATTERS]
            for way in list(ways) if n % 2 else reversed(ways):
                spent = await measured(ways[way], number)
                if n >= WARM_UP:
                    took[way].append(spent)
        line.writer.close()
    return _summary(took)


def _summary(took: dict[str, list[float]]) -> dict[str, Any]:
    more = [http - python for http, python in zip(took["http"], took["python"], strict=True)]
    lines = {**took, "more": more}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "pairs": len(more),
        "ms": {
            name: {
                "median": round(statistics.median(each), 2),
                "p95": round(statistics.quantiles(each, n=20)[-1], 2),
            }
            for name, each in lines.items()
        },
        "most": MOST,
        "kept": statistics.median(more) <= MOST,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} pairs")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yangguang-bench-") as home:
        result = asyncio.run(measure(Path(home), QUICK if arguments.quick else arguments.pairs))
    if arguments.json:
        print(json.dumps(result, indent=2))
        return
    print(f"an act, {result['pairs']} pairs (ms)      median      p95")
    for name, figures in result["ms"].items():
        print(f"{name:>28} {figures['median']:>10} {figures['p95']:>8}")
    print(f"median of the differences at most {MOST:.0f} ms: {'yes' if result['kept'] else 'NO'}")


if __name__ == "__main__":
    main()

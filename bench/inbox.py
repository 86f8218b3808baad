"""How long the inbox takes among many open matters: `python -m bench.inbox [--quick] [--json]`.

The rows come about as in life, each by an entry of the recorder, in its transaction. Who looks holds a
hundred posts; the calendar is such that some of the work is late, some nearly, and some stands still.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from bench.ledger_entries import ORIGIN, database
from ledger.append import Work, append_all
from ledger.db import Ledger, open_database, snapshot
from ledger.entry import Provenance
from ledger.keys import CaseKey, case_key
from ledger.openings import encrypt_opening, make_opening
from ledger.sealing.seal import seal_waiting
from readmodel.inbox import Tab, counts, inbox
from readmodel.project import project
from readmodel.search import search
from schemas.entries import EntryDraft, RecordRequest, SealedField

MATTERS, POSTS, HELD = 100_000, 1_000, 100
BATCH, NAMED = 500, 50
"""Matters of a transaction; one of so many has a sealed name."""

TODAY = date(2026, 11, 25)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "伟芳娜敏静丽强磊军洋"


class Measured(NamedTuple):
    """One line of the table: milliseconds."""

    database: str
    name: str
    median: float
    p95: float
    most: float
    limit: float | None


def fill(ledger: Ledger, matters: int, posts: int) -> float:
    """Record so many open matters; entries a second, rows and seals included."""
    chance, began = random.Random(5), time.monotonic()  # the same matters every time
    for first in range(0, matters, BATCH):
        batch = range(first, min(first + BATCH, matters))
        with ledger.engine.begin() as connection:
            keys = {n: case_key(connection, _number(n)) for n in batch if n % NAMED == 0}
            append_all(ledger, connection, [_work(n, posts, keys.get(n), chance) for n in batch], project)
    rate = matters / (time.monotonic() - began)
    seal_waiting(ledger)
    return rate


def _number(n: int) -> str:
    return f"LX-2026-{n:06d}"


def _work(n: int, posts: int, key: CaseKey | None, chance: random.Random) -> Work:
    post = chance.randrange(posts)
    owner = f"{post:04d}{chance.choice('ab')}"
    now = datetime.now(UTC)
    draft = EntryDraft(
        type="case.registered",
        time=now,
        actor=owner,
        role="window",
        data={
            "opinion": "材料齐全，请按时办结",
            "view": {
                "kind": "case",
                "state": "in_stage",
                "stage": chance.choice(("window", "handling", "review")),
                "item": f"LX-DJ-{chance.randrange(40):02d}",
                "owner": owner,
                "owner_post": f"post-{post:04d}",
                "section": f"section-{post % 20}",
                "closed": False,
                "people": [["owner", owner], ["owner", f"{chance.randrange(posts):04d}a"]],
            },
            "clocks": [*_clocks(chance)],
        },
        sealed=tuple(_sealed(key, chance)) if key else (),
    )
    return Work(RecordRequest(matter=_number(n), now=now, history_length=7, entries=(draft,)), _asking(n))


def _clocks(chance: random.Random) -> Iterator[dict[str, Any]]:
    """A promise and a statutory limit: a twentieth is late, a tenth stands still."""
    due = TODAY + timedelta(days=chance.randrange(-3, 57))
    still = chance.random() < 0.1
    for clock, later in (("promise", 0), ("statutory", 20)):
        days = {"due": due, "yellow_from": due - timedelta(days=3), "red_from": due + timedelta(days=1)}
        shown = {
            name: None if still else (day + timedelta(days=later)).isoformat() for name, day in days.items()
        }
        yield {"clock": clock, **shown, "stopped": False}


def _sealed(key: CaseKey, chance: random.Random) -> Iterator[SealedField]:
    name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(("", chance.choice(GIVEN)))
    for field, value in (("name", name), ("id_number", f"X{chance.randrange(10**6):06d}")):
        opening = make_opening(key, field, value)
        ciphertext = encrypt_opening(key, opening)
        yield SealedField(name=field, digest=opening.digest, ciphertext=ciphertext, key_id=key.key_id)


def _asking(n: int) -> Provenance:
    return Provenance(
        namespace="bench",
        workflow_id=f"case/{_number(n)}",
        run_id="0199f3a2-0000-7000-8000-000000000000",
        workflow_type="CaseWorkflow",
        activity_id="1",
        activity_type="record",
        attempt=1,
        input_hash="ab" * 32,
        app_version="bench",
    )


Look = Callable[[Connection, int], object]


def _looks(posts: int, held: int) -> Iterator[tuple[str, Look]]:
    """What is measured, each for the n-th person; a person holds posts all over the bureau."""

    def who(n: int) -> tuple[str, list[str]]:
        own = [f"post-{(n + k * (posts // held)) % posts:04d}" for k in range(held)]
        return f"{n % posts:04d}a", own

    def page(tab: Tab) -> Look:
        return lambda connection, n: inbox(connection, *who(n), tab, TODAY, limit=50)

    def second(connection: Connection, n: int) -> object:
        first = inbox(connection, *who(n), Tab.TEAM, TODAY, limit=50)
        return inbox(connection, *who(n), Tab.TEAM, TODAY, limit=50, after=first.next)

    def whole(connection: Connection, n: int) -> object:
        return inbox(connection, *who(n), Tab.MINE, TODAY, limit=50), counts(connection, *who(n))

    yield from ((f"page of tab {tab.value}", page(tab)) for tab in Tab)
    yield "two pages of tab team", second
    yield "counts of all tabs", lambda connection, n: counts(connection, *who(n))
    yield "inbox as shown: a page of mine and all counts", whole
    yield (
        "search by a name of two characters",
        lambda connection, n: search(connection, SURNAMES[n % 10] + GIVEN[n // 10 % 10]),
    )
    yield "search by number", lambda connection, n: search(connection, _number(n * 37))


def measured(engine: Engine, kind: str, runs: int, posts: int, held: int) -> Iterator[Measured]:
    """Each look so many times, every time by another person, in a connection that is open already."""
    limits = {"postgresql": 50.0, "sqlite": 100.0}
    with snapshot(engine) as connection:
        for name, look in _looks(posts, held):
            look(connection, posts - 1)
            times = sorted(_timed(look, connection, n) for n in range(runs))
            limit = None if name.startswith(("search", "two")) else limits[kind]
            yield Measured(kind, name, times[runs // 2], times[runs * 95 // 100], times[-1], limit)


def _timed(look: Look, connection: Connection, n: int) -> float:
    began = time.perf_counter()
    look(connection, n)
    return (time.perf_counter() - began) * 1000


def measure(kind: str, matters: int, runs: int, posts: int, held: int) -> tuple[float, list[Measured]]:
    """Fill a new database and look at it."""
    with database(kind) as url:
        ledger = open_database(url, ORIGIN)
        try:
            rate = fill(ledger, matters, posts)
            with ledger.engine.begin() as connection:
                connection.execute(text("ANALYZE"))
            return rate, list(measured(ledger.engine, kind, runs, posts, held))
        finally:
            ledger.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a tenth of the matters")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--posts", type=int, default=POSTS, help="posts of the bureau")
    options = parser.parse_args(arguments)
    matters, runs = (MATTERS // 10, 40) if options.quick else (MATTERS, 200)
    held = min(HELD, options.posts)
    kinds = (options.only,) if options.only else ("postgresql", "sqlite")
    found = {kind: measure(kind, matters, runs, options.posts, held) for kind in kinds}
    about = {"date": datetime.now(UTC).date().isoformat(), "cores": os.cpu_count(), "matters": matters}
    about |= {"posts": options.posts, "held": held, "runs": runs}
    lines = [line for _, lines in found.values() for line in lines]
    rates = {kind: round(rate) for kind, (rate, _) in found.items()}
    if options.json:
        document = about | {"entries_per_second": rates, "measured": [line._asdict() for line in lines]}
        print(json.dumps(document, indent=2))
        return
    _print(about, rates, lines)


def _print(about: dict[str, Any], rates: dict[str, int], lines: Sequence[Measured]) -> None:
    print("inbox, " + ", ".join(f"{name} {value}" for name, value in about.items()))
    for kind, rate in rates.items():
        print(f"{kind}: {rate:,} entries/s with rows, {BATCH} a transaction")
    print(f"{'ms':62}{'median':>9}{'p95':>9}{'most':>9}{'limit':>8}")
    for line in lines:
        limit = f"{line.limit:.0f}" if line.limit else "-"
        named = f"{line.database}: {line.name}"
        print(f"{named:62}{line.median:>9.1f}{line.p95:>9.1f}{line.most:>9.1f}{limit:>8}")


if __name__ == "__main__":
    main()

"""Gathering: everything there is of one matter, from ledger, archive and engine.

What is archived is taken from the archive, because its bytes are the ones the ledger has hashed; the engine
is asked for the rest, and only where there is a rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, select
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.runs import latest_run, read_history, runs_of
from audit.archived import Archived, archived_of, exports_of
from audit.history import CLOSING, BadHistoryError, Held, begun_of, from_protobuf, neighbours_of
from audit.testimonies import Cited, cited
from audit.verdicts import Source
from ledger.db import Origin, OriginKind, read_origin, snapshot
from ledger.entry import Entry
from ledger.histories import STREAM_PREFIX
from ledger.read import entries
from ledger.tables import ledger_case, ledger_history
from rules.procedures import PROCEDURES
from schemas.errors import UnavailableError, UsageError, VerificationError

Reach = Callable[[], Awaitable[Client]]
"""Gets a connection to the engine, which may have to be started for it. Raises UnavailableError."""


@dataclass(frozen=True)
class Stored:
    """What the database holds of one matter."""

    origin: Origin
    case: str
    chain: tuple[Entry, ...] = ()
    archived: Mapping[str, Archived] = field(default_factory=dict)
    exports: Mapping[str, Entry] = field(default_factory=dict)
    cited: Cited | None = None
    """Entries of other matters that its histories looked up; None while nobody has asked the ledger."""

    @property
    def real(self) -> bool:
        """Whether times of recording are those of a real clock."""
        return self.origin.kind is not OriginKind.SIMULATION

    @property
    def runs(self) -> dict[str, str]:
        """Workflow ids by run id, in the order in which ledger and archive first tell of them."""
        told = [(str(each.event.get("wfrunid", "")), str(each.event.get("wfid", ""))) for each in self.chain]
        kept = [(run_id, each.workflow_id) for run_id, each in self.archived.items()]
        return {run_id: workflow_id for run_id, workflow_id in reversed([*told, *kept]) if workflow_id}


@dataclass(frozen=True)
class Matter:
    """A matter with all its histories that could be found."""

    stored: Stored
    runs: Mapping[str, Held]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Why the archived history of a run cannot be read."""


def read_stored(engine: Engine, case: str, histories: Sequence[Held] = ()) -> Stored:
    """What the database holds of a matter, in one consistent state, and of what `histories` looked up.

    Raises UsageError for no ledger, VerificationError for leaves that are none: `ledger verify` tells more.
    """
    with snapshot(engine) as connection:
        try:
            chain, exports = tuple(entries(connection, case)), exports_of(connection, case)
        except ValueError:
            raise _unreadable(case) from None
        if not all(map(_is_entry, (*chain, *exports.values()))):
            raise _unreadable(case)
        looked_up = cited(connection, histories) if histories else None
        return Stored(origin_of(connection), case, chain, archived_of(connection, case), exports, looked_up)


def _unreadable(case: str) -> VerificationError:
    return VerificationError(f"{case}: 记录无法读取 / a leaf cannot be read; see `yangguang ledger verify`")


def _is_entry(entry: Entry) -> bool:
    """Whether a leaf has what every entry has, in the shape that makes it comparable at all."""
    event: object = entry.event
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        return False
    texts = [event.get(name) for name in ("id", "type", "recordedtime")]
    numbers = [event.get(name) for name in ("caseseq", "attempt") if name in event]
    if not all(isinstance(each, str) for each in texts) or not all(type(each) is int for each in numbers):
        return False
    try:
        return datetime.fromisoformat(event["recordedtime"]).tzinfo is not None and "caseseq" in event
    except ValueError:
        return False


def origin_of(connection: Connection) -> Origin:
    """The ledger's origin. Raises UsageError where there is none."""
    origin = read_origin(connection)
    if origin is None:
        raise UsageError("数据库中没有总账 / the database holds no ledger", code="no_ledger")
    return origin


def cases_in(engine: Engine) -> list[str]:
    """Every case that ledger or archive knows of, and every stream but those of the archive."""
    with snapshot(engine) as connection:
        known = set(connection.scalars(select(ledger_case.c.case_id)))
        known.update(connection.scalars(select(ledger_history.c.case_id).distinct()))
    return sorted(case for case in known if not case.startswith(STREAM_PREFIX))


def with_cited(engine: Engine, matter: Matter) -> Matter:
    """The matter, with what the ledger holds of the entries of others that its histories looked up."""
    with snapshot(engine) as connection:
        known = cited(connection, matter.runs.values())
    return replace(matter, stored=replace(matter.stored, cited=known))


async def gather(stored: Stored, reach: Reach) -> Matter:
    """The histories of a matter; the engine is reached where the archive does not hold all of them."""
    runs, unreadable = archived_runs(stored)
    wanted = stored.runs
    there = {*runs, *unreadable}
    followed = {each for held in runs.values() for each in neighbours_of(held.history)}
    if not wanted or not there.issuperset({*wanted, *followed}):
        client = await reach()
        workflows = sorted(set(wanted.values())) or [f"{kind}/{stored.case}" for kind in PROCEDURES]
        try:
            for workflow_id in workflows:
                await _from_engine(client, workflow_id, [*wanted, *followed], runs, unreadable)
        except RPCError as error:
            raise UnavailableError(f"引擎不可用 / the engine is out of reach: {error.message}") from error
    return Matter(stored, dict(sorted(runs.items(), key=_begun)), unreadable)


def _begun(run: tuple[str, Held]) -> tuple[int, int]:
    stamp = begun_of(run[1].history).event_time
    return stamp.seconds, stamp.nanos


def archived_runs(stored: Stored) -> tuple[dict[str, Held], dict[str, str]]:
    """(the archived histories, why others cannot be read), by run."""
    runs, unreadable = dict[str, Held](), dict[str, str]()
    for run_id, archived in stored.archived.items():
        try:
            runs[run_id] = archived.held()
        except BadHistoryError as error:
            unreadable[run_id] = error.message
    return runs, unreadable


async def _from_engine(
    client: Client, workflow_id: str, wanted: list[str], runs: dict[str, Held], unreadable: dict[str, str]
) -> None:
    """Add every run of a workflow that the engine still has."""
    latest = await latest_run(client, workflow_id)
    listed = [each.run_id for each in await runs_of(client, [workflow_id])]
    waiting = [*wanted, *listed, *([latest[0].run_id] if latest else [])]
    seen = {*runs, *unreadable}
    for run_id in waiting:  # grows while it is walked
        if run_id in seen:
            continue
        seen.add(run_id)
        try:
            held = await _fetch(client, workflow_id, run_id)
        except BadHistoryError as error:
            unreadable[run_id] = error.message
            continue
        if held is not None:
            runs[run_id] = held
            waiting.extend(neighbours_of(held.history))


async def _fetch(client: Client, workflow_id: str, run_id: str) -> Held | None:
    """A run's history; read once more where the run ended meanwhile."""
    for _ in range(2):
        raw = await read_history(client, workflow_id, run_id)
        if raw is None:
            return None
        history = from_protobuf(raw, f"{workflow_id} {run_id}")
        closed = history.events[-1].event_type in CLOSING
        if closed or await _running(client, workflow_id, run_id):
            break
    return Held(history, Source.ENGINE, run_id, client.namespace, open=not closed)


async def _running(client: Client, workflow_id: str, run_id: str) -> bool:
    described = await client.get_workflow_handle(workflow_id, run_id=run_id).describe()
    return described.status in (None, WorkflowExecutionStatus.RUNNING)


def is_matter(stored: Stored) -> bool:
    """Whether a chain is a matter's, and no stream of entries that no workflow makes."""
    return bool(stored.runs)


def strangers(matter: Matter) -> Iterator[tuple[str, list[Entry]]]:
    """Runs that the chain tells of, but whose history is nowhere: each with its entries."""
    nowhere: dict[str, list[Entry]] = {}
    for entry in matter.stored.chain:
        run_id = str(entry.event.get("wfrunid", ""))
        if run_id not in matter.runs:
            nowhere.setdefault(run_id, []).append(entry)
    yield from nowhere.items()

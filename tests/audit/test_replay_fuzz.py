"""Histories of strangers: whatever the bytes are, there is a verdict or one clear error, and never a hang."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from temporalio.api.history.v1 import History

from audit.calls import heads_of
from audit.children import Children
from audit.completeness import completeness
from audit.history import MAX_EVENTS, MAX_FILE, BadHistoryError, from_json, from_protobuf, neighbours_of
from audit.job import Job
from audit.structure import structure
from audit.verdicts import Kind, Verdict
from tests.audit.forgery import golden, held, verdicts
from tests.replay.replaying import HISTORIES

TEXT = (HISTORIES / "imported.json").read_bytes()
DOCUMENT = json.loads(TEXT)
PROTOBUF = golden("imported").SerializeToString()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def judged(history: History) -> None:
    """Everything that is done with a history in the auditor's own process."""
    for open_run in (False, True):
        mine = held(history, open_run=open_run)
        assert structure(mine, {mine.run_id: mine}).verdict in Verdict
        if structure(mine).verdict is Verdict.PASS:
            neighbours_of(history)
            for chain in (None, ()):
                assert completeness(mine, chain, heads_of(history), real=True).check is Kind.COMPLETENESS


def judged_or_refused(read: Callable[[bytes, str], History], raw: bytes) -> None:
    """Nothing but a verdict or the one error."""
    with suppress(BadHistoryError):
        judged(read(raw, "fuzz"))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of everything in a JSON document."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*path, key))


PLACES = sorted(places(DOCUMENT), key=str)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES | st.just(...)), min_size=1, max_size=4))
def test_json_changed_anywhere(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    document = copy.deepcopy(DOCUMENT)
    for path, value in changes:
        at = document
        try:
            for key in path[:-1]:
                at = at[key]
            if value is ...:
                del at[path[-1]]
            else:
                at[path[-1]] = value
        except (LookupError, TypeError):
            continue  # an earlier change took it away
    judged_or_refused(from_json, json.dumps(document).encode())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, 200), st.binary(max_size=40), st.booleans())
def test_bytes_changed_anywhere(start: int, length: int, put: bytes, binary: bool) -> None:
    raw, read = (PROTOBUF, from_protobuf) if binary else (TEXT, from_json)
    start %= len(raw) + 1
    judged_or_refused(read, raw[:start] + put + raw[start + length :])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"events": []}',
        b'{"events": 1}',
        b'{"events": {"a": 1}}',
        b'{"events": [1]}',
        b'{"events": [{"eventId": "x"}]}',
        b'{"events": [{"eventId": "99999999999999999999"}]}',
        b'{"events": [{"eventTime": "never"}]}',
        b'{"events": [{"workflowTaskScheduledEventAttributes": {"attempt": NaN}}]}',
        b'{"events": ' + b"[" * 100_000,
        b'{"events": [{"eventId": ' + b"9" * 5000 + b"}]}",
        "{".encode("utf-16"),
        b"\xff\xfe",
    ],
    ids=repr,
)
def test_what_is_no_history_is_refused_in_one_line(raw: bytes) -> None:
    with pytest.raises(BadHistoryError) as refused:
        from_json(raw[:MAX_FILE], "file")
    assert refused.value.message.startswith("file: ")
    assert "\n" not in refused.value.message


def test_what_is_beyond_the_engine_is_refused() -> None:
    many = History()
    for _ in range(MAX_EVENTS + 1):
        many.events.add()
    with pytest.raises(BadHistoryError, match="beyond what the engine keeps"):
        from_protobuf(many.SerializeToString(), "file")
    with pytest.raises(BadHistoryError, match="larger than"):
        from_json(b" " * (MAX_FILE + 1), "file")


@pytest.fixture(scope="module")
def one() -> Iterator[Children]:
    """One process, with a time limit that a busy machine keeps as well."""
    with Children(1, seconds=30) as pool:
        yield pool


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_replay_of_changed_content_comes_to_a_verdict(one: Children, data: st.DataObject) -> None:
    """Whole by its structure, and wrong in what it holds: payloads and names of all kinds."""
    history = golden("resumed-4")
    event = data.draw(st.sampled_from(list(history.events)))
    if payloads := list(_payloads(event)):
        data.draw(st.sampled_from(payloads)).data = json.dumps(data.draw(VALUES)).encode()
    else:
        event.event_time.seconds = data.draw(st.integers(-(2**62), 2**62))
    checks = one.judge(Job(history.SerializeToString(), None))
    assert set(verdicts(checks)) == {Kind.REPLAY, Kind.STRICT}
    assert "did not finish" not in str(checks)


def _payloads(event: Any) -> Iterator[Any]:
    for _, value in getattr(event, event.WhichOneof("attributes")).ListFields():
        if hasattr(value, "payloads"):
            yield from value.payloads

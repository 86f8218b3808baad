"""From rows to cases: the events of each case in the order of their time, each with its own id.

Everything that can be wrong with a row is found here, before the first case is started.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from rules.facts import digest_of
from rules.policy import UNKNOWN_POST
from schemas.errors import UsageError
from schemas.matters import Channel
from starter.logs.files import BadRow, Row, read_rows
from starter.logs.mapping import Mapping

UNKNOWN = UNKNOWN_POST
"""What a log does not say: who acted, or in which post."""

YEARS = range(1900, 2200)
"""Years a log may speak of; anything else is a slip of the pen."""

_MAX_CODE, _MAX_TEXT = 120, 4000
_CLOCK_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Event:
    """One act of a recorded log."""

    id: str
    activity: str
    at: datetime
    officer: str
    post: str
    line: int


@dataclass(frozen=True, slots=True)
class LogCase:
    """One case of a recorded log; events in the order of their time."""

    number: str
    received_at: datetime
    deadline: datetime | None
    channel: Channel
    officer: str
    """Who answers for it."""
    post: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """A whole log, read and checked."""

    cases: tuple[LogCase, ...]
    bad: tuple[BadRow, ...]
    """Rows that could not be read."""
    repeated: int
    """Rows that repeat an act word for word; the act counts once."""
    until: datetime
    """Largest time in the file."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What every row of a case says of the case itself."""

    received_at: datetime | None
    deadline: datetime | None
    channel: Channel
    officer: str
    post: str


@dataclass(slots=True)
class _Draft:
    facts: _Facts
    line: int
    rows: list[tuple[Row, datetime]] = field(default_factory=list)


class _Unreadable(Exception):
    """Why a row cannot be read."""


def read_log(path: Path, mapping: Mapping, now: datetime) -> Log:
    """Read and check a whole log; times after `now` are refused.

    Raises UsageError for a file that cannot be read, or holds not one readable event.
    """
    drafts: dict[str, _Draft] = {}
    bad: list[BadRow] = []
    for row in read_rows(path, mapping.delimiter, mapping.columns.required | set(mapping.only)):
        if isinstance(row, BadRow):
            bad.append(row)
            continue
        try:
            _add(drafts, row, mapping, now)
        except _Unreadable as problem:
            bad.append(BadRow(row.line, str(problem)))
    if not drafts:
        first = f": 第 {bad[0].line} 行 / line {bad[0].line}: {bad[0].reason}" if bad else ""
        raise UsageError(f"{path}: 没有可读的事件 / holds no readable event{first}", code="not_a_log")
    cases = tuple(_case(number, draft, mapping) for number, draft in drafts.items())
    told = sum(len(draft.rows) for draft in drafts.values())
    return Log(
        cases=cases,
        bad=tuple(bad),
        repeated=told - sum(len(case.events) for case in cases),
        until=max(case.events[-1].at for case in cases),
    )


def _add(drafts: dict[str, _Draft], row: Row, mapping: Mapping, now: datetime) -> None:
    if any(row.values.get(column) not in values for column, values in mapping.only.items()):
        return
    columns = mapping.columns
    number = _code(row, columns.case, needed=True)
    _text(row, columns.activity)
    at = _time(row, columns.time, mapping, now)
    _code(row, columns.officer), _code(row, columns.post), _code(row, columns.instance)
    facts = _facts(row, mapping, now)
    draft = drafts.setdefault(number, _Draft(facts, row.line))
    if draft.facts != facts:
        raise _Unreadable(f"案情与第 {draft.line} 行不符 / contradicts line {draft.line} on the case itself")
    draft.rows.append((row, at))


def _facts(row: Row, mapping: Mapping, now: datetime) -> _Facts:
    columns, deadline = mapping.columns, mapping.columns.deadline
    received = _time(row, columns.received, mapping, now) if columns.received else None
    return _Facts(
        received_at=received,
        deadline=_time(row, deadline, mapping, None) if deadline and _value(row, deadline) else None,
        channel=_channel(row, mapping),
        officer=_known(_code(row, columns.responsible), mapping),
        post=_known(_code(row, columns.responsible_post), mapping),
    )


def _channel(row: Row, mapping: Mapping) -> Channel:
    value = _value(row, mapping.columns.channel)
    if not value:
        return Channel.INTERNAL
    if value not in mapping.channels:
        raise _Unreadable(
            f"{mapping.columns.channel}: 映射中没有 / not in the mapping's channels: {value:.60}"
        )
    return mapping.channels[value]


def _case(number: str, draft: _Draft, mapping: Mapping) -> LogCase:
    events = tuple(sorted(_events(draft.rows, mapping), key=lambda event: event.at))
    facts, first = draft.facts, events[0]
    nobody = facts.officer == UNKNOWN
    return LogCase(
        number=number,
        received_at=facts.received_at or first.at,
        deadline=facts.deadline,
        channel=facts.channel,
        officer=first.officer if nobody else facts.officer,
        post=first.post if nobody else facts.post,
        events=events,
    )


def _events(rows: Iterable[tuple[Row, datetime]], mapping: Mapping) -> Iterator[Event]:
    """Events with their ids; a row that repeats an act word for word is the same act."""
    given, columns = list(rows), mapping.columns
    contents: dict[str, set[str]] = {}
    for row, _ in given:
        contents.setdefault(_value(row, columns.instance), set()).add(digest_of(row.values))
    occurrences: Counter[str] = Counter()
    seen: set[str] = set()
    for row, at in given:
        act_id = _act_id(_value(row, columns.instance), digest_of(row.values), contents, occurrences)
        if act_id in seen:
            continue
        seen.add(act_id)
        yield Event(
            id=act_id,
            activity=_value(row, columns.activity),
            at=at,
            officer=_known(_value(row, columns.officer), mapping),
            post=_known(_value(row, columns.post), mapping),
            line=row.line,
        )


def _act_id(instance: str, row: str, contents: dict[str, set[str]], occurrences: Counter[str]) -> str:
    """The instance where it names one row; else a hash of the row, counted where it has no instance."""
    if instance and len(contents[instance]) == 1:
        return instance
    if instance:
        return f"row-{row[:40]}"
    occurrences[row] += 1
    return f"row-{row[:40]}-{occurrences[row]}"


def _known(value: str, mapping: Mapping) -> str:
    return UNKNOWN if not value or value in mapping.unknown else value


def _value(row: Row, column: str | None) -> str:
    value = row.values.get(column, "").strip() if column else ""
    if "\0" in value:
        raise _Unreadable(f"{column}: 含空字符 / holds a NUL character")
    return value


def _code(row: Row, column: str | None, *, needed: bool = False) -> str:
    value = _value(row, column)
    if needed and not value:
        raise _Unreadable(f"{column}: 为空 / is empty")
    if len(value) > _MAX_CODE:
        raise _Unreadable(f"{column}: 超过 {_MAX_CODE} 字 / longer than {_MAX_CODE} characters")
    return value


def _text(row: Row, column: str) -> str:
    value = _value(row, column)
    if not value:
        raise _Unreadable(f"{column}: 为空 / is empty")
    if len(value) > _MAX_TEXT:
        raise _Unreadable(f"{column}: 超过 {_MAX_TEXT} 字 / longer than {_MAX_TEXT} characters")
    return value


def _time(row: Row, column: str, mapping: Mapping, now: datetime | None) -> datetime:
    """An instant with its offset; after `now` only where that is None."""
    value = _value(row, column)
    try:
        moment = (
            datetime.strptime(value, mapping.time_format)  # noqa: DTZ007 - the zone is added below
            if mapping.time_format
            else datetime.fromisoformat(value)
        )
    except ValueError:
        raise _Unreadable(f"{column}: 不是时间 / not a time: {value[:60]!r}") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=mapping.zone)
    if moment.year not in YEARS:
        raise _Unreadable(f"{column}: 年份超出范围 / the year is out of range: {value[:60]!r}")
    if now is not None and moment > now + _CLOCK_STEP:
        raise _Unreadable(f"{column}: 晚于现在 / lies in the future: {value[:60]!r}")
    return moment

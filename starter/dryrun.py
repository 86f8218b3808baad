"""The policy dry-run over this home's ledger: drafts, and the cases of a period held against them.

A draft is a folder written like any profile, or the profile in force with some numbers changed on a page.
It is checked like a profile that is to govern; a draft that could not govern is not compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, func, select

from ledger.tables import ledger_entry
from readmodel.tables import matter
from rules.checks import check
from rules.course import corresponding_day
from rules.dryrun import Verdict, judge
from rules.dryrun_counts import Change, Compared, changes
from rules.dryrun_facts import CaseFacts, facts_of
from schemas.base import Model
from schemas.clocks import Calendar
from schemas.errors import UsageError
from schemas.profile import Profile, Rules
from starter.profile_files import digest, laid_over, read_profile
from starter.rulebook import calendar_for, rules_for

AT_ONCE = 300
"""Cases whose entries are in memory at the same time."""

SHOWN = 100
"""Changes told at most; a draft that changes more is another profile."""

_COMPARED = ("thresholds", "grounds", "items", "calendar")
"""Parts of a profile that a dry-run looks at."""

Advance = Callable[[int], None]


class DryRun(Model):
    """What a draft would have come to over a period."""

    now: str
    draft: str
    now_sha256: str
    draft_sha256: str
    since: date
    until: date
    """Both included; by the day on which a case was received."""
    changes: tuple[Change, ...]
    items: tuple[Compared, ...]
    total: Compared
    not_cases: int = 0
    """Cases of items that neither profile knows."""


# -- drafts -----------------------------------------------------------------------------------


def draft_in(folder: Path) -> Profile:
    """The draft in a folder, which must be named like the profile it holds.

    Raises UsageError (`invalid_profile`) with every reason why it could not govern.
    """
    place = folder.resolve()
    if not place.is_dir():
        raise UsageError(f"没有草案目录 {folder} / there is no folder {folder}", code="unknown_folder")
    reading = read_profile(place.name, place.parent)
    if reading.profile is None:
        raise _unfit([str(each) for each in reading.problems])
    return reading.profile


def draft_with(profile: Profile, edits: Mapping[str, Any], over: dict[str, Any] | None = None) -> Profile:
    """A profile with some places changed: `thresholds.warn_divisor`, `items.LX-DJ-01.promise.n`.

    A name inside a list is a code; `over` is laid on it like a file of a draft. Raises UsageError
    (`unknown_key`, `invalid_profile`).
    """
    data = laid_over(profile.model_dump(mode="json", exclude={"sha256"}), over or {})
    for key, value in edits.items():
        _put(data, key.split("."), value, key)
    try:
        changed = Profile.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as problem:
        raise _unfit([_first(each) for each in problem.errors(include_url=False)]) from None
    if problems := check(changed):
        raise _unfit([str(each) for each in problems])
    return changed.model_copy(update={"sha256": digest(changed)})


def _put(data: Any, path: list[str], value: Any, key: str) -> None:
    for part in path[:-1]:
        data = _inside(data, part)
    if not isinstance(data, dict) or path[-1] not in data:
        raise UsageError(f"规则中没有 {key} / the rules have no {key}", code="unknown_key")
    data[path[-1]] = value


def _inside(data: Any, part: str) -> Any:
    if isinstance(data, list):
        return next((each for each in data if each.get("code") == part), None)
    return data.get(part) if isinstance(data, dict) else None


def _first(error: Any) -> str:
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"


def _unfit(problems: list[str]) -> UsageError:
    told = "\n".join(problems[:20])
    return UsageError(f"草案不可用 / the draft could not govern:\n{told}", code="invalid_profile")


# -- comparing --------------------------------------------------------------------------------


def last_year(today: date) -> tuple[date, date]:
    """The period that is looked at unless told otherwise."""
    return corresponding_day(today, -12) + timedelta(days=1), today


def count_cases(connection: Connection, since: date, until: date) -> int:
    """How many cases were received in a period."""
    query = select(func.count()).select_from(matter).where(*_received(since, until))
    return connection.scalar(query) or 0


def compare(
    connection: Connection,
    now: Profile,
    draft: Profile,
    period: tuple[date, date],
    at: datetime | None,
    *,
    root: Path | None = None,
    instead: str = "",
    advance: Advance = lambda n: None,
) -> DryRun:
    """Hold the cases received in `period` against both profiles, as of the instant `at`; None for a
    simulation, whose matters stand at a time of their own each.

    `root` is the folder of the draft's own calendars. Cases of items that a profile does not know (those of
    an imported log) are judged as the item `instead`, or counted as no cases of it.
    """
    since, until = period
    if since > until:
        raise UsageError(f"{since} 晚于 {until} / {since} is after {until}", code="bad_period")
    in_force, drafted = _Side(now, period, at, None, instead), _Side(draft, period, at, root, instead)
    found: dict[str, Compared] = {}
    unknown = 0
    for chain in _chains(connection, since, until):
        facts = facts_of(chain, in_force.calendar)
        rules = (drafted.rules(facts.item) or in_force.rules(facts.item)) if facts else None
        if facts is None or rules is None:
            unknown += 1
        else:
            row = found.get(facts.item) or _row(facts.item, rules)
            found[facts.item] = row.plus(facts.recorded, in_force.verdict(facts), drafted.verdict(facts))
        advance(1)
    return DryRun(
        now=f"{now.id}@{now.version}",
        draft=f"{draft.id}@{draft.version}",
        now_sha256=now.sha256,
        draft_sha256=draft.sha256,
        since=since,
        until=until,
        changes=tuple(_changes(now, draft))[:SHOWN],
        items=tuple(found[code] for code in sorted(found)),
        total=_total(found.values()),
        not_cases=unknown,
    )


@dataclass
class _Side:
    """One of the two profiles, with the rules of each item made once for all its cases."""

    profile: Profile
    period: tuple[date, date]
    at: datetime | None
    root: Path | None
    instead: str
    _rules: dict[str, Rules | None] = field(default_factory=dict)

    @cached_property
    def calendar(self) -> Calendar:
        """Long enough for every clock of the period."""
        first, last = self.period[0], max(self.period[1], self.at.date() if self.at else self.period[1])
        return calendar_for(
            self.profile, corresponding_day(first, -24), corresponding_day(last, 24), self.root
        )

    def rules(self, item: str) -> Rules | None:
        """What governs cases of an item; None where the profile knows neither it nor what stands for it."""
        if item not in self._rules:
            codes = {each.code for each in self.profile.items}
            code = next((each for each in (item, self.instead) if each in codes), None)
            made = rules_for(self.profile, code, self.period[0], self.root) if code else None
            self._rules[item] = made and made.model_copy(update={"calendar": self.calendar})
        return self._rules[item]

    def verdict(self, facts: CaseFacts) -> Verdict:
        """What a case would have come to under this profile."""
        rules = self.rules(facts.item)
        return judge(facts, rules, self.at) if rules else Verdict(lamp=None)


def _chains(connection: Connection, since: date, until: date) -> Iterator[list[dict[str, Any]]]:
    """The entries of every case received in a period, case by case."""
    columns, after = ledger_entry.c, ""
    while True:
        query = select(matter.c.case_id).where(*_received(since, until), matter.c.case_id > after)
        numbers = connection.scalars(query.order_by(matter.c.case_id).limit(AT_ONCE)).all()
        if not numbers:
            return
        wanted = select(columns.case_id, columns.leaf).where(columns.case_id.in_(numbers))
        rows = connection.execute(wanted.order_by(columns.case_id, columns.seq))
        for _, chain in groupby(rows, key=lambda row: row.case_id):
            yield [orjson.loads(row.leaf) for row in chain]
        after = numbers[-1]


def _received(since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    day = matter.c.received_day
    return matter.c.kind == "case", day >= since.isoformat(), day <= until.isoformat()


def _row(code: str, rules: Rules) -> Compared:
    item = rules.item
    known = item is not None and item.code == code
    return Compared(
        item=code, name=item.name if item and known else "", name_en=item.name_en if item and known else ""
    )


def _changes(now: Profile, draft: Profile) -> Iterator[Change]:
    before, after = now.model_dump(mode="json"), draft.model_dump(mode="json")
    return changes({name: before[name] for name in _COMPARED}, {name: after[name] for name in _COMPARED})


def _total(rows: Iterable[Compared]) -> Compared:
    total = Compared(item="")
    for row in rows:
        total = total.and_also(row)
    return total

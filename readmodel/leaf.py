"""What a leaf says to the read model, held against the columns it is meant for.

- `data.view`: any columns of `matter`, set from now on; `people` are [capacity, staff number] pairs;
- `data.clocks`: all clocks of the matter, replacing the rows there are;
- `data.card` on `card.*`: the card as it now stands, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Column, Table

from ledger.canonical import canonical
from ledger.entry import Entry
from ledger.errors import BadEntryError
from readmodel.tables import matter, matter_card, matter_clock

Row = dict[str, Any]

Fits = Callable[[object], bool]


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and "\0" not in value)


def _is_day(value: object) -> bool:
    return value is None or (isinstance(value, str) and _names_a_day(value))


def _is_people(value: object) -> bool:
    return isinstance(value, list) and all(_is_person(each) for each in value)


def _is_person(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(v is not None and _is_text(v) for v in value)


@lru_cache(maxsize=4096)
def _names_a_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _kinds(table: Table, *without: str) -> dict[str, Fits]:
    """What each column of a table takes, told from its type and name."""
    return {column.name: _kind(column) for column in table.c if column.name not in without}


def _kind(column: Column[Any]) -> Fits:
    if isinstance(column.type, Boolean):
        return _is_flag
    is_day = column.name == "due" or column.name.endswith(("_day", "_due", "_from"))
    return _is_day if is_day else _is_text


_OURS = ("case_id", "last_seq", "last_recorded", "told", "applicant_masked", "applicant_key")
_VIEW = _kinds(matter, *_OURS) | {"people": _is_people}
_CLOCK = _kinds(matter_clock, "case_id")
_CARD = _kinds(matter_card, "card_id", "case_id", "addressees", "last_seq", "last_recorded")
_CARD_NEEDS = ("id", "code", "colour", "issue_day", "addressees")


@dataclass(frozen=True, slots=True)
class Said:
    """One entry, and what it says; None where it says nothing of the kind."""

    entry: Entry
    view: Row | None
    clocks: list[Row] | None


def said_in(entry: Entry) -> Said:
    """Read an entry. Raises BadEntryError where it gives a column a value of the wrong kind."""
    data = entry.data
    view = _view(entry) if "view" in data else None
    clocks = [_clock(entry, clock) for clock in data["clocks"]] if "clocks" in data else None
    _refuse_doubles(clocks or ())
    return Said(entry, view, clocks)


def position_of(entry: Entry) -> Row:
    """As of which entry a row stands."""
    return {"last_seq": entry.seq, "last_recorded": entry.recorded}


def card_rows(entries: Sequence[Entry]) -> list[Row]:
    """The cards these entries tell of."""
    return [_card(entry) for entry in entries if entry.type.startswith("card.") and "card" in entry.data]


def _view(entry: Entry) -> Row:
    row = _checked(entry, "view", entry.data["view"], _VIEW)
    if "people" in row:
        row["people"] = canonical(row["people"]).decode()
    return row


def _refuse_doubles(rows: Iterable[Row]) -> None:
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        key = row["case_id"], row["clock"], row["ref"]
        if key in seen:
            raise BadEntryError(f"{key[0]}: 时限重复 / clock given twice in data.clocks: {key[1]} {key[2]}")
        seen.add(key)


_NO_CLOCK: Row = {name: False if fits is _is_flag else None for name, fits in _CLOCK.items()} | {"ref": ""}


def _clock(entry: Entry, clock: Row) -> Row:
    row = _NO_CLOCK | _checked(entry, "clocks", clock, _CLOCK) | {"case_id": entry.case_id}
    if not row["clock"]:
        raise BadEntryError(f"{_where(entry)}: 时限无名 / clock without a name in data.clocks")
    return row


def _card(entry: Entry) -> Row:
    """The card's row. It may be filed under the matter it was issued in, which it then names as `case_id`."""
    card = entry.data["card"]
    if wanting := [name for name in _CARD_NEEDS if card.get(name) is None]:
        raise BadEntryError(f"{_where(entry)}: 督办牌缺项 / data.card lacks {', '.join(wanting)}")
    row: Row = dict.fromkeys(_CARD) | {"status": entry.type.partition(".")[2]}
    row |= _checked(entry, "card", card, _CARD)
    row |= {"card_id": card["id"], "case_id": card.get("case_id", entry.case_id)}
    row["addressees"] = canonical(card["addressees"]).decode()
    return row | position_of(entry)


def _checked(entry: Entry, place: str, given: Row, kinds: Mapping[str, Fits]) -> Row:
    """The known names of `given`, each of the kind its column takes."""
    row: Row = {}
    for name, value in given.items():
        fits = kinds.get(name)
        if fits is None:
            continue
        if not fits(value):
            raise BadEntryError(f"{_where(entry)}: 值不符 / data.{place}.{name} cannot be {value!r:.60}")
        row[name] = value
    return row


def _where(entry: Entry) -> str:
    return f"{entry.case_id} {entry.type}"

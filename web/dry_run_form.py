"""The form of the dry-run: which numbers of a profile are on it, and the draft that was typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.clocks import Limit
from schemas.errors import UsageError
from schemas.profile import Item, Profile
from starter.dryrun import draft_with, last_year
from starter.strict_yaml import parse_mapping
from web.names import Words

WHOLE: dict[str, Words] = {
    "acceptance": Words("受理时限", "acceptance limit"),
    "promise": Words("承诺时限", "promised limit"),
    "statutory": Words("法定时限", "statutory limit"),
    "delivery": Words("送达时限", "delivery limit"),
}
THRESHOLDS: dict[str, Words] = {
    "thresholds.warn_divisor": Words(
        "黄灯阈值（剩余天数为时限的几分之一）", "yellow when 1/n of a limit is left"
    ),
    "thresholds.handover.n": Words("移交接收时限", "hand-over limit"),
}
MOST = 100_000
"""Bytes of pasted rules."""


@dataclass(frozen=True)
class NumberField:
    """A number that can be changed: where it stands, what it is called, what it is now."""

    key: str
    label: Words
    now: int
    unit: str


def fields_of(profile: Profile, item: Item | None) -> tuple[NumberField, ...]:
    """Thresholds, and the limits of one item."""
    shared = (
        NumberField(
            "thresholds.warn_divisor",
            THRESHOLDS["thresholds.warn_divisor"],
            profile.thresholds.warn_divisor,
            "",
        ),
        NumberField(
            "thresholds.handover.n",
            THRESHOLDS["thresholds.handover.n"],
            profile.thresholds.handover.n,
            profile.thresholds.handover.unit.value,
        ),
    )
    return (*shared, *_limits(item)) if item else shared


def _limits(item: Item) -> Iterator[NumberField]:
    for name, label in WHOLE.items():
        limit: Limit | None = getattr(item, name)
        if limit is not None:
            yield NumberField(f"items.{item.code}.{name}.n", label, limit.n, limit.unit.value)
    for stage in item.stages:
        label = Words(f"环节 {stage.name}", f"stage {stage.name_en}")
        key = f"items.{item.code}.stages.{stage.code}.limit.n"
        yield NumberField(key, label, stage.limit.n, stage.limit.unit.value)


def draft_of(profile: Profile, fields: tuple[NumberField, ...], typed: Mapping[str, str]) -> Profile:
    """The draft that was typed: changed numbers, a version of its own, pasted rules besides.

    Raises UsageError naming the field, or telling why the draft could not govern.
    """
    edits: dict[str, Any] = {}
    for each in fields:
        if (said := typed.get(each.key, "").strip()) and _number(each.key, said) != each.now:
            edits[each.key] = _number(each.key, said)
    if version := typed.get("version", "").strip():
        edits["version"] = version
    return draft_with(profile, edits, _pasted(typed.get("yaml", "")))


def _number(key: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise UsageError(f"{key}: 请写整数 / {key}: write a whole number", code="bad_number")
    return int(text)


def _pasted(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    if len(text.encode()) > MOST:
        raise UsageError("yaml: 过长 / yaml: too long", code="too_long")
    try:
        return parse_mapping(text.encode())
    except ValueError as error:
        raise UsageError(f"yaml: {error}", code="bad_yaml") from None


def period_of(typed: Mapping[str, str], today: date) -> tuple[date, date]:
    """The period that was typed; the last year where none was. Raises UsageError."""
    first, last = last_year(today)
    return _day(typed, "since", first), _day(typed, "until", last)


def _day(typed: Mapping[str, str], name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(typed[name].strip()) if typed.get(name, "").strip() else otherwise
    except ValueError:
        raise UsageError(f"{name}: 不是日期 / {name}: not a day, as 2026-01-31", code="bad_day") from None

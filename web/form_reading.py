"""What somebody sent in a form of an act: read as fields of the message, every mistake told beside its field.

What was typed is kept as it was. What the kernel would refuse for something left unsaid is asked for here
already: its refusals are on record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

from rules.procedures import ActRule
from web import form_words as said
from web.forms import Field, Typed, Widget
from web.names import Words
from web.timeline import ZONE

WHEN: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("outcome", "refused"): ("reason", "remedy"),
    ("ground", "not_ours"): ("authority",),
}
"""What a choice makes necessary: without it the kernel would refuse, and hold it against whoever sent it."""


@dataclass(frozen=True)
class Filled:
    """A form as somebody sent it."""

    values: dict[str, Any]
    """Fields of the message; what was left empty is left out."""
    typed: Typed
    errors: dict[str, Words] = field(default_factory=dict)


def typed_of(form: FormData) -> Typed:
    """Everything that was typed, by name; files and control fields are left out."""
    typed: Typed = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and name != "csrf":
            typed.setdefault(name, []).append(value)
    return typed


def filled(rule: ActRule, fields: tuple[Field, ...], typed: Typed, control: Mapping[str, Any]) -> Filled:
    """What was typed as fields of the message, every mistake told beside its field."""
    values: dict[str, Any] = dict(control)
    errors: dict[str, Words] = {}
    for each in fields:
        try:
            value = _READ[each.widget](each, typed.get(each.name, []))
        except ValueError:
            errors[each.name] = _BAD[each.widget]
            continue
        if value not in ("", [], None, {}):
            values[each.name] = value
        elif each.required:
            errors[each.name] = said.NOT_A_CHOICE if each.options else said.REQUIRED
    errors |= _needs(rule, values, errors) | _invalid(rule, fields, values, errors)
    return Filled(values, typed, errors)


def _needs(rule: ActRule, values: Mapping[str, Any], errors: Mapping[str, Words]) -> dict[str, Words]:
    """What must be stated has at least one letter in it: the kernel asks the same."""
    chosen = (more for (name, value), more in WHEN.items() if values.get(name) == value)
    needs = {*rule.needs, *(name for more in chosen for name in more)}
    wanting = (name for name in rule.payload.model_fields if name in needs and name not in errors)
    empty = [name for name in wanting if not any(c.isalnum() for c in str(values.get(name, "")))]
    return dict.fromkeys(empty, said.REQUIRED)


def _invalid(
    rule: ActRule, fields: tuple[Field, ...], values: Mapping[str, Any], errors: Mapping[str, Words]
) -> dict[str, Words]:
    known = {each.name for each in fields}
    try:
        rule.payload.model_validate(values)
    except ValidationError as problem:
        found = {str(each["loc"][0]) if each["loc"] else "": each["type"] for each in problem.errors()}
        return {
            name if name in known else "": _REASONS.get(kind, said.NOT_RIGHT)
            for name, kind in found.items()
            if name not in errors
        }
    return {}


def _text(each: Field, given: list[str]) -> str:
    return given[-1].strip() if given else ""


def _number(each: Field, given: list[str]) -> int | None:
    text = _text(each, given)
    return int(text) if text else None


def _day(each: Field, given: list[str]) -> str:
    text = _text(each, given)
    return date.fromisoformat(text).isoformat() if text else ""


def _moment(each: Field, given: list[str]) -> str:
    """A local time of the bureau, unless it says otherwise."""
    text = _text(each, given)
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).isoformat()


def _chosen(each: Field, given: list[str]) -> str:
    text = _text(each, given)
    if text and text not in {value for value, _ in each.options}:
        raise ValueError(text)
    return text


def _checks(each: Field, given: list[str]) -> list[Any]:
    if set(given) - {value for value, _ in each.options}:
        raise ValueError(given)
    return [{"code": value} for value in given] if each.pieces else list(given)


def _lines(each: Field, given: list[str]) -> list[str]:
    return [line.strip() for line in _text(each, given).splitlines() if line.strip()]


def _pairs(each: Field, given: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in _lines(each, given):
        name, colon, text = line.replace("：", ":", 1).partition(":")
        if not colon or not name.strip() or not text.strip():
            raise ValueError(line)
        pairs[name.strip()] = text.strip()
    return pairs


def _json(each: Field, given: list[str]) -> Any:
    text = _text(each, given)
    return json.loads(text) if text else ""


_READ: dict[Widget, Callable[[Field, list[str]], Any]] = {
    Widget.TEXT: _text,
    Widget.AREA: _text,
    Widget.NUMBER: _number,
    Widget.DAY: _day,
    Widget.MOMENT: _moment,
    Widget.RADIOS: _chosen,
    Widget.SELECT: _chosen,
    Widget.CHECKS: _checks,
    Widget.LINES: _lines,
    Widget.PAIRS: _pairs,
    Widget.JSON: _json,
}

_BAD: dict[Widget, Words] = {
    Widget.NUMBER: said.NOT_A_NUMBER,
    Widget.DAY: said.NOT_A_DATE,
    Widget.MOMENT: said.NOT_A_DATE,
    Widget.RADIOS: said.NOT_A_CHOICE,
    Widget.SELECT: said.NOT_A_CHOICE,
    Widget.CHECKS: said.NOT_A_CHOICE,
    Widget.PAIRS: said.NOT_PAIRS,
    Widget.JSON: said.NOT_JSON,
}

_REASONS: dict[str, Words] = {
    "missing": said.REQUIRED,
    "string_too_short": said.REQUIRED,
    "string_too_long": said.TOO_LONG,
    "greater_than_equal": said.OUT_OF_RANGE,
    "less_than_equal": said.OUT_OF_RANGE,
    "too_long": said.TOO_LONG,
    "too_short": said.REQUIRED,
}
"""By pydantic's code of the mistake."""

"""Forms of acts, made from the messages themselves: what an act takes is what its form asks.

How a field is asked for follows from its type, and from what it can be in the matter at hand; what somebody
then sends is read in `web.form_reading`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from rules.procedures import ActRule
from schemas.acts import Act, Piece
from web import form_words as said
from web.names import Words

CONTROL = frozenset(
    {"id", "officer", "post", "received_at", "late_reason", "facts", "seen_at", "attachments", "stage"}
)
"""Fields of a message that nobody types: the page knows them."""

SHARED = ("opinion", "reason", "basis")
"""What every act may state."""

JUDGEMENTS = frozenset({"agrees", "approve", "grant", "passed", "upheld", "filed"})
"""Yes or no that is somebody's judgement: no answer is chosen before he chooses."""

LONG = 4000
"""The bound of a text that is written in several lines."""

Typed = dict[str, list[str]]
"""What was typed, as the browser sent it."""

Options = Mapping[str, tuple[tuple[str, Words], ...]]
"""By field: the values it can have here, with their names."""


class Widget(StrEnum):
    """How a field is asked for."""

    TEXT = "text"
    AREA = "area"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    RADIOS = "radios"
    SELECT = "select"
    CHECKS = "checks"
    LINES = "lines"
    PAIRS = "pairs"
    JSON = "json"


@dataclass(frozen=True)
class Field:
    """One field of a form."""

    name: str
    label: Words
    hint: Words
    widget: Widget
    required: bool
    options: tuple[tuple[str, Words], ...] = ()
    initial: str = ""
    many: bool = False
    """Its value is a list."""
    pieces: bool = False
    """Its options are papers."""


def fields_of(rule: ActRule, options: Options, without: frozenset[str] = frozenset()) -> tuple[Field, ...]:
    """The fields an act's form asks for: its own first, then opinion, reason and articles.

    `without` are fields that make no sense here.
    """
    own = [name for name in rule.payload.model_fields if name not in Act.model_fields]
    names = [name for name in (*own, *SHARED) if name not in CONTROL | without]
    return tuple(_field(name, rule, options.get(name, ())) for name in names)


def _field(name: str, rule: ActRule, options: tuple[tuple[str, Words], ...]) -> Field:
    info = rule.payload.model_fields[name]
    widget, listed, many = _widget(info, options)
    required = name in rule.needs or name in JUDGEMENTS or info.is_required()
    return Field(
        name=name,
        label=said.LABELS.get(name, Words(name, name)),
        hint=_hint(name, rule),
        widget=widget,
        required=required,
        options=listed,
        initial="" if required else _initial(info, widget),
        many=many,
        pieces=_inner(_plain(info.annotation)) is Piece,
    )


def _hint(name: str, rule: ActRule) -> Words:
    if name == "reason" and "remedy" in rule.payload.model_fields and name not in rule.needs:
        return said.WHEN_REFUSING
    return said.HINTS.get(name, Words("", ""))


def _widget(
    info: FieldInfo, options: tuple[tuple[str, Words], ...]
) -> tuple[Widget, tuple[tuple[str, Words], ...], bool]:
    kind = _plain(info.annotation)
    if get_origin(kind) is tuple:
        if options:
            return Widget.CHECKS, options, True
        return (Widget.LINES if _inner(kind) is str else Widget.JSON), (), True
    if get_origin(kind) is dict:
        return Widget.PAIRS, (), False
    if options:
        return (Widget.RADIOS if _is_enum(kind) else Widget.SELECT), options, False
    return *_scalar(kind, info), False


def _scalar(kind: Any, info: FieldInfo) -> tuple[Widget, tuple[tuple[str, Words], ...]]:
    if kind is bool:
        return Widget.RADIOS, choices(("true", "false"))
    if _is_enum(kind):
        return Widget.RADIOS, choices(tuple(str(each.value) for each in kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return Widget.JSON, ()
    simple = {int: Widget.NUMBER, date: Widget.DAY, datetime: Widget.MOMENT}
    if kind in simple:
        return simple[kind], ()
    if getattr(kind, "__name__", "") == "AwareDatetime":
        return Widget.MOMENT, ()
    return (Widget.AREA if _bound(info) >= LONG else Widget.TEXT), ()


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _plain(annotation: Any) -> Any:
    """The type without `| None`."""
    if get_origin(annotation) in (Union, UnionType):
        return next(each for each in get_args(annotation) if each is not NoneType)
    return annotation


def _inner(kind: Any) -> Any:
    """What a tuple holds, without its constraints."""
    if get_origin(kind) is not tuple:
        return None
    first = get_args(kind)[0]
    return get_args(first)[0] if hasattr(first, "__metadata__") else first


def _bound(info: FieldInfo) -> int:
    return max((getattr(each, "max_length", None) or 0 for each in info.metadata), default=0)


def choices(values: tuple[str, ...]) -> tuple[tuple[str, Words], ...]:
    """Values with their names."""
    return tuple((value, said.CHOICES.get(value, Words(value, value))) for value in values)


def _initial(info: FieldInfo, widget: Widget) -> str:
    """What is chosen before anybody chooses: the message's own default, never a decision."""
    if widget is Widget.RADIOS and not info.is_required():
        default = info.default
        return str(default).lower() if isinstance(default, bool) else str(getattr(default, "value", "") or "")
    return str(info.default) if widget is Widget.TEXT and info.default and not info.is_required() else ""

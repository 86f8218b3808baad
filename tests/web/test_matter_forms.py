"""Forms made from messages: every act of every procedure can be asked for, read and told what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from rules.procedures import PROCEDURES, ActRule
from schemas.acts import Act
from web.form_reading import Filled, filled
from web.form_words import CHOICES, LABELS, NOT_A_CHOICE, NOT_A_DATE, NOT_PAIRS, OUT_OF_RANGE, REQUIRED
from web.forms import Options, Widget, fields_of
from web.names import Words
from web.standing import NOT_HERE

ACTS = [
    (kind, name) for kind, procedure in PROCEDURES.items() for name in procedure.table if name not in NOT_HERE
]
CONTROL = {"id": "web-1", "officer": "1101", "post": "window-clerk"}
PAPERS: Options = {"materials": (("a", Words("甲", "A")), ("b", Words("乙", "B")))}


def _rule(kind: str, name: str) -> ActRule:
    return PROCEDURES[kind].table[name]


def _sent(kind: str, name: str, options: Options | None = None, **typed: list[str]) -> Filled:
    rule = _rule(kind, name)
    return filled(rule, fields_of(rule, options or {}), typed, CONTROL)


@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_every_field_of_every_act_is_asked_for_in_both_languages(kind: str, name: str) -> None:
    rule = _rule(kind, name)
    fields = fields_of(rule, {})
    own = {field for field in rule.payload.model_fields if field not in Act.model_fields} - {"stage"}
    assert own <= {field.name for field in fields}
    for field in fields:
        assert field.name in LABELS
        assert all(value in CHOICES for value, _ in field.options)


@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_an_empty_form_is_told_what_must_be_stated_and_nothing_else_breaks(kind: str, name: str) -> None:
    rule = _rule(kind, name)
    missing = _sent(kind, name).errors
    asked = {field.name for field in fields_of(rule, {})}
    assert set(rule.needs) & asked <= missing.keys()
    assert {
        n for n, each in rule.payload.model_fields.items() if each.is_required()
    } & asked <= missing.keys()


def test_a_judgement_has_no_answer_before_somebody_judges() -> None:
    fields = {field.name: field for field in fields_of(_rule("case", "sign_stage"), {})}
    assert fields["agrees"].widget is Widget.RADIOS
    assert fields["agrees"].initial == ""
    assert _sent("case", "sign_stage", opinion=["同意"]).errors == {"agrees": NOT_A_CHOICE}


def test_what_was_typed_becomes_the_message() -> None:
    said = _sent(
        "case",
        "accept",
        PAPERS,
        materials=["a", "b"],
        deferred_until=["2026-06-20"],
        opinion=["材料齐全"],
        basis=["行政许可法 第32条\n\n 第34条 "],
    )
    assert not said.errors
    message: Any = _rule("case", "accept").payload.model_validate(said.values)
    assert [piece.code for piece in message.materials] == ["a", "b"]
    assert message.basis == ("行政许可法 第32条", "第34条")
    assert message.deferred_until.isoformat() == "2026-06-20"


def test_points_are_written_one_a_line_with_either_colon() -> None:
    said = _sent("case", "notify_correction", points=["site: 缺坐标\nfarmland：缺说明"])
    assert said.values["points"] == {"site": "缺坐标", "farmland": "缺说明"}
    assert _sent("case", "notify_correction", points=["没有冒号"]).errors == {"points": NOT_PAIRS}


@pytest.mark.parametrize(
    ("kind", "name", "typed", "errors"),
    [
        ("case", "request_extension", {"days": ["0"], "reason": ["案情复杂"]}, {"days": OUT_OF_RANGE}),
        ("case", "accept", {"deferred_until": ["2026-13-40"]}, {"deferred_until": NOT_A_DATE}),
        ("case", "decide", {"outcome": ["maybe"], "opinion": ["同意"]}, {"outcome": NOT_A_CHOICE}),
        ("case", "decide", {"outcome": ["granted"], "opinion": ["……"]}, {"opinion": REQUIRED}),
        ("case", "accept", {"materials": ["strange"]}, {"materials": NOT_A_CHOICE}),
    ],
)
def test_a_mistake_is_told_beside_its_field(
    kind: str, name: str, typed: dict[str, list[str]], errors: dict[str, Words]
) -> None:
    assert _sent(kind, name, PAPERS, **typed).errors == errors


def test_what_somebody_calls_himself_in_a_form_does_not_count() -> None:
    said = _sent("case", "note", opinion=["好"], officer=["1001"], post=["head"], id=["other"])
    assert (said.values["officer"], said.values["post"], said.values["id"]) == tuple(
        CONTROL[name] for name in ("officer", "post", "id")
    )

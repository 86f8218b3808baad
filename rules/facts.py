"""Digest of the facts a decision is made on: signed = seen; and what has changed where they are others now.

Which acts are decisions, and which acts decide the same question, is a table here: of two people who decide
at once one wins, and the other is told who.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from schemas.acts import Act

LONGEST = 1200
"""Characters of a part that is kept as it is; of a longer one its digest."""

SECRET = frozenset({"card", "complaint", "fault"})
"""Kinds of matters whose facts are told apart by digests alone."""

_STAGE = ("sign_stage", "decide")
_SESSION = ("close_session", "override")

DECISIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "case": {
        "accept": ("accept", "refuse"),
        "refuse": ("accept", "refuse"),
        "sign_stage": _STAGE,
        "decide": _STAGE,
        "suspend": ("suspend",),
        "extend": ("extend",),
    },
    "inquiry": {},
    "card": {
        "confirm": ("confirm", "dismiss"),
        "dismiss": ("confirm", "dismiss"),
        "rule": ("rule",),
        "accept_correction": ("accept_correction", "reject_correction"),
        "reject_correction": ("accept_correction", "reject_correction"),
    },
    "report": {"review": ("review",), "sign": ("sign",)},
    "review": {
        "vote": _SESSION,
        "close_session": _SESSION,
        "sign_minutes": ("override",),
        "override": ("override",),
    },
    "complaint": {
        "accept": ("accept", "refuse"),
        "refuse": ("accept", "refuse"),
        "handle": ("handle",),
        "extend": ("extend",),
        "answer_review": ("answer_review",),
        "answer_recheck": ("answer_recheck",),
    },
    "supervision": {"verify": ("verify",)},
    "fault": {
        "accept": ("accept", "not_accept"),
        "not_accept": ("accept", "not_accept"),
        "rule_recusal": ("rule_recusal",),
        "extend": ("extend",),
        "verify": ("verify",),
        "vote": ("close_session",),
        "close_session": ("close_session",),
        "sign_minutes": (),
        "decide": ("decide",),
        "rule_transfer": ("rule_transfer",),
    },
}
"""By kind: each act that is bound to the facts its signer saw, and the acts that settle the same question."""

SETTLED = frozenset({"wrong_state", "ended", "no_request", "repeated", "extended_before"})
"""Refusals which, after such an act of somebody else, mean that the question is no longer open."""

OUTCOMES = ("outcome", "agrees", "passed", "upheld", "grant", "approve", "merit", "ground")
"""Fields that say how somebody decided."""

PARTS: Mapping[str, tuple[str, str]] = {
    "materials": ("材料", "materials"),
    "stages": ("各环节意见", "opinions of the stages"),
    "stage": ("当前环节", "stage"),
    "flags": ("限制", "flags"),
    "points": ("补正事项", "correction points"),
    "outcome": ("结果", "outcome"),
    "answered": ("答复", "answer"),
    "duties": ("责任人", "persons responsible"),
    "document": ("文件", "document"),
    "matters": ("会审事项", "matters decided"),
    "sealed": ("密封内容", "sealed values"),
    "meeting": ("会议", "meeting"),
    "papers": ("会议材料", "papers"),
    "recused": ("回避", "recusals"),
    "overridden": ("主持人另行决定", "override"),
    "minutes": ("会议纪要", "minutes"),
    "accused": ("被投诉人", "persons complained of"),
    "answers": ("答复与回访", "answers"),
    "rows": ("责任认定", "liability rows"),
    "defences": ("陈述申辩", "defences"),
    "proposed": ("拟处理意见", "proposed measures"),
    "session": ("集体讨论", "meeting"),
    "card": ("监察牌", "card"),
    "objector": ("申诉人", "objector"),
    "objected": ("申诉", "objections"),
    "reports": ("报告", "reports"),
    "evidence": ("证据", "evidence"),
}
"""Parts of the facts, as people call them."""


def digest_of(facts: object) -> str:
    """SHA-256 (hex) of the facts as sorted, compact JSON; the same facts give the same digest."""
    return hashlib.sha256(_text(facts).encode("utf-8", "surrogatepass")).hexdigest()


def said_in(name: str, message: Act) -> str:
    """Digest of what an act says, however often and whenever it is sent again."""
    aside = {"received_at", "late_reason", "seen_at", "assertion"}
    if message.delegation is None:
        aside.add("delegation")  # acts of before there were grants go on saying the same
    return digest_of([name, message.model_dump(mode="json", exclude=aside)])


def is_decision(kind: str, name: str) -> bool:
    """Whether an act is bound to the facts its signer saw."""
    return name in DECISIONS.get(kind, {})


def rivals(kind: str, name: str) -> tuple[str, ...]:
    """Acts that settle the question which this one decides."""
    return DECISIONS.get(kind, {}).get(name, ())


def parts_of(kind: str, facts: Mapping[str, Any]) -> dict[str, JsonValue]:
    """The facts part by part, so that two of them can be compared: values, or digests of what is long."""
    return {part: _kept(kind, value) for part, value in facts.items()}


def difference(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> Iterator[dict[str, JsonValue]]:
    """Each part that is not what it was, with what it was and what it is."""
    for part in dict.fromkeys((*before, *after)):
        if before.get(part) != after.get(part):
            yield {"part": part, "before": before.get(part), "after": after.get(part)}


def named(parts: tuple[str, ...]) -> tuple[str, str]:
    """Parts in Chinese and in English."""
    words = [PARTS.get(part, (part, part)) for part in parts]
    return "、".join(zh for zh, _ in words), ", ".join(en for _, en in words)


def outcome_in(message: Act) -> str:
    """How somebody decided, as his act says it; empty where the act itself is the decision."""
    own = type(message).model_fields.keys() - Act.model_fields.keys()
    said = (getattr(message, name) for name in OUTCOMES if name in own)
    found = next((value for value in said if value not in (None, "")), "")
    return ("yes" if found else "no") if isinstance(found, bool) else str(found)


def _kept(kind: str, value: object) -> JsonValue:
    text = _text(value)
    if len(text) > LONGEST or (kind in SECRET and len(text) > len("true")):
        return digest_of(value)
    kept: JsonValue = json.loads(text)
    return kept


def _text(facts: object) -> str:
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

"""Supervision cards (监察牌): the table of a card's life among people, from service to its end.

Whether a card is corrected or turns red is decided in the matter whose clocks it comes of; here it is
explained, objected to, answered, addressed anew and revoked. Source: domain 2.9.
"""

from __future__ import annotations

from enum import StrEnum

from rules.procedures.base import TURNED_AWAY, ActRule, By, Procedure, Silence, common
from schemas import acts, card


class CardStage(StrEnum):
    """States of a card as a matter of its own; what became of the verdict is the card's status."""

    PROPOSED = "proposed"
    SERVED = "served"
    OBJECTED = "objected"
    CLOSED = "closed"
    REVOKED = "revoked"
    DISMISSED = "dismissed"


K = CardStage
ON = frozenset({K.SERVED, K.OBJECTED})
ALIVE = ON | {K.PROPOSED}

ADDRESSEE, COPY, JUDGE = "addressee", "copy", "judge"
"""Capacities: on whom it is served, who is told, who answers for it."""

_TABLE: dict[str, ActRule] = {
    **common(ALIVE),
    "confirm": ActRule(
        "确认发牌",
        "confirm",
        card.Confirm,
        frozenset({K.PROPOSED}),
        By.PARTY,
        parties=(JUDGE,),
        barred=(ADDRESSEE,),
        needs=("opinion",),
    ),
    "dismiss": ActRule(
        "不予确认",
        "dismiss",
        card.Dismiss,
        frozenset({K.PROPOSED}),
        By.PARTY,
        parties=(JUDGE,),
        barred=(ADDRESSEE,),
        needs=("reason",),
    ),
    "reply": ActRule(
        "书面说明", "explain", card.Reply, ON, By.PARTY, parties=(ADDRESSEE,), needs=("opinion",)
    ),
    "object_to": ActRule(
        "申诉撤牌",
        "object",
        card.ObjectTo,
        frozenset({K.SERVED}),
        By.PARTY,
        parties=(ADDRESSEE,),
        needs=("reason",),
    ),
    "rule": ActRule(
        "申诉答复",
        "answer an objection",
        card.Rule,
        frozenset({K.OBJECTED}),
        By.PARTY,
        parties=(JUDGE,),
        barred=(ADDRESSEE,),
        needs=("reason",),
    ),
    "accept_correction": ActRule(
        "认可整改",
        "accept the correction",
        card.AcceptCorrection,
        ON,
        By.PARTY,
        parties=(JUDGE,),
        barred=(ADDRESSEE,),
        needs=("reason",),
    ),
    "reject_correction": ActRule(
        "退回说明",
        "reject the explanation",
        card.RejectCorrection,
        ON,
        By.PARTY,
        parties=(JUDGE,),
        barred=(ADDRESSEE,),
        needs=("reason",),
    ),
    "readdress": ActRule(
        "改送",
        "address it to whoever caused the delay",
        card.Readdress,
        ON,
        By.PARTY,
        parties=(JUDGE,),
        barred=(ADDRESSEE,),
        needs=("reason",),
    ),
}

_STATES: dict[str, str] = {
    K.PROPOSED: "待确认",
    K.SERVED: "已送达",
    K.OBJECTED: "申诉待答复",
    K.CLOSED: "已了结",
    K.REVOKED: "已撤牌",
    K.DISMISSED: "不予确认",
    TURNED_AWAY: "未予登记",
}

_LEADS_TO: dict[str, tuple[str, ...]] = {
    "confirm": (K.SERVED,),
    "dismiss": (K.DISMISSED,),
    "reply": (K.CLOSED,),
    "object_to": (K.OBJECTED,),
    "rule": (K.SERVED, K.REVOKED, K.CLOSED),
    "accept_correction": (K.CLOSED,),
    "readdress": (K.SERVED,),
}

_SILENCES = {
    "window.closed": Silence("申诉期满", "nobody objected in time", frozenset({K.SERVED}), (K.CLOSED,)),
    "card.settled": Silence("牌已了结", "corrected or absorbed", frozenset({K.SERVED}), (K.CLOSED,)),
    "card.late_act_noted": Silence(
        "逾期事项已办", "the late act is done", frozenset({K.SERVED}), (K.CLOSED,)
    ),
    "card.escalated": Silence("转红牌", "it turned red", frozenset({K.SERVED}), (K.CLOSED,)),
    "card.withdrawn": Silence("撤牌", "the finding it rests on is withdrawn", ALIVE, (K.REVOKED,)),
}

CARD = Procedure(
    "监察牌",
    "card",
    "CardWorkflow",
    "PZ",
    _STATES,
    frozenset({K.CLOSED, K.REVOKED, K.DISMISSED, TURNED_AWAY}),
    _TABLE,
    _LEADS_TO,
    intake=ActRule("登记", "register", acts.Note, frozenset({K.PROPOSED, K.SERVED}), By.SYSTEM),
    sections=("cards", "supervision"),
    silences=_SILENCES,
)

"""First-inquiry responsibility (首问负责制): the table of an inquiry."""

from __future__ import annotations

from enum import StrEnum

from rules.procedures.base import ADMIN, TURNED_AWAY, ActRule, By, Procedure, common
from schemas import acts


class InquiryStage(StrEnum):
    """States of an inquiry (首问负责制)."""

    OPEN = "open"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    CLOSED = "closed"


Q = InquiryStage
ASKED = frozenset({Q.OPEN, Q.HANDED_OVER, Q.ACCEPTED})
ALIVE = ASKED | {Q.ANSWERED}
IN_HAND = frozenset({Q.OPEN, Q.ACCEPTED})

_TABLE: dict[str, ActRule] = {
    **common(ALIVE),
    "answer": ActRule("答复", "answer", acts.Answer, ASKED, By.DUTY, needs=("opinion",)),
    "guide": ActRule("指引", "guide", acts.Guide, ASKED, By.DUTY),
    "hand_over": ActRule("移交", "hand over", acts.HandOver, IN_HAND, By.DUTY, needs=("reason",)),
    "take_over": ActRule("接收", "take over", acts.TakeOver, frozenset({Q.HANDED_OVER}), By.OFFERED),
    "return_item": ActRule(
        "退回移交",
        "return a hand-over",
        acts.ReturnHandOver,
        frozenset({Q.HANDED_OVER}),
        By.OFFERED,
        needs=("reason",),
    ),
    "escalate": ActRule("报请协调", "escalate", acts.Escalate, ASKED, By.DUTY, needs=("reason",)),
    "designate": ActRule("指定承办", "designate", acts.Designate, ASKED, roles=ADMIN, needs=("reason",)),
    "close": ActRule("办结", "close", acts.Close, frozenset({Q.ACCEPTED, Q.ANSWERED}), By.DUTY),
    "rate": ActRule("评价", "rate", acts.Rate, ALIVE, By.ANYONE),
}

_STATES: dict[str, str] = {
    Q.OPEN: "首问受理",
    Q.HANDED_OVER: "移交待接收",
    Q.ACCEPTED: "已接收",
    Q.ANSWERED: "已答复",
    Q.CLOSED: "已办结归档",
    TURNED_AWAY: "未予登记",
}

_ENDED = frozenset({Q.CLOSED, TURNED_AWAY})

_LEADS_TO: dict[str, tuple[str, ...]] = {
    "answer": (Q.ANSWERED,),
    "guide": (Q.ANSWERED,),
    "hand_over": (Q.HANDED_OVER,),
    "take_over": (Q.ACCEPTED,),
    "return_item": (Q.OPEN,),
    "escalate": (Q.OPEN,),
    "designate": (Q.HANDED_OVER,),
    "close": (Q.CLOSED,),
}

INQUIRY = Procedure(
    "咨询",
    "inquiry",
    "InquiryWorkflow",
    "ZX",
    _STATES,
    _ENDED,
    _TABLE,
    _LEADS_TO,
    intake=ActRule("登记", "register", acts.Note, frozenset({Q.OPEN}), By.ANYONE),
    sections=("cards",),
)

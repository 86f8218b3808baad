"""Complaints, petitions and the conduct hotline (投诉有门 办理有效 结果透明 督查到位): their table.

Domain M09, M30. A petition alone goes on after its reply: review (复查), recheck (复核), final.
"""

from __future__ import annotations

from enum import StrEnum

from rules.procedures.base import COUNTER, SUPERIORS, TURNED_AWAY, ActRule, By, Procedure, Silence, common
from schemas import acts
from schemas import complaint as said
from schemas.acts import Act
from schemas.profile import Role


class ComplaintStage(StrEnum):
    """States of a complaint."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    DISPUTED = "disputed"
    HANDLED = "handled"
    REPLIED = "replied"
    CALLED_BACK = "called_back"
    REOPENED = "reopened"
    REVIEW = "review"
    REVIEWED = "reviewed"
    RECHECK = "recheck"
    FINAL = "final"
    NOT_ACCEPTED = "not_accepted"
    CLOSED = "closed"


C = ComplaintStage
ENDED = frozenset({C.NOT_ACCEPTED, C.CLOSED, TURNED_AWAY})
ALIVE = frozenset(set(C) - ENDED)
IN_TIME = frozenset({C.ACCEPTED, C.ASSIGNED, C.DISPUTED, C.HANDLED, C.REOPENED})
"""Accepted and not answered yet."""
ANSWERED = frozenset({C.REPLIED, C.REVIEWED, C.FINAL})

DESK = (Role.SUPERVISION, Role.DISCIPLINE_SECRETARY, Role.OFFICE)
"""The supervision office, the discipline secretary, and the office as clerk of the hotline."""
WATCH = (Role.SUPERVISION, Role.DISCIPLINE_SECRETARY)
INTAKE = (*DESK, Role.WINDOW)
"""Who takes in what a petitioner asks for."""
KEPT_OUT = ("accused", "colleague")
"""Nobody touches a complaint about himself or about his own section."""

_COMMON = common(ALIVE)


def _by(
    roles: tuple[Role, ...], zh: str, en: str, payload: type[Act], states: frozenset[str], *needs: str
) -> ActRule:
    """A row for the holders of some roles, but for those whom it is about and their section."""
    return ActRule(zh, en, payload, states, roles=roles, needs=needs, barred=KEPT_OUT)


def _owner(zh: str, en: str, payload: type[Act], states: frozenset[str], *needs: str) -> ActRule:
    """A row for whoever has the duty."""
    return ActRule(zh, en, payload, states, By.DUTY, needs=needs, barred=KEPT_OUT)


def _others(zh: str, en: str, payload: type[Act], states: frozenset[str], *needs: str) -> ActRule:
    """A row of the desk for those who did not handle it."""
    return ActRule(zh, en, payload, states, roles=DESK, needs=needs, barred=(*KEPT_OUT, "handler"))


def _at(*states: str) -> frozenset[str]:
    return frozenset(states)


_TABLE: dict[str, ActRule] = {
    "note": ActRule("批注", "note", acts.Note, ALIVE, By.ANYONE, barred=KEPT_OUT),
    "adopt_calendar": _COMMON["adopt_calendar"],
    "adopt_profile": _COMMON["adopt_profile"],
    "accept": _by(DESK, "受理", "accept", said.AcceptComplaint, _at(C.REGISTERED)),
    "refuse": _by(
        DESK, "不予受理", "refuse to accept", said.RefuseComplaint, _at(C.REGISTERED), "reason", "route"
    ),
    "assign": _by(DESK, "交办", "assign", said.AssignComplaint, _at(C.ACCEPTED, C.REOPENED)),
    "dispute": _owner(
        "提出承办异议", "object to being the owner", said.DisputeOwner, _at(C.ASSIGNED), "reason"
    ),
    "designate": _by(WATCH, "指定承办", "designate", acts.Designate, _at(C.DISPUTED), "reason"),
    "handle": _owner("办理", "handle", said.HandleComplaint, _at(C.ASSIGNED), "opinion"),
    "extend": ActRule(
        "批准延期",
        "extend",
        said.ExtendComplaint,
        IN_TIME,
        roles=(Role.HEAD,),
        needs=("reason", "notice"),
        barred=("accused",),
    ),
    "explain_delay": _owner(
        "说明不能按期办结", "explain a delay", said.ExplainDelay, IN_TIME, "reason", "plan"
    ),
    "reply": _owner("答复", "reply", said.ReplyToComplaint, _at(C.HANDLED), "opinion"),
    "call_back": _others("回访", "call back", said.CallBack, ANSWERED, "opinion"),
    "reopen": _others("重新办理", "reopen", said.ReopenComplaint, _at(C.CALLED_BACK), "reason"),
    "request_review": _by(
        INTAKE, "申请复查", "ask for a review", said.RequestReview, _at(C.REPLIED, C.CALLED_BACK), "reason"
    ),
    "answer_review": _by(
        DESK, "复查意见", "answer the review", said.AnswerReview, _at(C.REVIEW), "opinion", "document"
    ),
    "request_recheck": _by(
        INTAKE, "申请复核", "ask for a recheck", said.RequestReview, _at(C.REVIEWED, C.CALLED_BACK), "reason"
    ),
    "answer_recheck": _by(
        DESK, "复核意见", "answer the recheck", said.AnswerReview, _at(C.RECHECK), "opinion", "document"
    ),
    "read_identity": _by(WATCH, "查阅投诉人身份", "read who complains", said.ReadSealed, ALIVE, "reason"),
    "read_content": _owner("查阅投诉内容", "read what is complained of", said.ReadSealed, ALIVE, "reason"),
    "close": _others("办结归档", "close", said.CloseComplaint, _at(C.CALLED_BACK, C.FINAL)),
}

_STATES: dict[str, str] = {
    C.REGISTERED: "已登记",
    C.ACCEPTED: "已受理",
    C.ASSIGNED: "已交办",
    C.DISPUTED: "承办争议待指定",
    C.HANDLED: "已办理",
    C.REPLIED: "已答复",
    C.CALLED_BACK: "已回访",
    C.REOPENED: "重新办理",
    C.REVIEW: "复查中",
    C.REVIEWED: "已复查",
    C.RECHECK: "复核中",
    C.FINAL: "已终结",
    C.NOT_ACCEPTED: "不予受理",
    C.CLOSED: "已办结归档",
    TURNED_AWAY: "未予登记",
}

_LEADS_TO: dict[str, tuple[str, ...]] = {
    "accept": (C.ACCEPTED,),
    "refuse": (C.NOT_ACCEPTED,),
    "assign": (C.ASSIGNED,),
    "dispute": (C.DISPUTED,),
    "designate": (C.ASSIGNED,),
    "handle": (C.HANDLED,),
    "reply": (C.REPLIED,),
    "call_back": (C.CALLED_BACK,),
    "reopen": (C.REOPENED,),
    "request_review": (C.REVIEW,),
    "answer_review": (C.REVIEWED,),
    "request_recheck": (C.RECHECK,),
    "answer_recheck": (C.FINAL,),
    "close": (C.CLOSED,),
}

_SILENCES = {
    "complaint.final": Silence(
        "逾期未申请复查或复核，意见终结",
        "no review or recheck was asked for in time: the answer is final",
        frozenset({C.REPLIED, C.REVIEWED, C.CALLED_BACK}),
        (C.FINAL,),
    ),
}

COMPLAINT = Procedure(
    "投诉",
    "complaint",
    "ComplaintWorkflow",
    "TS",
    _STATES,
    ENDED,
    _TABLE,
    _LEADS_TO,
    intake=ActRule(
        "登记",
        "register",
        acts.Note,
        frozenset({C.REGISTERED}),
        roles=(*COUNTER, *SUPERIORS, *DESK),
        barred=("accused",),
    ),
    sections=("cards", "complaints", "supervision"),
    silences=_SILENCES,
)

"""The procedures as tables: which act is possible in which state, by whom, with what.

One row an act. Workflows, command line, pages and tests all read these tables; the effects of
an act are in the workflow file of its procedure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas import acts
from schemas.acts import Act
from schemas.profile import Role


class CaseStage(StrEnum):
    """States of a case (行政许可法 Art.29-45)."""

    RECEIVED = "received"
    CORRECTION_PENDING = "correction_pending"
    IN_STAGE = "in_stage"
    SUSPENDED = "suspended"
    REPORTED_UP = "reported_up"
    GRANTED = "granted"
    REFUSED = "refused"
    RESULT_READY = "result_ready"
    CLOSED = "closed"
    NOT_REQUIRED = "not_required"
    NOT_OURS = "not_ours"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


class InquiryStage(StrEnum):
    """States of an inquiry (首问负责制)."""

    OPEN = "open"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    CLOSED = "closed"


STATE_NAMES: dict[str, str] = {
    "received": "已收件",
    "correction_pending": "待补正",
    "in_stage": "办理中",
    "suspended": "停表",
    "reported_up": "已上报",
    "granted": "准予",
    "refused": "不予许可",
    "result_ready": "已办结待领取",
    "closed": "已办结归档",
    "not_required": "无需许可",
    "not_ours": "不属本机关",
    "lapsed": "逾期未补正失效",
    "withdrawn": "已撤回",
    "terminated": "已终止",
    "turned_away": "未予登记",
    "open": "首问受理",
    "handed_over": "移交待接收",
    "accepted": "已接收",
    "answered": "已答复",
}

TURNED_AWAY = "turned_away"
"""A submission whose registration was refused: no matter came of it."""

ENDED = frozenset({"turned_away", "closed", "not_required", "not_ours", "lapsed", "withdrawn", "terminated"})


class By(StrEnum):
    """Who may do an act."""

    ANYONE = "anyone"  # any post of the bureau
    ROLE = "role"  # a post with one of the row's roles
    STAGE = "stage"  # the A or B officer of the current stage's post
    DUTY = "duty"  # whoever answers for the matter now, or the other officer of his post
    OFFERED = "offered"  # the post a hand-over or stage waits for
    SYSTEM = "system"  # the engine on a named person's account, or the importer


@dataclass(frozen=True)
class ActRule:
    """One row: Chinese and English name, message type, states, who, and what must be stated."""

    zh: str
    en: str
    payload: type[Act]
    states: frozenset[str]
    by: By = By.ROLE
    roles: tuple[Role, ...] = ()
    needs: tuple[str, ...] = ()


C = CaseStage
BEFORE_DECISION = frozenset({C.RECEIVED, C.CORRECTION_PENDING, C.IN_STAGE, C.SUSPENDED})
UNDECIDED = frozenset({C.IN_STAGE, C.SUSPENDED})
DECIDED = frozenset({C.GRANTED, C.REFUSED})
OPEN = BEFORE_DECISION | DECIDED | {C.REPORTED_UP, C.RESULT_READY}
WORKING = frozenset({C.IN_STAGE, C.GRANTED})
COUNTER = (Role.WINDOW, Role.HANDLER, Role.REGISTRAR)
SUPERIORS = (Role.REVIEWER, Role.APPROVER, Role.DEPUTY_HEAD, Role.HEAD)
ADMIN = (Role.OFFICE, Role.SUPERVISION)

CASE: dict[str, ActRule] = {
    "note": ActRule("批注", "note", acts.Note, OPEN, By.ANYONE),
    "accept": ActRule(
        "受理", "accept", acts.Accept, frozenset({C.RECEIVED, C.CORRECTION_PENDING}), roles=(Role.WINDOW,)
    ),
    "refuse": ActRule(
        "不予受理",
        "refuse to accept",
        acts.Refuse,
        frozenset({C.RECEIVED}),
        roles=(Role.WINDOW,),
        needs=("reason", "remedy"),
    ),
    "notify_correction": ActRule(
        "一次性告知补正",
        "once-only correction notice",
        acts.NotifyCorrection,
        frozenset({C.RECEIVED, C.CORRECTION_PENDING}),
        roles=(Role.WINDOW,),
    ),
    "resubmit": ActRule(
        "补正",
        "resubmit",
        acts.Resubmit,
        frozenset({C.CORRECTION_PENDING, C.IN_STAGE, C.SUSPENDED}),
        roles=(Role.WINDOW,),
    ),
    "take_over": ActRule("接收", "take over", acts.TakeOver, OPEN, By.OFFERED),
    "sign_stage": ActRule("环节签署", "sign a stage", acts.SignStage, WORKING, By.STAGE, needs=("opinion",)),
    "return_stage": ActRule(
        "退回上一环节",
        "return to an earlier stage",
        acts.ReturnStage,
        frozenset({C.IN_STAGE}),
        By.STAGE,
        needs=("reason",),
    ),
    "decide": ActRule("决定", "decide", acts.Decide, frozenset({C.IN_STAGE}), By.STAGE, needs=("opinion",)),
    "upper_result": ActRule(
        "上级批复",
        "record the upper level's result",
        acts.UpperResult,
        frozenset({C.REPORTED_UP}),
        roles=COUNTER,
    ),
    "hand_over": ActRule(
        "移交", "hand over", acts.HandOver, frozenset({C.IN_STAGE}), By.DUTY, needs=("reason",)
    ),
    "return_item": ActRule(
        "退回移交", "return a hand-over", acts.ReturnHandOver, OPEN, By.OFFERED, needs=("reason",)
    ),
    "escalate": ActRule("报请协调", "escalate", acts.Escalate, OPEN, By.DUTY, needs=("reason",)),
    "designate": ActRule("指定承办", "designate", acts.Designate, OPEN, roles=ADMIN, needs=("reason",)),
    "request_suspension": ActRule(
        "申请停表",
        "apply for a suspension",
        acts.RequestSuspension,
        frozenset({C.IN_STAGE}),
        By.STAGE,
        needs=("reason",),
    ),
    "suspend": ActRule(
        "批准停表", "suspend", acts.Suspend, frozenset({C.IN_STAGE}), roles=SUPERIORS, needs=("opinion",)
    ),
    "resume": ActRule("恢复计时", "resume", acts.Resume, frozenset({C.SUSPENDED}), By.DUTY),
    "request_extension": ActRule(
        "申请延期",
        "apply for an extension",
        acts.RequestExtension,
        frozenset({C.IN_STAGE}),
        By.STAGE,
        needs=("reason",),
    ),
    "extend": ActRule(
        "批准延期", "extend", acts.Extend, frozenset({C.IN_STAGE}), roles=(Role.HEAD,), needs=("opinion",)
    ),
    "result_ready": ActRule("结果就绪", "result ready", acts.ResultReady, DECIDED, roles=COUNTER),
    "deliver": ActRule("送达", "deliver", acts.Deliver, frozenset({C.RESULT_READY}), roles=COUNTER),
    "withdraw": ActRule(
        "撤回", "withdraw", acts.Withdraw, BEFORE_DECISION, roles=(Role.WINDOW,), needs=("reason",)
    ),
    "raise_flag": ActRule(
        "设置限制",
        "raise a blocking flag",
        acts.RaiseFlag,
        BEFORE_DECISION,
        roles=(*COUNTER, *SUPERIORS, *ADMIN),
        needs=("reason",),
    ),
    "clear_flag": ActRule(
        "解除限制",
        "clear a blocking flag",
        acts.ClearFlag,
        BEFORE_DECISION,
        roles=(*SUPERIORS, *ADMIN),
        needs=("reason",),
    ),
    "charge": ActRule("收费", "charge", acts.Charge, OPEN, roles=(Role.WINDOW,)),
    "adopt_calendar": ActRule(
        "日历更新", "adopt a calendar", acts.AdoptCalendar, OPEN, roles=ADMIN, needs=("reason",)
    ),
    "adopt_profile": ActRule(
        "规则更新", "adopt rules", acts.AdoptProfile, OPEN, roles=ADMIN, needs=("reason",)
    ),
    "end_of_log": ActRule("日志结束", "end of log", acts.EndOfLog, OPEN, By.SYSTEM),
}

Q = InquiryStage
ASKED = frozenset({Q.OPEN, Q.HANDED_OVER, Q.ACCEPTED})
ALIVE = ASKED | {Q.ANSWERED}
IN_HAND = frozenset({Q.OPEN, Q.ACCEPTED})

INQUIRY: dict[str, ActRule] = {
    "note": ActRule("批注", "note", acts.Note, ALIVE, By.ANYONE),
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
    "adopt_calendar": ActRule(
        "日历更新", "adopt a calendar", acts.AdoptCalendar, ALIVE, roles=ADMIN, needs=("reason",)
    ),
    "adopt_profile": ActRule(
        "规则更新", "adopt rules", acts.AdoptProfile, ALIVE, roles=ADMIN, needs=("reason",)
    ),
}

INTAKE: dict[str, ActRule] = {
    "case": ActRule("收件", "take in", acts.Note, frozenset({C.RECEIVED}), roles=(Role.WINDOW,)),
    "inquiry": ActRule("登记", "register", acts.Note, frozenset({Q.OPEN}), By.ANYONE),
}
"""Who may begin a matter: an application comes in at the window, an inquiry at whoever is asked first."""

PROCEDURES: dict[str, dict[str, ActRule]] = {"case": CASE, "inquiry": INQUIRY}

"""Time-limited completion (限时办结制): the table of an approval case."""

from __future__ import annotations

from enum import StrEnum

from rules.procedures.base import (
    ADMIN,
    COUNTER,
    SUPERIORS,
    TURNED_AWAY,
    ActRule,
    By,
    Procedure,
    Silence,
    common,
)
from schemas import acts
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


C = CaseStage
BEFORE_DECISION = frozenset({C.RECEIVED, C.CORRECTION_PENDING, C.IN_STAGE, C.SUSPENDED})
UNDECIDED = frozenset({C.IN_STAGE, C.SUSPENDED})
DECIDED = frozenset({C.GRANTED, C.REFUSED})
OPEN = BEFORE_DECISION | DECIDED | {C.REPORTED_UP, C.RESULT_READY}
WORKING = frozenset({C.IN_STAGE, C.GRANTED})

_TABLE: dict[str, ActRule] = {
    **common(OPEN),
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
    "end_of_log": ActRule("日志结束", "end of log", acts.EndOfLog, OPEN, By.SYSTEM),
}

_STATES: dict[str, str] = {
    C.RECEIVED: "已收件",
    C.CORRECTION_PENDING: "待补正",
    C.IN_STAGE: "办理中",
    C.SUSPENDED: "停表",
    C.REPORTED_UP: "已上报",
    C.GRANTED: "准予",
    C.REFUSED: "不予许可",
    C.RESULT_READY: "已办结待领取",
    C.CLOSED: "已办结归档",
    C.NOT_REQUIRED: "无需许可",
    C.NOT_OURS: "不属本机关",
    C.LAPSED: "逾期未补正失效",
    C.WITHDRAWN: "已撤回",
    C.TERMINATED: "已终止",
    TURNED_AWAY: "未予登记",
}

_ENDED = frozenset({C.CLOSED, C.NOT_REQUIRED, C.NOT_OURS, C.LAPSED, C.WITHDRAWN, C.TERMINATED, TURNED_AWAY})

_LEADS_TO: dict[str, tuple[str, ...]] = {
    "accept": (C.IN_STAGE,),
    "refuse": (C.NOT_REQUIRED, C.NOT_OURS),
    "notify_correction": (C.CORRECTION_PENDING,),
    "resubmit": (C.IN_STAGE,),
    "decide": (C.GRANTED, C.REFUSED, C.REPORTED_UP, C.CLOSED),
    "upper_result": (C.GRANTED, C.REFUSED),
    "suspend": (C.SUSPENDED,),
    "resume": (C.IN_STAGE,),
    "result_ready": (C.RESULT_READY,),
    "deliver": (C.CLOSED,),
    "withdraw": (C.WITHDRAWN,),
    "end_of_log": (C.CLOSED,),
}

_SILENCES = {
    "case.deemed_accepted": Silence(
        "视为受理", "deemed accepted", frozenset({C.RECEIVED, C.CORRECTION_PENDING}), (C.IN_STAGE,)
    ),
    "case.deemed_acceptance_withdrawn": Silence(
        "视为受理撤销",
        "an answer in time, told late: nothing was deemed",
        frozenset({C.IN_STAGE}),
        (C.RECEIVED, C.CORRECTION_PENDING),
    ),
    "case.lapsed": Silence(
        "逾期未补正失效", "lapsed without correction", frozenset({C.CORRECTION_PENDING}), (C.LAPSED,)
    ),
    "case.terminated": Silence(
        "容缺承诺未兑现终止",
        "terminated, deferred papers never came",
        frozenset({C.IN_STAGE}),
        (C.TERMINATED,),
    ),
    "case.deemed_renewed": Silence("视为准予延续", "deemed renewed", UNDECIDED, (C.GRANTED,)),
}

CASE = Procedure(
    "办件",
    "case",
    "CaseWorkflow",
    "LX",
    _STATES,
    _ENDED,
    _TABLE,
    _LEADS_TO,
    intake=ActRule("收件", "take in", acts.Note, frozenset({C.RECEIVED}), roles=(Role.WINDOW,)),
    sections=("cards", "reviews"),
    silences=_SILENCES,
)

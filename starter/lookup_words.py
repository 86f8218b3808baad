"""What the public reads of a matter: each state in plain words and what comes next, and steps by name.

Officers' states and entries say more; nothing of duty disputes, cards or opinions is told here.
"""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """How a matter stands, and what comes next."""

    zh: str
    en: str
    next_zh: str
    next_en: str


_NOTHING = "无需再做什么。", "Nothing is left to do."
_WAIT = "请等候，到期前会有结果。", "Please wait: there will be a result by the due day."
_ANSWER = "请等候答复。", "Please wait for the answer."
_REVIEW = (
    "如不服，可在规定期限内申请复查、复核。",
    "If you disagree you may ask for a review within the time the answer names.",
)

STATES: dict[str, dict[str, Told]] = {
    "case": {
        "received": Told("已收件，待受理", "Received, not accepted yet", *_WAIT),
        "correction_pending": Told(
            "待您补正材料",
            "Waiting for papers from you",
            "请一次补齐所列材料。",
            "Please hand in everything that is listed.",
        ),
        "in_stage": Told("办理中", "In progress", *_WAIT),
        "suspended": Told(
            "依法停表，等待外部结果",
            "Paused by law, waiting for a result from outside",
            "结果到后恢复计时。",
            "Time runs on when that result is there.",
        ),
        "reported_up": Told("已报上级机关", "Reported to the authority above", *_WAIT),
        "granted": Told("已准予，正在制证", "Granted, the document is being made", *_WAIT),
        "refused": Told(
            "不予许可",
            "Refused",
            "决定书载明理由与救济途径。",
            "The decision names the reasons and the way of remedy.",
        ),
        "result_ready": Told(
            "已办结，待领取",
            "Done, ready to be collected",
            "请持有效证件到窗口领取。",
            "Please collect it at the window with your identity card.",
        ),
        "closed": Told("已办结归档", "Done and filed", *_NOTHING),
        "not_required": Told("无需许可", "No permit is needed", *_NOTHING),
        "not_ours": Told(
            "不属本机关职权",
            "Not for this authority",
            "请向告知的主管机关申请。",
            "Please apply to the authority that was named to you.",
        ),
        "lapsed": Told(
            "逾期未补正，申请失效",
            "Lapsed: papers did not come in time",
            "可重新申请。",
            "You may apply again.",
        ),
        "withdrawn": Told("已撤回", "Withdrawn", "可重新申请。", "You may apply again."),
        "terminated": Told("已终止", "Terminated", *_NOTHING),
    },
    "inquiry": {
        "open": Told("已登记，由首问人负责", "Registered: whoever was asked first answers", *_ANSWER),
        "handed_over": Told(
            "移交中，首问人仍负责", "Being handed over: the first one still answers", *_ANSWER
        ),
        "accepted": Told("已由承办岗位接收", "Taken over by the competent post", *_ANSWER),
        "answered": Told("已答复", "Answered", "可以评价。", "You may rate the answer."),
        "closed": Told("已办结归档", "Done and filed", *_NOTHING),
    },
    "complaint": {
        "registered": Told("已登记，待受理", "Registered, not accepted yet", *_ANSWER),
        "accepted": Told("已受理", "Accepted", *_ANSWER),
        "assigned": Told("已交办", "Sent to those who handle it", *_ANSWER),
        "disputed": Told("正在确定承办单位", "It is being settled who handles it", *_ANSWER),
        "handled": Told("已查办，待答复", "Looked into, the answer is being written", *_ANSWER),
        "replied": Told("已答复", "Answered", *_REVIEW),
        "called_back": Told("已回访", "You were called back", *_REVIEW),
        "reopened": Told("重新办理", "Taken up again", *_ANSWER),
        "review": Told("复查中", "Under review", *_ANSWER),
        "reviewed": Told("复查已答复", "The review is answered", *_REVIEW),
        "recheck": Told("复核中", "Under a second review", *_ANSWER),
        "final": Told("意见已终结", "The answer is final", *_NOTHING),
        "not_accepted": Told(
            "不予受理",
            "Not accepted",
            "告知书载明依据与其他途径。",
            "The notice names the ground and the way that is open instead.",
        ),
        "closed": Told("已办结归档", "Done and filed", *_NOTHING),
    },
}

KINDS = tuple(STATES)
"""Kinds of matters that have an applicant with a lookup code."""

STEPS: dict[str, tuple[str, str]] = {
    "case.registered": ("收件登记", "received"),
    "case.accepted": ("受理", "accepted"),
    "case.deemed_accepted": ("视为受理", "accepted by law"),
    "case.correction_notified": ("一次性告知补正", "told what is missing"),
    "case.correction_reminded": ("补正提醒", "reminded of what is missing"),
    "case.resubmitted": ("收到补交材料", "papers received"),
    "case.not_accepted": ("不予受理", "not accepted"),
    "case.lapsed": ("逾期未补正失效", "lapsed"),
    "case.stage_signed": ("完成环节", "step completed"),
    "case.stage_returned": ("退回上一环节", "returned to an earlier step"),
    "case.suspended": ("依法停表", "paused by law"),
    "case.resumed": ("恢复计时", "resumed"),
    "case.extended": ("延期", "extended"),
    "case.decided": ("作出决定", "decided"),
    "case.upper_result": ("上级批复", "answered by the authority above"),
    "case.deemed_renewed": ("视为准予延续", "renewed by law"),
    "case.result_ready": ("办结，可领取", "result ready"),
    "case.delivered": ("送达", "delivered"),
    "case.withdrawn": ("撤回", "withdrawn"),
    "case.terminated": ("终止", "terminated"),
    "case.closed": ("归档", "filed"),
    "inquiry.registered": ("登记", "registered"),
    "inquiry.answered": ("答复", "answered"),
    "inquiry.guided": ("指引", "guided"),
    "inquiry.rated": ("评价", "rated"),
    "inquiry.closed": ("归档", "filed"),
    "complaint.registered": ("登记", "registered"),
    "complaint.accepted": ("受理", "accepted"),
    "complaint.not_accepted": ("不予受理", "not accepted"),
    "complaint.assigned": ("交办", "sent to be handled"),
    "complaint.handled": ("查办完毕", "looked into"),
    "complaint.extended": ("延期", "extended"),
    "complaint.replied": ("答复", "answered"),
    "complaint.called_back": ("回访", "called back"),
    "complaint.reopened": ("重办", "taken up again"),
    "complaint.review_requested": ("申请复查", "review asked for"),
    "complaint.review_answered": ("复查答复", "review answered"),
    "complaint.recheck_requested": ("申请复核", "second review asked for"),
    "complaint.recheck_answered": ("复核答复", "second review answered"),
    "complaint.final": ("意见终结", "final"),
    "complaint.closed": ("归档", "filed"),
    "duty.accepted": ("由新的岗位接办", "taken over by another post"),
}
"""Entries that the public hears of."""


def told(kind: str, state: str) -> Told:
    """How a matter stands, in words."""
    return STATES.get(kind, {}).get(state) or Told("办理中", "In progress", *_WAIT)

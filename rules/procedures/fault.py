"""Error accountability (过错责任追究): the table of a fault case, from the lead to its file.

Nobody judges where he is concerned: the accused and the decision chain are barred by capacity, whatever their
post; investigators do not decide. The desk (经办) is the post the lead is routed to, by duty.
Sources: domain 3.3, 3.7, 3.8; 政务处分法 Art.42-47; 行政执法机关移送涉嫌犯罪案件的规定.
"""

from __future__ import annotations

from enum import StrEnum

from rules.procedures.base import TURNED_AWAY, ActRule, By, Procedure, Silence, common
from rules.procedures.review import collective
from schemas import acts
from schemas import fault_acts as said
from schemas.acts import Act
from schemas.profile import Role


class FaultStage(StrEnum):
    """States of a fault case."""

    LEAD = "lead"
    SCREENING = "screening"
    NOT_ACCEPTED = "not_accepted"
    INVESTIGATING = "investigating"
    REPORTED = "reported"
    NOTICED = "noticed"
    VERIFIED = "verified"
    DISCUSSED = "discussed"
    DECIDED = "decided"
    SERVED = "served"
    REVIEW = "review"
    COMPLAINT = "complaint"
    EFFECTIVE = "effective"
    FILED = "filed"
    SUSPENDED = "suspended_for_court"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


F = FaultStage
_ENDED = frozenset({F.NOT_ACCEPTED, F.FILED, F.TRANSFERRED, F.MERGED, F.WITHDRAWN, TURNED_AWAY})
ALIVE = frozenset(F) - _ENDED
BEFORE_NOTICE = frozenset({F.LEAD, F.SCREENING, F.INVESTIGATING})
INQUIRING = frozenset({F.INVESTIGATING, F.REPORTED, F.NOTICED, F.VERIFIED})
PAUSABLE = frozenset({F.INVESTIGATING, F.REPORTED, F.VERIFIED, F.DISCUSSED})
RUNNING = INQUIRING | {F.DISCUSSED, F.SUSPENDED}
OPEN_TO_REMEDY = frozenset({F.DECIDED, F.SERVED, F.REVIEW, F.COMPLAINT})
CARRIED_OUT = frozenset({F.SERVED, F.REVIEW, F.COMPLAINT, F.EFFECTIVE})
ACCEPTED = RUNNING | OPEN_TO_REMEDY | CARRIED_OUT

JUDGED = ("accused",)
NEAR = ("accused", "chain", "related", "witness")
UNFIT = ("accused", "chain", "related", "witness", "investigator")


def _desk(zh: str, en: str, payload: type[Act], states: frozenset[str], *needs: str) -> ActRule:
    """What the post does that the lead is routed to."""
    return ActRule(zh, en, payload, states, By.DUTY, needs=needs, barred=JUDGED)


def _head(zh: str, en: str, payload: type[Act], states: frozenset[str], *needs: str) -> ActRule:
    """What the head of the bureau decides."""
    return ActRule(zh, en, payload, states, roles=(Role.HEAD,), needs=needs, barred=JUDGED)


def _team(zh: str, en: str, payload: type[Act], states: frozenset[str], *needs: str) -> ActRule:
    """What an investigator does."""
    return ActRule(zh, en, payload, states, By.PARTY, needs=needs, parties=("investigator",), barred=NEAR)


def _person(zh: str, en: str, payload: type[Act], states: frozenset[str], *parties: str) -> ActRule:
    """What the person concerned does, or who records it for him."""
    return ActRule(zh, en, payload, states, By.PARTY, parties=("notified", *parties))


_LEADS: dict[str, ActRule] = {
    "screen": _desk("初核", "screen", said.Screen, frozenset({F.LEAD})),
    "accept": _desk("立案", "accept", said.AcceptLead, frozenset({F.SCREENING}), "reason"),
    "not_accept": _desk("不予立案", "not accept", said.NotAcceptLead, frozenset({F.SCREENING}), "reason"),
    "merge": _desk("并案", "merge", said.MergeLead, frozenset({F.SCREENING, F.INVESTIGATING}), "reason"),
    "send_up": _desk("上报", "send up", said.SendUp, BEFORE_NOTICE | {F.REPORTED}, "reason"),
}

_INQUIRY: dict[str, ActRule] = {
    "appoint": _desk("指定调查人员", "appoint the team", said.Appoint, frozenset({F.INVESTIGATING})),
    "request_recusal": ActRule(
        "申请回避",
        "ask for a recusal",
        said.RequestRecusal,
        INQUIRING,
        By.PARTY,
        needs=("reason",),
        parties=("accused", "desk"),
    ),
    "rule_recusal": _head("回避决定", "rule on a recusal", said.RuleRecusal, INQUIRING, "reason"),
    "extend": _head("批准延长", "extend", said.ExtendStep, ACCEPTED, "reason"),
    "report": _team("调查报告", "report", said.Report, frozenset({F.INVESTIGATING}), "opinion"),
    "countersign": _team("会签", "countersign", said.Countersign, frozenset({F.REPORTED})),
    "suspend_for_court": _desk(
        "中止", "suspend for a court", said.SuspendForCourt, PAUSABLE, "reason", "document"
    ),
    "resume": _desk("恢复", "resume", said.ResumeCase, frozenset({F.SUSPENDED}), "reason", "document"),
}

_DEFENCE: dict[str, ActRule] = {
    "notify_facts": _desk(
        "告知拟处理", "give notice of the facts", said.NoticeFacts, frozenset({F.REPORTED}), "document"
    ),
    "defend": _person("陈述申辩", "defend", said.Defend, frozenset({F.NOTICED}), "investigator"),
    "waive": _person("书面放弃申辩", "waive the defence", said.Waive, frozenset({F.NOTICED})),
    "verify": _team("复核申辩", "verify", said.Verify, frozenset({F.NOTICED, F.VERIFIED}), "opinion"),
}

_DECISION: dict[str, ActRule] = {
    **collective(
        frozenset({F.VERIFIED}),
        frozenset({F.VERIFIED}),
        frozenset({F.VERIFIED}),
        frozenset({F.VERIFIED, F.DISCUSSED}),
        conveners=(Role.HEAD, Role.OFFICE, Role.DISCIPLINE_SECRETARY),
        barred=UNFIT,
    ),
    "decide": ActRule(
        "处理决定", "decide", said.DecideFault, frozenset({F.DISCUSSED}), roles=(Role.HEAD,), barred=UNFIT
    ),
    "serve": _desk("送达", "serve", said.Serve, frozenset({F.DECIDED})),
    "execute_measure": _desk("执行", "carry out", said.ExecuteMeasure, CARRIED_OUT, "document"),
    "register_sanction": _desk("登记处分", "register a sanction", said.RegisterSanction, CARRIED_OUT),
    "register_party": _desk("登记党纪处分", "register Party discipline", said.RegisterParty, ACCEPTED),
    "register_criminal": _desk(
        "登记刑事强制措施", "register a criminal measure", said.RegisterCriminal, ACCEPTED
    ),
    "apply_remedy": _person("申请救济", "apply for a remedy", said.ApplyRemedy, OPEN_TO_REMEDY),
    "answer_remedy": _desk(
        "答复救济", "answer a remedy", said.AnswerRemedy, OPEN_TO_REMEDY, "reason", "document"
    ),
    "file": _desk("归档", "file", said.FileCase, frozenset({F.EFFECTIVE})),
}

_TRANSFERS: dict[str, ActRule] = {
    "propose_transfer": ActRule(
        "提请移送",
        "propose a transfer",
        said.ProposeTransfer,
        ACCEPTED,
        By.PARTY,
        needs=("reason",),
        parties=("investigator", "desk"),
        barred=NEAR,
    ),
    "rule_transfer": _head("移送审批", "rule on a transfer", said.RuleTransfer, ACCEPTED, "reason"),
    "send_transfer": _desk("移送", "send", said.SendTransfer, ACCEPTED),
    "receipt_transfer": _desk(
        "移送回执", "register the receipt", said.ReceiptTransfer, ACCEPTED | {F.LEAD, F.SCREENING}
    ),
    "transfer_result": _desk("移送结果", "register the result", said.TransferResult, ACCEPTED),
    "reconsider_transfer": _desk(
        "提请复议", "ask for reconsideration", said.ReconsiderTransfer, ACCEPTED, "reason"
    ),
    "hand_items": _desk("移交物品", "hand over items", said.HandItems, ACCEPTED),
    "conclude_transfer": _desk("移送办结", "conclude", said.ConcludeTransfer, ACCEPTED, "reason"),
}

_TABLE: dict[str, ActRule] = {
    **common(ALIVE),
    **_LEADS,
    **_INQUIRY,
    **_DEFENCE,
    **_DECISION,
    **_TRANSFERS,
}

_STATES: dict[str, str] = {
    F.LEAD: "线索登记",
    F.SCREENING: "初核",
    F.INVESTIGATING: "立案调查",
    F.REPORTED: "已报告",
    F.NOTICED: "已告知，陈述申辩",
    F.VERIFIED: "已复核",
    F.DISCUSSED: "已集体讨论",
    F.DECIDED: "已决定",
    F.SERVED: "已送达",
    F.REVIEW: "复核中",
    F.COMPLAINT: "申诉中",
    F.EFFECTIVE: "已生效",
    F.FILED: "已归档",
    F.NOT_ACCEPTED: "不予立案",
    F.SUSPENDED: "中止待裁判",
    F.TRANSFERRED: "已移送",
    F.MERGED: "已并案",
    F.WITHDRAWN: "已撤回",
    TURNED_AWAY: "未予登记",
}

_AFTER_REMEDY = (F.SERVED, F.REVIEW, F.COMPLAINT)

_LEADS_TO: dict[str, tuple[str, ...]] = {
    "screen": (F.SCREENING,),
    "accept": (F.INVESTIGATING,),
    "not_accept": (F.NOT_ACCEPTED,),
    "receipt_transfer": (F.TRANSFERRED,),
    "report": (F.REPORTED,),
    "suspend_for_court": (F.SUSPENDED,),
    "resume": (F.INVESTIGATING, F.REPORTED, F.VERIFIED, F.DISCUSSED),
    "notify_facts": (F.NOTICED,),
    "verify": (F.VERIFIED,),
    "close_session": (F.DISCUSSED,),
    "decide": (F.DECIDED,),
    "serve": _AFTER_REMEDY,
    "register_sanction": (F.SERVED,),
    "apply_remedy": (F.REVIEW, F.COMPLAINT),
    "answer_remedy": _AFTER_REMEDY,
    "conclude_transfer": (F.TRANSFERRED,),
    "file": (F.FILED,),
}

FAULT = Procedure(
    "过错追究",
    "fault case",
    "FaultWorkflow",
    "GC",
    _STATES,
    _ENDED,
    _TABLE,
    _LEADS_TO,
    intake=ActRule("登记线索", "register", acts.Note, frozenset({F.LEAD}), By.ANYONE),
    sections=("faults", "liability", "reviews"),
    silences={
        "fault.merged": Silence("并入另一案", "merged into another case", BEFORE_NOTICE, (F.MERGED,)),
        "fault.withdrawn": Silence(
            "红牌撤销，线索终结",
            "the card it came of is revoked",
            BEFORE_NOTICE | RUNNING,
            (F.WITHDRAWN,),
        ),
        "fault.effective": Silence(
            "救济期满，决定生效",
            "no remedy is open any more",
            frozenset({F.DECIDED, F.SERVED}),
            (F.EFFECTIVE,),
        ),
    },
)

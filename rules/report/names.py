"""What figures and codes are called where people read them: Chinese first, English beside it."""

from __future__ import annotations

from rules.procedures import PROCEDURES, state_name

PERIODS = {"week": ("周报", "weekly"), "month": ("月报", "monthly"), "quarter": ("季报", "quarterly")}

FIGURES: dict[str, tuple[str, str]] = {
    "received": ("收件", "received"),
    "accepted": ("受理", "accepted"),
    "deemed_accepted": ("视为受理", "deemed accepted"),
    "deemed_acceptance_withdrawn": ("视为受理撤销", "deemed acceptance withdrawn"),
    "closed": ("办结归档及其他结案", "closed"),
    "on_time_promise": ("承诺时限内办结", "within the promise"),
    "on_time_statute": ("法定时限内办结", "within the statutory limit"),
    "actual_days": ("实际办理工作日", "actual working days"),
    "days_saved": ("比承诺节省工作日", "working days saved"),
    "suspended": ("停表 (按事由)", "suspended, by ground"),
    "extensions": ("延期", "extensions"),
    "correction_notices": ("一次性告知", "correction notices"),
    "second_notices": ("二次告知", "second notices"),
    "second_notices_refused": ("被拒的二次告知", "second notices refused"),
    "hand_overs": ("移交", "hand-overs"),
    "hand_over_returns": ("移交退回", "hand-over returns"),
    "ping_pong": ("来回移交", "ping-pong hand-overs"),
    "disputes": ("移交争议与指定", "hand-over disputes and designations"),
    "inquiries": ("首问登记", "inquiries"),
    "inquiries_answered": ("首问答复", "inquiries answered"),
    "ratings": ("评价", "ratings"),
    "limits_missed": ("逾期时限", "limits missed"),
    "limits_cleared": ("逾期撤销", "breaches withdrawn"),
    "cards_issued": ("发牌", "cards issued"),
    "cards_corrected": ("补办 (逾期事项已办)", "late acts done under a card"),
    "cards_rectified": ("整改完成的牌", "cards rectified"),
    "cards_revoked": ("撤销的牌", "cards revoked"),
    "cards_absorbed": ("被吸收的牌", "cards absorbed"),
    "cards_open": ("期末未结的牌", "cards open at period end"),
    "zero_fee_breaches": ("零收费违规 (被拒)", "zero-fee breaches (refused)"),
    "excess_fees": ("超标准收费 (被拒)", "excess charges (refused)"),
    "acts_refused": ("被拒操作 (按原因)", "acts refused, by reason"),
    "complaints": ("投诉 (按渠道)", "complaints, by channel"),
    "complaint_types": ("投诉 (按类型)", "complaints, by type"),
    "satisfaction": ("投诉满意度", "satisfaction with complaints"),
    "supervision_matters": ("督查事项", "supervision matters"),
    "chase_sheets": ("督查单 (蓝橙红)", "chase sheets"),
    "sanctions": ("处理与处分", "measures and sanctions"),
    "transfers": ("移送", "transfers"),
    "leads": ("问责线索 (按来源)", "leads, by source"),
    "incidents": ("总账异常", "ledger incidents"),
    "redactions": ("依法遮蔽", "redactions"),
    "begun": ("新立各类事项", "matters begun"),
    "lamps": ("期末灯色", "lamps at period end"),
    "late_records": ("期后补录", "late records: made after the period's end"),
    "late_for_earlier": ("本期补录的前期事项", "late records for earlier periods"),
    "activities_culture_day": ("廉政文化日 (M15)", "integrity-culture days (M15)"),
    "activities_warning_education": ("警示教育 (M16)", "warning education (M16)"),
    "activities_lectures": ("廉政党课 (M17)", "integrity lectures (M17)"),
    "activities_family_letters": ("致家属的一封信 (M18)", "letters to families (M18)"),
    "e_monitoring_grade": ("电子监察季度等次", "quarterly e-monitoring grade"),
}

LABELS = {
    "kept": ("按时", "kept"),
    "missed": ("逾期", "missed"),
    "none": ("无", "none"),
    "other": ("其他", "other"),
    "green": ("● 正常", "on time"),
    "yellow": ("▲ 临期", "due soon"),
    "red": ("⬣ 逾期", "overdue"),
    "grey": ("‖ 暂停", "paused"),
    "done": ("✓ 无运行时限", "no clock running"),
    "Y1": ("▲ 黄牌 Y1", "yellow card Y1"),
    "Y2": ("▲ 黄牌 Y2", "yellow card Y2"),
    "Y3": ("▲ 黄牌 Y3", "yellow card Y3"),
    "R1": ("⬣ 红牌 R1", "red card R1"),
    "R2": ("⬣ 红牌 R2", "red card R2"),
}

SHEETS = {"blue": ("■ 蓝单", "blue"), "orange": ("▲ 橙单", "orange"), "red": ("⬣ 红单", "red")}
"""Levels of chase sheets, which are no lamps."""

STATES = "state_"
"""What the figures of states are called: `state_fault` tells of fault cases by state."""


def figure_name(name: str) -> tuple[str, str]:
    """A figure's name; of one that came with a procedure of its own, the procedure's."""
    if name in FIGURES:
        return FIGURES[name]
    kind = name.removeprefix(STATES)
    known = PROCEDURES.get(kind)
    zh, en = (known.zh, known.en) if known else (kind, kind)
    return f"{zh} (按状态)", f"{en}: by state"


def label_name(figure: str, label: str) -> tuple[str, str]:
    """A label's name; the code itself where it has none."""
    if figure.startswith(STATES):
        return state_name(figure.removeprefix(STATES), label), label
    if figure == "begun" and label in PROCEDURES:
        return PROCEDURES[label].zh, PROCEDURES[label].en
    if figure == "chase_sheets":
        return SHEETS.get(label, (label, ""))
    return LABELS.get(label, (label, ""))

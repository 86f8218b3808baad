"""What codes of cards are called on a page."""

from __future__ import annotations

from schemas.matters import CardStatus
from web.names import Words

COLOURS = {"yellow": Words("黄牌", "yellow card"), "red": Words("红牌", "red card")}

STATUSES: dict[str, Words] = {
    CardStatus.PROPOSED: Words("待确认", "proposed"),
    CardStatus.DISMISSED: Words("不予确认", "dismissed"),
    CardStatus.DUE: Words("待签发", "due"),
    CardStatus.OPEN: Words("未整改", "open"),
    CardStatus.ESCALATED: Words("已转红牌", "escalated"),
    CardStatus.RECTIFIED: Words("已整改", "rectified"),
    CardStatus.ABSORBED: Words("已并入", "absorbed"),
    CardStatus.REVOKED: Words("已撤销", "revoked"),
}

CAUSES: dict[str, Words] = {
    "overdue": Words("时限逾期", "a limit passed"),
    "not_rectified": Words("逾期未整改", "not rectified in time"),
}
"""Causes that clocks bring; others are triggers of the profile, with a name of their own."""

STEPS: dict[str, Words] = {
    "card.explained": Words("书面说明", "explanation"),
    "card.explanation_rejected": Words("退回说明", "explanation sent back"),
    "card.objected": Words("申诉", "objection"),
    "card.objection_rejected": Words("申诉驳回", "objection rejected"),
    "card.revoked": Words("撤牌", "revoked"),
    "card.correction_accepted": Words("认可整改", "correction accepted"),
    "card.readdressed": Words("改送", "readdressed"),
    "card.dismissed": Words("不予确认", "dismissed"),
}
"""What people did about a card."""

OPEN_STATES = frozenset({"open", "escalated", "proposed", "due"})
"""Statuses of cards that still wait for somebody."""

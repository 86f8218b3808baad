"""Refusals of the supervision office's reports."""

from __future__ import annotations

WORDING: dict[str, tuple[str, str]] = {
    "no_period": ("没有写明报告期", "the report names no period"),
    "wrong_number": (
        "编号 {number} 不属于报告期 {of}，应为 {expected}",
        "{number} is not the number of the report of {of}: that is {expected}",
    ),
    "period_open": ("报告期 {of} 尚未结束", "the period {of} has not ended yet"),
    "not_generated": ("报告尚未生成", "nothing is computed yet"),
    "own_review": (
        "{officer} 已作复核，不能再签发",
        "{officer} reviewed it and cannot also sign it",
    ),
    "not_office_head": (
        "须由督查室主要负责人签发，岗位 {post} 不是",
        "the head of the supervision office signs; post {post} is not his",
    ),
    "no_recipients": ("规则没有写明报送对象", "the rules name nobody to send it to"),
}

"""Refusals of supervision matters."""

from __future__ import annotations

WORDING: dict[str, tuple[str, str]] = {
    "stated_limit": (
        "“{type}”的期限须在 {shortest} 至 {longest} 日之间，不能是 {days} 日",
        "the limit of such a matter ({type}) is {shortest} to {longest} days, not {days}",
    ),
    "co_owner_is_owner": ("主办岗位 {post} 不能同时协办", "post {post} is the owner and cannot help itself"),
    "no_sheets": ("规则中没有督查单", "the rules know no chase sheets"),
    "sheet_open": (
        "{level}督查单尚未到期；逾期未报自动升级",
        "a {level} sheet is open; it goes up by itself when it is missed",
    ),
    "sheet_level": (
        "“{type}”的催办只能从 {levels} 开始",
        "chasing such a matter ({type}) begins at: {levels}",
    ),
    "evidence_required": ("没有佐证材料，不得办结", "nothing is closed without evidence"),
    "matter_reopened_before": (
        "已重新督办 {max} 次，不得再次",
        "it was reopened {max} times and cannot be again",
    ),
}

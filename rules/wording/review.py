"""Refusals of collective decisions, of joint reviews and of sealed values."""

from __future__ import annotations

WORDING: dict[str, tuple[str, str]] = {
    "one_chair": ("须有且只有一名主持人，名单中有 {n} 名", "a meeting has exactly one chair, not {n}"),
    "member_twice": ("{officer} 在名单中出现两次", "{officer} stands twice in the list"),
    "may_not_sit": (
        "{officer} 在本件中是“{capacity}”，不能参加集体决定",
        "{officer} is {capacity} in this matter and must not decide it",
    ),
    "materials_late": (
        "材料须提前送达：最早 {earliest} 开会",
        "the papers must be sent before: the meeting is on {earliest} at the earliest",
    ),
    "session_open": ("会议已经开始", "the meeting is open already"),
    "no_session": ("没有正在进行的会议", "no meeting is open"),
    "not_yet": ("会议定于 {at}，不得提前", "the meeting is called for {at}, not earlier"),
    "attended_already": ("{officer} 已经签到", "{officer} is there already"),
    "recused_member": ("{officer} 已经回避", "{officer} is recused"),
    "recused_already": ("{officer} 已经回避", "{officer} is recused already"),
    "recuse_other": (
        "只有主持人 {chair} 可以决定他人回避",
        "only the chair, {chair}, may recuse somebody else",
    ),
    "not_member": ("{officer} 不在名单中", "{officer} is not on the list"),
    "not_present": ("{officer} 没有签到，不能表决", "{officer} is not present and cannot vote"),
    "voted_already": ("{officer} 已经表决", "{officer} has voted already"),
    "chair_last": (
        "主持人最后表态，还有 {waiting} 未表决",
        "the chair votes last; these have not voted: {waiting}",
    ),
    "not_all_voted": ("还有 {waiting} 未表决", "these have not voted: {waiting}"),
    "minutes_changed": (
        "纪要文本与所签的不一致，摘要应为 {digest}",
        "the minutes are not the text that was signed; its digest is {digest}",
    ),
    "signed_already": ("{officer} 已经签署", "{officer} has signed already"),
    "not_attended": ("{officer} 没有出席，不签纪要", "{officer} was not present and signs no minutes"),
    "minutes_wait": (
        "还有 {waiting} 未签署，主持人先行签署须说明理由",
        "these have not signed: {waiting}; the chair signs before them only with a reason",
    ),
    "matter_required": (
        "须写明会审事项：{known}",
        "say what kind of question is to be reviewed; there are: {known}",
    ),
    "no_override": (
        "法律没有授权主持人改变多数意见：{matters}",
        "no article gives the chair the decision in: {matters}",
    ),
    "same_outcome": (
        "与多数意见相同（{outcome}），无须另行决定",
        "that is the outcome already ({outcome})",
    ),
    "bad_outcome": ("结果须为 passed 或 failed", "the outcome is `passed` or `failed`"),
    "unknown_value": ("本件没有须密封的“{name}”", "this matter seals no value named {name}"),
    "sealed_already": ("“{name}”已经密封", "{name} is sealed already"),
    "two_custodians": ("须指定两名不同的启封人", "two different people are named to open it"),
    "unknown_officer": ("没有工号 {officer}", "there is no officer {officer}"),
    "seal_missing": (
        "“{name}”尚未密封，不能形成决议",
        "{name} has to be sealed before the session is closed",
    ),
    "not_sealed": ("没有密封的“{name}”", "no value named {name} is sealed here"),
    "sale_not_ended": (
        "交易尚未结束，不得启封；本次尝试已记录",
        "the sale has not ended and the value stays sealed; the attempt is recorded",
    ),
    "sale_over": ("交易结束已经记录（{document}）", "the end of the sale is on record ({document})"),
    "second_person": (
        "启封须由两名指定人员共同进行，{officer} 已经启封一次，请另一人启封",
        "it takes the two named people together: {officer} was the first, the other one has to follow",
    ),
    "resolution_invalid": (
        "决议 {number} 无效，不能据以批准；所知决议：{known}",
        "{number} is no resolution that allows this; known here: {known}",
    ),
    "resolution_missing": (
        "缺少“{matters}”的有效会审决议；所知决议：{known}",
        "a passed resolution is missing on: {matters}; known here: {known}",
    ),
}

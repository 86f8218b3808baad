"""Refusals about cards (监察牌)."""

from __future__ import annotations

WORDING: dict[str, tuple[str, str]] = {
    "objection_late": (
        "申诉期已过，不能再申诉",
        "the time to object is over",
    ),
    "objected_before": (
        "{officer} 已申诉过一次",
        "{officer} has objected once already",
    ),
    "evidence_required": (
        "申诉必须附证据",
        "an objection needs evidence: attach it",
    ),
    "late_act_open": (
        "逾期事项尚未办理，不能认可整改",
        "the late act is not done yet: there is nothing to accept",
    ),
    "not_explained": (
        "尚无书面说明",
        "nobody has explained himself in writing yet",
    ),
    "card_settled": (
        "本牌已是“{status}”，不能“{act}”",
        "the card is {status}: this is not possible any more",
    ),
    "unknown_person": (
        "{person} 不在本局岗位上",
        "{person} holds no post of the bureau",
    ),
    "same_person": (
        "本牌本来就是 {person} 的",
        "the card is addressed to {person} already",
    ),
}

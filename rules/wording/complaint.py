"""Refusals of complaints, petitions and the hotline."""

from __future__ import annotations

WORDING: dict[str, tuple[str, str]] = {
    "unknown_type": ("没有“{type}”这一类型", "there is no type {type}"),
    "unknown_accused": ("被投诉的人员或科室 {who} 不存在", "there is no officer or section {who}"),
    "no_such_ground": (
        "“{type}”不能以 {ground} 为由不予受理",
        "this is no ground for not accepting a {type}: {ground}",
    ),
    "elsewhere": (
        "该事项{ground}，不得受理：{route}",
        "it belongs elsewhere and is not accepted here ({ground}): {route}",
    ),
    "goes_up": (
        "投诉涉及局长或纪委书记，本局不得受理，须报送上级",
        "it is about the head or the discipline secretary: it is sent up, not handled here",
    ),
    "accused_post": ("被投诉人任职于岗位 {post}，不得交其办理", "the accused holds post {post}"),
    "accused_section": (
        "岗位 {post} 属于被投诉的科室 {section}，不得交其办理",
        "post {post} is of the section complained of, {section}",
    ),
    "accused_superior": (
        "岗位 {post} 受被投诉人领导，不得交其办理",
        "post {post} is under the person complained of",
    ),
    "no_objection": ("该类事项没有承办异议期", "sections cannot object to this type of matter"),
    "objection_late": ("承办异议期已过", "the time for an objection has passed"),
    "no_limit": ("该类事项没有办结时限可延长", "this type has no limit to extend"),
    "reopened_before": ("已重新办理 {max} 次，不得再次", "it was reopened {max} times and cannot be again"),
    "use_review": ("信访事项不服答复的，应当申请复查", "a petitioner who disagrees asks for a review"),
    "no_review_open": (
        "没有可以申请的复查、复核，或者申请期已过",
        "no review or recheck is open, or its time has passed",
    ),
    "review_open": ("复查、复核申请期未满，不得归档", "a review or recheck may still be asked for"),
    "not_called_back": ("答复后尚未回访，不得归档", "nobody has called back since the answer"),
    "satisfaction_required": (
        "已联系到投诉人的，必须记明满意度",
        "say how satisfied he was, if he was reached",
    ),
    "route_required": ("必须告知应当走的途径", "the way that is open instead must be stated"),
    "plan_required": ("必须写明办理计划", "a plan is required"),
}

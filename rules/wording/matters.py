"""Refusals that any matter may give, and those of cases and inquiries."""

from __future__ import annotations

WORDING: dict[str, tuple[str, str]] = {
    "wrong_state": ("现在是“{state}”，不能“{act}”", "not possible now: the matter is in state {state}"),
    "ended": ("本件已经结束（{state}），不能再“{act}”", "the matter has ended in state {state}"),
    "unknown_post": ("岗位 {post} 不存在", "there is no post {post}"),
    "not_in_post": (
        "{officer} 不在岗位 {post}（A、B 岗都不是）",
        "{officer} is neither A nor B officer of {post}",
    ),
    "wrong_role": (
        "岗位 {post} 无权“{act}”，须由{roles}办理",
        "post {post} may not do this; it takes: {roles}",
    ),
    "not_stage_owner": (
        "本环节由岗位 {owner} 负责，不是 {post}",
        "this stage belongs to post {owner}, not {post}",
    ),
    "not_on_duty": (
        "现在的责任人是 {owner}，不是 {officer}",
        "{owner} answers for the matter now, not {officer}",
    ),
    "not_offered": ("没有移交给岗位 {post} 的事项", "nothing is offered to post {post}"),
    "four_eyes": (
        "{officer} 在本件中已是“{played}”，不能再作“{role}”",
        "{officer} already acted as {played} in this case and cannot also be {role}",
    ),
    "not_party": (
        "{officer} 不是本件的{parties}，不能“{act}”",
        "{officer} is none of those who may do this: {parties}",
    ),
    "barred": (
        "{officer} 在本件中是“{capacity}”，应当回避，不能“{act}”",
        "{officer} is {capacity} in this matter and must not do this",
    ),
    "wrong_origin": (
        "不能由这条记录开始：{type}",
        "an entry of this type begins no such matter: {type}",
    ),
    "no_such_entry": (
        "总账中没有所指的记录：{entry}",
        "the ledger holds no such entry: {entry}",
    ),
    "not_for_this": (
        "记录 {entry} 不是给本件的",
        "entry {entry} is not meant for this matter",
    ),
    "opinion_required": (
        "必须写明意见：没有意见的签字不算签字",
        "an opinion is required: without one it is no signature",
    ),
    "reason_required": ("必须写明理由", "a reason is required"),
    "remedy_required": ("必须告知救济途径", "the way of remedy must be stated"),
    "authority_required": ("必须写明主管机关", "the competent authority must be named"),
    "document_required": ("必须写明文号", "the number of the document is required"),
    "notice_required": (
        "必须先书面告知申请人并写明文号",
        "the applicant must be told in writing; give the number",
    ),
    "notified_required": ("必须写明如何通知了申请人", "say how the applicant was told"),
    "resolution_required": (
        "会审环节必须写明会审决议文号",
        "a joint-review stage needs the number of its resolution",
    ),
    "bad_assertion": (
        "签名凭证与操作 {act} 不符",
        "the desk's assertion does not hold for act {act}",
    ),
    "grant_of_another": (
        "授权 {grant} 不是给 {officer} 的",
        "grant {grant} is not {officer}'s",
    ),
    "grant_over": (
        "授权 {grant} 此时无效（至 {ends}）",
        "grant {grant} does not hold at this time (until {ends})",
    ),
    "grant_scope": (
        "授权 {grant} 不包括此项操作（{act}）",
        "grant {grant} does not cover this act ({act})",
    ),
    "grant_unproven": (
        "凭授权代办须从登录的工作台提交",
        "to act under a grant one has to be signed in at the desk",
    ),
    "unauthenticated": (
        "未经身份认证的操作不予接受",
        "acts of unauthenticated callers are not accepted here",
    ),
    "future_time": ("收件时间 {at} 晚于现在", "the time of receipt {at} lies ahead of now"),
    "act_id_conflict": (
        "操作编号 {id} 已用于另一项操作",
        "act id {id} already stands for another act",
    ),
    "late_entry": (
        "收件时间已过 {minutes} 分钟，补录必须写明原因代码",
        "received more than {minutes} minutes ago: a late entry needs a reason code",
    ),
    "late_order": (
        "补录时间 {at} 早于案卷的后续办理，不能插入",
        "the file moved on after {at}: a late entry cannot slip in before that",
    ),
    "other_calendar": (
        "只能更换同一地区、同一时区的日历（{name}）",
        "only a calendar of {name} may be adopted here",
    ),
    "other_item": (
        "规则与本件的事项或环节不符（{item}）",
        "these rules are not those of item {item} and its stages",
    ),
    "stale": (
        "案卷在您查看之后已有变化（{changed}），请重新查看",
        "the file changed after you looked at it ({changed_en}); look again",
    ),
    "already_decided": (
        "{officer}（{post}）已于 {at} “{act}”，见第 {seq} 条记录",
        "{officer} ({post}) was first at {at}: {act_en}, entry {seq}",
    ),
    "blocked": ("存在未解除的限制：{flags}", "open blocking flags: {flags}"),
    "unknown_flag": ("本事项没有限制种类 {flag}", "the item knows no blocking flag {flag}"),
    "flag_exists": ("限制 {flag} 已经设置", "flag {flag} is already set"),
    "no_such_flag": ("没有设置限制 {flag}", "flag {flag} is not set"),
    "missing_materials": ("材料不齐：{materials}", "materials are missing: {materials}"),
    "unknown_material": ("本事项没有材料 {materials}", "the item's list has no material {materials}"),
    "may_not_follow": ("材料 {materials} 不能容缺后补", "material {materials} may not follow later"),
    "deferred_date": (
        "容缺补交日期必须不迟于 {latest}",
        "deferred materials must be promised for {latest} or earlier",
    ),
    "second_notice": (
        "已经一次性告知，不得再提新问题：{points}",
        "the once-only notice is given; new points are not allowed: {points}",
    ),
    "unknown_point": ("告知书中没有 {points} 项", "the notice has no point {points}"),
    "notice_overdue": ("告知期限已过，视为受理", "the time for a notice has passed: deemed accepted"),
    "out_of_order": ("当前环节是 {current}，不是 {stage}", "the current stage is {current}, not {stage}"),
    "after_end": ("结果已出，不得再签", "the result is already out"),
    "repeated": ("环节 {stage} 已经签署", "stage {stage} is already signed"),
    "use_decide": ("本环节须作出决定，请用“决定”", "this stage decides: use `decide`"),
    "not_deciding": ("环节 {stage} 不是决定环节", "stage {stage} does not decide"),
    "not_earlier": ("{stage} 不是已办的前一环节", "{stage} is not an earlier stage"),
    "not_forwarded_item": ("本事项不是上报件", "this item is not reported to an upper level"),
    "must_report_up": (
        "上报件审核同意后应当上报，不由本机关批准",
        "a forwarded item is reported up, not granted here",
    ),
    "no_offer": ("没有待接收的移交", "no hand-over is waiting"),
    "offer_open": ("已有移交待接收", "a hand-over is already waiting"),
    "same_post": ("不能移交给同一岗位", "it cannot be handed to the same post"),
    "wrong_section_role": (
        "岗位 {post} 没有本环节所需的职责",
        "post {post} does not hold the role of this stage",
    ),
    "returned_before": ("本科室已退回过一次，不得再退", "this section has returned it before"),
    "designation_final": ("指定承办不得退回", "a designation cannot be returned"),
    "disputed": ("移交已有争议，等待指定", "the hand-over is disputed and waits for a designation"),
    "not_overdue_offer": (
        "移交未到期，也无争议，无需报请协调",
        "the hand-over is neither overdue nor disputed",
    ),
    "unknown_ground": ("停表事由 {ground} 不在法定清单内", "{ground} is not on the closed list of grounds"),
    "no_request": ("没有待批准的申请", "nothing has been applied for"),
    "own_request": ("不得批准自己的申请", "one's own application cannot be approved by oneself"),
    "request_open": ("已有申请待批准", "an application is already waiting"),
    "extended_before": ("只能延期一次", "an extension is possible once only"),
    "extension_too_long": ("最多延期 {max} 日", "at most {max} days of extension"),
    "no_extension": ("本事项法律未规定延期", "the law gives no extension for this item"),
    "extension_late": (
        "期限已过，不得延期；按逾期处理",
        "the limit has passed: no extension; the case is overdue",
    ),
    "zero_fee": ("本事项零收费，不得收取任何费用", "this item is free of charge: nothing may be charged"),
    "over_fee": ("超过收费标准 {max} 分", "above the standard of {max} fen"),
    "receipt_no_required": ("收费必须开具票据", "a charge needs a receipt number"),
    "stages_open": ("环节 {stage} 尚未签署", "stage {stage} is not signed yet"),
    "import_conflict": (
        "{number} 已按另一份内容导入（承诺、映射或日期不同）",
        "{number} is already here with another content (promise, mapping or dates)",
    ),
    "not_imported": ("只有导入的事项才有日志结束", "only an imported matter has an end of log"),
    "bad_envelope": ("信号内容无法识别：{detail}", "the signal cannot be read: {detail}"),
    "unknown_act": ("没有“{act}”这种操作", "there is no act {act}"),
    "incomplete": ("案卷不齐，不能归档：{missing}", "the file is incomplete: {missing}"),
}

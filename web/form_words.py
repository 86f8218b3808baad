"""Labels and hints of the fields of acts, in both languages: one table for all procedures.

A field means the same in every act that has it; where it does not, `kind.act.field` comes first.
"""

from __future__ import annotations

from web.names import Words

LABELS: dict[str, Words] = {
    "opinion": Words("意见", "Opinion"),
    "reason": Words("理由", "Reason"),
    "basis": Words("依据的条款", "Articles relied on"),
    "post": Words("以哪个岗位办理", "Post in which you act"),
    "late_reason": Words("补录原因代码", "Reason code of a late entry"),
    "agrees": Words("是否同意", "Do you agree?"),
    "amount_fen": Words("金额（分）", "Amount in fen"),
    "answers": Words("逐项答复", "Answer to each point"),
    "approve": Words("是否批准移送", "Approve the transfer?"),
    "authority": Words("主管机关", "Competent authority"),
    "case": Words("转成的办件号", "Number of the case it became"),
    "choice": Words("表决", "Vote"),
    "co_owners": Words("协办人员工号", "Staff numbers of those who help"),
    "codes": Words("过错代码", "Fault codes"),
    "contact": Words("联系方式", "Contact"),
    "custodians": Words("两名保管人工号", "Staff numbers of the two custodians"),
    "days": Words("天数", "Days"),
    "decided_on": Words("决定日期", "Day of the decision"),
    "defer": Words("休会，不作决议", "Adjourn without a resolution"),
    "deferred": Words("容缺后补的材料", "Papers that may follow"),
    "deferred_until": Words("后补期限", "To follow by"),
    "digest": Words("报告摘要", "Digest of the report"),
    "document": Words("文号", "Number of the document"),
    "earlier_until": Words("原处分期满日", "End of the earlier sanction"),
    "effective_on": Words("生效日期", "Effective on"),
    "expected_days": Words("预计工作日", "Expected working days"),
    "faults": Words("过错代码", "Fault codes"),
    "filed": Words("是否立案", "Was a case opened?"),
    "flag": Words("限制种类", "Kind of blocking flag"),
    "for_reporter": Words("代举报人提出", "On behalf of the reporter"),
    "grant": Words("是否同意回避", "Grant the recusal?"),
    "ground": Words("事由", "Ground"),
    "investigator": Words("调查人员工号", "Staff number of the investigator"),
    "kind": Words("移送种类", "Kind of transfer"),
    "leave": Words("请假", "On leave"),
    "level": Words("督查单级别", "Level of the chase sheet"),
    "materials": Words("材料", "Papers"),
    "measure": Words("措施", "Measure"),
    "measures": Words("采取的措施", "Measures"),
    "meets_at": Words("会议时间", "Time of the meeting"),
    "member": Words("成员工号", "Staff number of the member"),
    "members": Words("成员名单", "Members"),
    "merit": Words("认定结果", "Finding"),
    "method": Words("方式", "Method"),
    "minutes": Words("纪要摘要（SHA-256）", "Digest of the minutes (SHA-256)"),
    "no_show": Words("通知后未领取", "Told, but not collected"),
    "notice": Words("通知书文号", "Number of the written notice"),
    "notified": Words("告知方式", "How the person was told"),
    "number": Words("编号", "Number"),
    "occurred_on": Words("发生日期", "Day it happened"),
    "ongoing": Words("仍在持续", "Still going on"),
    "oral": Words("当面陈述", "Said in person"),
    "organ": Words("机关", "Organ"),
    "other": Words("并入的案号", "Number of the other case"),
    "other_grounds": Words("其他依据", "Other grounds"),
    "outcome": Words("结果", "Outcome"),
    "package": Words("移交材料清单", "Papers handed over"),
    "papers": Words("移交材料清单", "Papers handed over"),
    "passed": Words("是否通过", "Passed?"),
    "path": Words("救济途径", "Way of remedy"),
    "person": Words("人员工号", "Staff number of the person"),
    "persons": Words("对每个人的决定", "Decision for each person"),
    "place": Words("地点", "Place"),
    "plan": Words("办理计划", "Plan"),
    "points": Words("逐项内容", "Points"),
    "proposals": Words("处理建议", "Proposals"),
    "proposed_post": Words("建议承办岗位", "Post that should have it"),
    "reached": Words("是否联系上", "Reached?"),
    "receipt": Words("回执号", "Number of the receipt"),
    "receipt_no": Words("票据号", "Number of the fee receipt"),
    "record": Words("登记内容", "Record"),
    "ref": Words("移送编号", "Reference of the transfer"),
    "related": Words("有关人员工号", "Staff numbers of those related"),
    "remedy": Words("救济途径", "Way of remedy"),
    "resolution": Words("会审决议文号", "Number of the joint review's resolution"),
    "responsible": Words("责任人工号", "Staff numbers of those responsible"),
    "result": Words("结果", "Result"),
    "route": Words("其他途径", "The way that is open instead"),
    "rows": Words("责任认定表", "Rows of the liability table"),
    "sanction": Words("处分种类", "Sanction"),
    "satisfaction": Words("满意度（1-5）", "Satisfaction (1 to 5)"),
    "satisfied": Words("已补正的事项", "Points that are now met"),
    "score": Words("评分（1-5）", "Score (1 to 5)"),
    "seal": Words("印章", "Seal"),
    "second_reason": Words("再次告知的原因", "Reason of a second notice"),
    "stage": Words("环节", "Stage"),
    "step": Words("步骤", "Step"),
    "team": Words("调查人员工号", "Staff numbers of the team"),
    "to": Words("退回到哪个环节", "Back to which stage"),
    "to_post": Words("移交给哪个岗位", "To which post"),
    "type": Words("类型", "Type"),
    "upheld": Words("申诉是否成立", "Is the objection upheld?"),
    "what": Words("密封内容名称", "Name of the sealed value"),
    "whole": Words("全案移送", "The whole case"),
    "with_officer": Words("随案人员工号", "Officer who goes with it"),
    "witnesses": Words("证人工号", "Staff numbers of witnesses"),
}
"""By field."""

HINTS: dict[str, Words] = {
    "opinion": Words("没有意见的签字不算签字。", "A signature without an opinion is none."),
    "basis": Words("每行一条。", "One a line."),
    "late_reason": Words(
        "只在补录五分钟以前的事时填写。", "Only where it happened more than five minutes ago."
    ),
    "points": Words(
        "每行一项，写作“代码: 内容”，一次告知全部。", "One a line as `code: wording`; all at once."
    ),
    "answers": Words("每行一项，写作“代码: 答复”。", "One a line as `code: answer`."),
    "amount_fen": Words("一元等于一百分。", "One yuan is a hundred fen."),
    "remedy": Words(
        "不予时必填。例如：六十日内可以申请行政复议，六个月内可以提起行政诉讼。",
        "Required when refusing. For example: reconsideration within 60 days, a court within 6 months.",
    ),
    "notified": Words("例如 sms、phone、letter。", "For example sms, phone, letter."),
    "second_reason": Words(
        "首次告知不填；再次告知写 unmet 或者 new_piece。",
        "Empty for the first notice; then `unmet` or `new_piece`.",
    ),
}
"""By field; a hint is given where the label alone would leave a question."""

CHOICES: dict[str, Words] = {
    "granted": Words("准予", "Grant"),
    "refused": Words("不予", "Refuse"),
    "reported_up": Words("审核同意并上报", "Report up"),
    "not_required": Words("依法不需要取得许可", "No permit is required"),
    "not_ours": Words("不属于本机关职权", "Not within our powers"),
    "agree": Words("同意", "Agree"),
    "oppose": Words("反对", "Oppose"),
    "abstain": Words("弃权", "Abstain"),
    "justified": Words("属实", "Justified"),
    "partly": Words("部分属实", "Partly justified"),
    "unjustified": Words("不属实", "Not justified"),
    "upheld": Words("维持", "Upheld"),
    "changed": Words("变更", "Changed"),
    "revoked": Words("撤销", "Revoked"),
    "no_fault": Words("没有过错", "No fault"),
    "exempt": Words("免予追究", "Exempt"),
    "handled": Words("予以处理", "Handled"),
    "sanction_proposed": Words("建议处分", "A sanction is proposed"),
    "withdrawn": Words("撤销案件", "Withdrawn"),
    "time_barred": Words("已过追究时效", "Time-barred"),
    "blue": Words("蓝单", "Blue"),
    "orange": Words("橙单", "Orange"),
    "red": Words("红单", "Red"),
    "true": Words("是", "Yes"),
    "false": Words("否", "No"),
    "window": Words("窗口领取", "Collected at the window"),
}
"""Words of values that come from a list in code; others are told as they are."""

WHEN_REFUSING = Words("不予时必填。", "Required when refusing.")

REQUIRED = Words("必须填写", "This is required")
TOO_LONG = Words("内容过长", "This is too long")
NOT_A_NUMBER = Words("须为整数", "This must be a whole number")
OUT_OF_RANGE = Words("数值超出范围", "This number is out of range")
NOT_A_DATE = Words("不是有效日期", "This is not a date")
NOT_A_CHOICE = Words("请选择一项", "Choose one")
NOT_PAIRS = Words("每行写作“代码: 内容”", "Write each line as `code: wording`")
NOT_JSON = Words("不是有效的 JSON", "This is not valid JSON")
NOT_RIGHT = Words("填写有误", "This is not right")

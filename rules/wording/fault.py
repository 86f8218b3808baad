"""Refusals of fault cases: routing, team, report, defence, decision, ladders, remedies, transfers."""

from __future__ import annotations

WORDING: dict[str, tuple[str, str]] = {
    "no_lead": ("没有线索内容", "there is no lead to register"),
    "no_route": (
        "没有可以处理这条线索的岗位：有关岗位都涉及本人",
        "nobody may handle this lead: it is about everybody it could go to",
    ),
    "unknown_source": ("规则中没有线索来源 {source}", "the rules know no source of leads {source}"),
    "unknown_fault": ("规则中没有过错情形 {fault}", "the rules know no fault {fault}"),
    "no_officer": ("没有工号 {officer}", "there is no officer {officer}"),
    "must_send_up": (
        "这条线索只能上报，本机关任何人不得初核",
        "this lead is sent up: nobody here may screen it",
    ),
    "not_sent_up": ("这条线索由本机关处理，不上报", "this lead is handled here and not sent up"),
    "sent_up_already": ("线索已经上报，等待回执", "the lead is sent up already and waits for its receipt"),
    "must_screen": (
        "来源“{source}”的线索必须立案查清，不得不予立案",
        "a lead from this source must be looked into and cannot be dropped: {source}",
    ),
    "not_barred": ("没有超过追究时效", "the time bar has not passed"),
    "time_barred": (
        "自行为之日起已过追究时效，不再追究",
        "it lies too far back and is not pursued any more",
    ),
    "reporter_untold": (
        "实名举报的，必须写明如何告知举报人",
        "a named reporter must be told; say how it was done",
    ),
    "same_case": ("不能与自己并案", "a case cannot be merged with itself"),
    "no_about": ("线索没有写明所涉事项，不能并案", "a lead that names no matter cannot be merged"),
    "team_too_small": (
        "调查人员不得少于 {least} 人，现有 {named} 人",
        "a team has at least {least} people, not {named}",
    ),
    "too_near": (
        "{officer} 在本件中是“{capacity}”，不能作调查人员",
        "{officer} is {capacity} in this matter and cannot investigate it",
    ),
    "not_investigator": ("{officer} 不是本件的调查人员", "{officer} does not investigate this case"),
    "recusal_open": (
        "回避申请尚未决定：{officer}",
        "an application for recusal waits for its ruling: {officer}",
    ),
    "no_recusal": ("没有对 {officer} 的回避申请", "nobody has asked that {officer} withdraw"),
    "no_such_step": ("没有正在计算的时限 {step}", "no limit of this step is running: {step}"),
    "proposal_incomplete": (
        "过错 {fault} 的责任建议尚不完整，待查：{questions}",
        "the proposal for {fault} is incomplete; open questions: {questions}",
    ),
    "other_matter": (
        "责任建议针对 {matter}，不是本件所涉的 {about}",
        "the proposal is about {matter}, not {about}",
    ),
    "other_proposal": ("摘要与所附责任建议不符", "the digest is not that of the attached proposals"),
    "fault_unexamined": (
        "立案的过错没有责任建议：{faults}",
        "no proposal was made for a fault under investigation: {faults}",
    ),
    "row_twice": ("同一人有两行：{officers}", "somebody has two rows: {officers}"),
    "row_missing": (
        "责任建议中的人没有结论：{officers}",
        "somebody of the proposal has no row: {officers}",
    ),
    "row_open": ("{officer} 的责任尚未认定", "the row of {officer} is still open"),
    "change_unexplained": (
        "{officer} 的结论与建议不同，必须写明理由",
        "the row of {officer} differs from the proposal and needs a reason",
    ),
    "own_report": (
        "会签须由另一名调查人员作出",
        "another investigator countersigns, not the one who reported",
    ),
    "countersigned_already": ("{officer} 已经会签", "{officer} has countersigned already"),
    "report_unsigned": (
        "调查报告须有 {least} 名调查人员签字",
        "the report needs the signatures of {least} investigators",
    ),
    "notice_incomplete": (
        "告知须写明每个责任人的拟处理意见：{officers}",
        "the notice says what is proposed for everybody who answers: {officers}",
    ),
    "not_liable": ("{officer} 没有责任，不得处理", "{officer} does not answer and bears no measure"),
    "own_words": ("只能为本人陈述申辩", "one defends oneself only"),
    "not_oral": (
        "他人只能记录本人的口头陈述",
        "somebody else may only record what the person said",
    ),
    "defence_closed": ("{officer} 的陈述申辩期已过", "the time of {officer} for a defence has ended"),
    "defence_open": (
        "陈述申辩期未满，本人也没有书面放弃：{officers}",
        "the time for a defence still runs and was not waived in writing: {officers}",
    ),
    "point_unanswered": (
        "申辩意见没有逐条答复：{points}",
        "points of the defence are not answered: {points}",
    ),
    "unknown_answer": ("没有这些申辩意见：{points}", "there are no such points: {points}"),
    "heavier": (
        "不得因申辩、申诉加重处理：{officers}",
        "nothing may become heavier because somebody defended himself: {officers}",
    ),
    "minutes_open": ("集体讨论的纪要尚未签署", "the minutes of the discussion are not signed yet"),
    "decision_incomplete": ("决定书缺少：{parts}", "the decision lacks: {parts}"),
    "decision_date": (
        "决定日期 {day} 不是今天（{today}）",
        "the decision is dated {day} but made on {today}",
    ),
    "person_undecided": (
        "决定书没有写明责任人：{officers}",
        "the decision says nothing of somebody who answers: {officers}",
    ),
    "degree_differs": (
        "{officer} 的责任程度与认定不符，认定为 {found}",
        "the degree of {officer} is not what was found: {found}",
    ),
    "outcome_differs": (
        "处理内容与结论“{outcome}”不符",
        "what is laid on the persons does not fit the outcome {outcome}",
    ),
    "not_decided": ("决定中没有 {officer}", "the decision does not name {officer}"),
    "served_already": ("已经送达 {officer}", "{officer} has been served already"),
    "not_served": ("尚未送达 {officer}", "{officer} has not been served yet"),
    "wrong_ladder": (
        "“{measure}”属于{ladder}，不是{wanted}",
        "{measure} belongs to {ladder} and is none of {wanted}",
    ),
    "unknown_measure": ("{wanted} 中没有“{measure}”", "{wanted} knows no {measure}"),
    "wrong_organ": (
        "{organ} 无权决定：{wanted}",
        "{organ} does not decide this: {wanted}",
    ),
    "sanctioned_before": (
        "{officer} 已因同一行为受到处分，不得重复处分",
        "{officer} is sanctioned for this act already: never twice for one act",
    ),
    "not_proposed": ("没有对 {officer} 提出处分建议", "no sanction was proposed for {officer}"),
    "no_measure": ("决定中 {officer} 没有措施 {measure}", "the decision lays no {measure} on {officer}"),
    "executed_already": ("{officer} 的 {measure} 已经执行", "{measure} of {officer} is carried out already"),
    "no_remedy": ("没有 {officer} 的这种救济途径", "{officer} has no such remedy"),
    "remedy_closed": ("{officer} 的救济期限已过", "the time of {officer} for this remedy has ended"),
    "remedy_open": ("{officer} 的救济正在办理", "a remedy of {officer} is being decided"),
    "no_open_remedy": ("{officer} 没有待答复的救济", "no remedy of {officer} waits for an answer"),
    "measure_needed": ("变更须写明变更后的处理", "a change says what is left"),
    "unexecuted": ("尚未执行：{measures}", "not carried out yet: {measures}"),
    "sanction_pending": (
        "建议的处分尚无主管机关决定：{officers}",
        "the competent organ has not decided the proposed sanction: {officers}",
    ),
    "transfer_open": ("移送尚未办结：{refs}", "transfers are not concluded: {refs}"),
    "unknown_transfer": ("没有移送 {ref}", "there is no transfer {ref}"),
    "transfer_state": (
        "移送 {ref} 现在是“{status}”，不能这样办理",
        "transfer {ref} is {status}: this is not possible now",
    ),
    "unknown_kind": ("规则中没有移送种类 {kind}", "the rules know no transfer of kind {kind}"),
    "wrong_receiver": (
        "{kind} 应移送 {organs}，不是 {organ}",
        "{kind} goes to {organs}, not to {organ}",
    ),
    "two_needed": ("移送报告须由两名以上人员提出", "at least two write the report on a transfer"),
    "package_needed": ("移送须附材料清单摘要", "a transfer lists the digests of its package"),
    "receipt_needed": ("必须写明回执", "the receipt must be stated"),
    "not_reconsidered": ("对 {organ} 的决定不能提请复议", "{organ} is not asked for reconsideration"),
    "reconsidered_before": ("移送 {ref} 已经复议过", "transfer {ref} was reconsidered already"),
}

"""What the problems of the API mean, one row a code: what happened, and what to do about it.

The rules' own refusals have their words in `rules.wording`; these are the others that a caller can meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.wording import WORDING

_FACT = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Meaning:
    """A code explained; `status` is the one it usually has."""

    status: int
    zh: str
    en: str
    do_zh: str
    do_en: str


_SAME = (
    "同一 Idempotency-Key 重发即可，不会办两次。",
    "Send it again with the same Idempotency-Key: nothing is done twice.",
)
_FIX = "按 errors 所列字段更正后重发。", "Correct what `errors` names and send it again."
_NEVER = "重发无益，须先改变所述情况。", "Sending it again does not help before that has changed."

CODES: dict[str, Meaning] = {
    "bad_request": Meaning(400, "请求格式不符", "The request cannot be read", *_FIX),
    "idempotency_key_required": Meaning(
        400,
        "缺少 Idempotency-Key，或格式不符",
        "The Idempotency-Key is missing or malformed",
        "每个新请求用一个新的随机键（如 UUID），重发时用同一键。",
        "Draw a new random key (a UUID) for every new request, and send the same one when repeating it.",
    ),
    "bad_if_match": Meaning(
        400,
        "If-Match 不是一个事实摘要",
        "If-Match is no digest of facts",
        "照抄 facts 答复的 ETag。",
        "Send the ETag of the answer of `facts` as it is.",
    ),
    "sign_in_needed": Meaning(
        401,
        "须先登录或出示令牌",
        "Sign in or show a token",
        "取得令牌后重发。",
        "Get a token, then send it again.",
    ),
    "not_permitted": Meaning(403, "规则不允许", "The rules do not allow it", *_NEVER),
    "denied": Meaning(403, "无权使用", "Not for your role", *_NEVER),
    "systems_only": Meaning(
        403,
        "渠道、收件人等只能由已登记的系统注明",
        "Only a registered system may name channel, officer, post, business key or time of receipt",
        "公众请求请去掉这些字段。",
        "Leave these fields out of a request by the public.",
    ),
    "not_found": Meaning(
        404, "没有这一对象，或您不得知悉", "There is no such thing, or not for you to know of", *_NEVER
    ),
    "wrong_code": Meaning(
        404,
        "件号与查询码不符",
        "No matter has this number and this lookup code",
        "核对回执上的件号与查询码。",
        "Check number and code against the receipt.",
    ),
    "receipt_format": Meaning(422, "不是回执", "This is no receipt", *_FIX),
    "proof_needed": Meaning(
        401,
        "决定前须重新确认身份",
        "Prove again who you are before you decide",
        "重新登录后再决定。",
        "Sign in again, then decide.",
    ),
    "bad_token": Meaning(401, "令牌无效", "The token is not accepted", "重新取得令牌。", "Get a new token."),
    "forged_form": Meaning(
        403,
        "请求不是从本馆页面发出",
        "The request does not come from a page of this desk",
        "从页面重新提交。",
        "Send it again from the page.",
    ),
    "nothing_signed": Meaning(
        404,
        "尚无已签检查点",
        "Nothing is signed yet",
        "稍后再取。",
        "Ask again a little later.",
    ),
    "method_not_allowed": Meaning(
        405, "此地址不支持该方法", "The address does not know this method", "见 Allow。", "See `Allow`."
    ),
    "in_flight": Meaning(
        409, "同一键的请求仍在办理", "A request with this key is still being answered", *_SAME
    ),
    "conflict": Meaning(409, "与已有内容冲突", "It conflicts with what is there", *_NEVER),
    "webhook_exists": Meaning(
        409,
        "已有同名订阅",
        "There is already a subscription of this name",
        "换一个名称，或更换其密钥。",
        "Choose another name, or replace its secrets.",
    ),
    "business_key_conflict": Meaning(
        409, "业务号已用于另一份申请", "The business key stands for another submission", *_NEVER
    ),
    "act_id_conflict": Meaning(
        409, "操作编号已用于另一项操作", "The act's id stands for another act", *_NEVER
    ),
    "already_decided": Meaning(
        409,
        "已由他人决定",
        "Somebody has decided already",
        "查看所附决定。",
        "See the decision that is attached.",
    ),
    "verification_failed": Meaning(409, "证据核对不符", "The evidence does not hold", *_NEVER),
    "stale": Meaning(
        412,
        "您所见之后卷宗已变",
        "The file has changed since you saw it",
        "重新阅卷后再决定。",
        "Read the file again, then decide.",
    ),
    "too_large": Meaning(413, "内容过大", "The body is too large", "缩小后重发。", "Send less."),
    "file_type": Meaning(
        415,
        "不接收这种文件，或内容与类型不符",
        "This type of file is not taken, or the bytes are not of their type",
        "接收 PDF、PNG、JPEG、TIFF、OFD、DOCX、XLSX。",
        "PDF, PNG, JPEG, TIFF, OFD, DOCX and XLSX are taken.",
    ),
    "media_type": Meaning(
        415,
        "不支持的媒体类型",
        "The media type is not supported",
        "见接口说明。",
        "See the description of the API.",
    ),
    "bad_field": Meaning(422, "字段有误", "Some fields are wrong", *_FIX),
    "usage": Meaning(422, "输入有误", "The input is wrong", *_FIX),
    "bad_cursor": Meaning(
        422, "翻页标记无效", "The cursor is not of this list", "从首页开始。", "Begin with the first page."
    ),
    "bad_ticket": Meaning(
        422,
        "文件凭据无效或已过期",
        "A file's ticket is invalid or has expired",
        "重新上传文件，用新凭据。",
        "Upload the file again and use its new ticket.",
    ),
    "key_reused": Meaning(
        422,
        "同一 Idempotency-Key 曾用于另一内容",
        "The Idempotency-Key was used with another body",
        "新请求用新键。",
        "Draw a new key for a new request.",
    ),
    "bad_url": Meaning(422, "推送地址不可用", "No usable address for events", *_FIX),
    "bad_network": Meaning(422, "网段写法有误", "Not a network", *_FIX),
    "unknown_kind": Meaning(422, "没有这种事项", "There is no such kind of matter", *_FIX),
    "unknown_type": Meaning(422, "没有这类事件", "No event is called so", *_FIX),
    "unknown_item": Meaning(422, "没有该办事项", "There is no such item", *_FIX),
    "unknown_material": Meaning(422, "材料不在清单中", "The item lists no such material", *_FIX),
    "precondition_required": Meaning(
        428,
        "决定须附 If-Match",
        "A decision needs If-Match",
        "先读状态，以其 facts 摘要为 If-Match。",
        "Read the status first and send its facts digest as If-Match.",
    ),
    "rate_limited": Meaning(
        429,
        "次数过多",
        "Too many attempts",
        "等到 Retry-After 所示时间。",
        "Wait as long as `Retry-After` says.",
    ),
    "internal": Meaning(
        500,
        "本系统出错",
        "This house made a mistake",
        "以 trace_id 告知管理员；可用同一键重发。",
        "Tell the administrator the trace_id; it is safe to repeat with the same key.",
    ),
    "unavailable": Meaning(503, "引擎或数据库暂不可用", "Engine or database are out of reach", *_SAME),
    "too_many_listeners": Meaning(503, "收听者已满", "Too many listen already", *_SAME),
    "delivery_key": Meaning(503, "投递密钥不可用", "The delivery key is missing or another one", *_NEVER),
    "no_worker": Meaning(503, "没有工作进程接收", "No worker took it", *_SAME),
    "pending": Meaning(202, "已交引擎，尚未入账", "Held by the engine, not recorded yet", *_SAME),
}


_RECEIPT = Meaning(409, "回执核对不符", "The receipt does not hold", *_NEVER)


def meaning_of(code: str) -> Meaning | None:
    """What a code means; None for one that this house does not know."""
    if code in CODES:
        return CODES[code]
    if code.startswith("receipt_"):
        return _RECEIPT
    if code in WORDING:
        zh, en = (_FACT.sub("…", words) for words in WORDING[code])
        return Meaning(403, zh, en, *_NEVER)
    return None

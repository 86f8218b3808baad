"""What a receipt proves and what not, in plain words: the same sentences on paper and on the screen.

Whoever holds a receipt is no engineer. Each sentence says one thing, Chinese and English, and the limits
stand beside the promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ledger.notes import Verified
from ledger.receipt import Proven
from schemas.receipts import Standing

Sentence = tuple[str, str]
"""Chinese, English."""

STANDINGS: dict[Standing, tuple[str, str, str]] = {
    Standing.WITNESSED: ("●", "已由见证方共同签名", "cosigned by witnesses"),
    Standing.SIGNED: ("▲", "仅由机关签名，未经见证", "signed by the bureau alone"),
    Standing.SEALED: ("○", "已入日志，尚未签名", "in the log, not signed yet"),
    Standing.RECORDED: ("○", "已登记，尚未入日志", "recorded, not in the log yet"),
}
"""Shape, Chinese, English: to be told apart without colours."""

NOTHING_YET = (
    "本回执尚无签名，目前不能证明任何事；稍后请用件号和查询码换取新的回执。",
    "This receipt bears no signature yet and proves nothing so far; get a newer one with number and lookup"
    " code.",
)

NOT_PROVEN: tuple[Sentence, ...] = (
    (
        "不证明申请内容属实，只证明登记时就是这样写的。",
        "Not that what was stated is true, only that it was recorded so.",
    ),
    (
        "不涉及登记之后的办理，也不证明没有别的记录。",
        "Nothing about later acts, nor that there are no other entries.",
    ),
)

OWN_KEYS: Sentence = (
    "所用公钥来自回执本身：不证明它确属该机关。请从机关以外的渠道取得密钥文件，以 --policy 核对。",
    "The keys came with the receipt: not that they are the bureau's. Get the policy file by another way, and"
    " check with --policy.",
)

REDACTED: Sentence = (
    "本人信息已依法遮蔽：原文与密钥已销毁，登记与证明仍然成立。",
    "The personal fields are redacted by law: their text and key are destroyed, entry and proof still hold.",
)


def proves(proven: Proven) -> tuple[Sentence, ...]:
    """What holds, the most important first."""
    return tuple(_proves(proven))


def proves_not(proven: Proven) -> tuple[Sentence, ...]:
    """What does not follow from it."""
    return tuple(_proves_not(proven))


def _proves(proven: Proven) -> Iterator[Sentence]:
    document, proof = proven.document, proven.document.proof
    if proof is None or proven.checked is None:
        yield NOTHING_YET
        return
    yield (
        f"{document.number} 的登记（逐字如回执所附）是日志 {proof.origin} 的第 {proof.index + 1} 条，"
        f"该日志当时共 {proof.size} 条。",
        f"The registration of {document.number}, with exactly these bytes, is entry {proof.index + 1} of the"
        f" log {proof.origin}, which then had {proof.size} entries.",
    )
    for signed in proven.checked.log:
        yield (
            f"日志由密钥 {signed.key} 签名{_when(signed, 0)}。",
            f"Key {signed.key} signed it{_when(signed, 1)}.",
        )
    yield from _witnesses(proven.checked.cosignatures)
    yield (
        "只要有一份该检查点的副本（本回执即是）尚存，任何人都无法删除或改动这条登记而不被发现。",
        "Nobody can remove or change this entry unseen as long as one copy of that checkpoint survives; this"
        " receipt is one.",
    )
    yield from _fields(proven)


def _witnesses(cosignatures: tuple[Verified, ...]) -> Iterator[Sentence]:
    for signed in cosignatures:
        yield (
            f"见证方 {signed.key} 共同签名{_when(signed, 0)}。",
            f"Witness {signed.key} cosigned it{_when(signed, 1)}.",
        )
    if not cosignatures:
        yield (
            "没有外部见证：若机关另有一份不同的日志，仅凭本回执看不出来。",
            "No witness from outside: whether the bureau keeps another log beside this one, it cannot tell.",
        )


def _fields(proven: Proven) -> Iterator[Sentence]:
    if proven.openings:
        count = len(proven.openings)
        yield (
            f"登记时提交的 {count} 项本人信息就是回执所列。",
            f"The {count} personal fields listed here are what was submitted.",
        )


def _proves_not(proven: Proven) -> Iterator[Sentence]:
    hidden = proven.sealed - len(proven.openings)
    if proven.document.redaction:
        yield REDACTED
    elif hidden:
        yield f"另有 {hidden} 项密封信息未在此出示。", f"{hidden} more sealed fields are not shown here."
    yield from NOT_PROVEN
    if proven.checked is not None and not proven.outside:
        yield OWN_KEYS


def _when(signed: Verified, language: int) -> str:
    if signed.at is None:
        return ("（此种签名不含时间）", " (this kind of signature tells no time)")[language]
    return (f"（{_utc(signed.at)}）", f" at {_utc(signed.at)}")[language]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"

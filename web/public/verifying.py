"""A receipt checked by this server: which checks it passed, what that proves and what not."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.receipt import Proven, verify_receipt
from ledger.receipt_words import NOTHING_YET, Sentence, proves, proves_not
from schemas.errors import YangguangError
from schemas.receipts import ReceiptDocument
from starter.receipt_page import read_receipt
from starter.receipt_promise import check_promise

CHECKS: tuple[tuple[str, Sentence], ...] = (
    ("format", ("这是一份回执", "It is a receipt")),
    ("leaf", ("登记内容与其哈希相符", "The recorded bytes have the hash that is given")),
    ("entry", ("记录编号、种类和时间与登记内容相符", "Id, type and time of the entry agree with the bytes")),
    ("number", ("件号与登记内容相符", "The number agrees with the bytes")),
    ("received", ("收件时间与登记内容相符", "The time of receipt agrees with the bytes")),
    ("lookup_code", ("查询码与登记内容相符", "The lookup code agrees with the bytes")),
    ("opening", ("本人信息确在登记之中", "The personal fields are those that were recorded")),
    ("policy", ("所附密钥与证明相配", "The keys belong to the proof")),
    ("signature", ("日志的检查点有签名", "The log's checkpoint is signed")),
    ("proof", ("登记确在该日志之中（路径正确）", "The entry is in that log: the path is right")),
    ("standing", ("见证程度如回执所述", "The cosignatures are as the receipt says")),
    ("document", ("回执未被改动", "The receipt was not altered")),
    ("page", ("页面文字与所附数据一致", "The words of the page are those of its data")),
    ("promise", ("承诺日期能重新推算出来", "The promised date follows once more from the rules")),
)
"""In the order they are made; the code of a failure is `receipt_` and the name."""

PASSED, FAILED, NOT_DONE = "passed", "failed", "not_done"
HOLDS, UNSIGNED, FAILS = "holds", "unsigned", "fails"


@dataclass(frozen=True)
class Verdict:
    """What came of it."""

    outcome: str
    """`holds`, `fails`, or `unsigned`: it agrees with itself and proves nothing yet."""
    checks: tuple[tuple[str, Sentence], ...]
    """(outcome, words) of each check."""
    failure: str = ""
    proven: Proven | None = None
    derived: bool = False

    @property
    def holds(self) -> bool:
        """Whether it proves what it says."""
        return self.outcome == HOLDS

    @property
    def document(self) -> ReceiptDocument | None:
        """The receipt, where it could be read and holds."""
        return self.proven.document if self.proven else None

    @property
    def proves(self) -> tuple[Sentence, ...]:
        """What follows."""
        return proves(self.proven) if self.proven else ()

    @property
    def proves_not(self) -> tuple[Sentence, ...]:
        """What does not follow."""
        return proves_not(self.proven) if self.proven else ()


def judged(raw: bytes) -> Verdict:
    """Check the bytes of a receipt, page or document."""
    try:
        document = read_receipt(raw)
        proven = verify_receipt(document)
        derived = check_promise(document, proven.event["data"])
    except YangguangError as error:
        return Verdict(FAILS, _until(error.code), error.message)
    skipped = set() if derived else {"promise"}
    if raw.lstrip()[:1] != b"<":
        skipped.add("page")
    if proven.checked is None:
        skipped |= {"policy", "signature", "proof", "standing"}
        return Verdict(UNSIGNED, _with(skipped), " / ".join(NOTHING_YET), proven, derived)
    return Verdict(HOLDS, _with(skipped), proven=proven, derived=derived)


def _with(skipped: set[str]) -> tuple[tuple[str, Sentence], ...]:
    return tuple((NOT_DONE if name in skipped else PASSED, words) for name, words in CHECKS)


def _until(code: str) -> tuple[tuple[str, Sentence], ...]:
    names = [name for name, _ in CHECKS]
    failed = names.index(name) if (name := code.removeprefix("receipt_")) in names else 0
    outcomes = (PASSED if n < failed else FAILED if n == failed else NOT_DONE for n in range(len(CHECKS)))
    return tuple((outcome, words) for outcome, (_, words) in zip(outcomes, CHECKS, strict=True))

"""Liability proposals (责任划分建议): what investigators found, and who would answer for it, why and how far.

A proposal is computed from the entries of a matter and the recorded findings, never typed in; people
confirm or change its rows, each change with a reason. Nothing here decides guilt or sanction, and there are
no percentages: degrees, and the working days each person held the matter.
Sources: bureau rules on joint liability (错批错办连带责任), 公务员法 Art.60, 政务处分法 Art.11-13.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from .base import Code, Model, Text

NOT_IN_LOG = "not_in_log"
"""不在日志中: somebody who would answer but whom the record does not name."""


class Degree(StrEnum):
    """How far somebody answers; `open` where the table cannot tell before a question is answered."""

    DIRECT = "D"  # 直接责任
    MAIN = "M"  # 主要领导责任
    IMPORTANT = "I"  # 重要领导责任
    NONE = "none"  # 无责任
    OPEN = "open"  # 待查


class Grade(StrEnum):
    """Weight of a fault."""

    GENERAL = "general"  # 一般
    SERIOUS = "serious"  # 严重
    ESPECIALLY_SERIOUS = "especially_serious"  # 特别严重


class Ladder(StrEnum):
    """Four kinds of measures that are never mixed: other organs decide each of them."""

    ORGANISATION = "org_measure"  # 组织处理
    ADMINISTRATIVE = "admin_sanction"  # 处分/政务处分
    PARTY = "party_sanction"  # 党纪处分
    CRIMINAL = "criminal_measure"  # 刑事强制措施


class MeasureRange(Model):
    """What may be proposed on one ladder, lightest first."""

    ladder: Ladder
    measures: tuple[Code, ...] = Field(min_length=1)


class Evidence(Model):
    """What a finding rests on: an entry of a matter, a document by its hash, or words on record."""

    kind: str = ""
    number: str = ""
    seq: int = 0
    sha256: str = ""
    text: Text = ""


class Finding(Model):
    """What investigators found where the entries cannot tell."""

    question: Code
    """A code of the profile's questions."""
    answer: Code
    """One of the question's answers."""
    who: str = ""
    """Staff number of whom it is about; empty: the matter as a whole."""
    entry: int = 0
    """Sequence number of the entry it is about; 0: none in particular."""
    evidence: tuple[Evidence, ...] = ()


class Row(Model):
    """What is proposed for one person of the decision chain, also `none, because`."""

    officer: Code
    """Staff number, or `not_in_log`."""
    post: str = ""
    role: Code
    """Capacity he answers in: `handler`, `reviewer`, `approver`, `chair`, `clock_owner` and so on."""
    capacities: tuple[Code, ...] = ()
    """Everything he was in the matter."""
    on_behalf_of: str = ""
    """The A officer for whom the B officer acted; the one who acted answers."""
    degree: Degree
    grade: Grade | None = None
    """None where he does not answer."""
    ranges: tuple[MeasureRange, ...] = ()
    rule: str = ""
    """Code of the table's rule (`L01`..`L14`, `LT1`, `LT2`); empty where none was reached."""
    entries: tuple[int, ...] = ()
    """Sequence numbers of the matter's entries that were used."""
    elsewhere: tuple[str, ...] = ()
    """Entries of other matters that were used (the joint review's), as `number#seq`."""
    heavier: tuple[Code, ...] = ()
    """Aggravating findings."""
    lighter: tuple[Code, ...] = ()
    """Mitigating findings and circumstances."""
    days: int = 0
    """Working days he held the matter."""
    because_zh: Text = ""
    because_en: Text = ""
    changed: bool = False
    """People have set it otherwise than proposed."""
    reason: Text = ""
    """Why they did."""


class OpenQuestion(Model):
    """A question without which the table cannot be applied."""

    question: Code
    who: str = ""
    """Whom it is about; empty: the matter as a whole."""
    zh: Text
    en: Text
    answers: tuple[Code, ...]
    rules: tuple[Code, ...]
    """Rules that wait for it."""
    contradicted: bool = False
    """Findings on it contradict one another."""


class Holding(Model):
    """How long somebody held the matter: working days after `since` up to and including `until`."""

    officer: Code
    post: str
    since: date
    until: date
    days: int


class Proposal(Model):
    """Who would answer for one fault of a matter, as the table of the profile sees it."""

    matter: Code
    fault: Code
    profile: Code
    profile_version: Code
    profile_sha256: str
    last_seq: int
    """The matter's entries 1..last_seq were looked at."""
    rule: str = ""
    """The rule of the table that fits; empty while it cannot be told."""
    findings: tuple[Finding, ...] = ()
    """Findings that were there, in a fixed order."""
    rows: tuple[Row, ...] = ()
    held: tuple[Holding, ...] = ()
    incomplete: bool = False
    open_questions: tuple[OpenQuestion, ...] = ()
    unproven: tuple[Code, ...] = ()
    """Questions answered without any evidence."""
    digest: str = ""
    """SHA-256 of all of the above as canonical JSON."""

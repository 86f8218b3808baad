"""The words of mails: they say where to look and never what is there.

A mailbox is read over shoulders, forwarded and kept by strangers. The number of a matter is enough for
whoever may open it, and says nothing to anybody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime

LISTED = 50

_ONE = """您好：

事项 {case} 有需要您知悉的情况，请登录系统查看。
{where}
Matter {case} has something for you. Please sign in and look.
"""

_DIGEST = """您好：

截至今日，以下 {count} 件事项有需要您知悉的情况，请登录系统查看。
{where}
{count} matters have something for you. Please sign in and look.

{cases}
"""


def notice_letter(
    sender: str, to: str, case: str, *, urgent: bool, at: datetime, identity: str, desk: str
) -> EmailMessage:
    """The mail of one notice; the same `identity` again is recognised by mail programs as the same mail."""
    subject = f"事项 {case} 请您查看 / Matter {case}: please look"
    letter = _letter(sender, to, subject if not urgent else f"【请即办理】{subject}", at, identity)
    if urgent:
        letter["Importance"] = "high"
    letter.set_content(_ONE.format(case=case, where=_where(desk)))
    return letter


def digest_letter(
    sender: str, to: str, cases: Sequence[str], *, day: date, at: datetime, identity: str, desk: str
) -> EmailMessage:
    """The mail of a day: numbers only."""
    subject = f"{day} 请您查看的事项：{len(cases)} / Matters to look at: {len(cases)}"
    letter = _letter(sender, to, subject, at, identity)
    more = [f"… +{len(cases) - LISTED}"] if len(cases) > LISTED else []
    listed = "\n".join([*(f"- {case}" for case in cases[:LISTED]), *more])
    letter.set_content(_DIGEST.format(count=len(cases), where=_where(desk), cases=listed))
    return letter


def _letter(sender: str, to: str, subject: str, at: datetime, identity: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = f"<{identity}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    return letter


def _where(desk: str) -> str:
    return f"{desk}/inbox\n" if desk else ""

"""The timeline of a matter: its entries as lines that people read, newest first unless they ask otherwise.

A line says who, on whose behalf, what, when it is claimed to have happened and when it was recorded. A filter
hides lines of other kinds, but never a dissent, a card or a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ledger.entry import Entry
from rules.explain import CLOCKS
from rules.procedures import PROCEDURES
from schemas.clocks import ClockKind
from web.names import ROLES, Names, Words, act_words

ZONE = ZoneInfo("Asia/Shanghai")

GROUPS = ("people", "clock", "files", "votes", "system")
"""What a timeline can be filtered by."""

LATE = timedelta(minutes=5)
"""Claimed and recorded time further apart than this are pointed out."""

EVENTS: dict[str, Words] = {
    "act.refused": Words("操作被拒", "act refused"),
    "calendar.recalculated": Words("日历更新，重新计算时限", "calendar adopted, limits computed again"),
    "card.absorbed": Words("督办牌被吸收", "card absorbed by another"),
    "card.corrected": Words("督办牌已补办", "late act done under the card"),
    "card.explanation_noted": Words("收到书面说明", "explanation noted"),
    "card.issued": Words("发督办牌", "card issued"),
    "card.late_act_done": Words("逾期事项已办", "late act done"),
    "card.not_rectified": Words("逾期未整改", "not rectified in time"),
    "card.noted": Words("督办牌情况记录", "card noted"),
    "card.proposed": Words("提请发牌", "card proposed"),
    "card.readdressed": Words("督办牌改送", "card readdressed"),
    "card.reinstated": Words("督办牌恢复", "card reinstated"),
    "card.revoked": Words("督办牌撤销", "card revoked"),
    "clock.breach_withdrawn": Words("逾期记录更正", "breach withdrawn"),
    "clock.breached": Words("时限届满未办", "limit passed"),
    "clock.due_today": Words("今日到期提醒", "due today: reminder"),
    "duty.accepted": Words("接收移交", "hand-over accepted"),
    "duty.declined": Words("退回移交", "hand-over returned"),
    "duty.designated": Words("指定承办", "owner designated"),
    "duty.escalated": Words("报请协调", "hand-over escalated"),
    "duty.offered": Words("发出移交", "hand-over offered"),
    "errand.failed": Words("关联事项未送达", "another matter could not be told"),
    "lamp.yellow": Words("黄灯提醒", "lamp turned yellow"),
    "rules.adopted": Words("规则更新", "rules adopted"),
    "window.closed": Words("权利期间届满", "time to use a right has ended"),
    "case.correction_reminded": Words("补正提醒", "reminder to correct"),
    "case.renewal_reminded": Words("延续到期提醒", "reminder of a permit's expiry"),
    "case.resolution_heard": Words("收到会审决议", "resolution of the joint review received"),
    "case.closed": Words("归档", "file closed"),
    "case.lead_opened": Words("转问责线索", "lead opened"),
}
"""Entries that are not named by the act they record."""

CLOCKLIKE = ("clock.", "lamp.", "calendar.", "window.")
CLOCK_ACTS = frozenset({"suspend", "resume", "extend", "request_suspension", "request_extension"})
VOTES = frozenset({"decide", "sign_stage", "vote", "sign_minutes", "override", "upper_result", "rule"})
FILES = ("attachments", "materials", "document", "papers", "satisfied", "points")
DISSENT = (("agrees", False), ("choice", "oppose"), ("outcome", "refused"))
"""What in an entry's data is a voice against."""

SAID: tuple[tuple[str, Words], ...] = (
    ("opinion", Words("意见", "opinion")),
    ("reason", Words("理由", "reason")),
    ("told", Words("答复", "answer")),
    ("remedy", Words("救济途径", "remedy")),
    ("document", Words("文号", "document")),
    ("notice", Words("通知书", "notice")),
)
"""Words of an act, in the order in which they are shown."""


@dataclass(frozen=True)
class Line:
    """One entry as it is read."""

    seq: int
    what: Words
    about: Words
    """Which clock, stage or post; empty where it is plain."""
    who: Words
    behalf: str
    role: Words
    said: tuple[tuple[Words, str], ...]
    claimed: datetime
    recorded: datetime
    groups: frozenset[str]
    kept: bool
    """Shown whatever the filter: dissent, cards, refusals."""
    dissent: bool
    refused: bool
    leaf_hash: str

    @property
    def apart(self) -> bool:
        """Claimed and recorded time differ by more than the tolerance."""
        return abs(self.recorded - self.claimed) > LATE


def lines(kind: str, timeline: Iterable[Entry], names: Names) -> tuple[Line, ...]:
    """The lines of a matter's entries, oldest first."""
    return tuple(_line(kind, entry, names) for entry in timeline)


def shown(all_lines: Iterable[Line], group: str, *, oldest_first: bool) -> list[Line]:
    """What a filter leaves, in the order asked for; an unknown group is none."""
    kept = [line for line in all_lines if group not in GROUPS or group in line.groups or line.kept]
    return kept if oldest_first else kept[::-1]


def local(time: str) -> datetime:
    """An entry's time as the bureau's clocks show it."""
    return datetime.fromisoformat(time).astimezone(ZONE)


def what_of(kind: str, entry: Entry) -> Words:
    """What an entry tells, in words."""
    if entry.type in EVENTS:
        return EVENTS[entry.type]
    silence = PROCEDURES[kind].silences.get(entry.type) if kind in PROCEDURES else None
    if silence:
        return Words(silence.zh, silence.en)
    act = str(entry.data.get("act") or entry.type.partition(".")[2])
    return act_words(kind, act)


def is_dissent(entry: Entry) -> bool:
    """Whether somebody spoke against in it."""
    return entry.type != "act.refused" and any(entry.data.get(name) == value for name, value in DISSENT)


def _line(kind: str, entry: Entry, names: Names) -> Line:
    event, role = entry.event, str(entry.event.get("actorrole", ""))
    refused, dissent = entry.type == "act.refused", is_dissent(entry)
    return Line(
        seq=entry.seq,
        what=what_of(kind, entry),
        about=_about(kind, entry, names),
        who=names.who(str(event["actor"])),
        behalf=names.person(event.get("onbehalfof")),
        role=ROLES.get(role, Words(role, role)),
        said=_said(entry),
        claimed=local(event["time"]),
        recorded=local(event["recordedtime"]),
        groups=_groups(entry),
        kept=dissent or refused or entry.type.startswith("card.") or kind == "card",
        dissent=dissent,
        refused=refused,
        leaf_hash=entry.leaf_hash,
    )


def _said(entry: Entry) -> tuple[tuple[Words, str], ...]:
    data = entry.data
    said = [(words, str(data[name])) for name, words in SAID if data.get(name)]
    points = data.get("points")
    if isinstance(points, dict):
        said += [(Words("补正事项", "point"), f"{code}: {text}") for code, text in points.items()]
    return tuple(said)


def _about(kind: str, entry: Entry, names: Names) -> Words:
    """What it is about: the refused act, the clock, the card, the stage or the post."""
    data = entry.data
    if entry.type == "act.refused":
        return act_words(kind, str(data.get("act", "")))
    if entry.type.startswith(CLOCKLIKE) and data.get("clock") in set(ClockKind):
        return Words(*CLOCKS[ClockKind(data["clock"])])
    if isinstance(card := data.get("card"), dict):
        return Words(str(card.get("code", "")), str(card.get("code", "")))
    if stage := data.get("stage"):
        return names.stage(str(data.get("view", {}).get("item")), str(stage))
    return names.post(data.get("to")) if isinstance(data.get("to"), str) else Words("", "")


def _groups(entry: Entry) -> frozenset[str]:
    act, found = str(entry.data.get("act", "")), set[str]()
    if entry.event["actor"] == "system":
        found.add("system")
    else:
        found.add("people")
    if entry.type.startswith(CLOCKLIKE) or act in CLOCK_ACTS:
        found.add("clock")
    if act in VOTES:
        found.add("votes")
    if any(entry.data.get(name) for name in FILES):
        found.add("files")
    return frozenset(found)

"""What must have come of the story: told beforehand, found afterwards, side by side.

Dates are counted day by day on the calendar (`Setting.day`), people taken from the organisation, and
what was found is read from the ledger. Only the duty chain's instants and the lamp of the moment,
which no entry states as such, are asked of the engine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from ledger.entry import Entry
from ledger.report import Report
from rules.limits import warn
from rules.procedures import CaseStage, InquiryStage
from schemas.base import Model
from schemas.clocks import Lamp, Limit
from schemas.entry_types import OWN_TYPES
from schemas.profile import Item
from starter import story
from starter.rulebook import item_of
from starter.story_setting import Setting
from starter.story_teller import Teller, ToldMatter

PROMISED, DONE, SAVED, FASTER = 5, 1, 4, 80
"""The mortgage registration: promised and actual working days, days saved, and in percent."""

NOTHING = "—"


class Check(Model):
    """One thing the story claims."""

    what: str
    told: str
    found: str
    holds: bool


@dataclass(frozen=True)
class Chapter:
    """One matter of the story: its titles, what happens, and what must come of it."""

    key: str
    zh: str
    en: str
    tell: Callable[[Teller], Awaitable[None]]
    checks: Callable[[Setting, ToldMatter], Iterator[Check]]


def check(what: str, told: object, found: object) -> Check:
    """Compare what was told with what was found."""
    return Check(what=what, told=_text(told), found=_text(found), holds=told == found)


def of_inquiry(s: Setting, m: ToldMatter) -> Iterator[Check]:
    """First inquiry: the duty passes from hand to hand and is never nobody's."""
    first, second = s.post("window-clerk").a, s.post("registry-handler").a
    owners = [owner for owner, _ in groupby(e.data["view"]["owner"] for e in m.entries)]
    yield check("责任链 / duty chain", _people(s, [first, second]), _people(s, owners))
    yield check("责任不断 / no gap in it", True, _gapless(m))
    yield check("移交理由 / reason", story.BELONGS_TO_REGISTRY, _said(m.first("duty.offered"), "reason"))
    accepted = m.first("duty.accepted")
    yield check(
        "接收人 / accepted by", s.person(second), s.person(accepted.event["actor"]) if accepted else None
    )
    yield check("结果 / end", InquiryStage.CLOSED.value, _end(m))


def of_mortgage(s: Setting, m: ToldMatter) -> Iterator[Check]:
    """Promise against fact: promised 5, done in 1, 4 saved, 80 % faster; and nobody's card."""
    item = item_of(s.profile, story.MORTGAGE)
    figures = _said(m.first("case.closed"), "figures") or {}
    promised, saved = figures.get("promised_days") or 0, figures.get("saved_days")
    faster = 100 * saved // promised if promised and saved is not None else None
    signatures = [e.event["actor"] for e in m.entries if e.type in ("case.stage_signed", "case.decided")]
    owners = [s.post(stage.post).a for stage in item.stages]
    yield check("承诺办结日 / promised for", s.day(PROMISED), _day(m.first("case.accepted"), "promise_due"))
    yield check("办结日 / done on", s.day(DONE), _when(s, m.first("case.result_ready")))
    yield check("承诺工作日 / days promised", PROMISED, promised)
    yield check("实际工作日 / days taken", DONE, figures.get("actual_days"))
    yield check("节省工作日 / days saved", SAVED, saved)
    yield check("提速 % / faster by %", FASTER, faster)
    yield check("四环节签署 / signed by", _people(s, owners), _people(s, signatures))
    yield check("牌 / cards", [], list(_cards(m)))
    yield check("结果 / end", CaseStage.CLOSED.value, _end(m))


def of_once_only(s: Setting, m: ToldMatter) -> Iterator[Check]:
    """Once-only notice: one notice, the second refused on the record, accepted with the last piece."""
    notices = m.all("case.correction_notified")
    last = 2 + len(story.MISSING)
    promise = _n(item_of(s.profile, story.SITE).promise)
    accepted = m.first("case.accepted")
    yield check("告知次数 / notices", 1, len(notices))
    yield check(
        "一次告知全部 / all points",
        sorted(story.MISSING),
        sorted(_said(m.first("case.correction_notified"), "points") or {}),
    )
    refused = [(e.data.get("act"), e.data.get("refused")) for e in m.all("act.refused")]
    yield check("再提新问题 / a new point", [("notify_correction", "second_notice")], refused)
    yield check("末件补齐日 / last piece", s.day(last), _when(s, accepted))
    yield check("受理日 / accepted on", s.day(last), _day(accepted, "accepted_day"))
    yield check("承诺办结日 / promised for", s.day(last + promise), _day(accepted, "promise_due"))
    yield check("状态 / state", CaseStage.IN_STAGE.value, _end(m))


def of_untouched(s: Setting, m: ToldMatter) -> Iterator[Check]:
    """Accountability: lamp, breach, yellow card, red card, on their days and to the named people."""
    item, owner = item_of(s.profile, story.MORTGAGE), s.post("window-clerk")
    section = s.section_of(owner.code)
    chief, deputy = s.post(section.chief_post).a, s.post(section.deputy_post).a
    stage, promise, rectify = _n(item.stages[0].limit), _n(item.promise), _n(s.profile.thresholds.rectify)
    yellow_day, red_day = stage + 1, stage + 1 + rectify + 1
    yield from _lamp_and_breach(s, m, item)
    cards = _cards(m)
    yellow, red = cards.get("Y1"), cards.get("R1")
    yield check("黄牌 Y1 / yellow card", s.day(yellow_day), _when(s, yellow))
    yield check("黄牌对象 / addressed to", _people(s, [owner.a]), _named(s, yellow, "addressees"))
    yield check("黄牌抄送 / copy to", _people(s, [chief]), _named(s, yellow, "copies"))
    yield check("已通知 / told", _people(s, [owner.a, chief]), _people(s, _said(yellow, "notify") or []))
    yield check(
        "整改至 / rectify by", s.day(yellow_day + rectify).isoformat(), _in_card(yellow, "rectify_due")
    )
    yield check("红牌 R1 / red card", s.day(red_day), _when(s, red))
    yield check("红牌对象 / addressed to", _people(s, [owner.a, chief, deputy]), _named(s, red, "addressees"))
    yield check("红牌起因 / grown from", _in_card(yellow, "id") or "Y1", _in_card(red, "follows"))
    noted = m.first("card.noted", clock="promise")
    yield check("承诺逾期 / promise passed", s.end_of(promise), _instant(noted))
    yield check("记入红牌 / noted in", _in_card(red, "id") or "R1", _said(noted, "card_id"))
    yield check("牌 / cards in all", ["Y1", "R1"], list(_cards(m)))
    yield check("灯 / lamp", Lamp.RED.value, m.status.lamp.value)


def _lamp_and_breach(s: Setting, m: ToldMatter, item: Item) -> Iterator[Check]:
    stage, promise = _n(item.stages[0].limit), _n(item.promise)
    for name, clock, n in (("环节 / stage", "stage", stage), ("承诺 / promise", "promise", promise)):
        day = s.day(n - warn(n, s.profile.thresholds.warn_divisor))
        yield check(f"黄灯：{name} lamp yellow", day, _when(s, m.first("lamp.yellow", clock=clock)))
        yield check(f"超期：{name} breached", s.end_of(n), _instant(m.first("clock.breached", clock=clock)))


def of_stock_tools(s: Setting, m: ToldMatter) -> Iterator[Check]:
    """Stock tools: signal and update count like any act, and a bad payload ends as a recorded refusal."""
    chief, deputy = s.post("land-use-chief").a, s.post("deputy-land").a
    signatures = [e.event["actor"] for e in m.all("case.stage_signed")]
    decided = m.first("case.decided")
    yield check("命令退出码 / exit codes", [0, 0, 0], [ran.code for ran in m.commands])
    yield check(
        "信号签署 / signed by signal", s.person(chief), s.person(signatures[-1]) if signatures else None
    )
    yield check(
        "命令批准 / approved by update",
        s.person(deputy),
        s.person(decided.event["actor"]) if decided else None,
    )
    yield check("决定 / decision", "granted", _said(decided, "outcome"))
    receipt = decided is not None and decided.leaf_hash in m.commands[-1].said
    yield check("命令得到存证 / receipt printed", True, receipt)
    yield check(
        "乱信号 / bad signal", ["bad_envelope"], [e.data.get("refused") for e in m.all("act.refused")]
    )
    yield check("结果 / end", CaseStage.CLOSED.value, _end(m))


def of_ledger(
    s: Setting, told: Collection[str], entries: Sequence[Entry], kind: str, report: Report
) -> Iterator[Check]:
    """The ledger holds, says that it is a simulation, and knows no time but the matters' own.

    `told` are the numbers of the matters of the story. What else is there was begun by one of their
    entries: nothing comes of nothing.
    """
    found = [entry for entry in entries if entry.type not in OWN_TYPES]
    early = [e for e in found if datetime.fromisoformat(e.recorded) < s.start]
    firsts = (entry for entry in found if entry.seq == 1 and entry.case_id not in told)
    yield check("总账来源 / origin", "simulation", kind)
    yield check("总账核对 / ledger verified", True, report.verified)
    yield check("记录数 / entries", len(entries), report.entries)
    yield check("已签名 / signed", report.entries, report.signed_only.count)
    yield check(
        "时间来源 / time source", ["simulation"], sorted({str(e.data.get("timesource")) for e in found})
    )
    yield check("早于故事的记录 / recorded before it began", 0, len(early))
    yield check(
        "无由而生的件 / matters begun by nothing", [], [e.case_id for e in firsts if "because" not in e.data]
    )


def _n(limit: Limit | None) -> int:
    return limit.n if limit else 0


def _people(s: Setting, staff: Any) -> list[str]:
    return [s.person(each) for each in staff]


def _cards(m: ToldMatter) -> dict[str, Entry]:
    """The entries that issued the matter's cards, by the card's code (and id, where one is not alone)."""
    cards: dict[str, Entry] = {}
    for entry in m.all("card.issued"):
        code = entry.data["card"]["code"]
        cards[code if code not in cards else entry.data["card"]["id"]] = entry
    return cards


def _gapless(m: ToldMatter) -> bool:
    """From the registration on, every span of duty begins when the one before ends; the last is open."""
    chain, begin = m.status.duties, m.entries[0].event["time"]
    since = [duty.since for duty in chain]
    return since == [datetime.fromisoformat(begin), *(duty.until for duty in chain[:-1])] and (
        chain[-1].until is None
    )


def _end(m: ToldMatter) -> str:
    """The matter's state after its last entry."""
    return str(m.entries[-1].data["after"])


def _said(entry: Entry | None, name: str) -> Any:
    return entry.data.get(name) if entry else None


def _in_card(entry: Entry | None, name: str) -> Any:
    return (_said(entry, "card") or {}).get(name)


def _named(s: Setting, entry: Entry | None, name: str) -> list[str]:
    return _people(s, _in_card(entry, name) or [])


def _instant(entry: Entry | None) -> datetime | None:
    return datetime.fromisoformat(entry.event["time"]) if entry else None


def _when(s: Setting, entry: Entry | None) -> Any:
    moment = _instant(entry)
    return s.local(moment).date() if moment else None


def _day(entry: Entry | None, name: str) -> Any:
    text = _said(entry, name)
    return datetime.fromisoformat(text).date() if text else None


def _text(value: object) -> str:
    if value is None or value in ([], ""):
        return NOTHING
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return "、".join(_text(each) for each in value)
    return str(value)

"""A matter's timeline for people: who did what when, under which lamp, in words instead of codes.

The same rows serve as JSON. A lamp is always word and shape besides its colour, so that it can be
told apart on paper and by colour-blind readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.showing import LAMP_WORDS
from ledger.entry import Entry
from rules.explain import CLOCKS, LAMPS
from rules.procedures import PROCEDURES
from schemas.base import Model
from schemas.clocks import ClockKind, Lamp
from schemas.matters import Duty
from starter.stock import Ran
from starter.story_checks import Check
from starter.story_setting import Setting

EVENTS: dict[str, tuple[str, str]] = {
    "registered": ("收件登记", "registered"),
    "accepted": ("受理", "accepted"),
    "resubmitted": ("收到补正材料", "correction received"),
    "deemed_accepted": ("视为受理", "deemed accepted"),
    "correction_reminded": ("补正提醒", "reminded of the correction"),
    "lapsed": ("逾期未补正失效", "lapsed"),
    "closed": ("办结归档", "closed"),
    "lamp.yellow": ("黄灯提醒", "yellow lamp"),
    "clock.due_today": ("今日到期，提醒分管领导", "due today"),
    "clock.breached": ("超期", "limit passed"),
    "card.issued": ("签发监察牌", "card issued"),
    "card.noted": ("记入已发的牌", "noted in the card"),
    "card.not_rectified": ("逾期未整改", "not rectified"),
    "card.escalated": ("已转红牌", "turned red"),
    "window.closed": ("权利期满", "the time for it has passed"),
    "report.generated": ("生成", "computed"),
    "act.refused": ("拒绝", "refused"),
}
"""What entries are called that are not simply the act of the same name."""

_WIDTH = 124
"""Columns where the output is no terminal."""

_NOBODY = {"system": "系统 system", "unknown": "不明 unknown"}

_STYLES = {Lamp.GREEN: "green", Lamp.YELLOW: "yellow", Lamp.RED: "red", Lamp.GREY: "bright_black"}


class Row(Model):
    """One entry as people read it."""

    seq: int
    time: datetime
    type: str
    what_zh: str
    what_en: str
    actor: str
    """Staff number, or `system`."""
    who: str
    """Name and staff number; on whose account, where the engine or a deputy acted."""
    lamp: Lamp
    said: str
    leaf_hash: str


def rows_of(setting: Setting, kind: str, entries: Iterable[Entry]) -> list[Row]:
    """The timeline of a matter."""
    return [_row(setting, kind, entry) for entry in entries]


def console() -> Console:
    """Standard output: as wide as the terminal, or wide enough for a timeline."""
    out = Console(highlight=False, markup=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, markup=False, emoji=False, width=_WIDTH)


def print_rows(out: Console, setting: Setting, rows: Iterable[Row]) -> None:
    """The timeline as a table, in local time."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name, fixed in (
        ("#", True),
        ("时间 time", True),
        ("事项 what", False),
        ("谁 who", False),
        ("灯 lamp", True),
    ):
        table.add_column(name, no_wrap=fixed)
    # Folding instead of an ellipsis: of what was said nothing may be missing.
    table.add_column("内容 said", overflow="fold")
    for row in rows:
        moment = f"{setting.local(row.time):%Y-%m-%d %H:%M}"
        table.add_row(
            str(row.seq), moment, f"{row.what_zh}\n{row.what_en}", row.who, lamp_text(row.lamp), row.said
        )
    out.print(table)


def print_duties(out: Console, setting: Setting, duties: Iterable[Duty]) -> None:
    """Who answered for the matter, from when to when: one line a span."""
    for duty in duties:
        since = f"{setting.local(duty.since):%Y-%m-%d %H:%M:%S}"
        until = f"{setting.local(duty.until):%Y-%m-%d %H:%M:%S}" if duty.until else "…"
        out.print(f"  {since} → {until:<19}  {setting.person(duty.officer)} ({setting.post(duty.post).name})")


def print_commands(out: Console, commands: Iterable[Ran]) -> None:
    """Stock commands as typed, with what they answered."""
    for ran in commands:
        out.print(f"$ {ran.line}", soft_wrap=True, style="bold")
        out.print(ran.said, soft_wrap=True, style="dim")


def print_checks(out: Console, checks: Iterable[Check]) -> None:
    """Told against found, with tick or cross."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("", "核对 check", "故事所说 told", "总账所见 found"):
        table.add_column(name, overflow="fold")
    for each in checks:
        mark = Text("✓", style="green") if each.holds else Text("✗", style="bold red")
        table.add_row(mark, each.what, each.told, each.found)
    out.print(table)


def lamp_text(lamp: Lamp) -> Text:
    """Shape, word and colour of a lamp."""
    shape, (zh, en) = LAMP_WORDS[lamp.value][0], LAMPS[lamp]
    return Text(f"{shape} {zh} {en.partition(':')[0]}", style=_STYLES.get(lamp, ""))


def _row(setting: Setting, kind: str, entry: Entry) -> Row:
    zh, en = _what(kind, entry)
    return Row(
        seq=entry.seq,
        time=datetime.fromisoformat(entry.event["time"]),
        type=entry.type,
        what_zh=zh,
        what_en=en,
        actor=entry.event["actor"],
        who=_who(setting, entry),
        lamp=Lamp(entry.data["lamp"]),
        said="；".join(_said(setting, entry)),
        leaf_hash=entry.leaf_hash,
    )


def _what(kind: str, entry: Entry) -> tuple[str, str]:
    """An event's own words, else those of the act that made it; a refusal says of what."""
    rule = PROCEDURES[kind].table.get(str(entry.data.get("act")))
    act = (rule.zh, rule.en) if rule else (entry.type, entry.type)
    by_act = rule is not None and kind not in ("case", "inquiry")  # whose own words say it best
    own = EVENTS.get(entry.type) or (None if by_act else EVENTS.get(entry.type.removeprefix(f"{kind}.")))
    if entry.type == "act.refused" and rule and own:
        return f"{own[0]}：{act[0]}", f"{own[1]}: {act[1]}"
    return own or act


def _who(setting: Setting, entry: Entry) -> str:
    actor, behalf = entry.event["actor"], entry.event.get("onbehalfof")
    who = _NOBODY.get(actor) or setting.person(actor)
    return f"{who} → {setting.person(behalf)}" if behalf else who


def _said(setting: Setting, entry: Entry) -> Iterator[str]:
    """What an entry says, in the order in which people ask for it."""
    data = entry.data
    if card := data.get("card"):
        yield from _card(setting, card)
    if clock := data.get("clock"):
        zh, en = CLOCKS[ClockKind(clock)]
        yield f"{zh} {en} {data.get('ref', '')}".rstrip()
    yield from (str(data[name]) for name in ("card_id", "opinion", "reason", "told") if data.get(name))
    yield from (data.get("points") or {}).values()
    if to := data.get("to"):
        yield f"→ {setting.post(to).name} {setting.person(setting.post(to).a)}"
    yield from (str(data[name]) for name in ("document", "score") if data.get(name))
    if due := data.get("promise_due"):
        yield f"应于 {due} 前办结 / due {due}"
    yield from _figures(data.get("figures") or {})


def _card(setting: Setting, card: dict[str, Any]) -> Iterator[str]:
    colour = "黄牌 yellow card" if card["colour"] == "yellow" else "红牌 red card"
    yield f"{card['code']} {colour} → {'、'.join(map(setting.person, card['addressees']))}"
    if card["copies"]:
        yield f"抄送 cc {'、'.join(map(setting.person, card['copies']))}"
    if card["rectify_due"]:
        yield f"整改至 rectify by {card['rectify_due']}"


def _figures(figures: dict[str, Any]) -> Iterator[str]:
    if figures.get("promised_days"):
        promised, actual, saved = (figures[f"{name}_days"] for name in ("promised", "actual", "saved"))
        yield f"承诺 {promised} 日，实际 {actual} 日，节省 {saved} 日 / promised {promised}, took {actual}"

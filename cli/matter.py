"""What cases and inquiries have in common on the command line: act, show, list.

`cli.case` and `cli.inquiry` add their own `start`; everything else is the same for any kind of
matter, because acts, states and clocks are.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

from cli.context import clients, looking, open_ledger, run
from cli.output import print_json, print_table
from ledger.db import snapshot
from ledger.entry import Entry
from ledger.read import entries
from ledger.redact import redaction_of
from readmodel.query import Filters, MatterRow
from rules.procedures import PROCEDURES, state_name
from schemas.acts import Act
from schemas.errors import UsageError
from schemas.intake import Applicant, IntakeReceipt
from schemas.matters import Status
from starter.rulebook import load_profile
from starter.sight import Eyes, look, seen_page, visible

M = TypeVar("M", bound=BaseModel)

AsOption = Annotated[str, typer.Option("--as", help="工号：谁在操作 / staff number of who acts.")]
PostOption = Annotated[
    str, typer.Option("--post", help="岗位；只有一个岗位时可省 / post, if he holds several.")
]
ProfileOption = Annotated[str, typer.Option("--profile", help="规则版本 / rule profile.")]
KeyOption = Annotated[
    str, typer.Option("--key", help="业务号，同号不重复登记 / business key; the same key never starts twice.")
]

ViewerOption = Annotated[
    str, typer.Option("--as", help="工号：谁在看；不填即本馆 / staff number of who looks; if not, the house.")
]

LAMP_WORDS = {
    "green": "● 正常 / on time",
    "yellow": "▲ 临期 / due soon",
    "red": "⬣ 逾期 / overdue",
    "grey": "‖ 暂停 / paused",
    "done": "✓ 办结 / closed",
}


SECRET = ("complaint", "fault")
"""Kinds of matters that those concerned are not to know of before they are told."""


def staff() -> frozenset[str]:
    """Staff numbers of everybody who holds a post."""
    return frozenset(who for post in load_profile("current").posts for who in (post.a, post.b) if who)


@contextmanager
def stored() -> Iterator[Connection]:
    """One consistent view of ledger and read model."""
    ledger = open_ledger()
    try:
        with snapshot(ledger.engine) as connection:
            yield connection
    finally:
        ledger.close()


def post_for(profile: str, officer: str, post: str) -> str:
    """The post somebody acts in: the one he names, or the only one he holds."""
    if post:
        return post
    held = [p.code for p in load_profile(profile).posts if officer in (p.a, p.b)]
    if len(held) == 1:
        return held[0]
    if not held:
        raise UsageError(f"工号 {officer} 没有岗位 / officer {officer} holds no post", code="unknown_officer")
    raise UsageError(
        f"{officer} 有多个岗位，请用 --post 指明 / name one of his posts: {', '.join(held)}", code="post"
    )


def applicant_of(name: str, id_number: str, phone: str, address: str) -> Applicant:
    """Personal data as typed; sealed before they leave this process."""
    fields = {"name": name, "id_number": id_number, "phone": phone, "address": address}
    return checked(Applicant, fields)


def message_for(kind: str, name: str, fields: dict[str, Any]) -> Act:
    """The act's message from what was typed. Raises UsageError naming the field."""
    if name not in PROCEDURES[kind].table:
        known = ", ".join(sorted(PROCEDURES[kind].table))
        raise UsageError(
            f"没有“{name}”这种操作 / there is no act {name}; there are: {known}", code="unknown_act"
        )
    payload = PROCEDURES[kind].table[name].payload
    strange = sorted(set(fields) - set(payload.model_fields))
    if strange:
        raise UsageError(f"{name} 没有字段 / {name} has no field {', '.join(strange)}", code="unknown_field")
    return checked(payload, fields)


def checked(model: type[M], fields: dict[str, Any]) -> M:
    """Validate what was typed; the first mistake is told with its field."""
    try:
        return model.model_validate(fields)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or model.__name__
        raise UsageError(f"{where}: {first['msg']}", code="bad_field") from problem


def fields_of(settings: list[str], data: str, stated: dict[str, str]) -> dict[str, Any]:
    """`--set key=value` pairs over a `--data` object; options that were given count, and must not clash."""
    fields = _json_object(data)
    for pair in settings:
        key, found, value = pair.partition("=")
        if not found:
            raise UsageError(f"--set 需要 key=value，得到 {pair!r} / --set takes key=value, not {pair!r}")
        fields[key] = _value(value)
    given = {key: value for key, value in stated.items() if value}
    if clashing := sorted(key for key in given if fields.get(key, given[key]) != given[key]):
        raise UsageError(f"重复而不一致 / stated twice and differently: {', '.join(clashing)}", code="clash")
    return fields | given


def _json_object(data: str) -> dict[str, Any]:
    try:
        content = json.loads(data or "{}")
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"--data 不是 JSON / --data is not JSON: {problem}") from problem
    if not isinstance(content, dict):
        raise UsageError("--data 必须是 JSON 对象 / --data must be a JSON object")
    return content


def _value(text: str) -> Any:
    if text[:1] in ("[", "{") or text in ("true", "false"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def send_act(kind: str, number: str, name: str, fields: dict[str, Any], as_json: bool) -> None:
    """Send one act and tell its receipt.

    Of a complaint or a fault case nobody may learn by a refusal that there is one about him.
    """
    fields.setdefault("id", f"cli-{uuid.uuid4().hex}")
    message = message_for(kind, name, fields)
    if kind in SECRET and message.officer in staff():
        with looking(message.officer, f"{kind} act", number) as eyes, stored() as connection:
            look(connection, eyes, kind, number)

    async def send() -> Any:
        async with clients() as client:
            return await client.act(kind, number, name, message)

    receipt = run(send())
    if as_json:
        print_json({"act": message.id, "receipt": receipt})
        return
    rule = PROCEDURES[kind].table[name]
    print(f"{rule.zh}已记录 / {rule.en}: entry {receipt.caseseq} of {number}  ({receipt.leaf_hash[:16]}…)")


def show(kind: str, number: str, as_json: bool, viewer: str = "") -> None:
    """State, clocks, cards, duty chain and timeline of one matter, as far as `viewer` may see them."""

    async def ask() -> Status:
        async with clients() as client:
            return await client.status(kind, number)

    with looking(viewer, f"{kind} show", number) as eyes, stored() as connection:
        look(connection, eyes, kind, number)
        whole = entries(connection, number)
        timeline = list(visible(connection, eyes, whole))
        redaction = redaction_of(connection, number)
    status = _seen(run(ask()), complete=len(timeline) == len(whole))
    if as_json:
        rows = [timeline_row(entry) for entry in timeline]
        redacted = timeline_row(redaction) if redaction else None
        seen_as = viewer or "house"
        print_json({"status": status, "redacted": redacted, "timeline": rows, "seen_as": seen_as})
        return
    print_viewer(eyes)
    print_status(status)
    if redaction:
        print(f"● 已依法遮蔽 / redacted: {redaction.recorded}  (ledger.redaction {redaction.seq})")
    print_timeline(timeline)


def _seen(status: Status, *, complete: bool) -> Status:
    """Where something of its course is hidden, what the matter says in its own words is left out too."""
    return status if complete else status.model_copy(update={"detail": {}})


def print_viewer(eyes: Eyes) -> None:
    """Through whose eyes it is shown."""
    house = "以本馆身份查看，等同审计 / seen by the house itself, as an auditor"
    print(f"查看人 / seen by: {eyes.viewer.officer}" if eyes.viewer.officer else house)


def print_status(status: Status) -> None:
    """The matter as it stands."""
    state = state_name(status.kind, status.state)
    print(f"{status.id}  {state} ({status.state})  {LAMP_WORDS[status.lamp.value]}")
    print(f"责任人 / answers now: {status.officer} ({status.post})   事实摘要 / facts: {status.facts[:16]}…")
    rows = [
        (c.kind.value, c.ref, c.due, c.yellow_from, c.red_from, LAMP_WORDS[c.lamp.value], c.left)
        for c in status.clocks
    ]
    print_table(("时限 clock", "", "到期 due", "黄 yellow", "红 red", "灯 lamp", "余 left"), rows)
    if status.cards:
        cards = [
            (c.id, c.code, c.issue_day, c.rectify_due, ",".join(c.addressees), c.status.value)
            for c in status.cards
        ]
        print_table(("牌 card", "", "签发 issued", "整改至 rectify by", "对象 to", "状态 status"), cards)


def timeline_row(entry: Entry) -> dict[str, Any]:
    """One line of the timeline."""
    event, data = entry.event, entry.data
    said = str(data.get("opinion") or data.get("reason") or data.get("told") or "")
    return {
        "seq": entry.seq,
        "time": event["time"],
        "type": event["type"],
        "actor": event["actor"],
        "role": event.get("actorrole", ""),
        "on_behalf_of": event.get("onbehalfof", ""),
        "said": said,
        "leaf_hash": entry.leaf_hash,
    }


def _local(time: str) -> str:
    """An entry's time as the bureau's clocks show it."""
    return datetime.fromisoformat(time).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")


def print_timeline(timeline: list[Entry]) -> None:
    """Who did what, when, with which words."""
    rows = [timeline_row(entry) for entry in timeline]
    columns = ("#", "时间 time", "事项 what", "谁 who", "身份 as", "意见 said")
    print_table(
        columns, [(r["seq"], _local(r["time"]), r["type"], r["actor"], r["role"], r["said"]) for r in rows]
    )


def list_rows(kind: str, filters: Filters, as_json: bool, viewer: str = "") -> None:
    """One page of matters from the read model: those that `viewer` may see."""
    with looking(viewer, f"{kind} list") as eyes, stored() as connection:
        page = seen_page(connection, eyes, filters)
    if as_json:
        print_json({"rows": page.rows, "next": page.next, "seen_as": viewer or "house"})
        return
    print_viewer(eyes)
    print_table(
        (
            "件号 number",
            "事项 item",
            "状态 state",
            "环节 stage",
            "责任人 owner",
            "承诺 due",
            "法定 statutory",
        ),
        [_cells(row) for row in page.rows],
        title=kind,
    )


def _cells(row: MatterRow) -> tuple[object, ...]:
    return row.case_id, row.item, row.state, row.stage, row.owner, row.promise_due, row.statutory_due


def print_receipt(receipt: IntakeReceipt, as_json: bool) -> None:
    """The applicant's receipt."""
    if as_json:
        print_json(receipt)
        return
    due = receipt.promised_day or "-"
    mark = "（暂定 provisional）" if receipt.provisional else ""
    print(f"件号 / number: {receipt.number}")
    print(f"查询码 / lookup code: {receipt.lookup_code}")
    print(
        f"收件 / received: {receipt.received_at.isoformat()}，收件日 / day of receipt {receipt.received_day}"
    )
    print(f"承诺办结 / promised by: {due}{mark}")
    print(f"存证 / entry {receipt.receipt.caseseq}: {receipt.receipt.leaf_hash}")
    asked = f"yangguang receipt show {receipt.number} --code {receipt.lookup_code}"
    print(f"可核对的回执 / receipt that proves itself: {asked} --html receipt.html")


def parsed_time(text: str | None) -> datetime | None:
    """An instant as typed, with its UTC offset. Raises UsageError."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise UsageError(f"不是时间 / not a time: {text!r} (2026-06-15T09:30:00+08:00)") from problem
    if moment.tzinfo is None:
        raise UsageError(f"时间要带时区 / the time needs its UTC offset: {text!r}")
    return moment


def parsed_day(text: str | None) -> date | None:
    """A day as typed. Raises UsageError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise UsageError(f"不是日期 / not a date: {text!r} (2026-06-15)") from problem

"""How matters are shown on the command line: one as it stands, its timeline, a page of a list, a receipt.

Who looks (`--as`) sees what the rules of sight give him; what they hide is answered like what is not there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cli.context import clients, looking, run, stored
from cli.output import print_json, print_table
from ledger.entry import Entry
from ledger.read import entries
from ledger.redact import redaction_of
from readmodel.query import Filters, MatterRow
from rules.procedures import state_name
from schemas.intake import IntakeReceipt
from schemas.matters import Status
from starter.sight import Eyes, look, seen_page, visible

LAMP_WORDS = {
    "green": "● 正常 / on time",
    "yellow": "▲ 临期 / due soon",
    "red": "⬣ 逾期 / overdue",
    "grey": "‖ 暂停 / paused",
    "done": "✓ 办结 / closed",
}


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

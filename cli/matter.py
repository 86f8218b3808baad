"""What cases and inquiries have in common on the command line: act, show, list.

`cli.case` and `cli.inquiry` add their own `start`; everything else is the same for any kind of
matter, because acts, states and clocks are.
"""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

import starter.acting
from cli.context import clients, looking, run, stored
from cli.output import print_json
from rules.procedures import PROCEDURES
from schemas.errors import UsageError
from schemas.intake import Applicant
from starter.acting import SECRET, checked, message_for
from starter.rulebook import load_profile
from starter.sight import look

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


def staff() -> frozenset[str]:
    """Staff numbers of everybody who holds a post."""
    return frozenset(who for post in load_profile("current").posts for who in (post.a, post.b) if who)


def post_for(profile: str, officer: str, post: str) -> str:
    """The post somebody acts in: the one he names, or the only one he holds."""
    return starter.acting.post_for(load_profile(profile), officer, post)


def applicant_of(name: str, id_number: str, phone: str, address: str) -> Applicant:
    """Personal data as typed; sealed before they leave this process."""
    fields = {"name": name, "id_number": id_number, "phone": phone, "address": address}
    return checked(Applicant, fields)


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


def read_text(file: Path | None) -> str:
    """A file's text; nothing without a file. Raises UsageError."""
    try:
        return file.read_text(encoding="utf-8") if file else ""
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"不能读取 / cannot be read: {file}: {problem}", code="unreadable") from problem


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

"""`yangguang ledger redact`: destroy what opens a case's sealed fields, by law and on record."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cli import context
from cli.output import JsonOption, print_json
from ledger.redact import Order, Redacted, redact, sweep
from schemas.errors import NotPermittedError, UsageError
from starter.files import erase_files
from starter.rulebook import load_profile

WARNING = (
    "将销毁 {case} 的全部密封字段与密钥，不可恢复；记录、证明与签名不变 / all sealed fields of {case} and"
    " their key will be destroyed for good; entries, proofs and signatures stay as they are"
)
NOT_SWEPT = (
    "数据库文件中的旧页尚未清除：请无人读取时再执行一次（SQLite），或由表的所有者 VACUUM（PostgreSQL） /"
    " older pages are still in the database's files: run this again while nobody reads (SQLite),"
    " or have the tables' owner VACUUM (PostgreSQL)"
)


def redact_command(
    case: Annotated[str, typer.Argument(help="件号 / number of the matter.")],
    basis: Annotated[
        str, typer.Option(help="法律依据，永久明文保存，勿写个人信息 / legal basis; kept in clear for ever.")
    ],
    approver: Annotated[str, typer.Option(help="批准人工号 / staff number of who approves.")],
    second: Annotated[str, typer.Option(help="第二批准人工号 / staff number of the second approver.")],
    profile: Annotated[str, typer.Option(help="规则版本 / rule profile that names the posts.")] = "current",
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """依法遮蔽 / destroy a matter's personal data for good; what is recorded stays provable."""
    order = Order(case=case, basis=basis.strip(), approver=approver.strip(), second=second.strip())
    _check_posts(order, profile)
    if not yes:
        _ask(case, as_json)
    ledger = context.open_ledger()
    try:
        done = redact(ledger, order, datetime.now(UTC))
        erase_files(context.home(), ledger, case)
        swept = sweep(ledger.engine)
    finally:
        ledger.close()
    if as_json:
        print_json(_document(done, swept))
        return
    print(_sentence(done))
    if not swept:
        print(NOT_SWEPT, file=sys.stderr)


def _check_posts(order: Order, profile: str) -> None:
    holders = {officer for post in load_profile(profile).posts for officer in (post.a, post.b)}
    for officer in (order.approver, order.second):
        if officer not in holders:
            raise NotPermittedError(
                f"工号 {officer} 没有岗位，不能批准 / officer {officer} holds no post and cannot approve",
                code="unknown_officer",
            )


def _ask(case: str, as_json: bool) -> None:
    if as_json:
        raise UsageError(
            "不可恢复，须加 --yes 确认 / it cannot be undone: confirm with --yes", code="confirm"
        )
    typer.confirm(f"{WARNING.format(case=case)}？", abort=True, err=True)


def _document(done: Redacted, swept: bool) -> dict[str, Any]:
    data = done.entry.data
    said = {name: data[name] for name in ("case", "basis", "approver", "second")}
    entry = {"id": done.entry.id, "seq": done.entry.seq, "leaf_hash": done.entry.leaf_hash}
    found = {"recorded": done.entry.recorded, "digests": list(done.digests), "entry": entry}
    return said | found | {"repeated": done.repeated, "swept": swept}


def _sentence(done: Redacted) -> str:
    data, count = done.entry.data, len(done.digests)
    case, when = data["case"], done.entry.recorded
    if done.repeated:
        return f"{case} 已于 {when} 遮蔽，未作改动 / {case} was redacted then already; nothing was done"
    return (
        f"{case} 已依法遮蔽：{count} 项密封字段与密钥已销毁 / redacted: {count} sealed fields and their key"
        f" are destroyed  (ledger.redaction {done.entry.seq}, {done.entry.leaf_hash[:16]}…)"
    )

"""`yangguang mail`: where the notices of the people of this house go, and what they want to hear of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from cli import context
from cli.context import stored
from cli.output import JsonOption, print_json, print_table
from schemas.errors import UsageError
from starter.delivery.letters import notice_letter
from starter.delivery.people import Settings, choose, everybody, set_address, settings_of
from starter.delivery.vault import vault_in
from starter.rulebook import load_profile

app = typer.Typer(help="邮件通知 / notices by mail.", no_args_is_help=True)

Officer = Annotated[str, typer.Argument(metavar="OFFICER", help="工号 / staff number.")]


@app.command()
def address(
    officer: Officer,
    mail: Annotated[
        str, typer.Argument(metavar="[ADDRESS]", help="邮件地址；不填即删除 / none removes it.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """设定邮件地址，密封保存，不再显示 / say where somebody's mails go; it is kept sealed and never shown."""
    vault = vault_in(context.home().keys)
    _change(officer, lambda connection: set_address(connection, vault, officer, mail), as_json)


@app.command()
def mute(officer: Officer, as_json: JsonOption = False) -> None:
    """一般通知只进每日汇总；催办升级不可静音 / ordinary notices wait for the digest; escalations never do."""
    _change(officer, lambda connection: choose(connection, officer, muted=True), as_json)


@app.command()
def unmute(officer: Officer, as_json: JsonOption = False) -> None:
    """每条通知一封邮件 / one mail for every notice."""
    _change(officer, lambda connection: choose(connection, officer, muted=False), as_json)


@app.command()
def digest(
    officer: Officer,
    off: Annotated[bool, typer.Option("--off", help="不要 / none.")] = False,
    as_json: JsonOption = False,
) -> None:
    """要或不要每日汇总 / whether somebody gets the daily digest."""
    _change(officer, lambda connection: choose(connection, officer, digest=not off), as_json)


@app.command("list")
def list_people(as_json: JsonOption = False) -> None:
    """各人设置，不显示地址 / everybody's settings; addresses are not shown."""
    with stored() as connection:
        people = everybody(connection)
    if as_json:
        print_json([_row(each) for each in people])
        return
    names = ("officer", "address", "muted", "digest")
    print_table(names, [[_row(each)[name] for name in names] for each in people])


@app.command("test")
def send_test(
    to: Annotated[str, typer.Argument(metavar="ADDRESS", help="收件地址 / where to send it.")],
    as_json: JsonOption = False,
) -> None:
    """发一封测试邮件 / send one mail through the server of this home's settings."""
    context.run(_send_test(to))
    print_json({"sent": True}) if as_json else print("已发送 / sent")


async def _send_test(to: str) -> None:
    from starter.delivery.mail_server import mail_server_of  # noqa: PLC0415 - its library would slow other commands

    home = context.home()
    server = mail_server_of(home)
    if server is None:
        raise UsageError(
            "未设邮件服务器 / no mail server: set `smtp` in home.toml or YANGGUANG_SMTP_URL", code="no_smtp"
        )
    now = datetime.now(UTC)
    await server.send(
        notice_letter(
            server.sender,
            to,
            "TEST",
            urgent=False,
            at=now,
            identity=f"test-{int(now.timestamp())}",
            desk=home.url,
        )
    )


def _change(officer: str, change: Callable[[Connection], None], as_json: bool) -> None:
    if all(officer not in (post.a, post.b) for post in load_profile("current").posts):
        raise UsageError(
            f"工号 {officer:.20} 没有岗位 / officer {officer:.20} holds no post", code="unknown_officer"
        )
    ledger = context.open_ledger()
    try:
        with ledger.engine.begin() as connection:
            change(connection)
            now = settings_of(connection, officer)
    finally:
        ledger.close()
    if as_json:
        print_json(_row(now))
        return
    print_table(tuple(_row(now)), [list(_row(now).values())])


def _row(each: Settings) -> dict[str, str | bool]:
    return {
        "officer": each.person,
        "address": each.has_address,
        "muted": each.muted,
        "digest": each.digest,
    }

"""`yangguang grant`: who may act for whom (委托授权); and signing somebody out everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.context import open_ledger, stored
from cli.matter import AsOption, ProfileOption, parsed_time
from cli.output import JsonOption, print_json, print_table
from schemas.errors import UsageError
from schemas.grants import Grant, Scope
from starter.identity.grants import end_grant, give_grant, grants_of
from starter.identity.sessions import end_sessions_of
from starter.rulebook import load_profile

app = typer.Typer(help="委托授权 / delegation grants: who may act for whom.", no_args_is_help=True)


@app.command("add")
def add(
    giver: Annotated[str, typer.Option("--from", help="委托人工号 / staff number of who gives it.")],
    taker: Annotated[str, typer.Option("--to", help="受托人工号 / staff number of who acts instead.")],
    until: Annotated[str, typer.Option(help="止期 / end, with its UTC offset.")],
    officer: AsOption,
    since: Annotated[
        str, typer.Option("--from-time", help="起期，缺省即时 / beginning; now by default.")
    ] = "",
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", help="类别 / only such matters (case …).")
    ] = None,
    items: Annotated[list[str] | None, typer.Option("--item", help="事项 / only such items.")] = None,
    acts: Annotated[
        list[str] | None, typer.Option("--act", help="操作 / only such acts (sign_stage …).")
    ] = None,
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """授权 / give a grant; it is recorded."""
    now = datetime.now(UTC)
    ends = parsed_time(until)
    if ends is None:
        raise UsageError("缺少止期 / a grant needs an end", code="grant_dates")
    scope = Scope(kinds=tuple(kinds or ()), items=tuple(items or ()), acts=tuple(acts or ()))
    ledger = open_ledger()
    try:
        given = give_grant(
            ledger,
            load_profile(profile),
            giver=giver,
            taker=taker,
            scope=scope,
            starts=parsed_time(since) or now,
            ends=ends,
            by=officer,
            now=now,
        )
    finally:
        ledger.close()
    _print(given, as_json)


@app.command("end")
def end(
    number: Annotated[str, typer.Argument(help="授权编号 / number of the grant.")],
    officer: AsOption,
    as_json: JsonOption = False,
) -> None:
    """终止授权 / end a grant before its time; it is recorded."""
    ledger = open_ledger()
    try:
        ended = end_grant(ledger, number, by=officer, now=datetime.now(UTC))
    finally:
        ledger.close()
    _print(ended, as_json)


@app.command("list")
def list_command(
    person: Annotated[str, typer.Option("--of", help="工号 / only those somebody gave or got.")] = "",
    as_json: JsonOption = False,
) -> None:
    """列表 / list the grants."""
    with stored() as connection:
        known = grants_of(connection, person)
    if as_json:
        print_json({"rows": [{**each.model_dump(mode="json"), "ended": ended} for each, ended in known]})
        return
    columns = ("编号 id", "委托人 from", "受托人 to", "范围 scope", "起 from", "止 until", "已终止 ended")
    print_table(columns, (_row(each, ended) for each, ended in known))


@app.command("sign-out")
def sign_out(
    person: Annotated[str, typer.Argument(help="工号 / staff number.")], as_json: JsonOption = False
) -> None:
    """强制退出 / end all sessions of somebody at the desk, as when he leaves the bureau."""
    ledger = open_ledger()
    try:
        ended = end_sessions_of(ledger, person)
    finally:
        ledger.close()
    if as_json:
        print_json({"person": person, "ended": ended})
        return
    print(f"{person}: {ended}")


def _print(grant: Grant, as_json: bool) -> None:
    if as_json:
        print_json(grant)
        return
    print_table(
        ("编号 id", "委托人 from", "受托人 to", "范围 scope", "起 from", "止 until", "已终止 ended"),
        [_row(grant, None)],
    )


def _row(grant: Grant, ended: datetime | None) -> tuple[str, ...]:
    scope = grant.scope
    listed = "; ".join(", ".join(each) for each in (scope.kinds, scope.items, scope.acts) if each)
    until = grant.ends.isoformat(timespec="minutes")
    return (
        grant.id,
        grant.giver,
        grant.taker,
        listed or "全部 all",
        grant.starts.isoformat(timespec="minutes"),
        until,
        ended.isoformat(timespec="minutes") if ended else "",
    )

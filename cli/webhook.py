"""`yangguang webhook`: which other systems are told of events, and what became of the telling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cli import context
from cli.context import stored
from cli.output import JsonOption, print_json, print_table
from ledger.db import Ledger
from schemas.errors import UsageError
from starter.delivery import queue, registry
from starter.delivery.admin import Admin, Wanted
from starter.delivery.queue import Fate
from starter.delivery.registry import Shown, Standing
from starter.delivery.subscription import ORDINARY
from starter.delivery.vault import vault_in

app = typer.Typer(help="事件推送 / events to other systems.", no_args_is_help=True)

HOUSE = "house"
"""Who acts on the command line: whoever has the home itself."""

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="订阅名 / name of the subscription.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="https 地址 / where events are sent.")],
    name: Annotated[str, typer.Option(help="订阅名，缺省自取 / its name; drawn by default.")] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(help=f"事项种类，可多次；缺省 {', '.join(ORDINARY)} / kinds of matters it is granted."),
    ] = None,
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", help="事件类型，如 case.* / types of events; all by default."),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NETWORK", help="允许指向的内网网段 / a network of this house it may point into."
        ),
    ] = None,
    since: Annotated[
        int | None, typer.Option(min=0, help="从此总账序号起；缺省从现在起 / begin with this ledger number.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """订阅；密钥只显示这一次 / subscribe a system; its secret is shown this once."""
    wanted = Wanted(url, name, kind or (), type_ or (), allow or (), since)
    with _ledger() as ledger:
        _tell(_admin(ledger).add(vault_in(context.home().keys), wanted), as_json)


@app.command("list")
def list_webhooks(as_json: JsonOption = False) -> None:
    """各订阅及其进度 / all subscriptions and how far they are."""
    with stored() as connection:
        rows = [_row(each) for each in registry.standings(connection)]
    if as_json:
        print_json(rows)
        return
    names = ("name", "url", "state", "waiting", "delivered", "dead", "behind")
    print_table(names, [[row[name] for name in names] for row in rows])


@app.command()
def rotate(
    name: NameArgument,
    overlap: Annotated[
        int,
        typer.Option(min=0, max=720, metavar="HOURS", help="旧密钥并用几小时 / how long the old ones sign."),
    ] = 24,
    as_json: JsonOption = False,
) -> None:
    """更换密钥 / replace the secrets; the old ones sign beside them for a while."""
    with _ledger() as ledger:
        vault = vault_in(context.home().keys)
        _tell(_admin(ledger).rotate(vault, name, timedelta(hours=overlap)), as_json)


@app.command()
def deliveries(
    name: NameArgument,
    state: Annotated[Fate | None, typer.Option(help="只看 / only those.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="至多几条 / rows at most.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """投递情况，最新在前 / what became of its events, the newest first."""
    with stored() as connection:
        rows = registry.deliveries(connection, name, state=state or "", limit=limit)
    if as_json:
        print_json(rows)
        return
    names = ("number", "type", "state", "attempts", "tried", "status", "problem")
    print_table(names, [[getattr(row, each) for each in names] for row in rows])


@app.command()
def redeliver(
    name: NameArgument,
    number: Annotated[list[int] | None, typer.Option(help="总账序号，可多次 / ledger numbers.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="全部死信 / all dead letters.")] = False,
    as_json: JsonOption = False,
) -> None:
    """重新投递，编号不变 / send again under the same ids; what waits anyway goes at once."""
    if number and dead:
        raise UsageError("--number 与 --dead 只能用其一 / either --number or --dead")
    with _ledger() as ledger, ledger.engine.begin() as connection:
        count = queue.redeliver(connection, name, _now(), chosen=number or (), dead=dead)
    print_json({"name": name, "count": count}) if as_json else print(f"{name}: {count}")


@app.command()
def remove(name: NameArgument, as_json: JsonOption = False) -> None:
    """取消订阅 / end a subscription; what waited for it goes with it."""
    with _ledger() as ledger:
        _admin(ledger).remove(name)
    print_json({"name": name, "removed": True}) if as_json else print(name)


@contextmanager
def _ledger() -> Iterator[Ledger]:
    ledger = context.open_ledger()
    try:
        yield ledger
    finally:
        ledger.close()


def _admin(ledger: Ledger) -> Admin:
    return Admin(ledger, HOUSE, _now())


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(shown: Shown, as_json: bool) -> None:
    document = {
        "name": shown.subscription.id,
        "url": shown.subscription.url,
        "kinds": shown.subscription.kinds,
        "secret": shown.secret,
        "public_key": shown.public_key,
    }
    if as_json:
        print_json(document)
        return
    for name, value in document.items():
        print(f"{name:<11} {', '.join(value) if isinstance(value, tuple) else value}")


def _row(each: Standing) -> dict[str, Any]:
    found = each.subscription
    return {
        "name": found.id,
        "url": found.url,
        "state": found.state.value,
        "kinds": found.kinds,
        "types": found.types,
        "networks": found.allowed,
        "next": found.reached,
        "behind": each.behind,
        "public_keys": each.public_keys,
        **{fate.value: each.counts.get(fate, 0) for fate in Fate},
    }

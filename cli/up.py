"""`yangguang up`, `yangguang web` and `yangguang worker`: the processes that stay.

`up` is the whole system for one machine; `worker` and `web` are the parts that are multiplied when one
process no longer suffices or the engine is a cluster elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated

import typer
from sqlalchemy.engine import make_url
from temporalio.client import Client

from cli import context, output
from cli.output import JsonOption
from ledger.db import OriginKind
from ledger.sealing.keeper import Keeper
from schemas.errors import UnavailableError, YangguangError
from starter.connect import connect
from starter.desk import Desk, desk_for
from starter.engine import Engine, engine, profile_engine, running_engine
from starter.sample import is_settled, settle_in
from web.ports import DEFAULT_PORT, HOST, free_port
from worker import run_worker, until_signal

EnginePort = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help="引擎端口，缺省任选 / port of the engine; a free one by default."),
]


Port = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=65535,
        help=f"网页端口，缺省 {DEFAULT_PORT}，被占用则任选 / port of the pages; a free one if taken.",
    ),
]

Empty = Annotated[
    bool,
    typer.Option("--empty", help="示例馆里不放示例办件 / do not begin a few matters in a fresh sample home."),
]

NoSigner = Annotated[
    bool,
    typer.Option(
        "--no-signer", help="只封存不签名，由 `ledger keep` 签 / seal only: `ledger keep` signs elsewhere."
    ),
]


def up(
    port: Port = None,
    engine_port: EnginePort = None,
    empty: Empty = False,
    no_signer: NoSigner = False,
    json: JsonOption = False,
) -> None:
    """启动引擎、工作进程与网页，直到 Ctrl-C / start engine, worker and pages, until Ctrl-C or SIGTERM."""

    async def main(stop: asyncio.Event) -> None:
        here = context.home()
        skips = here.kind is OriginKind.SIMULATION
        async with engine(here, engine_port, time_skipping=skips, shared=True) as reached:
            keeper, pages = context.keeper(signs=not no_signer), port or free_port()
            await _serve(reached, stop, keeper, json, pages, settles=not empty)

    context.run(until_signal(main))


def web(port: Port = None, json: JsonOption = False) -> None:
    """只启动网页，引擎与工作进程在别处 / the pages alone; engine and workers run elsewhere."""

    async def main(stop: asyncio.Event) -> None:
        reached, at = _engine_of_others(), port or free_port()
        say = partial(_say_where, reached, json, at)
        await _show(await connect(reached), at, stop, say)

    context.run(until_signal(main))


def worker(json: JsonOption = False) -> None:
    """只启动工作进程 / a worker alone, for a TEMPORAL_* profile or the engine running in this home."""

    async def main(stop: asyncio.Event) -> None:
        await _serve(_engine_of_others(), stop, context.keeper(makes_keys=False), json)

    context.run(until_signal(main))


async def _serve(
    reached: Engine,
    stop: asyncio.Event,
    keeper: Keeper,
    as_json: bool,
    pages: int | None = None,
    *,
    settles: bool = False,
) -> None:
    from starter.delivery.deliverer import deliver  # noqa: PLC0415 - as in `_show`
    from starter.delivery.mail_server import mail_server_of  # noqa: PLC0415

    here, server = context.home(), mail_server_of(context.home())
    client, ledger = await connect(reached), context.open_ledger()
    say = partial(_say_where, reached, as_json, pages)
    shown = asyncio.create_task(_show(client, pages, stop, say, settles=settles)) if pages else say()
    telling = deliver(here, context.open_ledger(), stop, server, makes_keys=bool(pages))
    told = asyncio.create_task(telling)
    try:
        await run_worker(client, ledger, stop, keeper, reports=here.reports)
    finally:
        stop.set()
        await told
        if shown:
            await shown


async def _show(
    client: Client, port: int, stop: asyncio.Event, ready: Callable[[], None], *, settles: bool = False
) -> None:
    """The pages, until `stop`; where they end by themselves, everything does."""
    from web.serving import serve  # noqa: PLC0415 - reading the web's libraries would slow every other command

    ledger = context.open_ledger()
    desk = desk_for(context.home(), client, ledger)
    try:
        settling = asyncio.create_task(_settle_in(desk)) if settles else None
        await serve(desk, port, stop, ready)
        if settling:
            settling.cancel()
    finally:
        stop.set()
        ledger.close()


async def _settle_in(desk: Desk) -> None:
    """The sample matters of a fresh sample home; what cannot be begun now is missing, and nothing else is."""
    with desk.reading() as connection:
        settled = desk.home.kind is not OriginKind.SAMPLE or is_settled(connection)
    with suppress(YangguangError):
        if not settled:
            await settle_in(desk.client, desk.profile, desk.now())


def _engine_of_others() -> Engine:
    here = context.home()
    if (found := profile_engine() or running_engine(here)) is None:
        raise UnavailableError(
            f"此数据目录没有运行中的引擎 / no engine is running in {here.path}; "
            "start `yangguang up` or set TEMPORAL_ADDRESS"
        )
    return found


def _say_where(reached: Engine, as_json: bool, pages: int | None = None) -> None:
    here = context.home()
    where = {"pages": f"http://{HOST}:{pages}"} if pages else {}
    where |= {
        "engine": reached.address,
        "namespace": reached.namespace,
        "home": str(here.path),
        "kind": here.kind.value,
        "ledger": make_url(context.database_url()).render_as_string(hide_password=True),
    }
    if as_json:
        output.print_json_line(where)
        return
    print("阳光已就绪 / Yangguang is up (Ctrl-C 停止 / to stop)")
    for name, value in where.items():
        print(f"  {name:<10} {value}", flush=True)

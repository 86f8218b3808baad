"""`yangguang witness`: cosign the checkpoints of logs one has never seen to contradict themselves.

A witness belongs to somebody else than the log: its folder is its own and has nothing to do with a home.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import context
from cli.output import JsonOption, print_json, print_json_line, print_table
from ledger.anchors.witness_folder import (
    Witness,
    WitnessedLog,
    distrust,
    init_witness,
    logs,
    open_witness,
    trust,
)
from ledger.anchors.witness_server import serving
from ledger.notes import parse_vkey
from worker import until_signal

app = typer.Typer(help="见证 / a witness of logs.", no_args_is_help=True)

DirOption = Annotated[Path, typer.Option("--dir", help="见证自己的目录 / the witness's own folder.")]
KeyArgument = Annotated[str, typer.Argument(metavar="VKEY", help="日志公钥 / verifier key of the log.")]


@app.command()
def init(
    folder: DirOption,
    name: Annotated[str, typer.Option(help="见证名称 / name it signs with, e.g. audit.example/witness.")],
    as_json: JsonOption = False,
) -> None:
    """新建见证及其密钥 / make a witness with keys of its own."""
    _tell(init_witness(folder, name), as_json)


@app.command("trust")
def trust_key(folder: DirOption, vkey: KeyArgument, as_json: JsonOption = False) -> None:
    """信任日志公钥 / take a key as the log's; several keys of one log are taken side by side."""
    witness = open_witness(folder)
    trust(witness, parse_vkey(vkey))
    _tell(witness, as_json)


@app.command("distrust")
def distrust_key(folder: DirOption, vkey: KeyArgument, as_json: JsonOption = False) -> None:
    """不再信任公钥 / no longer take a key; what was seen of its log is kept."""
    witness = open_witness(folder)
    distrust(witness, parse_vkey(vkey))
    _tell(witness, as_json)


@app.command()
def show(folder: DirOption, as_json: JsonOption = False) -> None:
    """公钥与所见各日志 / its keys, and what it has seen of each log."""
    _tell(open_witness(folder), as_json)


@app.command()
def serve(
    folder: DirOption,
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 任选 / port; 0 is a free one.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """提供见证服务，直到 Ctrl-C / cosign over HTTP until Ctrl-C or SIGTERM."""
    witness = open_witness(folder)

    async def main(stop: asyncio.Event) -> None:
        with serving(witness, lambda: datetime.now(UTC), host, port) as url:
            _say_where(witness, url, as_json)
            await stop.wait()

    context.run(until_signal(main))


def _say_where(witness: Witness, url: str, as_json: bool) -> None:
    if as_json:
        print_json_line({"url": url, "name": witness.name})
    else:
        print(f"见证 {witness.name} 已就绪 / is up: {url} (Ctrl-C 停止 / to stop)", flush=True)


def _tell(witness: Witness, as_json: bool) -> None:
    known = logs(witness)
    if as_json:
        keys = [key.verifier.vkey for key in witness.keys]
        print_json({"name": witness.name, "keys": keys, "logs": [_document(log) for log in known]})
        return
    print(f"见证 / witness {witness.name}")
    for key in witness.keys:
        print(f"  {key.verifier.vkey}")
    columns = ("日志 log", "公钥 keys", "大小 size", "根 root", "时间 time")
    print_table(columns, [_line(log) for log in known])


def _document(log: WitnessedLog) -> dict[str, Any]:
    known = {"origin": log.origin, "keys": [key.vkey for key in log.keys]}
    if log.seen is None:
        return {**known, "size": None, "root": None, "time": None}
    return {**known, "size": log.seen.size, "root": log.seen.root.hex(), "time": log.seen.at}


def _line(log: WitnessedLog) -> tuple[object, ...]:
    keys = " ".join(key.key_id.hex() for key in log.keys) or "-"
    if log.seen is None:
        return log.origin, keys, "-", "-", "-"
    return log.origin, keys, log.seen.size, log.seen.root.hex(), log.seen.at.isoformat()

"""`yangguang ledger seal | checkpoint | keep | restore`: the log as a tree, and what is signed of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import context, output
from cli.matter import AsOption
from cli.notes import read_note
from cli.output import JsonOption, print_json
from ledger.db import connect, snapshot
from ledger.notes import Note, parse_checkpoint
from ledger.restore import open_instead
from ledger.sealing.keeper import Kept, keep
from ledger.sealing.stored import newest_note, note_at
from schemas.errors import NotFoundError, NotPermittedError, UsageError
from starter.keeping import keeping_of
from worker import until_signal


def seal(as_json: JsonOption = False) -> None:
    """立即封存并签名 / seal and sign what is recorded, now; then ask witnesses and time-stamp authorities."""
    ledger = context.open_ledger()
    try:
        kept = keep(keeping_of(context.home(), ledger))
        with snapshot(ledger.engine) as connection:
            note = newest_note(connection)
    finally:
        ledger.close()
    if as_json:
        print_json(_document(kept, note))
        return
    print(_sentence(kept, note))
    for witness in kept.published:
        print(f"  {witness.witness}: {witness.told or witness.at}")
    for authority in kept.stamped:
        print(f"  {authority.authority}: {authority.told or authority.at}")


def checkpoint(
    out: Annotated[Path | None, typer.Option(help="写入文件 / file to write the note to.")] = None,
    size: Annotated[
        int | None, typer.Option(min=1, help="检查点大小，缺省最新 / size; the newest by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """打印已签检查点，交外部保存 / print a signed checkpoint with its cosignatures, to be kept elsewhere."""
    engine = connect(context.database_url(), read_only=True)
    try:
        with snapshot(engine) as connection:
            note = newest_note(connection) if size is None else note_at(connection, size)
    finally:
        engine.dispose()
    if note is None:
        raise NotFoundError("尚无检查点 / nothing is signed yet: run `yangguang ledger seal`")
    if out is not None:
        _write(out, note)
    if as_json:
        print_json(_described(note))
    elif out is None:
        print(note.encode().decode(), end="")


def keep_running(json: JsonOption = False) -> None:
    """只封存、签名与公布，直到 Ctrl-C / seal, sign and publish, nothing else, until Ctrl-C or SIGTERM."""
    here = context.home()
    if not here.signs:
        raise NotPermittedError(
            f"{here.path}: 设置为他处签名 / `signer` in home.toml says that the log is signed elsewhere",
            code="signer_elsewhere",
        )

    async def main(stop: asyncio.Event) -> None:
        with context.keeper():
            where = {"home": str(here.path), "origin": here.origin.name}
            if json:
                output.print_json_line(where)
            else:
                print(f"正在封存与签名 / keeping {here.origin.name} (Ctrl-C 停止 / to stop)", flush=True)
            await stop.wait()

    context.run(until_signal(main))


def restore(
    note: Annotated[Path, typer.Option(help="原总账最后的检查点文件 / the last note of the lost log.")],
    reason: Annotated[str, typer.Option(help="原因 / why the log is opened anew.")],
    officer: AsOption,
    as_json: JsonOption = False,
) -> None:
    """丢失数据后另立来源 / open a new log, under an origin of its own, in place of one that was lost."""
    ledger = context.open_ledger()
    try:
        receipt = open_instead(ledger, read_note(note), reason, officer, datetime.now(UTC))
        kept = context.keep_now(ledger)
    finally:
        ledger.close()
    if as_json:
        print_json(
            {"entry": receipt.id, "leaf_hash": receipt.leaf_hash, "signed": kept.checkpoint is not None}
        )
        return
    print(f"已另立来源 / opened {context.home().origin.name}; 首条记录 / first entry {receipt.leaf_hash}")


def _write(out: Path, note: Note) -> None:
    try:
        out.write_bytes(note.encode())
    except OSError as error:
        raise UsageError(f"{out}: 无法写入 / cannot be written: {error.strerror}", code="bad_out") from None


def _described(note: Note) -> dict[str, Any]:
    found = parse_checkpoint(note.text)
    return {
        "origin": found.origin,
        "size": found.size,
        "root": found.root.hex(),
        "signatures": [f"{each.name}+{each.key_id.hex()}" for each in note.signatures],
        "note": note.encode().decode(),
    }


def _document(kept: Kept, note: Note | None) -> dict[str, Any]:
    return {
        "sealed": kept.sealed,
        "signed": kept.checkpoint is not None,
        "checkpoint": _described(note) if note else None,
        "witnesses": [_asked(each.witness, each) for each in kept.published],
        "authorities": [_asked(each.authority, each) for each in kept.stamped],
    }


def _asked(name: str, answer: Any) -> dict[str, Any]:
    return {
        "name": name,
        "size": answer.size,
        "at": answer.at,
        "problem": answer.problem,
        "told": answer.told,
    }


def _sentence(kept: Kept, note: Note | None) -> str:
    if note is None:
        return "总账为空或在他处签名，未签 / nothing is signed: the ledger is empty, or signed elsewhere"
    found = parse_checkpoint(note.text)
    news = "新签 / signed now" if kept.checkpoint else "已是最新 / was signed already"
    return (
        f"封存 {kept.sealed} 条 / entries sealed; 检查点 / checkpoint {found.size} {found.root.hex()}, {news}"
    )

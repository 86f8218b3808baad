"""`yangguang ledger key`: the keys the log signs with are listed, rotated, retired; the policy names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import context
from cli.matter import AsOption
from cli.notes import read_note
from cli.output import JsonOption, print_json, print_table
from ledger.sealing.duties import Keeping, read_policy
from ledger.sealing.keyring_index import KeptKey
from ledger.sealing.recovery import recover
from ledger.sealing.rotation import first_keys, retire, rotate
from schemas.errors import NotFoundError, NotPermittedError
from starter.keeping import keeping_of

app = typer.Typer(help="签名密钥 / signing keys of the log.", no_args_is_help=True)


@app.command("list")
def list_keys(as_json: JsonOption = False) -> None:
    """所有密钥及其可签范围 / all keys and the sizes of checkpoints each may sign."""
    here = context.home()
    with _keeping() as keeping:
        keys = () if keeping.keyring.empty else keeping.keyring.check().keys
    if not keys:
        raise NotFoundError(
            f"{here.path}: 尚无签名密钥，首次签名时生成 / no signing key yet: the first signature makes one"
        )
    _print(keys, as_json)


@app.command("rotate")
def rotate_keys(officer: AsOption, as_json: JsonOption = False) -> None:
    """生成新密钥，与旧密钥并用 / make new keys, which sign beside the old ones until those are retired."""
    with _changing() as keeping:
        made = rotate(keeping.ledger, keeping.signer(), keeping.policy, officer, datetime.now(UTC))
        context.keep_now(keeping.ledger)
    _print(made, as_json)


@app.command("retire")
def retire_key(
    key_id: Annotated[str, typer.Argument(help="密钥编号，八位十六进制 / id of the key, eight hex digits.")],
    officer: AsOption,
    as_json: JsonOption = False,
) -> None:
    """停用并销毁旧密钥 / end a key's use: its private half is destroyed, its public half kept."""
    with _changing() as keeping:
        now = datetime.now(UTC)
        retired = retire(keeping.ledger, keeping.signer(), keeping.policy, key_id, officer, now)
        context.keep_now(keeping.ledger)
    _print([retired], as_json)


@app.command("recover")
def recover_memory(
    note: Annotated[Path, typer.Option(help="外部保存的最新检查点 / the newest note, kept elsewhere.")],
    officer: AsOption,
    as_json: JsonOption = False,
) -> None:
    """签名状态丢失后凭外存检查点恢复 / give the signer its lost memory back; an incident on record."""
    with _keeping() as keeping:
        now = datetime.now(UTC)
        found = recover(keeping.ledger, keeping.signer(), read_note(note), officer, now)
        context.keep_now(keeping.ledger)
    if as_json:
        print_json({"size": found.size, "root": found.root.hex()})
        return
    print(f"已恢复到 {found.size} 条 / the signer goes on from {found.size} entries, root {found.root.hex()}")


@app.command("policy")
def show_policy(as_json: JsonOption = False) -> None:
    """打印策略文件，交给核验者 / print the policy file, to be handed to whoever verifies."""
    path = context.home().policy
    if not path.exists():
        raise NotFoundError(f"{path}: 尚无策略文件，首次签名时生成 / no policy yet: the first key makes it")
    policy = read_policy(path)
    if as_json:
        print_json({"path": str(path), "quorum": policy.quorum, "policy": path.read_text("utf-8", "replace")})
        return
    print(path.read_text("utf-8", "replace"), end="")


@contextmanager
def _keeping() -> Iterator[Keeping]:
    ledger = context.open_ledger()
    try:
        yield keeping_of(context.home(), ledger)
    finally:
        ledger.close()


@contextmanager
def _changing() -> Iterator[Keeping]:
    """Keys that may be changed from here; a log that never had any gets its first ones."""
    with _keeping() as keeping:
        if not keeping.signs:
            raise NotPermittedError(
                "此数据目录不签名 / this home does not sign: change keys where the signer runs",
                code="signer_elsewhere",
            )
        first_keys(keeping.ledger, keeping.signer(), keeping.policy, keeping.now())
        yield keeping


def _print(keys: Iterable[KeptKey], as_json: bool) -> None:
    if as_json:
        print_json({"keys": [_document(each) for each in keys]})
        return
    columns = ("编号 id", "种类 kind", "状态 state", "自 first", "至 last", "来源 origin")
    print_table(columns, [_row(each) for each in keys])


def _document(kept: KeptKey) -> dict[str, Any]:
    return {
        "id": kept.key.key_id.hex(),
        "kind": kept.key.kind.name.lower(),
        "active": kept.active,
        "first": kept.first,
        "last": kept.last,
        "vkey": kept.key.vkey,
    }


def _row(kept: KeptKey) -> tuple[object, ...]:
    state = "在用 / in use" if kept.active else "停用 / retired"
    return kept.key.key_id.hex(), kept.key.kind.name, state, kept.first, kept.last, kept.key.name

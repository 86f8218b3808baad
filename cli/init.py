"""`yangguang init`: a real home, for real work. Nothing in it is invented, nobody signs in without proof."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cli import context
from cli.output import JsonOption, print_json
from ledger.db import OriginKind
from schemas.errors import ConflictError, YangguangError
from starter.home import home_path, open_home, write_private

Database = Annotated[
    str, typer.Option(help="总账数据库 / URL of the ledger's database; a file in the home by default.")
]
Admins = Annotated[
    list[str] | None, typer.Option("--admin", help="管理员账号 / account that keeps rules and installation.")
]
Auditors = Annotated[
    list[str] | None,
    typer.Option("--auditor", help="审计员账号 / account that reads all and writes nothing."),
]


def init(
    database: Database = "", admin: Admins = None, auditor: Auditors = None, as_json: JsonOption = False
) -> None:
    """建立正式数据目录 / make a real home: no sample people, no sign-in without proof."""
    where = home_path(context.chosen())
    if (where / "home.toml").exists():
        raise ConflictError(f"{where} 已经是数据目录 / {where} is a home already", code="home_exists")
    made = open_home(where, OriginKind.REAL)
    settings = {"database": database, "admins": ", ".join(admin or ()), "auditors": ", ".join(auditor or ())}
    file = made.path / "home.toml"
    write_private(file, file.read_text(encoding="utf-8") + _lines(settings))
    try:
        here = context.home()
        context.open_ledger().close()
    except YangguangError:
        file.unlink()  # nothing half-made: what was wrong can be put right and tried again
        raise
    if as_json:
        print_json({"home": str(here.path), "kind": here.kind.value, "origin": here.origin.name})
        return
    print(f"已建立正式数据目录 / a real home is made: {here.path}")
    print(f"总账 / ledger: {here.origin.name}")
    print("下一步 / next: 在 home.toml 填写登录服务 / name your sign-in service there (docs/signing-in.md)")
    print(f"然后 / then: yangguang --home {here.path} up")


def _lines(settings: dict[str, str]) -> str:
    """A basic TOML string is a JSON string."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items() if value)

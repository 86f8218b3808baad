"""`yangguang readmodel`: the rows that lists and searches are read from, derived from the ledger again."""

from __future__ import annotations

import time

import typer
from sqlalchemy import func, select

from cli import context
from cli.output import JsonOption, print_json, progress
from ledger.tables import ledger_entry
from readmodel.project import DERIVED, rebuild

app = typer.Typer(help="读模型：列表与检索所用的行 / the rows behind lists and search.", no_args_is_help=True)


@app.callback()
def readmodel() -> None:
    """Keep `rebuild` a word of its own while it is the only one."""


@app.command("rebuild")
def rebuild_command(as_json: JsonOption = False) -> None:
    """由总账重建全部行 / derive all rows from the ledger again; what is redacted stays away."""
    ledger, began = context.open_ledger(), time.monotonic()
    try:
        with ledger.engine.begin() as connection:
            total = connection.scalar(select(func.count()).select_from(ledger_entry)) or 0
            with progress("重建 / rebuilding", total) as advance:
                entries = rebuild(connection, advance)
            rows = {
                table.name: connection.scalar(select(func.count()).select_from(table)) for table in DERIVED
            }
    finally:
        ledger.close()
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        print_json({"entries": entries, "rows": rows, "seconds": seconds})
        return
    kept = "、".join(f"{name} {count}" for name, count in rows.items())
    print(f"已由 {entries} 条记录重建 / rebuilt from {entries} entries in {seconds} s: {kept}")

"""`yangguang ledger`: read a chain as it was recorded, and check that all chains hold."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import context, ledger_key, ledger_log, ledger_redact, ledger_verify
from cli.output import JsonOption, print_json, print_table
from ledger.db import connect, snapshot
from ledger.entry import Entry
from ledger.read import entries
from schemas.errors import NotFoundError

app = typer.Typer(help="审计总账 / the audit ledger.", no_args_is_help=True)
app.add_typer(ledger_key.app, name="key")
app.command("seal")(ledger_log.seal)
app.command("checkpoint")(ledger_log.checkpoint)
app.command("keep")(ledger_log.keep_running)
app.command("restore")(ledger_log.restore)
app.command("redact")(ledger_redact.redact_command)
app.command("verify")(ledger_verify.verify_command)

_WORDS = ("opinion", "reason", "told")


@app.command()
def show(
    case: Annotated[str, typer.Argument(help="件号 / number of the matter, or name of a stream.")],
    as_json: JsonOption = False,
) -> None:
    """某件的全部记录 / all entries of a matter, in order; sealed fields as digests."""
    engine = connect(context.database_url(), read_only=True)
    try:
        with snapshot(engine) as connection:
            found = entries(connection, case)
    finally:
        engine.dispose()
    if not found:
        raise NotFoundError(f"总账中没有 {case} / the ledger holds nothing of {case}")
    if as_json:
        print_json({"case": case, "entries": [_document(entry) for entry in found]})
        return
    columns = ("序 seq", "时间 time", "谁 actor", "身份 role", "事项 what", "意见 opinion", "密封 sealed")
    print_table(columns, [_line(entry) for entry in found], title=case)


def _document(entry: Entry) -> dict[str, Any]:
    """What the leaf says, with its hash: everything needed to compute the hash again."""
    return {"leaf_hash": entry.leaf_hash, "event": entry.event}


def _line(entry: Entry) -> tuple[object, ...]:
    event, data = entry.event, entry.data
    said = next((data[name] for name in _WORDS if data.get(name)), "")
    actor = f"{event['actor']} → {event['onbehalfof']}" if "onbehalfof" in event else event["actor"]
    sealed = " ".join(data.get("_sd", ()))
    return entry.seq, event["time"], actor, event["actorrole"], entry.type, said, sealed

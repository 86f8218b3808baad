"""`yangguang ledger`: read a chain as it was recorded, and check that all chains hold."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import context, ledger_key
from cli.output import JsonOption, print_json, print_table, progress
from ledger.db import connect, snapshot
from ledger.entry import Entry
from ledger.read import entries
from ledger.report import Failure, Report
from ledger.verify import verify_url
from schemas.errors import NotFoundError, VerificationError

app = typer.Typer(help="审计总账 / the audit ledger.", no_args_is_help=True)
app.add_typer(ledger_key.app, name="key")

SHOWN = 20
"""Failures told to a person; `--json` tells up to a thousand."""

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


@app.command()
def verify(as_json: JsonOption = False) -> None:
    """核对总账 / check every entry, chain and head; exit code 3 when anything does not hold."""
    with progress("核对 / verifying") as advance:
        report = verify_url(context.database_url(), advance)
    if as_json:
        print_json(report)
        if not report.verified:
            raise typer.Exit(VerificationError.exit_code)
        return
    print(_sentence(report))
    if not report.verified:
        columns = ("检查 check", "件号 case", "序 seq", "记录 id", "说明 detail")
        print_table(columns, [_place(failure) for failure in report.failures[:SHOWN]])
        raise VerificationError(f"总账核对不通过 / the ledger does not hold: {_count(report)}")


def _document(entry: Entry) -> dict[str, Any]:
    """What the leaf says, with its hash: everything needed to compute the hash again."""
    return {"leaf_hash": entry.leaf_hash, "event": entry.event}


def _line(entry: Entry) -> tuple[object, ...]:
    event, data = entry.event, entry.data
    said = next((data[name] for name in _WORDS if data.get(name)), "")
    actor = f"{event['actor']} → {event['onbehalfof']}" if "onbehalfof" in event else event["actor"]
    sealed = " ".join(data.get("_sd", ()))
    return entry.seq, event["time"], actor, event["actorrole"], entry.type, said, sealed


def _place(failure: Failure) -> tuple[object, ...]:
    return failure.check, failure.case, failure.seq, (failure.id or "")[:16], failure.detail


def _sentence(report: Report) -> str:
    verdict = "核对通过 / verified" if report.verified else "核对不通过 / NOT verified"
    return (
        f"{verdict}: {report.entries} 条记录 / entries, {report.cases} 件 / cases,"
        f" {report.openings} 项密封 / sealed fields ({report.origin or '-'})"
    )


def _count(report: Report) -> str:
    return f"{report.failure_count} 处 / failures, {min(report.failure_count, SHOWN)} 处列出 / shown"

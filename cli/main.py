"""The `yangguang` command: nouns, then verbs, and one way to end.

Every command ends through `run`, which turns typed errors into one sentence and an exit code,
and `main`, which leaves without finalising the interpreter.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from cli import (
    audit,
    card,
    case,
    complaint,
    context,
    deadline,
    demo,
    detect,
    fault,
    grant,
    importer,
    init,
    inquiry,
    ledger,
    liability,
    mail,
    output,
    profile,
    readmodel,
    receipt,
    report,
    review,
    supervision,
    up,
    webhook,
    witness,
)
from cli.logs import configure_logging, forward_engine_logs, keep_traceback
from schemas.errors import YangguangError

app = typer.Typer(
    name="yangguang",
    help="阳光：审批与问责引擎 / Yangguang, an engine for approval and accountability.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(init.init)
app.command()(up.up)
app.command()(up.web)
app.command()(up.worker)
app.add_typer(demo.app, name="demo")
app.add_typer(inquiry.app, name="inquiry")
app.add_typer(fault.app, name="fault")
app.add_typer(grant.app, name="grant")
app.add_typer(case.app, name="case")
app.add_typer(card.app, name="card")
app.command("import")(importer.import_log)
app.add_typer(complaint.app, name="complaint")
app.add_typer(supervision.app, name="supervision")
app.add_typer(deadline.app, name="deadline")
app.command("detect")(detect.detect_command)
app.add_typer(profile.app, name="profile")
app.add_typer(readmodel.app, name="readmodel")
app.add_typer(receipt.app, name="receipt")
app.add_typer(report.app, name="report")
app.add_typer(review.app, name="review")
app.add_typer(ledger.app, name="ledger")
app.add_typer(liability.app, name="liability")
app.add_typer(mail.app, name="mail")
app.add_typer(webhook.app, name="webhook")
app.add_typer(witness.app, name="witness")
app.add_typer(audit.app, name="audit")


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"yangguang {metadata.version('yangguang')}")
        raise typer.Exit


@app.callback()
def root(
    home: Annotated[
        Path | None,
        typer.Option(envvar="YANGGUANG_HOME", help="数据目录 / home folder (default ./.yangguang)."),
    ] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="不用颜色 / no colours.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示调用栈 / show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="版本 / version.")
    ] = False,
) -> None:
    """Set what holds for every command."""
    if no_color:
        os.environ["NO_COLOR"] = "1"
    context.choose_home(home)
    configure_logging()


def run(arguments: Sequence[str]) -> int:
    """Run one command line; gives its exit code (see schemas/errors.py for the meanings)."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    try:
        code = app(list(arguments) or ["--help"], prog_name="yangguang", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (YangguangError, typer.TyperException) as error:
        output.print_error(error, as_json="--json" in options)
        return output.exit_code(error)
    except typer.Abort:
        return 1
    except BrokenPipeError:
        return 1
    except Exception as error:  # the last line of defence: whatever it is, one sentence and a file
        if "--debug" in options:
            traceback.print_exception(error)
        output.print_error(error, as_json="--json" in options, where=_kept(error))
        return 1


def main() -> None:
    """Entry point of the console script."""
    os.umask(0o077)  # ledger, keys and logs are nobody else's to read
    forward_engine_logs()
    output.lose_nothing()
    code = run(sys.argv[1:])
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):
            stream.flush()
    # Finalising an interpreter whose engine threads still run crashes now and then, after all
    # work is safely done (temporalio/sdk-python#300); leaving this way keeps the exit code true.
    os._exit(code)


def _kept(error: Exception) -> str:
    try:
        return str(keep_traceback(context.home(), error))
    except (YangguangError, OSError):
        return ""


if __name__ == "__main__":
    main()

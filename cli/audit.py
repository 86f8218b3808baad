"""`yangguang audit`: replay, reconcile, bundle: the tools of an auditor."""

from __future__ import annotations

import typer

from cli import audit_bundle, audit_replay, audit_upkeep

app = typer.Typer(help="审计 / audit.", no_args_is_help=True)
app.command()(audit_replay.replay)
app.command()(audit_bundle.bundle)
app.command("verify-bundle")(audit_bundle.verify_bundle)
app.command()(audit_upkeep.archive)
app.command()(audit_upkeep.reconcile)


@app.callback()
def root() -> None:
    """审计 / audit."""

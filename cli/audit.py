"""`yangguang audit`: replay, reconcile, bundle: the tools of an auditor."""

from __future__ import annotations

import typer

app = typer.Typer(help="审计 / audit.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """审计 / audit."""

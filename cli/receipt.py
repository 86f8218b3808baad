"""`yangguang receipt`: what the applicant holds in his hand, and what it proves."""

from __future__ import annotations

import typer

app = typer.Typer(help="回执 / receipts.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """回执 / receipts."""

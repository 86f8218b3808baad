"""`yangguang ledger key`: the keys the log signs with: made, listed, rotated, retired."""

from __future__ import annotations

import typer

app = typer.Typer(help="签名密钥 / signing keys of the log.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """签名密钥 / signing keys of the log."""

"""`yangguang witness`: cosign the checkpoints of logs one has never seen to contradict themselves."""

from __future__ import annotations

import typer

app = typer.Typer(help="见证 / a witness of logs.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """见证 / a witness of logs."""

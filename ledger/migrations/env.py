"""How Alembic reaches the database: through the connection the program hands over.

The program owns the transaction (`ledger.db.upgrade`), so a revision is applied whole or not at all
on both databases. Developers on the command line name the database with `-x url=...`.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from ledger.db import connect


def run(connection: Connection) -> None:
    """Apply the revisions over an open connection."""
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


def run_from_command_line() -> None:
    """Open the database named by `-x url=...` and apply the revisions in one transaction."""
    with connect(context.get_x_argument(as_dictionary=True)["url"]).begin() as connection:
        run(connection)


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    run_from_command_line()

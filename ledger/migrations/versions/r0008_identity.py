"""Who is signed in, and who may stand in for whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.rights import give

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("desk_session", "desk_carried", "desk_grant")
RIGHTS = {"yangguang_writer": (("SELECT, INSERT, UPDATE, DELETE", ", ".join(TABLES)),)}
"""The desk writes as the recorder does; nobody else needs to know who is signed in."""


def upgrade() -> None:
    """Make the tables."""
    _sessions()
    op.create_table(
        "desk_carried",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("box", sa.LargeBinary, nullable=False),
        sa.Column("ends", sa.Text, nullable=False),
    )
    op.create_index("ix_desk_carried_ends", "desk_carried", ["ends"])
    _grants()
    give(op.get_bind(), RIGHTS, TABLES)


def _sessions() -> None:
    op.create_table(
        "desk_session",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("handle", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "person", "roles", "posts", "how")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("signed_in", "proven", "seen", "ends")),
    )
    op.create_index("ix_desk_session_person", "desk_session", ["person"])
    op.create_index("ix_desk_session_ends", "desk_session", ["ends"])


def _grants() -> None:
    op.create_table(
        "desk_grant",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("giver", "taker", "scope", "starts", "ends")),
        sa.Column("ended", sa.Text),
    )
    op.create_index("ix_desk_grant_giver", "desk_grant", ["giver"])
    op.create_index("ix_desk_grant_taker", "desk_grant", ["taker"])

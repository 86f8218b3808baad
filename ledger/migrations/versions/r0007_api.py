"""What the HTTP API remembers: answered keys, wrong codes, kept files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.rights import give

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OWN = "api_answer, api_wrong_code, api_secret"
FILES = "kept_file, kept_file_use"
RIGHTS = {
    "yangguang_writer": (("SELECT, INSERT, UPDATE, DELETE", f"{OWN}, {FILES}"),),
    "yangguang_eraser": (("SELECT, DELETE", FILES),),
    "yangguang_reader": (("SELECT", FILES),),
}
"""Who may do what, next to 0004: the secrets are for those who serve alone."""


def upgrade() -> None:
    """Make the tables and grant their rights."""
    _answers()
    _files()
    give(op.get_bind(), RIGHTS, f"{OWN}, {FILES}".split(", "))


def _answers() -> None:
    op.create_table(
        "api_answer",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("begun", sa.Text, nullable=False),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_index("ix_api_answer_begun", "api_answer", ["begun"])
    op.create_table(
        "api_wrong_code",
        sa.Column("who", sa.Text, primary_key=True),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_api_wrong_code_since", "api_wrong_code", ["since"])
    op.create_table(
        "api_secret",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )


def _files() -> None:
    op.create_table(
        "kept_file",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.Text, nullable=False),
    )
    op.create_index("ix_kept_file_kept", "kept_file", ["kept"])
    op.create_table(
        "kept_file_use",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_index("ix_kept_file_use_case_id", "kept_file_use", ["case_id"])

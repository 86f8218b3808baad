"""Numbers of matters, given to business keys before a workflow starts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of numbers."""
    op.create_table(
        "matter_number",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("business_key", sa.Text, nullable=False),
        sa.Column("year", sa.BigInteger, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("kind", "business_key"),
        sa.UniqueConstraint("kind", "year", "n"),
    )

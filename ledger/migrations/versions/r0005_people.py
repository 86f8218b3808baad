"""People of a matter, and what it is about: what decides who may see it in a list, without opening a leaf."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; rows from before hold nobody until the next entry or a rebuild."""
    op.add_column("matter", sa.Column("people", sa.Text))
    op.add_column("matter", sa.Column("about", sa.Text))
    op.create_index("ix_matter_about", "matter", ["about"])

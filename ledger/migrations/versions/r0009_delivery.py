"""Events that go out: webhooks, mails, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.rights import give

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

POSITION = sa.BigInteger().with_variant(sa.Integer, "sqlite")
RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
TABLES = (
    "delivery_subscription",
    "delivery_secret",
    "delivery_event",
    "delivery_lease",
    "delivery_person",
    "delivery_notice",
    "delivery_digest",
)


def upgrade() -> None:
    """Make the tables; the account that writes delivers."""
    _webhooks()
    _mails()
    _grant()


def _webhooks() -> None:
    op.create_table(
        "delivery_subscription",
        sa.Column("id", sa.Text, primary_key=True),
        *(_text(name) for name in ("url", "kinds", "types", "allowed", "state")),
        sa.Column("reached", sa.BigInteger, nullable=False),
        *(_text(name) for name in ("hold", "created", "created_by")),
    )
    op.create_table(
        "delivery_secret",
        sa.Column("id", sa.Text, primary_key=True),
        *(_text(name) for name in ("subscription", "scheme", "sealed", "public", "created", "expires")),
    )
    op.create_index("ix_delivery_secret_subscription", "delivery_secret", ["subscription"])
    op.create_table(
        "delivery_event",
        sa.Column("subscription", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        *(_text(name) for name in ("event", "type", "state")),
        sa.Column("attempts", sa.Integer, nullable=False),
        *(_text(name) for name in ("queued", "tried")),
        sa.Column("status", sa.Integer, nullable=False),
        _text("problem"),
    )
    op.create_index("ix_delivery_event_state", "delivery_event", ["subscription", "state", "number"])
    op.create_table(
        "delivery_lease",
        sa.Column("duty", sa.Text, primary_key=True),
        *(_text(name) for name in ("holder", "until")),
    )


def _mails() -> None:
    op.create_table(
        "delivery_person",
        sa.Column("person", sa.Text, primary_key=True),
        _text("sealed"),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("muted", "digest")),
    )
    op.create_table(
        "delivery_notice",
        sa.Column("id", POSITION, primary_key=True, autoincrement=False),
        *(_text(name) for name in ("entry_id", "recipient", "case_id")),
        sa.Column("urgent", sa.Boolean, nullable=False),
        _text("state"),
        sa.Column("attempts", sa.Integer, nullable=False),
        *(_text(name) for name in ("hold", "created", "digested")),
    )
    op.create_index("ix_delivery_notice_state", "delivery_notice", ["state", "hold"])
    op.create_index("ix_delivery_notice_digested", "delivery_notice", ["digested", "recipient"])
    op.create_table(
        "delivery_digest",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("person", "day")),
        _text("sent"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _grant() -> None:
    """Whoever serves writes them; nobody else has to read them."""
    give(op.get_bind(), {"yangguang_writer": ((RIGHTS, ", ".join(TABLES)),)}, TABLES)

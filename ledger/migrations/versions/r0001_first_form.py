"""First form: the ledger, and the rows of the read model.

Written out in full instead of taken from the table definitions: a revision must stay what it
was when those move on. What the database itself refuses (roles, triggers) is no part of it: that is
defence, not evidence, and the verifier does not rely on it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

POSITION = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create everything."""
    _ledger()
    _beside_the_ledger()
    _matters()
    _clocks_and_cards()
    _numbers()


def _ledger() -> None:
    op.create_table("ledger_meta", _key("key"), _text("value"))
    op.create_table(
        "ledger_case",
        _key("case_id"),
        sa.Column("seq", sa.BigInteger, nullable=False),
        _text("head"),
        _text("recorded"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("pos", POSITION, primary_key=True, autoincrement=True),
        _text("id"),
        _text("case_id"),
        sa.Column("seq", sa.BigInteger, nullable=False),
        *map(_text, ("type", "acted", "recorded", "actor")),
        _optional("business_key"),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        _text("leaf_hash"),
        sa.UniqueConstraint("id", name="uq_ledger_entry_id"),
        sa.UniqueConstraint("case_id", "seq", name="uq_ledger_entry_seq"),
        sa.UniqueConstraint("case_id", "business_key", name="uq_ledger_entry_business_key"),
        sqlite_autoincrement=True,
    )


def _beside_the_ledger() -> None:
    op.create_table(
        "ledger_disclosure", _key("entry_id"), _key("digest"), _text("ciphertext"), _text("key_id")
    )
    op.create_index("ix_ledger_disclosure_digest", "ledger_disclosure", ["digest"])
    op.create_table(
        "ledger_key",
        _key("key_id"),
        _text("case_id"),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("case_id", name="uq_ledger_key_case"),
    )
    op.create_table(
        "ledger_outbox",
        sa.Column("id", POSITION, primary_key=True, autoincrement=True),
        *map(_text, ("entry_id", "kind", "recipient", "payload", "created")),
        sqlite_autoincrement=True,
    )


def _matters() -> None:
    names = ("kind", "business_key", "item", "channel", "state", "stage", "owner", "owner_post", "section")
    days = ("received_day", "accepted_day", "promise_due", "statutory_due", "yellow_from", "red_from")
    op.create_table(
        "matter",
        _key("case_id"),
        *map(_optional, names + days),
        _flag("closed"),
        _optional("outcome"),
        _optional("lookup_digest"),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        _text("last_recorded"),
    )
    for column in ("owner", "business_key", "lookup_digest", "last_recorded"):
        op.create_index(f"ix_matter_{column}", "matter", [column])


def _clocks_and_cards() -> None:
    op.create_table(
        "matter_clock",
        *map(_key, ("case_id", "clock", "ref")),
        *map(_optional, ("due", "yellow_from", "red_from")),
        *map(_flag, ("provisional", "stopped", "breached")),
        _optional("owner"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_matter_clock_due", "matter_clock", ["due"])
    op.create_table(
        "matter_card",
        _key("card_id"),
        *map(_text, ("case_id", "code", "colour")),
        *map(_optional, ("clock", "cause")),
        _text("issue_day"),
        _optional("rectify_due"),
        *map(_text, ("addressees", "status")),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        _text("last_recorded"),
    )
    op.create_index("ix_matter_card_case_id", "matter_card", ["case_id"])


def _numbers() -> None:
    op.create_table(
        "matter_number",
        _key("number"),
        _text("kind"),
        _text("business_key"),
        sa.Column("year", sa.BigInteger, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("kind", "business_key"),
        sa.UniqueConstraint("kind", "year", "n"),
    )


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _optional(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)

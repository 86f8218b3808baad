"""The Merkle log over the entries: what waits to be sealed, its index and tiles, checkpoints and witnesses.

Entries recorded under the first form go into the inbox, so that they are sealed like all others.
"""

from __future__ import annotations

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the log, empty, with every entry there is waiting."""
    _log()
    _anchors()
    _histories()
    op.execute("INSERT INTO ledger_inbox (pos) SELECT pos FROM ledger_entry ORDER BY pos")


def _log() -> None:
    op.create_table("ledger_inbox", _number("pos"))
    log = op.create_table(
        "ledger_log",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        _text("root"),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
    )
    empty = {"id": 1, "size": 0, "root": sha256(b"").hexdigest(), "frontier": b""}
    op.bulk_insert(log, [empty])
    op.create_table(
        "ledger_index",
        _number("log_index"),
        sa.Column("pos", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("pos", name="uq_ledger_index_pos"),
    )
    op.create_table(
        "ledger_tile",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        _number("number"),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )


def _anchors() -> None:
    op.create_table("ledger_checkpoint", _number("size"), *map(_text, ("root", "note", "signed")))
    op.create_table("ledger_cosignature", _number("size"), _key("key"), *map(_text, ("line", "received")))
    op.create_table(
        "ledger_token",
        _number("size"),
        _key("authority"),
        _text("note"),
        sa.Column("token", sa.LargeBinary, nullable=False),
        _text("stamped"),
    )


def _histories() -> None:
    op.create_table(
        "ledger_history",
        _key("run_id"),
        *map(_text, ("namespace", "workflow_id", "workflow_type", "case_id", "closed", "exported")),
        sa.Column("protobuf", sa.LargeBinary, nullable=False),
        sa.Column("json_gzip", sa.LargeBinary, nullable=False),
        *map(_text, ("protobuf_sha256", "json_sha256")),
    )
    op.create_index("ix_ledger_history_workflow_id", "ledger_history", ["workflow_id"])
    op.create_table("ledger_watermark", _key("duty"), *map(_text, ("reached", "done")))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)

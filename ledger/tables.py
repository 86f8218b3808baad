"""Tables of the ledger. The BLOB `ledger_entry.leaf` is the evidence; every other column is an index to it.

Times and hashes are text exactly as the leaf writes them, so that "column equals leaf" is a
comparison of strings on every database. Recorded times are UTC and of one shape: they sort as text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# SQLite gives automatic numbers to columns of type INTEGER only.
Position = BigInteger().with_variant(Integer, "sqlite")

ledger_meta = Table(
    "ledger_meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

ledger_case = Table(
    "ledger_case",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("head", Text, nullable=False),
    Column("recorded", Text, nullable=False),
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("pos", Position, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("acted", Text, nullable=False),
    Column("recorded", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("business_key", Text),
    Column("leaf", LargeBinary, nullable=False),
    Column("leaf_hash", Text, nullable=False),
    UniqueConstraint("id", name="uq_ledger_entry_id"),
    UniqueConstraint("case_id", "seq", name="uq_ledger_entry_seq"),
    UniqueConstraint("case_id", "business_key", name="uq_ledger_entry_business_key"),
    # AUTOINCREMENT never hands a position out twice: a removed newest row stays visible.
    sqlite_autoincrement=True,
)

ledger_inbox = Table(
    "ledger_inbox",
    metadata,
    # Position of an entry that waits to be sealed.
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
)

ledger_log = Table(
    "ledger_log",
    metadata,
    # One row: the Merkle log as it now stands. Who seals holds its lock.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("root", Text, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)

ledger_index = Table(
    "ledger_index",
    metadata,
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    Column("pos", BigInteger, nullable=False),
    UniqueConstraint("pos", name="uq_ledger_index_pos"),
)

ledger_tile = Table(
    "ledger_tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

ledger_checkpoint = Table(
    "ledger_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", Text, nullable=False),
    # The note as the log signed it, without cosignatures.
    Column("note", Text, nullable=False),
    Column("signed", Text, nullable=False),
)

ledger_cosignature = Table(
    "ledger_cosignature",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    # name+id of the witness's key, and its whole signature line.
    Column("key", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("received", Text, nullable=False),
)

ledger_token = Table(
    "ledger_token",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    # Where the token came from; the note it was made over, and the token (RFC 3161 TimeStampResp, DER).
    Column("authority", Text, primary_key=True),
    Column("note", Text, nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("stamped", Text, nullable=False),
)

ledger_history = Table(
    "ledger_history",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("workflow_id", Text, nullable=False),
    Column("workflow_type", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("closed", Text, nullable=False),
    Column("exported", Text, nullable=False),
    Column("protobuf", LargeBinary, nullable=False),
    # Stock Temporal JSON of the same history, compressed with gzip; hashes are of what is inside.
    Column("json_gzip", LargeBinary, nullable=False),
    Column("protobuf_sha256", Text, nullable=False),
    Column("json_sha256", Text, nullable=False),
    Index("ix_ledger_history_workflow_id", "workflow_id"),
)

ledger_watermark = Table(
    "ledger_watermark",
    metadata,
    # How far a recurring duty (the sweep of histories, the reconciliation) has come.
    Column("duty", Text, primary_key=True),
    Column("reached", Text, nullable=False),
    Column("done", Text, nullable=False),
)

ledger_disclosure = Table(
    "ledger_disclosure",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("ciphertext", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Index("ix_ledger_disclosure_digest", "digest"),
)

ledger_key = Table(
    "ledger_key",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    UniqueConstraint("case_id", name="uq_ledger_key_case"),
)

ledger_outbox = Table(
    "ledger_outbox",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("entry_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created", Text, nullable=False),
    sqlite_autoincrement=True,
)

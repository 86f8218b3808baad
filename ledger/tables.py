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

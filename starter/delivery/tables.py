"""Tables of delivery: who is told, how far he has been told, and what became of each telling.

None of it is evidence. Secrets and mail addresses are ciphertexts under the home's delivery key, which is
not in the database. Times are UTC text of one shape, as in the ledger: they sort as text.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from ledger.tables import Position

metadata = MetaData()

subscription = Table(
    "delivery_subscription",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    # JSON lists: kinds of matters and patterns of event types; networks the address may lie in.
    Column("kinds", Text, nullable=False),
    Column("types", Text, nullable=False),
    Column("allowed", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Ledger number up to which (not included) it was decided what is told.
    Column("reached", BigInteger, nullable=False),
    # Not before this time, because the receiver failed.
    Column("hold", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("created_by", Text, nullable=False),
)

secret = Table(
    "delivery_secret",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subscription", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    # What verifies: only of Ed25519 is there something that may be shown.
    Column("public", Text, nullable=False),
    Column("created", Text, nullable=False),
    # Empty for the present ones; the ones before sign until then.
    Column("expires", Text, nullable=False),
    Index("ix_delivery_secret_subscription", "subscription"),
)

delivery = Table(
    "delivery_event",
    metadata,
    Column("subscription", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued", Text, nullable=False),
    Column("tried", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Index("ix_delivery_event_state", "subscription", "state", "number"),
)

lease = Table(
    "delivery_lease",
    metadata,
    Column("duty", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Text, nullable=False),
)

person = Table(
    "delivery_person",
    metadata,
    Column("person", Text, primary_key=True),
    # The mail address, sealed; empty where somebody only has settings.
    Column("sealed", Text, nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("digest", Boolean, nullable=False),
)

notice = Table(
    "delivery_notice",
    metadata,
    # The number of the row of the outbox that it was.
    Column("id", Position, primary_key=True, autoincrement=False),
    Column("entry_id", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("hold", Text, nullable=False),
    Column("created", Text, nullable=False),
    # Day of the digest that told of it; empty before.
    Column("digested", Text, nullable=False),
    Index("ix_delivery_notice_state", "state", "hold"),
    Index("ix_delivery_notice_digested", "digested", "recipient"),
)

digest = Table(
    "delivery_digest",
    metadata,
    Column("person", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("sent", Text, nullable=False),
)

TABLES = ", ".join(metadata.tables)
"""Names, for grants."""

"""Rows for inboxes, lookups and reports. Nothing here is evidence: all of it follows from the leaves.

Days are ISO dates as the leaf writes them (local days of the matter's calendar); recorded times are
UTC text as in the ledger.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, Table, Text

metadata = MetaData()

matter = Table(
    "matter",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("kind", Text),
    Column("business_key", Text),
    Column("item", Text),
    Column("channel", Text),
    Column("state", Text),
    Column("stage", Text),
    Column("owner", Text),
    Column("owner_post", Text),
    Column("section", Text),
    Column("received_day", Text),
    Column("accepted_day", Text),
    Column("promise_due", Text),
    Column("statutory_due", Text),
    Column("yellow_from", Text),
    Column("red_from", Text),
    Column("closed", Boolean, nullable=False, default=False),
    Column("outcome", Text),
    Column("lookup_digest", Text),
    Column("people", Text),
    Column("about", Text),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_recorded", Text, nullable=False),
    Index("ix_matter_owner", "owner"),
    Index("ix_matter_business_key", "business_key"),
    Index("ix_matter_lookup_digest", "lookup_digest"),
    Index("ix_matter_last_recorded", "last_recorded"),
    Index("ix_matter_about", "about"),
)

matter_clock = Table(
    "matter_clock",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("clock", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("due", Text),
    Column("yellow_from", Text),
    Column("red_from", Text),
    Column("provisional", Boolean, nullable=False),
    Column("stopped", Boolean, nullable=False),
    Column("breached", Boolean, nullable=False),
    Column("owner", Text),
    Index("ix_matter_clock_due", "due"),
    sqlite_with_rowid=False,
)

matter_card = Table(
    "matter_card",
    metadata,
    Column("card_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("clock", Text),
    Column("cause", Text),
    Column("issue_day", Text, nullable=False),
    Column("rectify_due", Text),
    Column("addressees", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_recorded", Text, nullable=False),
    Index("ix_matter_card_case_id", "case_id"),
)

"""Who is signed in: rows of the desk. Nothing here is evidence, and nobody's name stands here.

Times are UTC text as in the ledger. A session is found by the digest of its cookie's secret, so that nobody
becomes another by reading the database.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()

desk_session = Table(
    "desk_session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("handle", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("posts", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("signed_in", Text, nullable=False),
    Column("proven", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("ends", Text, nullable=False),
    Index("ix_desk_session_person", "person"),
    Index("ix_desk_session_ends", "ends"),
)

desk_carried = Table(
    "desk_carried",
    metadata,
    Column("id", Text, primary_key=True),
    Column("box", LargeBinary, nullable=False),
    Column("ends", Text, nullable=False),
    Index("ix_desk_carried_ends", "ends"),
)
"""What somebody typed before he had to sign in again, encrypted under a key that his browser alone keeps."""

desk_grant = Table(
    "desk_grant",
    metadata,
    Column("id", Text, primary_key=True),
    Column("giver", Text, nullable=False),
    Column("taker", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("starts", Text, nullable=False),
    Column("ends", Text, nullable=False),
    Column("ended", Text),
    Index("ix_desk_grant_giver", "giver"),
    Index("ix_desk_grant_taker", "taker"),
)
"""Who may act for whom, in what, until when."""

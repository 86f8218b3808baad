"""Rows for inboxes, lookups and reports. Nothing here is evidence: all of it follows from the leaves.

Days are ISO dates as the leaf writes them (local days of the matter's calendar); recorded times are
UTC text as in the ledger. The names and keys of applicants follow from sealed openings, and go with them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, MetaData, Table, Text

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
    Column("told", Text),
    Column("applicant_masked", Text),
    Column("applicant_key", Text),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_recorded", Text, nullable=False),
    Index("ix_matter_owner", "owner"),
    Index("ix_matter_business_key", "business_key"),
    Index("ix_matter_lookup_digest", "lookup_digest"),
    Index("ix_matter_last_recorded", "last_recorded"),
    Index("ix_matter_about", "about"),
    Index("ix_matter_applicant_key", "applicant_key"),
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

matter_task = Table(
    "matter_task",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("assignee_kind", Text, primary_key=True),
    Column("assignee", Text, primary_key=True),
    Column("post", Text),
    Column("kind", Text, nullable=False),
    Column("item", Text),
    Column("state", Text),
    Column("stage", Text),
    Column("section", Text),
    Column("due", Text, nullable=False),
    Column("yellow_from", Text, nullable=False),
    Column("red_from", Text, nullable=False),
    Column("stopped", Boolean, nullable=False),
    Column("since", Text, nullable=False),
    Index("ix_matter_task_assignee", "assignee", "assignee_kind", "due", "case_id"),
    Index("ix_matter_task_assignee_yellow", "assignee", "assignee_kind", "yellow_from"),
    Index("ix_matter_task_post", "post", "due", "case_id", "assignee_kind", "assignee"),
    Index("ix_matter_task_post_yellow", "post", "yellow_from"),
)
"""What somebody has to do now. A day that there is none of is `NEVER`, so that it sorts last."""

NEVER = "9999-12-31"

matter_part = Table(
    "matter_part",
    metadata,
    Column("officer", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("ended", Text, nullable=False),
    Index("ix_matter_part_ended", "officer", "ended", "case_id"),
    Index("ix_matter_part_case_id", "case_id"),
)
"""Who has had a part in which matter; `ended` is when it was over, empty while it is not."""

matter_search = Table(
    "matter_search",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("open_terms", Text, nullable=False),
    Column("terms", Text, nullable=False),
)
"""Search terms by matter, with blanks between; `open_terms` are those that no seal hides.

Migration 0006 indexes `terms`: on SQLite by `matter_fts`, whose numbers are an `id` of this table that is
there alone; on PostgreSQL by a GIN index.
"""

readmodel_key = Table(
    "readmodel_key",
    metadata,
    Column("name", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
"""Secrets of the rows. They outlive a rebuild, and are nowhere else."""

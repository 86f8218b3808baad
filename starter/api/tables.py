"""Tables of the HTTP API: answered keys, wrong codes, secrets all processes share, files that are kept.

Nothing here is evidence. What was answered is kept encrypted under the caller's own key; who sent a wrong
code is a keyed digest.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()

api_answer = Table(
    "api_answer",
    metadata,
    # Digest of caller, route and Idempotency-Key.
    Column("scope", Text, primary_key=True),
    # Keyed digest of the body: the same key with another body is a mistake.
    Column("said", Text, nullable=False),
    Column("begun", Text, nullable=False),
    # None while it is being answered.
    Column("answer", LargeBinary),
    Index("ix_api_answer_begun", "begun"),
)

api_wrong_code = Table(
    "api_wrong_code",
    metadata,
    Column("who", Text, primary_key=True),
    Column("since", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Index("ix_api_wrong_code_since", "since"),
)

api_secret = Table(
    "api_secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

kept_file = Table(
    "kept_file",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("kept", Text, nullable=False),
    Index("ix_kept_file_kept", "kept"),
)

kept_file_use = Table(
    "kept_file_use",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Index("ix_kept_file_use_case_id", "case_id"),
)

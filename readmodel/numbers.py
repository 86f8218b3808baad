"""Numbers of matters: one for each business key, in order, whatever the channel.

The number is given before the workflow starts, so that a repeated submission meets the same
workflow; a submission that fails in between keeps its number for the repetition.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
    text,
)

from rules.procedures import PROCEDURES

metadata = MetaData()

matter_number = Table(
    "matter_number",
    metadata,
    Column("number", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("business_key", Text, nullable=False),
    Column("year", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    UniqueConstraint("kind", "business_key"),
    UniqueConstraint("kind", "year", "n"),
)

_LOCK = 0x59474E  # "YGN": keeps two PostgreSQL writers from giving one number twice


def number_for(connection: Connection, kind: str, business_key: str, year: int) -> str:
    """The number of a business key, given on first use. Needs a transaction that may write."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    columns = matter_number.c
    known = connection.scalar(
        select(columns.number).where(columns.kind == kind, columns.business_key == business_key)
    )
    if known:
        return str(known)
    of_year = select(func.max(columns.n)).where(columns.kind == kind, columns.year == year)
    n = (connection.scalar(of_year) or 0) + 1
    number = f"{PROCEDURES[kind].prefix}-{year}-{n:06d}"
    row = {"number": number, "kind": kind, "business_key": business_key, "year": year, "n": n}
    connection.execute(insert(matter_number).values(row))
    return number

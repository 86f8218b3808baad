"""Open tasks and search terms: what the screen shows.

Terms are words that the house makes itself (`rules.terms`): neither database is asked to understand Chinese.
They are indexed by FTS5 on SQLite, where triggers keep the index with the table, and by a GIN index over
them as they stand on PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.migrations.rights import give

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("matter_task", "matter_part", "matter_search", "readmodel_key")
ROWS = "matter_task, matter_part, matter_search"
RIGHTS = {
    "yangguang_writer": (
        ("SELECT, INSERT, UPDATE, DELETE", ROWS),
        ("SELECT, INSERT", "readmodel_key"),
    ),
    # A redaction takes what it destroys out of the rows too.
    "yangguang_eraser": (("SELECT, UPDATE", "matter, matter_search"),),
    "yangguang_reader": (("SELECT", ROWS),),
}

_FTS = (
    """CREATE VIRTUAL TABLE matter_fts USING fts5(
        terms, content='matter_search', content_rowid='id', detail='none',
        tokenize="unicode61 remove_diacritics 0")""",
    """CREATE TRIGGER matter_search_in AFTER INSERT ON matter_search BEGIN
        INSERT INTO matter_fts (rowid, terms) VALUES (NEW.id, NEW.terms); END""",
    """CREATE TRIGGER matter_search_out AFTER DELETE ON matter_search BEGIN
        INSERT INTO matter_fts (matter_fts, rowid, terms) VALUES ('delete', OLD.id, OLD.terms); END""",
    """CREATE TRIGGER matter_search_over AFTER UPDATE OF terms ON matter_search BEGIN
        INSERT INTO matter_fts (matter_fts, rowid, terms) VALUES ('delete', OLD.id, OLD.terms);
        INSERT INTO matter_fts (rowid, terms) VALUES (NEW.id, NEW.terms); END""",
)
_GIN = (
    "CREATE INDEX matter_search_gin ON matter_search"
    " USING gin (array_to_tsvector(string_to_array(terms, ' ')))",
)


def upgrade() -> None:
    """Make the tables; rows from before get their tasks and terms by a rebuild."""
    for name in ("told", "applicant_masked", "applicant_key"):
        op.add_column("matter", sa.Column(name, sa.Text))
    op.create_index("ix_matter_applicant_key", "matter", ["applicant_key"])
    _tasks()
    _parts()
    _terms()
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    for statement in _GIN if postgresql else _FTS:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    give(connection, RIGHTS, TABLES)


def _tasks() -> None:
    op.create_table(
        "matter_task",
        *(_key(name) for name in ("case_id", "what", "assignee_kind", "assignee")),
        *(sa.Column(name, sa.Text) for name in ("post", "item", "state", "stage", "section")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "due", "yellow_from", "red_from")),
        sa.Column("stopped", sa.Boolean, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
    )
    mine = ["assignee", "assignee_kind"]
    op.create_index("ix_matter_task_assignee", "matter_task", [*mine, "due", "case_id"])
    op.create_index("ix_matter_task_assignee_yellow", "matter_task", [*mine, "yellow_from"])
    # Counting reads no more than this index.
    whose = ["assignee_kind", "assignee"]
    op.create_index("ix_matter_task_post", "matter_task", ["post", "due", "case_id", *whose])
    op.create_index("ix_matter_task_post_yellow", "matter_task", ["post", "yellow_from"])


def _parts() -> None:
    op.create_table(
        "matter_part", _key("officer"), _key("case_id"), sa.Column("ended", sa.Text, nullable=False)
    )
    op.create_index("ix_matter_part_ended", "matter_part", ["officer", "ended", "case_id"])
    op.create_index("ix_matter_part_case_id", "matter_part", ["case_id"])


def _terms() -> None:
    """FTS5 names rows by numbers that nothing but a column of their own keeps as they are."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    case = sa.Column("case_id", sa.Text, primary_key=postgresql, nullable=False, unique=not postgresql)
    number = () if postgresql else (sa.Column("id", sa.Integer, primary_key=True),)
    terms = (sa.Column(name, sa.Text, nullable=False) for name in ("open_terms", "terms"))
    op.create_table("matter_search", *number, case, *terms)
    op.create_table("readmodel_key", _key("name"), sa.Column("key", sa.LargeBinary, nullable=False))


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)

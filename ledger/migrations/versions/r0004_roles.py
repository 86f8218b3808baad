"""Who may do what (PostgreSQL): one role for each duty, none of which can log in or undo another's work.

Accounts are made members of the roles they need. Tables and functions belong to `yangguang_owner`; who
migrates stays a member of it, so that a single account for everything goes on working. Roles are those of the
whole server: they are made where missing. An account that may not make them still gets all triggers, and
the administrator is told what to run.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from alembic import op
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OWNER = "yangguang_owner"

MATTERS = "matter, matter_clock, matter_card, matter_number"
NUMBERS = "ledger_entry_pos_seq, ledger_outbox_id_seq"
LOG = "ledger_log, ledger_index, ledger_tile"
ANCHORS = "ledger_checkpoint, ledger_cosignature, ledger_token"
ALL = (
    f"alembic_version, ledger_meta, ledger_case, ledger_entry, ledger_inbox, {LOG}, {ANCHORS},"
    f" ledger_history, ledger_watermark, ledger_disclosure, ledger_key, ledger_outbox, {MATTERS}"
)

APPENDING = (
    ("INSERT", "ledger_entry, ledger_inbox, ledger_case"),
    ("UPDATE", "ledger_case"),
    ("USAGE", f"SEQUENCE {NUMBERS}"),
)

RIGHTS = {
    "yangguang_writer": (
        ("SELECT", ALL),
        *APPENDING,
        ("INSERT", "ledger_disclosure, ledger_key, ledger_outbox, ledger_history, ledger_watermark"),
        ("UPDATE", "ledger_outbox, ledger_watermark"),
        ("DELETE", "ledger_outbox"),
        ("INSERT, UPDATE, DELETE", MATTERS),
    ),
    "yangguang_sealer": (
        ("SELECT", f"alembic_version, ledger_meta, ledger_entry, ledger_inbox, {LOG}"),
        ("INSERT", "ledger_index, ledger_tile"),
        ("UPDATE", "ledger_log, ledger_tile"),
        ("DELETE", "ledger_inbox"),
    ),
    "yangguang_signer": (
        ("SELECT", f"alembic_version, ledger_meta, ledger_entry, ledger_inbox, {LOG}, {ANCHORS}"),
        ("INSERT", ANCHORS),
    ),
    "yangguang_eraser": (
        ("SELECT", ALL),
        *APPENDING,
        ("DELETE", "ledger_disclosure, ledger_key"),
    ),
    "yangguang_reader": (
        # Who verifies opens what is sealed, to hold it against the leaf.
        ("SELECT", ALL),
    ),
}
"""Least rights of each duty, next to USAGE of the schema."""

_log = structlog.get_logger(__name__)


def upgrade() -> None:
    """Make roles, rights and owner in one go, or none of it."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    schema, user = connection.exec_driver_sql(
        "SELECT quote_ident(current_schema()), quote_ident(current_user)"
    ).one()
    statements = ";\n".join(_statements(connection, schema, user))
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statements, execution_options={"no_parameters": True})
    except DBAPIError as error:
        said = str(error.orig).split("\n")[0]
        told = "数据库角色未建立 / the roles could not be made; an administrator has to run this once"
        _log.warning("roles_missing", told=told, reason=said, run=statements)


def _statements(connection: Connection, schema: str, user: str) -> Iterable[str]:
    for role in (OWNER, *RIGHTS):
        # Another migration, in another database of the server, may be making the same.
        yield f"""DO $role$ BEGIN CREATE ROLE {role} NOLOGIN;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $role$"""
    yield f"GRANT {OWNER} TO {user}"
    yield f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {OWNER}"
    for role, rights in RIGHTS.items():
        yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
        yield from (f"GRANT {right} ON {_in(schema, tables)} TO {role}" for right, tables in rights)
    for table in ALL.split(", "):
        if table != "alembic_version":
            yield f"ALTER TABLE {schema}.{table} OWNER TO {OWNER}"
    functions = connection.exec_driver_sql(
        "SELECT quote_ident(proname) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
        " AND starts_with(proname, 'ledger_')"
    ).scalars()
    yield from (f"ALTER FUNCTION {schema}.{name}() OWNER TO {OWNER}" for name in functions)


def _in(schema: str, tables: str) -> str:
    """The same names, each in its schema: the administrator's search path is another one."""
    kind, _, names = tables.rpartition("SEQUENCE ")
    return ("SEQUENCE " if kind or tables != names else "") + ", ".join(
        f"{schema}.{n}" for n in names.split(", ")
    )

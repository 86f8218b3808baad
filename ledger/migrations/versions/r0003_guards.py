"""The database refuses what no honest statement does to evidence: defence, not evidence.

Triggers stop accidents and injected SQL, with whatever rights they come. Who owns the database can drop them;
that he changed something is proven elsewhere. PostgreSQL: ENABLE ALWAYS, so that not even
`session_replication_role` passes by. SQLite: REPLACE deletes rows without firing triggers on DELETE, hence
triggers before INSERT as well, which look for the key.
"""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Keys = dict[str, tuple[tuple[str, ...], ...]]
"""Unique keys of tables."""

TOLD = "总账只增不改 / the ledger only grows"

FIXED = (
    "ledger_entry",
    "ledger_index",
    "ledger_checkpoint",
    "ledger_cosignature",
    "ledger_token",
    "ledger_history",
    "ledger_meta",
)
"""Rows of these are written once and stay."""

KEYS: Keys = {
    "ledger_entry": (("pos",), ("id",), ("case_id", "seq"), ("case_id", "business_key")),
    "ledger_index": (("log_index",), ("pos",)),
    "ledger_meta": (("key",),),
    "ledger_disclosure": (("entry_id", "digest"),),
    "ledger_key": (("key_id",), ("case_id",)),
}
"""An INSERT that meets one of these keys is refused (SQLite)."""

FIRST_STAYS: Keys = {
    "ledger_checkpoint": (("size",),),
    "ledger_cosignature": (("size", "key"),),
    "ledger_token": (("size", "authority"),),
    "ledger_history": (("run_id",),),
}
"""The same, but as quietly as the ON CONFLICT DO NOTHING with which honest writers insert (SQLite)."""

BACKWARD = {
    "ledger_case": """NEW.case_id <> OLD.case_id OR NEW.seq < OLD.seq
        OR (NEW.seq = OLD.seq AND (NEW.head <> OLD.head OR NEW.recorded <> OLD.recorded))""",
    "ledger_log": """NEW.id <> OLD.id OR NEW.size < OLD.size
        OR (NEW.size = OLD.size AND (NEW.root <> OLD.root OR NEW.frontier <> OLD.frontier))""",
    "ledger_tile": """NEW.level <> OLD.level OR NEW.number <> OLD.number
        OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes""",
    "ledger_inbox": "1 = 1",
    "ledger_disclosure": "1 = 1",
    "ledger_key": "1 = 1",
} | dict.fromkeys(FIXED, "1 = 1")
"""When an UPDATE is refused: heads, log and tiles may grow, the others never change."""

REDACTED = """EXISTS (
    SELECT 1 FROM ledger_entry AS told, ({case}) AS own
    WHERE told.case_id = 'ledger.redaction' AND told.type = 'ledger.redaction'
    AND substr(told.business_key, 1, length(own.case_id) + 1) = own.case_id || '/'
    AND length(told.business_key) = length(own.case_id) + 65
)"""
"""A redaction names its case and the digest (64 characters) of what it destroys."""

LEAVING = {
    "ledger_disclosure": "NOT "
    + REDACTED.format(case="SELECT case_id FROM ledger_entry WHERE id = OLD.entry_id"),
    "ledger_key": "NOT " + REDACTED.format(case="SELECT OLD.case_id AS case_id"),
} | dict.fromkeys((*FIXED, "ledger_case", "ledger_log", "ledger_tile"), "1 = 1")
"""When a DELETE is refused: openings and keys may go once their case's redaction is on record."""


def upgrade() -> None:
    """Create the triggers."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        script = ";\n".join(_postgresql(schema))
        connection.exec_driver_sql(script, execution_options={"no_parameters": True})
        return
    for statement in _sqlite():
        connection.exec_driver_sql(statement)


def _postgresql(schema: str) -> Iterable[str]:
    refuse = f"""RAISE EXCEPTION '{TOLD}: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation'"""
    yield _function("ledger_refuse", schema, f"{refuse};")
    for table, when in BACKWARD.items():
        yield from _trigger(table, "update", f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when})")
        yield from _trigger(table, "truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    for table, when in LEAVING.items():
        # What a WHEN clause cannot look up, a function does.
        function = "ledger_refuse"
        if when != "1 = 1":
            function = f"{table}_leaves"
            yield _function(function, schema, f"IF {when} THEN {refuse}; END IF; RETURN OLD;")
        yield from _trigger(table, "delete", f"BEFORE DELETE ON {table} FOR EACH ROW", function)
    yield from _trigger("ledger_log", "insert", "BEFORE INSERT ON ledger_log FOR EACH ROW WHEN (NEW.id <> 1)")
    # Looked at in one go, and one by one through the index: a thousand leave at a time.
    unsealed = "SELECT 1 FROM gone WHERE (SELECT i.pos FROM ledger_index AS i WHERE i.pos = gone.pos) IS NULL"
    yield _function(
        "ledger_inbox_leaves", schema, f"IF EXISTS ({unsealed}) THEN {refuse}; END IF; RETURN NULL;"
    )
    when = "AFTER DELETE ON ledger_inbox REFERENCING OLD TABLE AS gone FOR EACH STATEMENT"
    yield from _trigger("ledger_inbox", "delete", when, "ledger_inbox_leaves")


def _function(name: str, schema: str, body: str) -> str:
    # Names mean the tables beside the trigger, whatever the caller's search path is.
    return f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
        SET search_path = {schema}, pg_temp AS $guard$ BEGIN {body} END $guard$"""


def _trigger(table: str, what: str, when: str, function: str = "ledger_refuse") -> Iterable[str]:
    name = f"{table}_no_{what}"
    yield f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"


def _sqlite() -> Iterable[str]:
    for table, when in BACKWARD.items():
        yield _abort(table, "update", f"BEFORE UPDATE ON {table}", when)
    for table, when in LEAVING.items():
        yield _abort(table, "delete", f"BEFORE DELETE ON {table}", when)
    unsealed = "NOT EXISTS (SELECT 1 FROM ledger_index WHERE pos = OLD.pos)"
    yield _abort("ledger_inbox", "delete", "BEFORE DELETE ON ledger_inbox", unsealed)
    for table, keys in KEYS.items():
        yield _abort(table, "replace", f"BEFORE INSERT ON {table}", _meets(table, keys))
    for table, keys in FIRST_STAYS.items():
        when = _meets(table, keys)
        yield _guard(table, "replace", f"BEFORE INSERT ON {table}", when, "RAISE(IGNORE)")
    # These are written over by honest statements too: what may not come by UPDATE may not come so either.
    grows = {
        "ledger_case": "case_id = NEW.case_id",
        "ledger_tile": "level = NEW.level AND number = NEW.number",
    }
    for table, same in grows.items():
        old = f"EXISTS (SELECT 1 FROM {table} AS old WHERE old.{same.replace(' AND ', ' AND old.')}"
        yield _abort(table, "replace", f"BEFORE INSERT ON {table}", f"{old} AND ({BACKWARD[table]}))")
    second = "NEW.id <> 1 OR EXISTS (SELECT 1 FROM ledger_log)"
    yield _abort("ledger_log", "replace", "BEFORE INSERT ON ledger_log", second)


def _meets(table: str, keys: Iterable[Iterable[str]]) -> str:
    """Each key by an index of its own."""
    found = (" AND ".join(f"{name} = NEW.{name}" for name in key) for key in keys)
    return " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {each})" for each in found)


def _abort(table: str, what: str, event: str, when: str) -> str:
    told = f"{TOLD}: {what.upper()} of {table} is refused"
    return _guard(table, what, event, when, f"RAISE(ABORT, '{told}')")


def _guard(table: str, what: str, event: str, when: str, then: str) -> str:
    return f"CREATE TRIGGER {table}_no_{what} {event} WHEN {when} BEGIN SELECT {then}; END"

"""Rights on tables made after revision 4, for the roles it made (PostgreSQL).

Roles are those of the whole server. An account that is no member of theirs still gets its tables; the
administrator is told what to run, as by revision 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

OWNER = "yangguang_owner"

Rights = Mapping[str, Sequence[tuple[str, str]]]
"""By role: what, and on which tables (`a, b`)."""

_log = structlog.get_logger(__name__)


def give(connection: Connection, rights: Rights, tables: Iterable[str]) -> None:
    """Grant rights and hand the new tables to their owner, all or nothing; nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    script = ";\n".join(_statements(connection, rights, tables))
    if not script:
        return
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(script, execution_options={"no_parameters": True})
    except DBAPIError as error:
        told = "新表的权限未授予 / rights on new tables were not given; an administrator has to run this once"
        _log.warning("rights_missing", told=told, reason=str(error.orig).split("\n")[0], run=script)


def _statements(connection: Connection, rights: Rights, tables: Iterable[str]) -> Iterator[str]:
    schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    known = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())
    for role, given in rights.items():
        for right, on in given if role in known else ():
            named = ", ".join(f"{schema}.{table}" for table in on.split(", "))
            yield f"GRANT {right} ON {named} TO {role}"
    if OWNER in known:
        yield from (f"ALTER TABLE {schema}.{table} OWNER TO {OWNER}" for table in tables)

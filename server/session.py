"""What a new session of PostgreSQL has to be, so that tasks are safe in it and can be written.

Every name and every operator has its schema: no setting of the role leads to another one of that
name.
"""

from dataclasses import dataclass

from sqlalchemy import text

from server.exchange import Connection, Statement, exchange

# `session_user` is the login role: every role that it can take by SET ROLE counts, too.
COULD_BYPASS = Statement(
    text("""
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_roles r
        WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
        AND (r.rolsuper OR r.rolbypassrls OR r.rolname OPERATOR(pg_catalog.=) 'tasks_ownership'
             OR r.oid OPERATOR(pg_catalog.=) ANY (
                 SELECT c.relowner FROM pg_catalog.pg_class c
                 WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('public.tasks')
                 OR c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('public.users')))
    ), pg_catalog.getdatabaseencoding(),
    pg_catalog.current_setting('session_replication_role'),
    pg_catalog.current_setting('default_transaction_isolation')
    """)
)
# What may be mended while the server runs; a setting's source says whose word it is.
STATE = Statement(
    text("""
    SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_is_in_recovery(),
    pg_catalog.current_setting('synchronous_commit'),
    (SELECT s.source FROM pg_catalog.pg_settings s
     WHERE s.name OPERATOR(pg_catalog.=) 'default_transaction_read_only'),
    (SELECT s.source FROM pg_catalog.pg_settings s
     WHERE s.name OPERATOR(pg_catalog.=) 'synchronous_commit'),
    pg_catalog.to_regclass('public.tasks') IS NOT NULL,
    pg_catalog.has_table_privilege(session_user, pg_catalog.to_regclass('public.tasks'), 'SELECT')
    """)
)
SOURCES = {
    "user": "for the role",
    "database": "for the database",
    "database user": "for the role in this database",
    "client": "by its connections",
}
"""Who set a setting (`pg_settings.source`); what is not here is the whole cluster."""

# No statement of ours can set these for its own transaction: the first is a superuser's, the second
# has to be set before any query. Without them, no foreign key and no trigger holds, and concurrent
# writes of one task fail instead of waiting.
NEEDED = {"session_replication_role": "origin", "default_transaction_isolation": "read committed"}

NOT_MIGRATED = (
    "The database of DATABASE_URL does not have the tables: migrate it (`alembic upgrade head`)."
)
NO_RIGHTS = (
    "The role of DATABASE_URL has no rights to the tasks: make it a member of tasks_runtime."
)

MISSING = {"42P01": NOT_MIGRATED, "42703": NOT_MIGRATED, "42501": NO_RIGHTS}
"""What the log says of a statement that PostgreSQL refuses with these SQLSTATEs."""


class UnusableDatabaseError(Exception):
    """DATABASE_URL leads where no task is safe. The message is one sentence with the remedy."""


class WrongEncodingError(UnusableDatabaseError):
    """The database cannot hold every text that the API accepts, or counts bytes as characters."""


class BypassingRoleError(UnusableDatabaseError):
    """The role of DATABASE_URL could read the tasks of all users."""

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL names a role that can bypass row-level security: use a login role that"
            " is a member of tasks_runtime and of nothing else."
        )


async def check_session(connection: Connection, seconds: float) -> None:
    """Raise `UnusableDatabaseError` for a session in which no task is safe; psycopg's errors."""
    # Implements: SC-005
    (rows,) = await exchange(connection, [(COULD_BYPASS, {})], seconds)
    ((could_bypass, encoding, *found),) = rows[:]
    if encoding != "UTF8":
        raise WrongEncodingError(
            f"DATABASE_URL leads to a database that is encoded in {encoding}: use one that was made"
            " with ENCODING 'UTF8', so that it can hold every text."
        )
    if could_bypass:
        raise BypassingRoleError
    for (name, needed), value in zip(NEEDED.items(), found, strict=True):
        if value != needed:
            raise UnusableDatabaseError(
                f"DATABASE_URL leads to sessions whose {name} is '{value}': set it to '{needed}'"
                " for this role or database, or in the URL."
            )


@dataclass(frozen=True)
class State:
    """What a server says of itself at the start, in sentences for the log; they may be empty."""

    no_writes: str
    others: tuple[str, ...]


async def read_state(connection: Connection, seconds: float) -> State:
    """Ask what requests will fail of, or may lose, as long as nobody changes it.

    Raises `UnusableDatabaseError` where the server's own URL or environment says so.
    """
    # Implements: SC-007
    (rows,) = await exchange(connection, [(STATE, {})], seconds)
    ((read_only, standby, commit, read_only_by, commit_by, migrated, may_read),) = rows[:]
    no_writes, others = "", []
    if read_only == "on":
        why = _set_by(connection, "default_transaction_read_only", read_only_by, standby)
        no_writes = f"The database of DATABASE_URL takes no writes now: {why}."
    if commit == "off":
        why = _set_by(connection, "synchronous_commit", commit_by)
        others.append(f"A crash of PostgreSQL may lose what was acknowledged: {why}.")
    if not migrated:
        others.append(NOT_MIGRATED)
    elif not may_read:
        others.append(NO_RIGHTS)
    return State(no_writes, tuple(others))


def _set_by(connection: Connection, name: str, source: str, standby: bool = False) -> str:
    # Implements: SR-006
    if standby:
        return "it is a standby"
    options = connection.info.get_parameters().get("options", "")
    if source == "client" and name in options:
        raise UnusableDatabaseError(
            f"DATABASE_URL, or PGOPTIONS, sets {name} for its sessions: take it away, so that tasks"
            f" {'are kept' if name == 'synchronous_commit' else 'can be written'}."
        )
    return f"{name} is set {SOURCES.get(source, 'for all databases')}"

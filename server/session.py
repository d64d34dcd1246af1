"""What a new session of PostgreSQL has to be, so that tasks are safe in it and can be written.

Every name and every operator has its schema: no setting of the role leads to another one of that
name.
"""

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
SETTING = "default_transaction_read_only"
# Whether writes are taken; the setting's source says whose word it is.
TAKES_WRITES = Statement(
    text("""
    SELECT pg_catalog.current_setting('transaction_read_only') OPERATOR(pg_catalog.=) 'off',
    pg_catalog.pg_is_in_recovery(),
    (SELECT s.source FROM pg_catalog.pg_settings s
     WHERE s.name OPERATOR(pg_catalog.=) 'default_transaction_read_only')
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


async def why_read_only(connection: Connection, seconds: float) -> str:
    """Return why new transactions cannot write, in a few words; nothing if they can.

    Raises `UnusableDatabaseError` where the server's own URL or environment says so.
    """
    # Implements: SC-007
    (rows,) = await exchange(connection, [(TAKES_WRITES, {})], seconds)
    ((takes_writes, standby, source),) = rows[:]
    if takes_writes:
        return ""
    if standby:
        return "it is a standby"
    options = connection.info.get_parameters().get("options", "")
    if source == "client" and SETTING in options:
        raise UnusableDatabaseError(
            f"DATABASE_URL, or PGOPTIONS, sets {SETTING} for its sessions: take it away, so that"
            " tasks can be written."
        )
    return f"{SETTING} is set {SOURCES.get(source, 'for all databases')}"

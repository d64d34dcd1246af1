"""The database of one run: created in a cluster at its start, dropped at its end."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from steps.errors import TargetError
from steps.postgres.cluster import Cluster
from steps.target.columns import Columns
from steps.target.description.placeholders import fill
from steps.target.description.tables import DatabaseTable

NAME_PREFIX = "acceptance_"
NEEDED_PRIVILEGES = "CREATEDB, CREATEROLE and, where the schema uses row-level security, BYPASSRLS"
COPY_TASK_SQL = """
INSERT INTO {tasks} OVERRIDING SYSTEM VALUE
SELECT copy.*
FROM {tasks} sample, (
    SELECT {new} AS {id}, 'task ' || n AS {title}, owner AS {user_id}
    FROM generate_series(0, %(count)s - 1, cardinality(%(users)s::text[])) before,
        unnest(%(users)s::text[]) WITH ORDINALITY AS owners (owner, place),
        LATERAL (SELECT before + place AS n) numbered
    WHERE n <= %(count)s
) new, jsonb_populate_record(sample, to_jsonb(new)) copy
WHERE sample.{id}::text = %(sample)s
"""
SCHEMA_LOCK_ID = 7_226_311_904  # an arbitrary number: no other program should lock it


class Database:
    """A fresh database, and a login role for the server under test.

    The role owns the database, so that a server can make its own tables. Where the target file has
    a `grant` (`GRANT something TO {role}`), the role owns nothing, and gets these rights once the
    schema is there.
    """

    def __init__(
        self, cluster: Cluster, table: DatabaseTable, fields: Mapping[str, str] | None = None
    ) -> None:
        """`fields` are the API's names of the fields of a task: columns often have the same."""
        self._cluster = cluster
        self._grant = table.grant
        tables = {"tasks": table.tasks, "users": table.users}
        self.columns = Columns(self.execute, tables, table.columns.given, fields or {})
        """What its tables and columns are called."""
        self.name = NAME_PREFIX + secrets.token_hex(6)
        self._password = secrets.token_urlsafe(24)
        self._connection: psycopg.Connection[Any] | None = None
        self.version = ""
        self.reachable = True
        """False between `stop` and `start`."""

    @property
    def kind(self) -> str:
        """Where its PostgreSQL comes from, for the report."""
        return self._cluster.kind

    @property
    def owner_url(self) -> str:
        """URL of this database with the rights of a role that runs migrations."""
        return urlunsplit(urlsplit(self._cluster.admin_url)._replace(path=f"/{self.name}"))

    @property
    def server_url(self) -> str:
        """URL of this database for the server under test."""
        host, port = self._cluster.address
        login = f"{self.name}:{quote(self._password)}@{host}:{port}"
        parts = urlsplit(self._cluster.admin_url)
        query = urlencode(self._cluster.server_options, quote_via=quote)
        return urlunsplit(parts._replace(netloc=login, path=f"/{self.name}", query=query))

    @property
    def secrets(self) -> dict[str, str]:
        """The passwords of the server's role and of the harness's own: what each is, and it."""
        own = urlsplit(self._cluster.admin_url).password or ""
        return {
            "the database password of the server": self._password,
            "the database password of the harness": unquote(own),
        }

    @property
    def placeholders(self) -> dict[str, str]:
        """Values of the placeholders that are about the database."""
        host, port = self._cluster.address
        return {
            "database_url": self.server_url,
            "database_host": host,
            "database_port": str(port),
            "database_user": self.name,
            "database_password": self._password,
            "database_name": self.name,
            "owner_url": self.owner_url,
        }

    def create(self) -> None:
        """Create the database and the role. Raises `TargetError` when PostgreSQL refuses."""
        name, password = sql.Identifier(self.name), sql.Literal(self._password)
        with self._connect_as_admin() as admin:
            server = admin.execute("SELECT version(), current_setting('server_version')")
            self.version = str((server.fetchone() or ("", ""))[1])
            try:
                admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, password))
                # An admin that is no superuser sees and ends only sessions of roles that it is a
                # member of.
                admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
                owner = sql.SQL("" if self._grant else "OWNER {}").format(name)
                # Not the server's default: tasks are Unicode, and sort the same everywhere.
                unicode = "CREATE DATABASE {} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0 {}"
                admin.execute(sql.SQL(unicode).format(name, owner))
            except psycopg.errors.InsufficientPrivilege as error:
                raise TargetError(
                    "The role in --database may not create databases and roles "
                    f"({error.diag.message_primary}): give it {NEEDED_PRIVILEGES}."
                ) from error
            except psycopg.Error as error:
                raise TargetError(
                    f"--database: no database could be made: {error.diag.message_primary or error}."
                ) from error

    def grant(self) -> None:
        """Give the server's role its rights, now that the schema is there.

        Raises `TargetError` when that fails, or when row-level security would hide rows from the
        harness.
        """
        try:
            if self._grant:
                self.execute(fill(self._grant, {"role": self.name}))
            hidden = self.execute(
                "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') "
                "AND row_security_active(oid)"
            )
        except psycopg.Error as error:
            raise TargetError(
                f"[database] grant failed: {error.diag.message_primary or error}."
            ) from error
        if hidden:
            raise TargetError(
                f"The role in --database cannot see all rows of {hidden[0][0]}, because row-level "
                f"security binds it: give it {NEEDED_PRIVILEGES}."
            )

    @contextmanager
    def schema_lock(self) -> Iterator[None]:
        """Keep other runs from making or dropping a schema: all databases share their roles."""
        with self._connect_as_admin() as admin:
            admin.execute("SELECT pg_advisory_lock(%s)", [SCHEMA_LOCK_ID])
            yield

    def revoke(self) -> None:
        """Drop the server's role and its rights, so that the teardown can drop other roles."""
        if self._grant:
            self.execute(
                sql.SQL(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {}"
                ).format(sql.Literal(self.name))
            )
            self.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(self.name)))
            self.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(self.name)))

    def drop(self) -> None:
        """Drop the database and the role; name them on stderr when that fails."""
        self.disconnect()
        name = sql.Identifier(self.name)
        try:
            with self._connect_as_admin() as admin:
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
                admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(name))
        except psycopg.Error as error:
            print(
                f"Database and role {self.name} could not be removed "
                f"({' '.join(str(error).split())}): drop them by hand.",
                file=sys.stderr,
            )

    def stop(self) -> None:
        """Make PostgreSQL unreachable for the server under test."""
        self.disconnect()
        self.reachable = False
        self._cluster.stop()

    def start(self) -> None:
        """Make PostgreSQL reachable again."""
        self._cluster.start()
        self.reachable = True

    def execute(
        self, statement: str | sql.Composed, values: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        """Run one statement with the owner's rights; return its rows, if it returns any."""
        query = statement
        if isinstance(query, str):
            query = sql.Composed([sql.SQL(query)])
        cursor = self._owner_connection().execute(query, values)
        return cursor.fetchall() if cursor.description else []

    def ask(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Run one statement with names filled in. See `statement`."""
        return self.execute(self.statement(statement), values)

    def statement(self, text: str, **parts: str) -> sql.Composed:
        """Return a statement with names filled in.

        `{tasks}` and `{users}` are the tables, `{users_id}` is the key of the users, the spec's
        name of a field is the column of it; `parts` are others. Raises `NotRun` when the database
        does not show a name.
        """
        return sql.Composed([sql.SQL(text.format_map(_Names(self.columns, parts)))])

    def copy_task(self, sample: str, users: Sequence[str], count: int) -> None:
        """Store `count` copies of the task with the id `sample`, spread evenly over the users.

        Ids, titles and owners differ; all other columns are copied, also `created_at` and those
        that the spec does not name. Ids are UUIDs, or numbers from the table's own sequence.
        """
        key = sql.Literal(self.columns.plain("id")).as_string(None)
        numbered = f"nextval(pg_get_serial_sequence('{self.columns.tasks}', {key}))"
        self.execute(
            self.statement(
                COPY_TASK_SQL, new=numbered if sample.isdigit() else "gen_random_uuid()"
            ),
            {"users": list(users), "count": count, "sample": sample},
        )

    def run_script(self, key: str, statements: bytes) -> None:
        """Run SQL statements of a target file as the role that owns the database.

        Raises `TargetError`, which names the `key` that they come from, when that fails.
        """
        url = self.owner_url if self._grant else self.server_url
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
                connection.execute(statements)
        except (OSError, psycopg.Error) as error:
            reason = " ".join(str(error).split())
            raise TargetError(f"{key}: {reason}.") from error

    def _owner_connection(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.owner_url, autocommit=True, connect_timeout=10)
        return self._connection

    def disconnect(self) -> None:
        """Close the harness's own connection to the database, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect_as_admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            self._cluster.admin_url, autocommit=True, connect_timeout=10, client_encoding="utf8"
        )


class _Names(dict[str, str]):
    """Names for a statement; one of a table or a column is looked up when the statement has it."""

    def __init__(self, columns: Columns, parts: Mapping[str, str]) -> None:
        super().__init__(parts)
        self._columns = columns

    def __missing__(self, name: str) -> str:
        if name in {"tasks", "users"}:
            return str(getattr(self._columns, name))
        return self._columns.quoted(name)

"""Where servers are measured: PostgreSQL, a migrated database with users and tasks."""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.load import Request, request
from steps.postgres.cluster import Cluster, cluster
from steps.process.child import run
from steps.process.ports import free_port
from steps.process.server_process import ServerProcess, environment
from steps.target.database import Database
from steps.target.description.tables import DatabaseTable
from steps.target.tokens import Issuer, Secret

ROOT = Path(__file__).parents[1]
BODY = b'{"title": "Buy milk", "description": "Two litres, the fresh one"}'
REFERENCE = (sys.executable, "-m", "server")
BASELINE = (sys.executable, "-m", "bench.baseline")
HOURS = 12 * 3600


class Testbed:
    """A migrated database, its users and tasks, and requests for them."""

    def __init__(self, source: Cluster, database: Database, folder: Path) -> None:
        self._source = source
        self.database = database
        self.folder = folder
        self.issuer = Issuer(Secret(secrets.token_urlsafe(48)), lifetime=HOURS)

    def fill(self, users: int, tasks: int, prefix: str = "bench") -> list[str]:
        """Make users with that many tasks each, and return their ids."""
        values = {"users": users, "tasks": tasks, "prefix": prefix}
        self.database.execute(
            "INSERT INTO users (id, name, email) SELECT %(prefix)s || '-' || n, 'A user', "
            "%(prefix)s || '-' || n || '@example.test' FROM generate_series(1, %(users)s::int) n",
            values,
        )
        if not tasks:
            return [f"{prefix}-{number}" for number in range(1, users + 1)]
        # Ordered by time, as users create tasks: the rows of one user are spread over the table.
        self.database.execute(
            "INSERT INTO tasks (user_id, title, description, created_at) "
            "SELECT %(prefix)s || '-' || n, 'Task ' || t, 'What is to be done, and how', "
            "now() - interval '1 second' * t "
            "FROM generate_series(1, %(tasks)s::int) t, generate_series(1, %(users)s::int) n",
            values,
        )
        self.database.execute("VACUUM ANALYZE users")
        self.database.execute("VACUUM ANALYZE tasks")
        return [f"{prefix}-{number}" for number in range(1, users + 1)]

    def lists(self, users: Sequence[str]) -> list[Request]:
        """Give a request for the list of each user."""
        return [self._request("GET", user, "", 200) for user in users]

    def gets(self, users: Sequence[str]) -> list[Request]:
        """Give a request for one task of each user."""
        rows = self.database.execute(
            "SELECT DISTINCT ON (user_id) user_id, id FROM tasks WHERE user_id = ANY(%(users)s) "
            "ORDER BY user_id, created_at",
            {"users": list(users)},
        )
        return [self._request("GET", user, f"/{task}", 200) for user, task in rows]

    def creates(self, users: Sequence[str]) -> list[Request]:
        """Give a request that creates a task for each user."""
        return [self._request("POST", user, "", 201, BODY) for user in users]

    def _request(
        self, method: str, user: str, rest: str, status: int, body: bytes = b""
    ) -> Request:
        path = f"/api/{user}/tasks{rest}"
        return request(method, path, self.issuer.token(user), status, body)

    @contextmanager
    def server(
        self, command: Sequence[str] = REFERENCE, **variables: str
    ) -> Iterator[ServerProcess]:
        """Serve until the block ends. The baseline gets the owner's URL: no row-level security."""
        url = self.database.owner_url if command == BASELINE else self.database.server_url
        port = free_port()
        env: Mapping[str, str] = {
            "DATABASE_URL": url,
            "JWT_SECRET": self.issuer.secret,
            "CORS_ORIGIN": "https://app.example.test",
            "PORT": str(port),
            **variables,
        }
        log = self.folder / f"server-{port}.log"
        server = ServerProcess(list(command), env, ROOT, port, log)
        try:
            server.wait_until_ready("/openapi.json")
            yield server
        finally:
            server.stop()

    @contextmanager
    def another(self) -> Iterator[Testbed]:
        """Give a testbed with an empty database of its own in the same PostgreSQL."""
        with _migrated(self._source, self.folder) as database:
            yield Testbed(self._source, database, self.folder)

    def query(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Ask the database as its owner."""
        return self.database.execute(statement, values)


@contextmanager
def open_testbed(choice: str = "embedded") -> Iterator[Testbed]:
    """Start PostgreSQL with an empty, migrated database; remove both at the end."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    source = cluster(choice)
    try:
        source.start()
        with _migrated(source, folder) as database:
            yield Testbed(source, database, folder)
    finally:
        source.close()
        shutil.rmtree(folder, ignore_errors=True)


def migrate(database: Database, folder: Path) -> None:
    """Make the schema, as the target file of the reference server does."""
    run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        log=folder / "schema.log",
        env=environment({"MIGRATION_DATABASE_URL": database.owner_url}),
        cwd=ROOT,
    )


@contextmanager
def _migrated(source: Cluster, folder: Path) -> Iterator[Database]:
    database = Database(source, DatabaseTable(schema=[], grant="GRANT tasks_runtime TO {role}"))
    try:
        database.create()
        migrate(database, folder)
        database.grant()
        yield database
    finally:
        database.disconnect()
        if database.version:
            database.drop()


def pgbench_environment(url: str) -> dict[str, str]:
    """Return libpq's variables for a URL, so that no password is in a command line."""
    info = psycopg.conninfo.conninfo_to_dict(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    own = {variable: str(info[name]) for name, variable in names.items() if name in info}
    return environment(own | {"PGDATABASE": str(info["dbname"]), "LC_ALL": "C"})

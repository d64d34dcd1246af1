"""The target: everything that is being tested, and what can be done to it."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from steps.target.cluster import cluster
from steps.target.database import Database
from steps.target.description import Description
from steps.target.process import TRIES, TargetError, free_port, run, taken
from steps.target.server import ServerProcess, environment
from steps.target.tokens import Issuer
from traceability.control import Control

CORS_ORIGIN = "https://app.example.test"


@dataclass(frozen=True)
class User:
    """A user of the target, known to its database."""

    id: str
    name: str
    token: str


class Target:
    """A started server with a database of its own.

    Its capabilities are named as the scenarios' tags name their needs: `users` (can make users),
    `database` (can query), `outage` (can stop the database), `restart` (can restart the server),
    `source` (has readable source).
    """

    abilities = frozenset({"users", "database", "outage", "restart", "source"})

    def __init__(self, description: Description, database: str, folder: Path) -> None:
        self.description = description
        self.issuer = Issuer(secrets.token_urlsafe(48), claims=description.claims)
        self.cors_origin = CORS_ORIGIN
        self.log = folder / "server.log"
        self.control = Control()
        self._cluster = cluster(database)
        self.database = Database(self._cluster, description.database.grant)
        self._port = free_port()
        self._server: ServerProcess | None = None
        self._migrated = False

    @property
    def capabilities(self) -> frozenset[str]:
        """What it can be asked for, and what it offers beyond the spec."""
        return self.abilities | {name.replace("_", "-") for name in self.description.offers}

    @property
    def base_url(self) -> str:
        """Scheme, host and port of the running server."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """TCP port of the running server."""
        return self._port

    def open(self) -> None:
        """Start PostgreSQL, make the database and its schema, and start the server."""
        self._cluster.start()
        self.database.create()
        with self.database.turn():
            self.migrate(self.description.database.schema)
            self._migrated = True
            self.database.grant()
        self._start_where_free()

    def close(self) -> None:
        """Stop all of it, and remove what was made for it, or say on stderr what could not be."""
        try:
            if self._server is not None:
                self._server.stop()
            self.database.disconnect()
            if self._cluster.shared and self.database.version:
                self._clear()
        finally:
            self._cluster.close()
            self.control.close()

    def _clear(self) -> None:
        """Leave nothing behind in a server that exists."""
        teardown = self.description.database.teardown
        try:
            if self._migrated and teardown:
                with self.database.turn():
                    self.database.revoke()
                    self.migrate(teardown)
        except (TargetError, psycopg.Error) as error:
            print(f"The schema could not be taken down: {error}", file=sys.stderr)
        self.database.drop()

    def _start_where_free(self) -> None:
        """Start for the first time, on another port if somebody else takes the chosen one."""
        for _ in range(TRIES):
            if not taken(self._port):
                try:
                    self.start()
                except TargetError:
                    if not taken(self._port):  # then it ended for a reason of its own
                        raise
                else:
                    return
            self._port = free_port()
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._server = self._launch(self._port, {})
        self._server.wait_until_ready(self.description.server.ready)

    def kill(self) -> None:
        """End the server by SIGKILL; what was measured up to now is kept."""
        if self._server is not None:
            self.control.flush()
            self._server.kill()

    def refusal(
        self,
        changes: Mapping[str, str | None],
        env: Mapping[str, str] | None = None,
    ) -> tuple[int | None, str]:
        """Start a second server with a changed environment: its exit status and its output.

        `changes` maps placeholders (`jwt_secret`, …) to values, or to None: the variable is taken
        away. `env` adds variables. The status is None when the server serves all the same (it is
        stopped then).
        """
        log = self._side_log()
        server = self._launch(free_port(), changes, log, env)
        status = server.wait_until_refused(self.description.server.ready)
        server.stop()
        if status is not None and taken(server.port):
            return self.refusal(changes, env)  # it was refused the port, not the environment
        return status, log.read_text("utf-8", "replace")

    @contextmanager
    def beside(self, env: Mapping[str, str], **changes: str) -> Iterator[str]:
        """Serve with a changed environment on another port for a while; give the base URL.

        `changes` are values of placeholders in `env`; an empty value takes a variable away.
        """
        port = free_port()
        server = self._launch(port, changes, self._side_log(), env)
        try:
            server.wait_until_ready(self.description.server.ready)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.stop()

    def run_measured(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a Python command of the server's to its end: exit status and output."""
        values = self._values({})
        log, server = self._side_log(), self.description.server
        process = ServerProcess(
            self._measured([part.format(**values) for part in command]),
            self.control.environment(),
            server.folder,
            0,
            log,
        )
        return process.wait(), log.read_text("utf-8", "replace")

    def variables(self, placeholder: str) -> tuple[str, ...]:
        """Return the names of the environment variables that carry a placeholder."""
        env = self.description.server.env
        return tuple(name for name, value in env.items() if f"{{{placeholder}}}" in value)

    def new_user(self, name: str, identity: str | None = None) -> User:
        """Make a user in the database, as the identity provider would."""
        identity = identity or secrets.token_hex(16)
        values = {"id": identity, "name": name, "email": f"{secrets.token_hex(12)}@example.test"}
        self.database.execute(self.description.insert_user, values)
        return User(identity, name, self.issuer.token(identity))

    def sources(self) -> Iterable[Path]:
        """Return the Python files of the server's source."""
        server = self.description.server
        return (file for name in server.measure for file in (server.folder / name).rglob("*.py"))

    def migrate(self, command: tuple[str, ...]) -> None:
        """Run the command that makes the schema, or takes it down."""
        if not command:
            return
        values = self._values({})
        env = {k: v.format(**values) for k, v in self.description.database.env.items()}
        log = self.log.with_name("schema.log")
        log.unlink(missing_ok=True)
        try:
            run(
                [part.format(**values) for part in command],
                log=log,
                env=environment(env),
                cwd=self.description.server.folder,
            )
        except TargetError as error:
            shown = " ".join(command)
            raise TargetError(f"{self.description.path}: [database] {shown} {error}") from error

    def _launch(
        self,
        port: int,
        changes: Mapping[str, str | None],
        log: Path | None = None,
        more: Mapping[str, str] | None = None,
    ) -> ServerProcess:
        server = self.description.server
        values = self._values({"port": str(port), **changes})
        gone = {f"{{{name}}}" for name, value in changes.items() if value is None}
        env = {
            name: text.format(**values)
            for name, text in {**server.env, **(more or {})}.items()
            if text and not any(placeholder in text for placeholder in gone)
        }
        command = [part.format(**values) for part in server.command]
        if server.measure:
            command = self._measured(command)
            env |= self.control.environment()
        return ServerProcess(command, env, server.folder, port, log or self.log)

    def _measured(self, command: list[str]) -> list[str]:
        server = self.description.server
        sources = [str(server.folder / name) for name in server.measure]
        prefix = self.control.command(command[0], sources=sources, root=server.folder)
        return [*prefix, *command[1:]]

    def _side_log(self) -> Path:
        return self.log.with_name(f"beside-{secrets.token_hex(4)}.log")

    def _values(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        values: dict[str, str | None] = {
            "python": sys.executable,
            "port": str(self._port),
            "database_url": self.database.server_url,
            "owner_url": self.database.owner_url,
            "jwt_secret": self.issuer.secret,
            "cors_origin": self.cors_origin,
            **changes,
        }
        return {name: value or "" for name, value in values.items()}

"""The target: everything that is being tested, and what can be done to it."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from steps.target.cluster import cluster
from steps.target.database import Database
from steps.target.description import Description
from steps.target.process import TargetError, free_port
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
        self.migrate(self.description.database.schema)
        self.database.grant()
        self.start()

    def close(self) -> None:
        """Stop all of it, and remove what was made for it."""
        if self._server is not None:
            self._server.stop()
        try:
            if self.database.version:
                if self.description.database.teardown:
                    self.migrate(self.description.database.teardown)
                self.database.drop()
        finally:
            self._cluster.close()
            self.control.close()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._server = self._launch(self._port, {})
        self._server.wait_until_ready(self.description.server.ready)

    def kill(self) -> None:
        """End the server by SIGKILL; what was measured up to now is kept."""
        if self._server is not None:
            self.control.flush()
            self._server.kill()

    @contextmanager
    def changed_secret(self, secret: str) -> Iterator[Issuer]:
        """Restart the server with another secret for a while; give the issuer that knows it."""
        before = self.issuer
        self.kill()
        self.issuer = replace(before, secret=secret)
        try:
            self.start()
            yield self.issuer
        finally:
            self.kill()
            self.issuer = before
            self.start()

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
        return status, log.read_text("utf-8", "replace")

    @contextmanager
    def beside(self, env: Mapping[str, str], **changes: str) -> Iterator[str]:
        """Serve with a changed environment on another port for a while; give the base URL.

        `changes` are values of placeholders in `env`; an empty value takes a variable away.
        """
        port = free_port()
        server = self._launch(port, changes, self._side_log(), env)
        server.wait_until_ready(self.description.server.ready)
        try:
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
        done = subprocess.run(
            [part.format(**values) for part in command],
            cwd=self.description.server.folder,
            env=environment(env),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            output = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
            raise TargetError(
                f"{self.description.path}: [database] {' '.join(command)} ended with status "
                f"{done.returncode}:\n{output}"
            )

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

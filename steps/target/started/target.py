"""A target that the harness starts, with a PostgreSQL database of its own."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from steps.errors import TargetError
from steps.postgres.cluster import cluster
from steps.process.child import last_lines
from steps.process.ports import PORT_ATTEMPTS, free_port, port_in_use
from steps.process.server_process import EndedWhileStartingError, ServerProcess
from steps.target.database import Database
from steps.target.description.placeholders import fill_all
from steps.target.description.tables import Description
from steps.target.keys import KeySet, private_key
from steps.target.sign_up import SignUpAccounts
from steps.target.started.extensions import extension_sentence
from steps.target.started.schema import LOG_LINES, Schema
from steps.target.started.server_command import ServerStarter
from steps.target.target import Target, git_commit
from steps.target.tokens import Issuer, Secret
from steps.target.user_accounts import DatabaseAccounts
from traceability.measure.control_socket import ControlSocket

CORS_ORIGIN = "https://app.example.test"
ISSUER = "https://issuer.example.test"
"""`{issuer}` of tokens that are signed with a shared secret; no server answers there."""


class StartedTarget(Target):
    """A server as a child process.

    `database` is the harness's option `--database`. The logs and other files are in `folder`.
    """

    def __init__(self, description: Description, database: str, folder: Path) -> None:
        super().__init__(description)
        self._log = folder / "server.log"
        self._starter = ServerStarter(description, self._placeholders)
        self._cluster = cluster(database, in_memory=True)
        self._database = Database(self._cluster, description.database, description.fields.given)
        self._schema = Schema(
            description, self._database, self._placeholders, folder / "schema.log"
        )
        self._port = description.server.port or free_port()
        self._server: ServerProcess | None = None
        self._keys: KeySet | None = None
        self._issuer = self._make_issuer()
        users = description.users
        if users.sign_up:
            token_from_sign_up = users.sign_up.token or (users.sign_in and users.sign_in.token)
            signs = "tokens" in description.model_fields_set or not token_from_sign_up
            self.accounts = SignUpAccounts(
                users, self._issuer if signs else None, lambda: self.base_url
            )
        else:
            self.accounts = DatabaseAccounts(description, self._issuer, self._database.execute)

    def _make_issuer(self) -> Issuer:
        tokens = self.description.tokens
        if tokens.algorithm == "HS256":
            claims = fill_all(tokens.claims, {"issuer": ISSUER})
            return Issuer(Secret(secrets.token_urlsafe(48), name=tokens.key_id), claims)
        key = private_key(self.description)
        self._keys = KeySet(key, url=tokens.jwks_url)
        return Issuer(key, fill_all(tokens.claims, {"issuer": self._keys.issuer}))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def capabilities(self) -> frozenset[str]:
        found = {"users", "signing", "origin", "database", "outage", "restart"}
        found |= {"source"} if self.description.server.source else set()
        found |= {"opaque-ids"} if self.accounts.takes_any_id else set()
        return frozenset(found) | self.description.offers.names

    @property
    def facts(self) -> dict[str, str]:
        return {
            "postgresql": self._database.version,
            "database": self._database.kind,
            "commit": git_commit(self.description.folder),
        }

    @property
    def issuer(self) -> Issuer:
        return self._issuer

    @property
    def secrets(self) -> dict[str, str]:
        return {"the JWT secret": self._issuer.secret, **self._database.secrets}

    @property
    def cors_origin(self) -> str:
        return self.description.server.cors_origin or CORS_ORIGIN

    @property
    def database(self) -> Database:
        return self._database

    @property
    def log(self) -> Path:
        return self._log

    @property
    def control(self) -> ControlSocket | None:
        return self._starter.control

    @property
    def unmeasured(self) -> str:
        return self._starter.unmeasured

    def open(self) -> None:
        """Start PostgreSQL, create the database and its schema, and start the server.

        Raises `TargetError` when one of them fails.
        """
        if self.description.server.port and port_in_use(self._port):
            raise TargetError(
                f"{self.description.path}: [server] port: something listens on {self._port} "
                "already: stop it, or let the harness choose a port by telling the server {port}."
            )
        self._cluster.start()
        self._database.create()
        self._schema.create()
        try:
            self._start_beside_others()
        except TargetError:
            output = last_lines(self._log, LOG_LINES)
            if sentence := extension_sentence(output, self._database.kind):
                raise TargetError(f"{self.description.path}: the server {sentence}.") from None
            raise

    def _start_beside_others(self) -> None:
        """Start for the first time, while other workers start theirs."""
        if self.start_lock is None:
            self._start_on_free_port()
            return
        with ExitStack() as stack:
            with self.time_limits.paused():
                stack.enter_context(self.start_lock.shared())
            try:
                self._start_on_free_port()
            except EndedWhileStartingError:
                # A server of another worker may have disturbed it. It is started once more, while
                # no other starts: an error then is its own.
                with self.time_limits.paused():
                    self.start_lock.to_exclusive()
                self._log.unlink(missing_ok=True)
                self._start_on_free_port()

    def close(self) -> None:
        """Stop the server and PostgreSQL; where PostgreSQL stays, drop the database.

        Report on stderr what could not be removed.
        """
        try:
            if self._server is not None:
                self._server.stop()
            self._database.disconnect()
            if self._cluster.shared and self._database.version:
                self._schema.tear_down()
                self._database.drop()
        finally:
            self._cluster.close()
            self._starter.close()
            if self._keys is not None:
                self._keys.close()

    def _start_on_free_port(self) -> None:
        """Start for the first time, on another port if another program takes the chosen one."""
        for _ in range(PORT_ATTEMPTS if self.description.server.port is None else 0):
            if not port_in_use(self._port):
                try:
                    self.start()
                except TargetError:
                    if not port_in_use(self._port):  # then the port is not the reason
                        raise
                else:
                    return
            self._port = free_port()
        self.start()

    def alive(self) -> bool:
        return self._server is not None and self._server.running

    def start(self) -> None:
        limit = self.time_limits.start_timeout(self.description.server.start_seconds)
        self._server = self._starter.start(self._port, self._log)
        self._wait_until_ready(self._server, limit)

    def _wait_until_ready(self, process: ServerProcess, limit: float) -> None:
        began = time.monotonic()
        try:
            process.wait_until_ready(self.description.server.ready, limit)
        finally:
            self.time_limits.note_start(time.monotonic() - began)

    def kill(self) -> None:
        """End the server by SIGKILL; the lines that have run up to now are kept."""
        if self._server is not None:
            self._starter.flush()
            self._server.kill()

    def try_start(
        self, changes: Mapping[str, str | None], env: Mapping[str, str] | None = None
    ) -> tuple[int | None, str]:
        server = self.description.server
        log = self._new_log()
        with self._second_port() as port:
            limit = self.time_limits.start_timeout(server.start_seconds)
            process, began = self._starter.start(port, log, changes, env), time.monotonic()
            status = process.wait_until_answered_or_ended(server.ready, limit)
            self.time_limits.note_start(time.monotonic() - began)
            process.stop()
            port_taken = status is not None and server.port is None and port_in_use(port)
        if port_taken:
            return self.try_start(changes, env)  # it ended because of the port, not the environment
        return status, log.read_text("utf-8", "replace")

    @contextmanager
    def second_server(self, env: Mapping[str, str], **changes: str | None) -> Iterator[str]:
        with self._second_port() as port:
            limit = self.time_limits.start_timeout(self.description.server.start_seconds)
            process = self._starter.start(port, self._new_log(), changes, env)
            try:
                self._wait_until_ready(process, limit)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.stop()

    @contextmanager
    def _second_port(self) -> Iterator[int]:
        """Yield a port for a second server.

        Where the target file fixes the port, the first server is killed, and started again after.
        """
        if self.description.server.port is None:
            yield free_port()
            return
        self.kill()
        try:
            yield self._port
        finally:
            self.start()

    def run_measured(self, command: Sequence[str]) -> tuple[int, str]:
        log = self._new_log()
        return self._starter.start_other(command, log).wait(), log.read_text("utf-8", "replace")

    def _new_log(self) -> Path:
        return self._log.with_name(f"beside-{secrets.token_hex(4)}.log")

    def _placeholders(self) -> dict[str, str]:
        own = self.description.server.python
        return {
            "python": str(self.description.folder / own) if own else sys.executable,
            "port": str(self._port),
            "jwt_secret": self._issuer.secret,
            "jwks_url": self._keys.url if self._keys else "",
            "issuer": self._keys.issuer if self._keys else ISSUER,
            "cors_origin": self.cors_origin,
            **self._database.placeholders,
        }

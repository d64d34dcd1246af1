"""A reference server whose database is kept, for `nox -s serve` and the fuzzer."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg

from steps.errors import TargetError
from steps.http.client import Client
from steps.postgres.embedded import EmbeddedPostgres
from steps.process.child import last_lines, run
from steps.process.server_process import ServerProcess, environment
from steps.target.tokens import Issuer, Secret
from steps.target.user_accounts import User

ROOT = Path(__file__).parents[2]
TOKEN_LIFETIME_SECONDS = 30 * 24 * 3600


class _NoRecorder:
    def exchange(self, **_: object) -> None:
        """Record nothing: there is no judging."""


class Demo:
    """PostgreSQL in a folder, the server on a port, and users with tokens.

    The JWT secret and the password of the server's login must survive a restart: they are kept in
    the folder, readable by its owner alone.
    """

    def __init__(self, folder: Path, port: int, origin: str) -> None:
        self.folder = folder
        self.origin = origin
        self.base_url = f"http://127.0.0.1:{port}"
        self.fresh = not (folder / "postgres" / "data").exists()
        """Whether this is the first start."""
        self._port = port
        self._postgres = EmbeddedPostgres(folder / "postgres")
        self._server: ServerProcess | None = None
        self.issuer = Issuer(Secret(""))

    def open(self) -> None:
        """Start PostgreSQL, bring the schema up to date, start the server. Raises `TargetError`."""
        try:
            self._postgres.start()  # it locks the folder
            self.issuer = Issuer(
                Secret(self._stored_secret("jwt-secret")), lifetime=TOKEN_LIFETIME_SECONDS
            )
        except OSError as error:
            raise TargetError(
                f"The data in {self.folder} cannot be used ({error.strerror}): {error.filename} "
                "must belong to you. Remove the folder to begin anew."
            ) from error
        self._migrate()
        self._create_login("api", self._stored_secret("api-password"))
        log = self.folder / "server.log"
        log.unlink(missing_ok=True)
        env = {
            "DATABASE_URL": self._url("api", self._stored_secret("api-password")),
            "JWT_SECRET": self.issuer.secret,
            "CORS_ORIGIN": self.origin,
            "PORT": str(self._port),
        }
        command = [sys.executable, "-m", "server"]
        self._server = ServerProcess(command, env, ROOT, self._port, log)
        self._server.wait_until_ready("/openapi.json")

    def wait(self) -> None:
        """Wait until the server ends by itself; then raise `TargetError`."""
        assert self._server is not None, "open() comes first"
        status = self._server.wait()
        raise TargetError(f"The server ended with status {status}:\n{last_lines(self._server.log)}")

    def close(self) -> None:
        """Stop the server, then PostgreSQL."""
        if self._server is not None:
            self._server.stop()
        self._postgres.close()

    def client(self) -> Client:
        """Return an HTTP client of the server."""
        return Client(self.base_url, _NoRecorder())

    def user(self, name: str) -> User:
        """Return the user of that name, who is made on first use."""
        email = f"{name.lower()}@example.test"
        with psycopg.connect(self._postgres.admin_url) as admin:
            admin.execute(
                "INSERT INTO users (id, name, email, email_verified) VALUES (%s, %s, %s, true) "
                "ON CONFLICT (email) DO NOTHING",
                [secrets.token_hex(16), name, email],
            )
            row = admin.execute("SELECT id FROM users WHERE email = %s", [email]).fetchone()
        assert row is not None
        return User(row[0], name, self.issuer.token(row[0]))

    def _migrate(self) -> None:
        try:
            run(
                [sys.executable, "-m", "alembic", "upgrade", "head"],
                log=self.folder / "migration.log",
                env=environment({"MIGRATION_DATABASE_URL": self._postgres.admin_url}),
                cwd=ROOT,
            )
        except TargetError as error:
            raise TargetError(f"The migration of {self.folder} {error}") from error

    def _create_login(self, role: str, password: str) -> None:
        """Create the server's login. It owns nothing, so that row-level security applies to it."""
        name = psycopg.sql.Identifier(role)
        with psycopg.connect(self._postgres.admin_url, autocommit=True) as admin:
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                admin.execute(psycopg.sql.SQL("CREATE ROLE {} LOGIN").format(name))
            statements = "ALTER ROLE {} PASSWORD {}", "GRANT tasks_runtime TO {}"
            secret = psycopg.sql.Literal(password)
            admin.execute(psycopg.sql.SQL(statements[0]).format(name, secret))
            admin.execute(psycopg.sql.SQL(statements[1]).format(name))

    def _url(self, role: str, password: str) -> str:
        return f"postgresql://{role}:{quote(password)}@127.0.0.1:{self._postgres.port}/postgres"

    def _stored_secret(self, name: str) -> str:
        """Return the secret in a file of this folder, which is made on first use."""
        path = self.folder / name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48), "utf-8")
        return path.read_text("utf-8")

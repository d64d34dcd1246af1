"""PgBouncer in transaction mode before PostgreSQL, with TLS on both sides.

Channel binding ends here: it ties a login to one TLS channel, and PgBouncer ends the client's
channel and opens another, so it offers SCRAM-SHA-256 without `-PLUS`. A URL that leads to a pooler
verifies certificate and host, and leaves `channel_binding` away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from steps.endurance.environment import Place
from steps.endurance.environments.debian import migrated_place, with_port
from steps.endurance.environments.programs import pgbouncer_program, postgresql_programs
from steps.endurance.environments.tls import TlsPostgres
from steps.errors import TargetError
from steps.postgres.data_folder import change_owner, make_temporary_folder, unprivileged_user
from steps.process.child import last_lines, spawn, terminate
from steps.process.ports import free_port

START_SECONDS = 15
SETTINGS = """
[databases]
* = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/accounts
pool_mode = transaction
default_pool_size = {pool}
server_lifetime = {lifetime}
server_login_retry = 0.2
client_tls_sslmode = require
client_tls_cert_file = {folder}/server.crt
client_tls_key_file = {folder}/server.key
server_tls_sslmode = verify-full
server_tls_ca_file = {root}
"""


class PgBouncer:
    """One PgBouncer for one login of a PostgreSQL with TLS. Times are in seconds."""

    def __init__(self, server: TlsPostgres, url: str, pool: int, lifetime: int = 3600) -> None:
        program = pgbouncer_program()
        self._owner = unprivileged_user()
        self.folder, lock = make_temporary_folder(self._owner)
        self._lock: int | None = lock
        self.port = free_port()
        self.url = with_port(url, self.port).replace("&channel_binding=require", "")
        self._process: subprocess.Popen[bytes] | None = None
        self._command = [program, str(self.folder / "pgbouncer.ini")]
        server.authority.issue(self.folder, self._owner)
        parts = urlsplit(url)
        self._write("accounts", f'"{parts.username}" "{unquote(parts.password or "")}"\n')
        settings = SETTINGS.format(
            server_port=server.port,
            port=self.port,
            folder=self.folder,
            pool=pool,
            lifetime=lifetime,
            root=server.authority.root,
        )
        self._write("pgbouncer.ini", settings)

    def start(self) -> None:
        """Start it, and return when it lets its login in. Raises `TargetError`."""
        log = self.folder / "log"
        self._process = spawn(self._command, log=log, user=self._owner, cwd=self.folder)
        end = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            time.sleep(0.02)
        raise TargetError(f"PgBouncer was not ready in {START_SECONDS} s:\n{last_lines(log)}")

    def kill(self) -> None:
        """End it by SIGKILL; every connection through it breaks."""
        if self._process is not None:
            terminate(self._process, signal.SIGKILL)
            self._process = None

    def close(self) -> None:
        """End it, and remove its files."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        change_owner(self._owner, path)


@dataclass(frozen=True)
class PooledPlace(Place):
    """A place whose server's URL leads to `pooler`."""

    pooler: PgBouncer | None = None


@dataclass(frozen=True)
class Pooled:
    """PostgreSQL with TLS behind a PgBouncer with so many connections."""

    pool: int
    lifetime: int = 3600
    """Seconds after which PgBouncer replaces a connection of its own."""

    @property
    def name(self) -> str:
        """How it is called in the reports."""
        return f"PgBouncer with a pool of {self.pool}, TLS on both sides"

    @contextmanager
    def open(self, folder: Path) -> Iterator[PooledPlace]:
        """Start both with an empty, migrated database; remove everything at the end."""
        postgresql_programs()
        pgbouncer_program()
        with contextlib.ExitStack() as stack:
            cluster = TlsPostgres()
            stack.callback(cluster.close)
            cluster.start()
            place = migrated_place(cluster, folder)
            pooler = PgBouncer(cluster, place.server_url, self.pool, self.lifetime)
            stack.callback(pooler.close)
            pooler.start()
            yield PooledPlace(
                place.owner_url,
                pooler.url,
                place.role,
                cluster,
                connections=self.pool,
                pooler=pooler,
            )

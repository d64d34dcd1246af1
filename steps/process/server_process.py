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
from steps.http.expectations import fail
from steps.process.child import last_lines, spawn, terminate
from steps.process.followed_log import FollowedLog
from steps.process.ports import port_in_use

START_SECONDS = 30
ANSWER_SECONDS = 2.0
"""Limit of one attempt to get an answer."""
INHERITED = ("HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return `variables` plus the few that any program needs; nothing else is inherited."""
    found = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return found | {"PATH": search_path()} | dict(variables)


def search_path() -> str:
    """Return PATH without the folder of the harness's interpreter, so without its programs."""
    ours = Path(sys.executable).parent
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    # Without a virtual environment, the folder does not belong to the harness alone.
    if sys.prefix == sys.base_prefix:
        return os.pathsep.join(folders)
    return os.pathsep.join(folder for folder in folders if Path(folder) != ours)


class EndedWhileStartingError(TargetError):
    """The server ended while it started."""


class ServerProcess:
    """One start of the server; `log` collects everything that it prints.

    `own_log` is a file to which it writes besides, or instead: it is followed into `log`.
    """

    def __init__(
        self,
        command: list[str],
        env: Mapping[str, str],
        folder: Path,
        port: int,
        log: Path,
        own_log: Path | None = None,
    ) -> None:
        self.command = command
        self.port = port
        self.log = log
        self._http = deadline.client(f"http://127.0.0.1:{port}", ANSWER_SECONDS, connections=2)
        self._own_log = FollowedLog(own_log, log) if own_log else None
        self._process = spawn(command, log=log, env=environment(env), cwd=folder)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def wait_until_ready(self, path: str, seconds: float = START_SECONDS) -> None:
        """Return as soon as the server answers GET `path` over HTTP, with any status.

        Raises `EndedWhileStartingError` when it ends before, `TargetError` when it does not answer
        in time; it is killed then.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.running:
                raise EndedWhileStartingError(
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

    def wait_until_answered_or_ended(self, path: str, seconds: float = START_SECONDS) -> int | None:
        """Return the exit status of a server that ends instead of starting, None when it answers.

        Raises `AssertionError` when it does neither in time; it is killed then.
        """
        end = time.monotonic() + seconds
        while not self._answers(path):
            try:
                return self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                if time.monotonic() > end:
                    self.kill()
                    fail(
                        f"it neither answered nor ended within {seconds:g} s",
                        actual=last_lines(self.log),
                    )
        return None

    def wait(self) -> int:
        """Wait until the server ends by itself; return its exit status."""
        return self._process.wait()

    def stop(self) -> None:
        """End it by SIGTERM, as an operator would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it by SIGKILL: it cannot finish anything."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        terminate(self._process, number)
        if self._own_log is not None:
            self._own_log.close()

    def _describe_port(self) -> str:
        """Return what the port shows of a server that does not answer, as part of a sentence."""
        if port_in_use(self.port):
            return "something listens there but does not speak HTTP"
        return "nothing listens there: is the server told {port}, and 127.0.0.1 or 0.0.0.0"

    def _answers(self, path: str) -> bool:
        with socket.socket() as connection:  # far cheaper than a request that cannot connect
            connection.settimeout(ANSWER_SECONDS)
            if connection.connect_ex(("127.0.0.1", self.port)) == errno.ECONNREFUSED:
                return False
        try:
            # The head is enough: a body may take long.
            with self._http.stream("GET", path):
                return True
        except httpx2.HTTPError:
            return False

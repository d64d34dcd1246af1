"""The server under test as a process of its own."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from steps.target.process import TargetError, end, spawn, tail

START_SECONDS = 30
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return `own` plus the few variables that any program needs, and nothing else of ours."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | dict(own)


class ServerProcess:
    """One start of the server; `log` collects everything that it prints."""

    def __init__(
        self, command: list[str], env: Mapping[str, str], folder: Path, port: int, log: Path
    ) -> None:
        self.command = command
        self.port = port
        self.log = log
        self._process = spawn(command, log=log, env=environment(env), cwd=folder)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def wait_until_ready(self, path: str) -> None:
        """Return as soon as the server answers anything at all over HTTP."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.running:
                raise TargetError(
                    f"The server ended while it started, with status {self._process.returncode}. "
                    f"The end of its output:\n{tail(self.log)}"
                )
            if self._answers(path):
                return
            time.sleep(0.02)
        self.kill()
        raise TargetError(
            f"The server did not answer GET http://127.0.0.1:{self.port}{path} within "
            f"{START_SECONDS} s. The end of its output:\n{tail(self.log)}"
        )

    def wait_until_refused(self, path: str) -> int | None:
        """Return the exit status of a server that refuses to start, None if it serves."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not self._answers(path):
            try:
                return self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        return None

    def wait(self) -> int:
        """Return its exit status when it ends by itself."""
        return self._process.wait()

    def stop(self) -> None:
        """Ask it to end, as an operator would."""
        end(self._process, signal.SIGTERM)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        end(self._process, signal.SIGKILL)

    def _answers(self, path: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

"""The harness's end of the control socket: announces each step and collects its lines."""

from __future__ import annotations

import contextlib
import hmac
import itertools
import json
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

LAUNCHER_SCRIPT = Path(__file__).with_name("launcher.py")
ANSWER_TIMEOUT = 2.0
"""Seconds that a launcher has to answer. After that, steps end without it until it answers."""


class LauncherConnection:
    """A connected launcher: a process that is measured, or that has said why it is not."""

    def __init__(self, connection: socket.socket, reader: TextIO) -> None:
        self.connection = connection
        self.reader = reader
        self.last_sent_id = 0
        self.last_answered_id = 0
        self.late = False
        """Whether the answer to its last command is overdue."""

    def send(self, message: Mapping[str, Any]) -> None:
        # A launcher that died is removed by its reading thread; until then a send may fail.
        with contextlib.suppress(OSError):
            self.connection.sendall(json.dumps(message).encode() + b"\n")

    def send_command(self, **command: Any) -> None:
        self.last_sent_id += 1
        self.send({"id": self.last_sent_id, **command})


class ControlSocket:
    """Listens for launchers and collects the lines of the current step.

    Servers may start, die and restart at any time, also several at once. Only one thread of the
    harness may call `begin_step`, `flush` and `end_step`.
    """

    def __init__(self, answer_timeout: float = ANSWER_TIMEOUT) -> None:
        self._answer_timeout = answer_timeout
        self._token = secrets.token_urlsafe(24)
        self._changed = threading.Condition()
        self._launchers: list[LauncherConnection] = []
        self._announced_step: str | None = None
        """The step that a launcher learns of when it connects."""
        self._collected_step: str | None = None
        """The step whose lines are collected, until all launchers have answered its end."""
        self._step_numbers = itertools.count(1)
        self._lines: dict[str, set[int]] = {}
        self._unmeasured_reasons: list[str] = []
        self._connections = 0
        self.root: Path | None = None
        """Folder that paths are relative to; None until `launcher_command` has set it."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        threading.Thread(
            target=self._accept_connections, name="traceability-control", daemon=True
        ).start()

    def environment(self) -> dict[str, str]:
        """Return the environment variable through which a launcher finds this socket."""
        return {"TRACEABILITY_CONTROL": f"127.0.0.1:{self._port}:{self._token}"}

    def launcher_command(
        self,
        python: str | Path = sys.executable,
        *,
        sources: Iterable[str | Path],
        root: str | Path,
    ) -> list[str]:
        """Return the command line to put before `-m server ...` or `script.py ...`.

        `python` is the server's interpreter; nothing has to be installed in it. Only files below
        `sources` are measured, and their paths are reported relative to `root`.
        """
        self.root = Path(root).resolve()
        folders = [part for source in sources for part in ("--source", str(source))]
        return [str(python), str(LAUNCHER_SCRIPT), *folders, "--root", str(root), "--"]

    @property
    def unmeasured(self) -> str:
        """Why lines are missing; empty when every server that connected is measured."""
        with self._changed:
            if self._unmeasured_reasons:
                return self._unmeasured_reasons[0]
            return "" if self._connections else "no server was started under the launcher"

    def begin_step(self, step: str) -> None:
        """Collect the lines that run from now on, also those of servers that start later."""
        with self._changed:
            # The number distinguishes a step from an earlier step of the same name.
            self._announced_step = self._collected_step = f"{next(self._step_numbers)} {step}"
            self._lines = {}
            for launcher in self._launchers:
                launcher.send_command(begin=self._announced_step)
            self._wait_for_answers()

    def flush(self) -> None:
        """Fetch the lines that ran up to now. Call it before killing a server during a step."""
        with self._changed:
            if self._announced_step is not None:
                for launcher in self._launchers:
                    launcher.send_command(flush=True)
                self._wait_for_answers()

    def end_step(self) -> dict[str, frozenset[int]]:
        """End the step. Returns its lines by path, also those of servers that have ended."""
        with self._changed:
            self._announced_step = None
            for launcher in self._launchers:
                launcher.send_command(end=True)
            self._wait_for_answers()
            self._collected_step = None
            lines, self._lines = self._lines, {}
        return {path: frozenset(numbers) for path, numbers in sorted(lines.items())}

    def close(self) -> None:
        """Stop listening and close all connections. The servers go on running."""
        with self._changed:
            launchers, self._launchers = self._launchers, []
        # Only a shutdown ends a blocking `accept` or `recv` of another thread.
        for connection in [self._listener, *(launcher.connection for launcher in launchers)]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _wait_for_answers(self) -> None:
        """Wait until each launcher has answered, ended or is late. Releases the lock meanwhile."""
        deadline = time.monotonic() + self._answer_timeout

        def pending() -> list[LauncherConnection]:
            return [
                one
                for one in self._launchers
                if one.last_answered_id < one.last_sent_id and not one.late
            ]

        while unanswered := pending():
            if not self._changed.wait(deadline - time.monotonic()):
                for launcher in unanswered:
                    launcher.late = True

    def _accept_connections(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve_launcher,
                args=(connection,),
                name="traceability-launcher",
                daemon=True,
            ).start()

    def _serve_launcher(self, connection: socket.socket) -> None:
        with connection, connection.makefile("r", encoding="utf-8") as reader:
            launcher = LauncherConnection(connection, reader)
            try:
                if self._handshake(launcher):
                    for line in reader:
                        self._handle_message(launcher, json.loads(line))
            except (OSError, ValueError):
                pass  # The launcher died in the middle of a message.
            finally:
                with self._changed:
                    if launcher in self._launchers:
                        self._launchers.remove(launcher)
                    self._changed.notify_all()

    def _handshake(self, launcher: LauncherConnection) -> bool:
        """Check the token, add the launcher and tell it the current step; False for a wrong token.

        Adding and telling are under one lock, so that no step begins or ends between them.
        """
        launcher.connection.settimeout(self._answer_timeout)
        hello = json.loads(launcher.reader.readline() or "{}")
        if not hmac.compare_digest(str(hello.get("token", "")), self._token):
            return False
        launcher.connection.settimeout(None)
        with self._changed:
            self._connections += 1
            if hello["unmeasured"]:
                self._unmeasured_reasons.append(hello["unmeasured"])
            self._launchers.append(launcher)
            launcher.send({"step": self._announced_step})
        return True

    def _handle_message(self, launcher: LauncherConnection, message: Mapping[str, Any]) -> None:
        with self._changed:
            if "id" in message:
                launcher.last_answered_id = message["id"]
                if launcher.last_answered_id == launcher.last_sent_id:
                    # Lines of a late answer are dropped: they may belong to another step.
                    lines = {} if launcher.late else message.get("lines", {})
                    launcher.late = False
                else:
                    lines = {}
            else:
                lines = message["lines"] if message["final"] == self._collected_step else {}
            for path, numbers in lines.items():
                self._lines.setdefault(path, set()).update(numbers)
            self._changed.notify_all()

"""The harness's side of the launcher's socket: says which step begins, and takes its lines."""

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

LAUNCHER = Path(__file__).with_name("launcher.py")
PATIENCE = 2.0
"""Seconds a launcher has to answer. A late one is not waited for again until it answers."""


class Launcher:
    """One connected launcher: a process that is measured, or says why it is not."""

    def __init__(self, connection: socket.socket, reader: TextIO) -> None:
        self.connection = connection
        self.reader = reader
        self.sent = 0
        self.answered = 0
        self.late = False

    def send(self, message: Mapping[str, Any]) -> None:
        # A launcher that died is found by its reader; until then its socket may refuse.
        with contextlib.suppress(OSError):
            self.connection.sendall(json.dumps(message).encode() + b"\n")

    def command(self, **command: Any) -> None:
        self.sent += 1
        self.send({"id": self.sent, **command})


class Control:
    """Listens for launchers and keeps the lines of the step that has begun.

    Servers may come, die and come back at any time, several at once. One thread of the harness
    calls `begin`, `flush` and `end`.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._token = secrets.token_urlsafe(24)
        self._changed = threading.Condition()
        self._launchers: list[Launcher] = []
        self._step: str | None = None
        """What a launcher that connects now is told."""
        self._counted: str | None = None
        """The step whose lines are still taken; outlives `_step` while its end is waited for."""
        self._serial = itertools.count(1)
        self._kept: dict[str, set[int]] = {}
        self._reasons: list[str] = []
        self._connected = 0
        self.root: Path | None = None
        """Folder that the paths of lines are relative to, once `command` has named it."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="traceability-control", daemon=True).start()

    def environment(self) -> dict[str, str]:
        """Return what a server's environment needs so that its launcher finds this harness."""
        return {"TRACEABILITY_CONTROL": f"127.0.0.1:{self._port}:{self._token}"}

    def command(
        self,
        python: str | Path = sys.executable,
        *,
        sources: Iterable[str | Path],
        root: str | Path,
    ) -> list[str]:
        """Return the command line before `-m server ...` or `script.py ...`.

        `python` is the interpreter of the server, in which nothing has to be installed. Only files
        below `sources` are measured, and their paths are reported relative to `root`.
        """
        self.root = Path(root).resolve()
        folders = [part for source in sources for part in ("--source", str(source))]
        return [str(python), str(LAUNCHER), *folders, "--root", str(root), "--"]

    @property
    def unmeasured(self) -> str:
        """Why lines are missing; empty when every server that came was measured."""
        with self._changed:
            if self._reasons:
                return self._reasons[0]
            return "" if self._connected else "no server was started under the launcher"

    def begin(self, context: str) -> None:
        """Count what runs from now on, in every server, those included that start later."""
        with self._changed:
            # The number tells a step that is repeated from the one before.
            self._step = self._counted = f"{next(self._serial)} {context}"
            self._kept = {}
            for launcher in self._launchers:
                launcher.command(begin=self._step)
            self._wait()

    def flush(self) -> None:
        """Fetch what ran up to now: call it before a server is killed in the middle of a step."""
        with self._changed:
            if self._step is not None:
                for launcher in self._launchers:
                    launcher.command(flush=True)
                self._wait()

    def end(self) -> dict[str, frozenset[int]]:
        """Stop counting. Returns the lines by path, of all servers and of those that ended."""
        with self._changed:
            self._step = None
            for launcher in self._launchers:
                launcher.command(end=True)
            self._wait()
            self._counted = None
            lines, self._kept = self._kept, {}
        return {path: frozenset(numbers) for path, numbers in sorted(lines.items())}

    def close(self) -> None:
        """Stop listening and hang up. The servers go on."""
        with self._changed:
            launchers, self._launchers = self._launchers, []
        # Only a shutdown wakes a thread that sits in `accept` or `recv`.
        for end in [self._listener, *(launcher.connection for launcher in launchers)]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _wait(self) -> None:
        """Wait until all have answered or ended. The lock is free meanwhile."""
        deadline = time.monotonic() + self._patience

        def pending() -> list[Launcher]:
            return [one for one in self._launchers if one.answered < one.sent and not one.late]

        while waiting := pending():
            if not self._changed.wait(deadline - time.monotonic()):
                for launcher in waiting:
                    launcher.late = True

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(connection,), name="traceability-launcher", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("r", encoding="utf-8") as reader:
            launcher = Launcher(connection, reader)
            try:
                if self._welcome(launcher):
                    for line in reader:
                        self._take(launcher, json.loads(line))
            except (OSError, ValueError):
                pass  # It died in the middle of a message.
            finally:
                with self._changed:
                    if launcher in self._launchers:
                        self._launchers.remove(launcher)
                    self._changed.notify_all()

    def _welcome(self, launcher: Launcher) -> bool:
        """Tell the step that has begun, in one go with joining: no begin or end comes between."""
        launcher.connection.settimeout(self._patience)
        hello = json.loads(launcher.reader.readline() or "{}")
        if not hmac.compare_digest(str(hello.get("token", "")), self._token):
            return False
        launcher.connection.settimeout(None)
        with self._changed:
            self._connected += 1
            if hello["unmeasured"]:
                self._reasons.append(hello["unmeasured"])
            self._launchers.append(launcher)
            launcher.send({"step": self._step})
        return True

    def _take(self, launcher: Launcher, message: Mapping[str, Any]) -> None:
        with self._changed:
            if "id" in message:
                launcher.answered = message["id"]
                if launcher.answered == launcher.sent:
                    # A late answer's lines may belong to another step: what is lost stays lost.
                    lines = {} if launcher.late else message.get("lines", {})
                    launcher.late = False
                else:
                    lines = {}
            else:
                lines = message["lines"] if message["final"] == self._counted else {}
            for path, numbers in lines.items():
                self._kept.setdefault(path, set()).update(numbers)
            self._changed.notify_all()

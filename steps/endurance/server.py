"""The server under load: it is started, killed, paused and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from steps.endurance import processes
from steps.endurance.environment import ROOT
from steps.process.server_process import ServerProcess

COMMAND = (sys.executable, "-m", "server")
READY = "/openapi.json"


class Server:
    """A server on one port; each start is a process of its own, with the same settings."""

    def __init__(
        self, variables: Mapping[str, str], port: int, log: Path, files: int | None = None
    ) -> None:
        self.port = port
        self.log = log
        self._variables = {**variables, "PORT": str(port)}
        limit = ("sh", "-c", f'ulimit -n {files} && exec "$0" "$@"') if files else ()
        self._command = [*limit, *COMMAND]
        self._process: ServerProcess | None = None

    @property
    def process(self) -> ServerProcess:
        """The process that was started last."""
        assert self._process is not None, "the server was not started"
        return self._process

    @property
    def pid(self) -> int:
        """The process that was started; with several workers, their parent."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether that process has not ended."""
        return self._process is not None and self._process.running

    def workers(self) -> list[int]:
        """Return the processes that serve, the oldest first."""
        if self._variables.get("WORKERS", "1") == "1":
            return [self.pid]
        # Python's own tracker of shared memory is a child, too.
        return [
            child
            for child in processes.children(self.pid)
            if "resource_tracker" not in processes.command(child)
        ]

    async def start(self) -> None:
        """Start it, and return when it answers. Raises `TargetError`."""
        self._process = ServerProcess(self._command, self._variables, ROOT, self.port, self.log)
        await asyncio.to_thread(self._process.wait_until_ready, READY)

    async def stop(self) -> None:
        """End it by SIGTERM, as an operator would; whatever is left after 10 s is killed."""
        if self._process is not None:
            await asyncio.to_thread(self._process.stop)

    async def kill(self) -> None:
        """End it and its workers by SIGKILL."""
        await asyncio.to_thread(self.process.kill)

    async def wait(self, seconds: float) -> bool:
        """Return whether it ends by itself within so many seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self.running and loop.time() < end:
            await asyncio.sleep(0.02)
        return not self.running

    def signal(self, number: signal.Signals, pid: int | None = None) -> None:
        """Send a signal to its process, or to one of its workers."""
        os.kill(pid or self.pid, number)
